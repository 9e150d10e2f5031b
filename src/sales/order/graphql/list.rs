//! Lists of orders.

use async_graphql::{Context, MergedObject, Object, SimpleObject};
use tokio::sync::OnceCell;

use super::list_inputs::{OrderFilter, OrderSort};
use super::{Order, OrderFulfillmentStatus, OrderPaymentStatus, OrderStatus};
use crate::core::error::Result;
use crate::core::pagination::{Connection, Count, PageArgs, Sort, SortDirection, Total};
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::sales::order::list::{Filter, List, SortField};
use crate::sales::order::service::list::{self as service, Facets};

/// A page of orders. For the next page, pass `pageInfo.endCursor` as `after`.
#[derive(Debug, MergedObject)]
pub struct OrderConnection(Connection<Order, Filter>, FacetedOrders);

impl OrderConnection {
    /// Lists one page of orders. Users may list their own, admins all.
    pub async fn list(ctx: &Context<'_>, list: List) -> Result<Self> {
        let found = service::list(&ctx.state().db, ctx.viewer(), &list).await?;
        let filter = list.filter.clone();
        let faceted = FacetedOrders {
            filter,
            facets: OnceCell::new(),
        };
        Ok(Self(Connection::new(found, list, Order::from), faceted))
    }
}

impl Count for Filter {
    const TYPE_NAME: Option<&'static str> = Some("OrderPage");

    async fn count(&self, ctx: &Context<'_>) -> Result<Total> {
        service::count(&ctx.state().db, ctx.viewer(), self).await
    }
}

/// Additional fields of order connections.
#[derive(Debug)]
struct FacetedOrders {
    filter: Filter,
    facets: OnceCell<Facets>,
}

#[Object]
impl FacetedOrders {
    /// Facets of the orders on all pages, for filter menus.
    async fn facets(&self, ctx: &Context<'_>) -> Result<OrderFacets> {
        let count = || service::facets(&ctx.state().db, ctx.viewer(), &self.filter);
        let facets = self.facets.get_or_try_init(count).await?;
        Ok(facets.clone().into())
    }
}

/// Facets of an order list: the number of orders for each status. A facet ignores its own filter condition. Statuses
/// without orders are omitted.
#[derive(Debug, SimpleObject)]
#[graphql(cache_control(private))]
pub struct OrderFacets {
    /// The number of orders per status, for `filter.status`.
    status: Vec<OrderStatusCount>,
    /// The number of orders per payment status, for `filter.paymentStatus`.
    payment_status: Vec<OrderPaymentStatusCount>,
    /// The number of orders per fulfillment status, for `filter.fulfillmentStatus`.
    fulfillment_status: Vec<OrderFulfillmentStatusCount>,
}

/// A status and its number of orders.
#[derive(Debug, SimpleObject)]
pub struct OrderStatusCount {
    /// The status.
    status: OrderStatus,
    /// The number of orders.
    count: i64,
}

/// A payment status and its number of orders.
#[derive(Debug, SimpleObject)]
pub struct OrderPaymentStatusCount {
    /// The payment status.
    payment_status: OrderPaymentStatus,
    /// The number of orders.
    count: i64,
}

/// A fulfillment status and its number of orders.
#[derive(Debug, SimpleObject)]
pub struct OrderFulfillmentStatusCount {
    /// The fulfillment status.
    fulfillment_status: OrderFulfillmentStatus,
    /// The number of orders.
    count: i64,
}

impl From<Facets> for OrderFacets {
    fn from(facets: Facets) -> Self {
        let status = facets.status.into_iter();
        let payment = facets.payment_status.into_iter();
        let fulfillment = facets.fulfillment_status.into_iter();
        Self {
            status: status
                .map(|(status, count)| OrderStatusCount {
                    status: status.into(),
                    count,
                })
                .collect(),
            payment_status: payment
                .map(|(status, count)| OrderPaymentStatusCount {
                    payment_status: status.into(),
                    count,
                })
                .collect(),
            fulfillment_status: fulfillment
                .map(|(status, count)| OrderFulfillmentStatusCount {
                    fulfillment_status: status.into(),
                    count,
                })
                .collect(),
        }
    }
}

/// Root fields that list orders.
#[derive(Debug, Default)]
pub struct OrderListQuery;

#[Object]
impl OrderListQuery {
    /// Returns a page of orders. Default order: the latest first.
    ///
    /// Errors: `BAD_USER_INPUT` for a page size out of bounds, for `first` together with `last`, for a cursor of another
    /// list or order, for a range whose lower bound exceeds the upper, for an invalid `country`, `userId` or `email`, and for
    /// a search text that is too long or contains control characters.
    #[graphql(directive = auth::apply(Access::Admin), cache_control(private))]
    #[expect(clippy::too_many_arguments, reason = "the arguments of a connection")]
    async fn orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Maximum number of items to return from the start of the list, 1 to 100. Default: 20, unless `last` is given."
        )]
        first: Option<i32>,
        #[graphql(desc = "Return the items after this cursor.")] after: Option<String>,
        #[graphql(desc = "Maximum number of items to return from the end of the list, 1 to 100.")]
        last: Option<i32>,
        #[graphql(desc = "Return the items before this cursor.")] before: Option<String>,
        #[graphql(
            desc = "A number such as `1042` or `#1042`; with an `@`, the beginning of an email address; otherwise the beginning of a word of the name of the recipient. Ignores case and accents. At most 100 characters. Blank text is ignored."
        )]
        search: Option<String>,
        #[graphql(desc = "Filter of the list.")] filter: Option<OrderFilter>,
        #[graphql(desc = "Sort order. Default: `PLACED_AT`, `DESC`.")] sort: Option<OrderSort>,
    ) -> Result<OrderConnection> {
        ctx.viewer().admin()?;
        let page = PageArgs::new(first, after, last, before);
        let currency = ctx.state().config.shop_currency;
        let filter = filter.unwrap_or_default();
        let filter = filter.check(search.as_deref(), currency)?;
        let sort = match sort {
            Some(_) => OrderSort::resolve(sort, false)?,
            None => Sort {
                field: SortField::PlacedAt,
                direction: SortDirection::Desc,
            },
        };
        OrderConnection::list(ctx, List::parse(filter, sort, page)?).await
    }
}
