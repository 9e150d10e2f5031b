//! The connection that a client sees of a page.

use std::borrow::Cow;

use async_graphql::connection::PageInfo;
use async_graphql::{Context, Object, OutputType, TypeName};
use tokio::sync::OnceCell;

use super::cursor::Cursor;
use super::{List, Page, SortField, Total};
use crate::core::error::Result;

/// Counts the list that a page is of.
pub trait Count: Send + Sync {
    /// What a page is called when it is part of a type with more fields, which then has the name of the connection.
    const PART: Option<&'static str> = None;

    /// How many items all pages have together.
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
    /// The connection of a page of `list`. `node` converts a row into an object of the API.
    pub fn new<F: SortField>(
        page: Page<F::Row>,
        list: List<C, F>,
        node: impl Fn(F::Row) -> N,
    ) -> Self {
        let List { filter, sort, .. } = list;
        let order = sort.cursor_order();
        let edge = |row: F::Row| Edge {
            cursor: Cursor::new(&sort.field.place(&row), &order),
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

/// One page of a list. Ask for the page after it with `after: pageInfo.endCursor`.
#[Object(name_type)]
impl<N: OutputType, C: Count> Connection<N, C> {
    /// The items of the page, each with its cursor.
    async fn edges(&self) -> &[Edge<N>] {
        &self.edges
    }

    /// The items of the page, when you need no cursors but those of `pageInfo`.
    async fn nodes(&self) -> Vec<&N> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// Where the page begins and ends, and whether there are others.
    async fn page_info(&self) -> PageInfo {
        let cursor = |edge: &Edge<N>| edge.cursor.encode();
        PageInfo {
            has_previous_page: self.has_previous,
            has_next_page: self.has_next,
            start_cursor: self.edges.first().map(cursor),
            end_cursor: self.edges.last().map(cursor),
        }
    }

    /// How many items all pages have together, counted up to 10000. Counted only when you ask.
    async fn total_count(&self, ctx: &Context<'_>) -> Result<i64> {
        Ok(self.total(ctx).await?.count)
    }

    /// Whether `totalCount` tells all of them. False when there are more than 10000: then `totalCount` is 10000, and you
    /// may show "more than 10000".
    async fn total_count_is_exact(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(self.total(ctx).await?.is_exact)
    }
}

impl<N, C: Count> Connection<N, C> {
    /// Counts once, however many fields tell of it.
    async fn total(&self, ctx: &Context<'_>) -> Result<Total> {
        let total = self.total.get_or_try_init(|| self.filter.count(ctx));
        total.await.copied()
    }
}

impl<N: OutputType, C: Count> TypeName for Connection<N, C> {
    fn type_name() -> Cow<'static, str> {
        C::PART.map_or_else(
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

/// An item of a page, and its place in the list.
#[Object(name_type)]
impl<N: OutputType> Edge<N> {
    /// The place of the item, for `after` and `before`. Opaque; good for this list in this order.
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
