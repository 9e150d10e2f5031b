//! Root fields that read taxes.

use async_graphql::{Context, ID, InputObject, Object};

use super::{TaxClass, TaxRate, TaxRateConnection};
use crate::core::country::CountryCode;
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::core::pagination::{Connection, PageArgs, Sort};
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::sales::tax::entity::TaxClassId;
use crate::sales::tax::list::{Filter, List};
use crate::sales::tax::service;

/// Filter of tax rates. All given conditions must match.
#[derive(Debug, Default, InputObject)]
pub struct TaxRateFilter {
    /// Return only rates of this country.
    country: Option<CountryCode>,
    /// Return only rates of this tax class.
    tax_class_id: Option<ID>,
}

impl TaxRateFilter {
    fn check(self) -> Result<Filter> {
        let country = self.country.map(|code| {
            code.check()
                .map_err(|message| Error::bad_input("filter.country", message))
        });
        let class = self
            .tax_class_id
            .map(|id| TaxClassId::parse(&id, "filter.taxClassId"));
        Ok(Filter {
            country: country.transpose()?,
            class: class.transpose()?,
        })
    }
}

/// Root fields that read taxes.
#[derive(Debug, Default)]
pub struct TaxQuery;

#[Object]
impl TaxQuery {
    /// Returns all tax classes, by name. At most 100.
    #[graphql(directive = auth::apply(Access::Admin), cache_control(private))]
    async fn tax_classes(&self, ctx: &Context<'_>) -> Result<Vec<TaxClass>> {
        let classes = service::classes(&ctx.state().db, ctx.viewer().admin()?).await?;
        Ok(classes.into_iter().map(TaxClass).collect())
    }

    /// Lists tax rates by country.
    ///
    /// Errors: `BAD_USER_INPUT` for a page size out of bounds, for `first` together with `last`, for a cursor of
    /// another list, for an unknown country code, and for a malformed id.
    #[graphql(directive = auth::apply(Access::Admin), cache_control(private))]
    async fn tax_rates(
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
        #[graphql(desc = "Filter of the list.")] filter: Option<TaxRateFilter>,
    ) -> Result<TaxRateConnection> {
        let page = PageArgs::new(first, after, last, before);
        let filter = filter.unwrap_or_default().check()?;
        let query = List::parse(filter, Sort::default(), page)?;
        let admin = ctx.viewer().admin()?;
        let found = service::list_rates(&ctx.state().db, admin, &query).await?;
        Ok(Connection::new(found, query, TaxRate))
    }
}
