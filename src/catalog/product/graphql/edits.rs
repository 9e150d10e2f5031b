//! What clients send to change products.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};

use super::ProductStatus;
use super::inputs::ProductFilter;
use crate::catalog::product::ProductId;
use crate::catalog::product::service::{BulkChange, BulkTarget, ProductInput};
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::core::money::{Currency, Decimal};
use crate::core::patch::Patch;
use crate::core::viewer::Viewer;

/// A new product.
#[derive(Debug, InputObject)]
pub struct CreateProductInput {
    /// What customers call it: 1 to 200 characters on one line.
    name: String,
    /// Its place in an address: small letters and digits, words joined by single hyphens, at most 200 characters. Made
    /// from the name when absent.
    slug: Option<String>,
    /// The shop's own number for it: at most 100 characters, unique.
    sku: Option<String>,
    /// Plain text, at most 20000 characters.
    description: Option<String>,
    /// What one costs, in the shop's currency: a text such as `"19.99"`.
    price: Decimal,
    /// How many there are to sell; 0 when absent.
    stock: Option<i32>,
    /// DRAFT when absent: customers don't see it yet.
    status: Option<ProductStatus>,
    /// Its primary category.
    category_id: ID,
    /// Further categories it is in; at most 50.
    category_ids: Option<Vec<ID>>,
}

/// What to change about a product. What is absent stays; null clears the SKU, the description and the further categories.
#[derive(Debug, InputObject)]
pub struct UpdateProductInput {
    /// Which one.
    id: ID,
    /// The `version` it had when you read it. When it has another one now, nothing is changed and you get `CONFLICT`
    /// with the current one. Absent, the last change wins.
    expected_version: Option<i32>,
    /// What customers call it: 1 to 200 characters on one line.
    name: MaybeUndefined<String>,
    /// Its place in an address. The one it had still finds it.
    slug: MaybeUndefined<String>,
    /// The shop's own number for it; null for none.
    sku: MaybeUndefined<String>,
    /// Plain text, at most 20000 characters; null for none.
    description: MaybeUndefined<String>,
    /// What one costs, in the shop's currency: a text such as `"19.99"`.
    price: MaybeUndefined<Decimal>,
    /// The new stock, whatever it is now, unless `expectedStock` is given. To add to it or to take from it, use
    /// `adjustStock`.
    stock: MaybeUndefined<i32>,
    /// The `stock` that you read. When the product has another one now, for example because some were sold meanwhile,
    /// nothing is changed, and the user error `CONFLICT` on this field has the `currentStock`. The comparison and the
    /// change are atomic. Not compared when absent.
    expected_stock: Option<i32>,
    /// Where it is in its life.
    status: MaybeUndefined<ProductStatus>,
    /// Its primary category. It leaves the one before, unless `categoryIds` names that.
    category_id: MaybeUndefined<ID>,
    /// All further categories it is in; null or an empty list for none.
    category_ids: MaybeUndefined<Vec<ID>>,
}

/// How to change the stock of a product.
#[derive(Debug, InputObject)]
pub struct AdjustStockInput {
    /// Which one.
    pub id: ID,
    /// How many to add; below 0, how many to take away.
    pub delta: i32,
    /// The `version` it had when you read it, if nobody else may have changed it since.
    pub expected_version: Option<i32>,
}

/// Which product to remove.
#[derive(Debug, InputObject)]
pub struct DeleteProductInput {
    /// Which one.
    pub id: ID,
    /// The `version` it had when you read it, if nobody else may have changed it since.
    pub expected_version: Option<i32>,
}

/// What `updateProducts` does when a product can't be changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum BulkErrorPolicy {
    /// Change none.
    #[default]
    RejectAll,
    /// Change the others.
    RejectFailed,
}

/// Which products to change, by `ids` or by `filter`, and what. What is absent stays.
#[derive(Debug, InputObject)]
pub struct UpdateProductsInput {
    /// These; at most 10000, each once.
    ids: Option<Vec<ID>>,
    /// Those that this leaves; at most 10000. An empty filter means all.
    filter: Option<ProductFilter>,
    /// Where they are in their life.
    status: Option<ProductStatus>,
    /// Their new primary category. Each leaves the one before, unless `addCategoryIds` names that.
    category_id: Option<ID>,
    /// Categories to put them into; at most 50.
    add_category_ids: Option<Vec<ID>>,
    /// Categories to take them out of, none of those above; at most 50. A product stays in its primary one: naming that is an error of its row.
    remove_category_ids: Option<Vec<ID>>,
    /// By how many per cent the prices change: `"10"` makes 5.00 out of 4.55 (5.005), `"-25"` takes a quarter. Rounded to
    /// the currency's smallest unit, halves up.
    price_percent: Option<Decimal>,
    /// What to do when a product can't be changed; `REJECT_ALL` when absent.
    error_policy: Option<BulkErrorPolicy>,
}

impl From<CreateProductInput> for ProductInput {
    fn from(input: CreateProductInput) -> Self {
        Self {
            name: Patch::Set(input.name),
            slug: input.slug.into(),
            sku: input.sku.into(),
            description: input.description.into(),
            price: Patch::Set(input.price),
            stock: input.stock.into(),
            expected_stock: None,
            status: input.status.map(Into::into).into(),
            category: Patch::Set(input.category_id.0),
            additional: input.category_ids.map(texts).into(),
        }
    }
}

impl UpdateProductInput {
    /// Returns the product's id, its expected version and its fields.
    pub fn check(self) -> Result<(ProductId, Option<i32>, ProductInput)> {
        let id = ProductId::parse(&self.id, "id")?;
        let input = ProductInput {
            name: self.name.into(),
            slug: self.slug.into(),
            sku: self.sku.into(),
            description: self.description.into(),
            price: self.price.into(),
            stock: self.stock.into(),
            expected_stock: self.expected_stock,
            status: self.status.map_value(Into::into).into(),
            category: self.category_id.map_value(|id| id.0).into(),
            additional: self.category_ids.map_value(texts).into(),
        };
        Ok((id, self.expected_version, input))
    }
}

impl UpdateProductsInput {
    /// The target and the change, when there is one of each.
    pub fn check(self, viewer: Viewer, currency: Currency) -> Result<(BulkTarget, BulkChange)> {
        let target = match (self.ids, self.filter) {
            (Some(ids), None) => BulkTarget::Ids(texts(ids)),
            (None, Some(filter)) => BulkTarget::Filter(filter.check(viewer, currency)?),
            _ => return Err(Error::bad_input("ids", "Give either `ids` or `filter`.")),
        };
        let change = BulkChange {
            status: self.status.map(Into::into),
            category: self.category_id.map(|id| id.0),
            add: texts(self.add_category_ids.unwrap_or_default()),
            remove: texts(self.remove_category_ids.unwrap_or_default()),
            price_percent: self.price_percent,
            reject_all: self.error_policy.unwrap_or_default() == BulkErrorPolicy::RejectAll,
        };
        Ok((target, change))
    }
}

fn texts(ids: Vec<ID>) -> Vec<String> {
    ids.into_iter().map(|id| id.0).collect()
}
