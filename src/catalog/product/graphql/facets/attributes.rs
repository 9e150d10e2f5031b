//! GraphQL types of the attribute facet.

use std::collections::HashSet;

use async_graphql::{Context, Object, SimpleObject};
use futures_util::future::try_join_all;

use super::check_first;
use crate::catalog::attribute::entity::{Kind, Model};
use crate::catalog::attribute::graphql::{Attribute, AttributeChoice, ById, ChoicesOf};
use crate::catalog::attribute::service::MAX_CHOICES;
use crate::catalog::product::graphql::loaders::FacetOf;
use crate::catalog::product::list::{Facet, Filter};
use crate::catalog::product::service::facets::{self, AttributeCounts, Bucket};
use crate::core::date::Date;
use crate::core::error::Result;
use crate::core::money::Decimal;
use crate::graphql::dataloader::ContextExt;

/// Facet of an attribute as a GraphQL object.
#[derive(Clone, Debug)]
pub struct AttributeFacet {
    attribute: Model,
    counts: AttributeCounts,
    is_exact: bool,
}

/// Facet: number of products per value of an attribute, such as the materials.
#[Object]
impl AttributeFacet {
    /// The attribute.
    async fn attribute(&self) -> Attribute {
        Attribute(self.attribute.clone())
    }

    /// The choices with products, in the order of the shop. Empty unless the type is `CHOICE`.
    ///
    /// Errors: `BAD_USER_INPUT` for `first` out of bounds.
    async fn choices(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 20, desc = "Maximum number of choices to return, 1 to 500.")]
        first: i32,
    ) -> Result<Vec<AttributeFacetChoice>> {
        let first = check_first(first, i32::try_from(MAX_CHOICES).unwrap_or(i32::MAX))?;
        if self.attribute.kind != Kind::Choice {
            return Ok(Vec::new());
        }
        let choices = ctx.load(ChoicesOf(self.attribute.id)).await?;
        let counted = choices.unwrap_or_default().into_iter().filter_map(|row| {
            let count = *self.counts.choices.get(&row.id)?;
            let choice = AttributeChoice(row);
            Some(AttributeFacetChoice { choice, count })
        });
        Ok(counted.take(first).collect())
    }

    /// The numbers of products with each truth value. Null unless the type is `BOOLEAN`.
    async fn boolean(&self) -> Option<AttributeFacetBoolean> {
        let count = |value| self.counts.count_boolean(value);
        (self.attribute.kind == Kind::Boolean).then(|| AttributeFacetBoolean {
            true_count: count(true),
            false_count: count(false),
        })
    }

    /// The range and the distribution of the numbers. Null unless the type is `NUMBER`, and without products.
    async fn number(&self) -> Option<AttributeFacetNumber> {
        if self.attribute.kind != Kind::Number {
            return None;
        }
        let (low, high) = self.counts.ends()?;
        let bucket = |bucket: Bucket| AttributeFacetBucket {
            from: Decimal::from_millionths(bucket.from),
            to: Decimal::from_millionths(bucket.to + 1),
            count: bucket.count,
        };
        Some(AttributeFacetNumber {
            min: Decimal::from_millionths(low),
            max: Decimal::from_millionths(high),
            buckets: self.counts.buckets().into_iter().map(bucket).collect(),
        })
    }

    /// The range of the dates. Null unless the type is `DATE`, and without products.
    async fn date(&self) -> Option<AttributeFacetDate> {
        if self.attribute.kind != Kind::Date {
            return None;
        }
        let (low, high) = self.counts.ends()?;
        Some(AttributeFacetDate {
            min: Date::from_days(low)?,
            max: Date::from_days(high)?,
        })
    }

    /// Whether all products of the list were counted.
    async fn is_exact(&self) -> bool {
        self.is_exact
    }
}

/// A choice and its number of products. To filter by it, use `filter.attributes: [{code, choices: [choice.code]}]`.
#[derive(Clone, Debug, SimpleObject)]
pub struct AttributeFacetChoice {
    /// The choice.
    choice: AttributeChoice,
    /// The number of products that the filter with this choice would return.
    count: i64,
}

/// The numbers of products with each truth value. Products without a value are not counted.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct AttributeFacetBoolean {
    /// The number of products with the value true: `filter.attributes: [{code, boolean: true}]`.
    true_count: i64,
    /// The number of products with the value false: `filter.attributes: [{code, boolean: false}]`.
    false_count: i64,
}

/// The range and the distribution of numbers, in the unit of the attribute.
#[derive(Clone, Debug, SimpleObject)]
pub struct AttributeFacetNumber {
    /// The lowest number.
    min: Decimal,
    /// The highest number.
    max: Decimal,
    /// The number of products per range of numbers. At most 10 adjacent ranges with round bounds, in ascending order. The
    /// first and the last range are never empty. Empty if a number is negative.
    buckets: Vec<AttributeFacetBucket>,
}

/// A range of numbers and its number of products. To filter by it, use
/// `filter.attributes: [{code, number: {gte: from, lt: to}}]`.
#[derive(Clone, Debug, SimpleObject)]
pub struct AttributeFacetBucket {
    /// The lowest number of the range, inclusive.
    from: Decimal,
    /// The end of the range, exclusive.
    to: Decimal,
    /// The number of products in the range. A product counts once for each variant with another number.
    count: i64,
}

/// The range of dates.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct AttributeFacetDate {
    /// The earliest date.
    min: Date,
    /// The latest date.
    max: Date,
}

/// Counts the values of the first attributes. Those that the filter restricts are counted without their own conditions, in
/// the same statement.
pub(super) async fn facets(
    ctx: &Context<'_>,
    filter: &Filter,
    first: usize,
) -> Result<Vec<AttributeFacet>> {
    let restricted = filter.attributes.iter().map(|one| one.attribute);
    let restricted: HashSet<_> = restricted.collect();
    let parts = restricted.iter().map(|id| Facet::Attribute(*id));
    let parts = parts.chain([Facet::Attributes]);
    let parts = parts.map(|facet| ctx.load(FacetOf(filter.clone(), facet)));
    let (mut counts, mut is_exact) = (Vec::new(), true);
    for cells in try_join_all(parts).await? {
        let counted = facets::attributes(&cells.unwrap_or_default());
        is_exact &= counted.is_exact;
        counts.extend(counted.counts);
    }
    let found = counts.into_iter().map(async |(id, counts)| {
        let attribute = ctx.load(ById(id)).await?;
        Ok::<_, crate::core::error::Error>(attribute.map(|attribute| AttributeFacet {
            attribute,
            counts,
            is_exact,
        }))
    });
    // Missing attributes were deleted after counting.
    let found = try_join_all(found).await?.into_iter().flatten();
    let mut found: Vec<_> = found.collect();
    found.sort_by_key(|facet| (facet.attribute.position, facet.attribute.id));
    found.truncate(first);
    Ok(found)
}
