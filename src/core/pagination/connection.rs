//! The Relay connection of a page.

use std::borrow::Cow;

use async_graphql::connection::PageInfo;
use async_graphql::{Context, Object, OutputType, TypeName};
use tokio::sync::OnceCell;

use super::cursor::Cursor;
use super::{List, Page, SortField, Total};
use crate::core::error::Result;

/// Counts the list that a page belongs to.
pub trait Count: Send + Sync {
    /// The type name of a page that is part of a type with additional fields, which has the name of the connection.
    const TYPE_NAME: Option<&'static str> = None;

    /// Returns the total number of items on all pages.
    fn count(&self, ctx: &Context<'_>) -> impl Future<Output = Result<Total>> + Send;
}

/// A page in the API.
#[derive(Debug)]
pub struct Connection<N, C> {
    edges: Vec<Edge<N>>,
    has_previous: bool,
    has_next: bool,
    filter: C,
    total: OnceCell<Total>,
}

impl<N, C> Connection<N, C> {
    /// Creates the connection of a page. `node` converts a row into an API object; `list` can count all items.
    pub fn new<F: SortField>(
        page: Page<F::Row>,
        list: List<C, F>,
        node: impl Fn(F::Row) -> N,
    ) -> Self {
        let List { filter, sort, .. } = list;
        let order = sort.cursor_order();
        let edge = |row: F::Row| Edge {
            cursor: Cursor::new(&sort.field.row_position(&row), &order),
            node: node(row),
        };
        Self {
            edges: page.rows.into_iter().map(edge).collect(),
            has_previous: page.has_previous,
            has_next: page.has_next,
            filter,
            total: OnceCell::new(),
        }
    }
}

/// A page of a list. Pass `pageInfo.endCursor` as `after` to fetch the next page.
#[Object(name_type)]
impl<N: OutputType, C: Count> Connection<N, C> {
    /// The items of the page, each with its cursor.
    async fn edges(&self) -> &[Edge<N>] {
        &self.edges
    }

    /// The items of the page without their cursors.
    async fn nodes(&self) -> Vec<&N> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// The cursors of the first and last item, and whether there are more pages.
    async fn page_info(&self) -> PageInfo {
        let cursor = |edge: &Edge<N>| edge.cursor.encode();
        PageInfo {
            has_previous_page: self.has_previous,
            has_next_page: self.has_next,
            start_cursor: self.edges.first().map(cursor),
            end_cursor: self.edges.last().map(cursor),
        }
    }

    /// The total number of items on all pages. At most 10,000. Counted only if selected.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(self.total(ctx).await?.count)
    }

    /// Whether `totalCount` is exact. False if there are more than 10,000 items: `totalCount` is then 10,000, and may
    /// be displayed as "more than 10,000".
    async fn total_count_is_exact(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(self.total(ctx).await?.is_exact)
    }
}

impl<N, C: Count> Connection<N, C> {
    /// Counts once, even if several fields need the total.
    async fn total(&self, ctx: &Context<'_>) -> Result<Total> {
        let total = self.total.get_or_try_init(|| self.filter.count(ctx));
        total.await.copied()
    }
}

impl<N: OutputType, C: Count> TypeName for Connection<N, C> {
    fn type_name() -> Cow<'static, str> {
        C::TYPE_NAME.map_or_else(
            || format!("{}Connection", N::type_name()).into(),
            Cow::Borrowed,
        )
    }
}

/// An item of a page.
#[derive(Debug)]
pub struct Edge<N> {
    cursor: Cursor,
    node: N,
}

/// An item of a page with its cursor.
#[Object(name_type)]
impl<N: OutputType> Edge<N> {
    /// The position of the item in the list, for `after` and `before`. Opaque. Valid only for the same list and
    /// order.
    async fn cursor(&self) -> String {
        self.cursor.encode()
    }

    /// The item.
    async fn node(&self) -> &N {
        &self.node
    }
}

impl<N: OutputType> TypeName for Edge<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", N::type_name()).into()
    }
}
