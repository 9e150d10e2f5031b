//! The texts of attributes that products are found by.

use std::collections::HashMap;

use sea_orm::sea_query::{
    Alias, Expr, ExprTrait, IntoTableRef, JoinType, Query, SelectStatement, UnionType,
};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use crate::catalog::attribute::entity::value::{Column, Entity};
use crate::catalog::attribute::entity::{self as attribute, choice};
use crate::core::money::Decimal;

const PRODUCT: &str = "owning_product";
const LABEL: &str = "label";
const REFERENCED: &str = "referenced";

/// Returns the texts of the searchable attributes of these products and of their active variants: names of choices,
/// texts, numbers with their units, names of referenced products and categories. Products without any are omitted. One
/// statement.
pub async fn search_labels(
    db: &impl ConnectionTrait,
    products: &[Uuid],
) -> Result<HashMap<Uuid, Vec<String>>, DbErr> {
    let mut labels: HashMap<Uuid, Vec<String>> = HashMap::new();
    if products.is_empty() {
        return Ok(labels);
    }
    let mut own = labels_by(Expr::col((Entity, Column::ProductId)));
    own.and_where(Expr::col((Entity, Column::ProductId)).is_in(products.iter().copied()));
    let mut of_variants = labels_by(Expr::col(("variants", "product_id")));
    of_variants
        .inner_join(
            "variants",
            Expr::col(("variants", "id")).equals((Entity, Column::VariantId)),
        )
        .and_where(Expr::col(("variants", "product_id")).is_in(products.iter().copied()))
        .and_where(Expr::col(("variants", "active")).eq(true));
    let query = own.union(UnionType::Distinct, of_variants).take();
    for row in db.query_all(&query).await? {
        let label: Option<String> = row.try_get("", LABEL)?;
        let number: Option<i64> = row.try_get("", "number_value")?;
        let unit: Option<String> = row.try_get("", "unit")?;
        let number = number.map(|number| {
            let number = Decimal::from_millionths(number);
            unit.map_or_else(|| number.to_string(), |unit| format!("{number} {unit}"))
        });
        let Some(label) = label.or(number) else {
            continue;
        };
        let of_product = labels.entry(row.try_get("", PRODUCT)?).or_default();
        if !of_product.contains(&label) {
            of_product.push(label);
        }
    }
    for labels in labels.values_mut() {
        labels.sort_unstable();
    }
    Ok(labels)
}

fn labels_by(product: Expr) -> SelectStatement {
    use attribute::{Column as OfAttribute, Entity as Attribute};
    let of = |column| Expr::col((Entity, column));
    let referenced = "referenced_category";
    let label = Expr::col((choice::Entity, choice::Column::Name))
        .if_null(of(Column::TextValue))
        .if_null(Expr::col((REFERENCED, "name")))
        .if_null(Expr::col((referenced, "name")));
    Query::select()
        .expr_as(product, PRODUCT)
        .expr_as(label, LABEL)
        .column((Entity, Column::NumberValue))
        .column((Attribute, OfAttribute::Unit))
        .from(Entity)
        .inner_join(
            Attribute,
            Expr::col((Attribute, OfAttribute::Id)).equals((Entity, Column::AttributeId)),
        )
        .left_join(
            choice::Entity,
            Expr::col((choice::Entity, choice::Column::Id)).equals((Entity, Column::ChoiceId)),
        )
        .join(
            JoinType::LeftJoin,
            "products".into_table_ref().alias(Alias::new(REFERENCED)),
            Expr::col((REFERENCED, "id")).equals((Entity, Column::ReferencedProductId)),
        )
        .join(
            JoinType::LeftJoin,
            "categories".into_table_ref().alias(Alias::new(referenced)),
            Expr::col((referenced, "id")).equals((Entity, Column::ReferencedCategoryId)),
        )
        .and_where(Expr::col((Attribute, OfAttribute::Searchable)).eq(true))
        .take()
}
