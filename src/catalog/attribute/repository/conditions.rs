//! Subqueries of the products and variants that have certain values.

use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement, UnionType};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select, Value};

use crate::catalog::attribute::entity::value::{Column, Entity};
use crate::catalog::attribute::entity::{AttributeId, ChoiceId, Owner};
use crate::catalog::attribute::list::{AttributeCondition, Wanted};
use crate::core::range::Range;

/// Subquery of the products or variants, as the attribute belongs to, that satisfy a condition.
pub fn owners_with(condition: &AttributeCondition) -> SelectStatement {
    let owner = match condition.owner {
        Owner::Product => Column::ProductId,
        Owner::Variant => Column::VariantId,
    };
    let select = Entity::find()
        .select_only()
        .column(owner)
        .filter(Column::AttributeId.eq(condition.attribute))
        // The condition of the partial indexes.
        .filter(owner.is_not_null());
    let select = match &condition.values {
        Wanted::Texts(texts) => select.filter(Column::TextValue.is_in(texts)),
        Wanted::Number(range) => within(select, Column::NumberValue, range),
        Wanted::Boolean(value) => select.filter(Column::BooleanValue.eq(*value)),
        Wanted::Choices(choices) => select.filter(Column::ChoiceId.is_in(choices.iter().copied())),
        Wanted::Date(range) => within(select, Column::DateValue, range),
        Wanted::Products(ids) => {
            select.filter(Column::ReferencedProductId.is_in(ids.iter().copied()))
        }
        Wanted::Categories(ids) => {
            select.filter(Column::ReferencedCategoryId.is_in(ids.iter().copied()))
        }
    };
    select.into_query()
}

fn within<T: Copy + Into<Value>>(
    mut select: Select<Entity>,
    column: Column,
    range: &Range<T>,
) -> Select<Entity> {
    // A range without ends requires any value.
    select = select.filter(column.is_not_null());
    if let Some(low) = range.gte {
        select = select.filter(column.gte(low));
    }
    if let Some(high) = range.lte {
        select = select.filter(column.lte(high));
    }
    select
}

/// Subquery of the products with values of an attribute, their own or those of a variant.
pub fn products_with_attribute(attribute: AttributeId) -> SelectStatement {
    products_with(&Expr::col((Entity, Column::AttributeId)).eq(attribute))
}

/// Subquery of the products with a choice, their own or that of a variant.
pub fn products_with_choice(choice: ChoiceId) -> SelectStatement {
    products_with(&Expr::col((Entity, Column::ChoiceId)).eq(choice))
}

fn products_with(values: &Expr) -> SelectStatement {
    let of_variants = Query::select()
        .column(("variants", "product_id"))
        .from(Entity)
        .inner_join(
            "variants",
            Expr::col(("variants", "id")).equals((Entity, Column::VariantId)),
        )
        .and_where(values.clone())
        .take();
    Query::select()
        .column((Entity, Column::ProductId))
        .from(Entity)
        .and_where(values.clone())
        .and_where(Expr::col((Entity, Column::ProductId)).is_not_null())
        .union(UnionType::Distinct, of_variants)
        .take()
}
