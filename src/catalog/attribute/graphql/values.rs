//! The values that products and variants have: an interface with a type for each type of attribute.
//!
//! The fields have different names, so that one selection can contain fragments on all of the types.

use async_graphql::{Context, Interface, Object};
use futures_util::future::try_join_all;
use uuid::Uuid;

use super::loaders::{ChoiceById, TypeById, ValuesOfProduct, ValuesOfVariant};
use super::{Attribute, AttributeChoice, ProductType};
use crate::catalog::attribute::entity::{ChoiceId, Kind, ProductTypeId};
use crate::catalog::attribute::service::{Assigned, Typed};
use crate::catalog::category::graphql::{ById as CategoryById, Category};
use crate::catalog::product::graphql::{ById as ProductById, Product};
use crate::core::date::Date;
use crate::core::error::Result;
use crate::core::money::Decimal;
use crate::graphql::dataloader::ContextExt;

/// The value that a product or a variant has of an attribute. New types may be added.
#[derive(Clone, Debug, Interface)]
#[graphql(field(
    name = "attribute",
    ty = "Attribute",
    desc = "The attribute, with its name."
))]
pub enum AttributeValue {
    Text(TextValue),
    Number(NumberValue),
    Boolean(BooleanValue),
    Choice(ChoiceValue),
    Date(DateValue),
    Product(ProductReferenceValue),
    Category(CategoryReferenceValue),
}

/// A text as a GraphQL object.
#[derive(Clone, Debug)]
pub struct TextValue(Attribute, String);

/// A value of an attribute of the type `TEXT`.
#[Object]
impl TextValue {
    /// The attribute, with its name.
    pub async fn attribute(&self) -> Attribute {
        self.0.clone()
    }

    /// The text: one line of 1 to 500 characters.
    async fn text(&self) -> &str {
        &self.1
    }
}

/// A number in millionths as a GraphQL object.
#[derive(Clone, Debug)]
pub struct NumberValue(Attribute, i64);

/// A value of an attribute of the type `NUMBER`.
#[Object]
impl NumberValue {
    /// The attribute, with its name.
    pub async fn attribute(&self) -> Attribute {
        self.0.clone()
    }

    /// The number, without trailing zeros: `"1.5"`. At most 6 decimals.
    async fn number(&self) -> Decimal {
        Decimal::from_millionths(self.1)
    }

    /// The unit, such as `cm`: that of the attribute. Null if there is none.
    async fn unit(&self) -> Option<&str> {
        self.0.0.unit.as_deref()
    }
}

/// A truth value as a GraphQL object.
#[derive(Clone, Debug)]
pub struct BooleanValue(Attribute, bool);

/// A value of an attribute of the type `BOOLEAN`.
#[Object]
impl BooleanValue {
    /// The attribute, with its name.
    pub async fn attribute(&self) -> Attribute {
        self.0.clone()
    }

    /// True or false.
    async fn boolean(&self) -> bool {
        self.1
    }
}

/// Choices as a GraphQL object.
#[derive(Clone, Debug)]
pub struct ChoiceValue(Attribute, Vec<ChoiceId>);

/// The values of an attribute of the type `CHOICE`.
#[Object]
impl ChoiceValue {
    /// The attribute, with its name.
    pub async fn attribute(&self) -> Attribute {
        self.0.clone()
    }

    /// The choices, in the order in which they were set. One unless the attribute is `multiple`; at most 50.
    async fn choices(&self, ctx: &Context<'_>) -> Result<Vec<AttributeChoice>> {
        let choices = self.1.iter().map(|id| ctx.load(ChoiceById(*id)));
        let found = try_join_all(choices).await?;
        Ok(found.into_iter().flatten().map(AttributeChoice).collect())
    }
}

/// A date as a GraphQL object.
#[derive(Clone, Debug)]
pub struct DateValue(Attribute, Date);

/// A value of an attribute of the type `DATE`.
#[Object]
impl DateValue {
    /// The attribute, with its name.
    pub async fn attribute(&self) -> Attribute {
        self.0.clone()
    }

    /// The date.
    async fn date(&self) -> Date {
        self.1
    }
}

/// Products as a GraphQL object.
#[derive(Clone, Debug)]
pub struct ProductReferenceValue(Attribute, Vec<Uuid>);

/// The values of an attribute of the type `PRODUCT_REFERENCE`.
#[Object]
impl ProductReferenceValue {
    /// The attribute, with its name.
    pub async fn attribute(&self) -> Attribute {
        self.0.clone()
    }

    /// The products that you may see, in the order in which they were set. At most 50.
    async fn products(&self, ctx: &Context<'_>) -> Result<Vec<Product>> {
        for id in &self.1 {
            // A hidden one may become visible.
            ctx.reads().product(*id);
        }
        let products = self.1.iter().map(|id| ctx.load(ProductById((*id).into())));
        let found = try_join_all(products).await?;
        Ok(found.into_iter().flatten().map(Product::new).collect())
    }
}

/// Categories as a GraphQL object.
#[derive(Clone, Debug)]
pub struct CategoryReferenceValue(Attribute, Vec<Uuid>);

/// The values of an attribute of the type `CATEGORY_REFERENCE`.
#[Object]
impl CategoryReferenceValue {
    /// The attribute, with its name.
    pub async fn attribute(&self) -> Attribute {
        self.0.clone()
    }

    /// The categories that you may see, in the order in which they were set. At most 50.
    async fn categories(&self, ctx: &Context<'_>) -> Result<Vec<Category>> {
        let categories = self.1.iter().map(|id| ctx.load(CategoryById((*id).into())));
        let found = try_join_all(categories).await?;
        Ok(found.into_iter().flatten().map(Category).collect())
    }
}

/// Returns a product type.
pub async fn type_of_product(
    ctx: &Context<'_>,
    id: Option<ProductTypeId>,
) -> Result<Option<ProductType>> {
    let Some(id) = id else { return Ok(None) };
    Ok(ctx.load(TypeById(id)).await?.map(ProductType))
}

/// Returns the values of a product.
pub async fn of_product(ctx: &Context<'_>, product: Uuid) -> Result<Vec<AttributeValue>> {
    let found = ctx.load(ValuesOfProduct(product)).await?;
    let found = found.unwrap_or_default();
    Ok(found.into_iter().filter_map(to_value).collect())
}

/// Returns the values of a variant of a product.
pub async fn of_variant(
    ctx: &Context<'_>,
    variant: Uuid,
    product: Uuid,
) -> Result<Vec<AttributeValue>> {
    let found = ctx.load(ValuesOfVariant(variant, product)).await?;
    let found = found.unwrap_or_default();
    Ok(found.into_iter().filter_map(to_value).collect())
}

/// Returns the values as the type of the attribute defines. `None` for no values.
fn to_value(assigned: Assigned) -> Option<AttributeValue> {
    let Assigned { attribute, values } = assigned;
    let kind = attribute.kind;
    let attribute = Attribute(attribute);
    let first = values.first()?.clone();
    let ids = || {
        let ids = values.iter().filter_map(|value| match value {
            Typed::Product(id) | Typed::Category(id) => Some(*id),
            _ => None,
        });
        ids.collect()
    };
    Some(match (kind, first) {
        (Kind::Text, Typed::Text(text)) => AttributeValue::Text(TextValue(attribute, text)),
        (Kind::Number, Typed::Number(number)) => {
            AttributeValue::Number(NumberValue(attribute, number))
        }
        (Kind::Boolean, Typed::Boolean(value)) => {
            AttributeValue::Boolean(BooleanValue(attribute, value))
        }
        (Kind::Date, Typed::Date(days)) => {
            AttributeValue::Date(DateValue(attribute, Date::from_days(days)?))
        }
        (Kind::Choice, _) => {
            let choices = values.iter().filter_map(|value| match value {
                Typed::Choice(id) => Some(*id),
                _ => None,
            });
            AttributeValue::Choice(ChoiceValue(attribute, choices.collect()))
        }
        (Kind::ProductReference, _) => {
            AttributeValue::Product(ProductReferenceValue(attribute, ids()))
        }
        (Kind::CategoryReference, _) => {
            AttributeValue::Category(CategoryReferenceValue(attribute, ids()))
        }
        _ => return None,
    })
}
