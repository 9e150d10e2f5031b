//! Inputs of the product mutations.

use async_graphql::{Enum, ID, InputObject, MaybeUndefined};

use super::ProductStatus;
use super::attributes::to_inputs;
use super::inputs::ProductFilter;
use super::variants::{NewOptionInput, NewVariantInput, StockReason, new_variants};
use crate::catalog::attribute::graphql::AttributeValueInput;
use crate::catalog::product::ProductId;
use crate::catalog::product::entity::variant::VariantId;
use crate::catalog::product::service::variants::changes::{Reason, check_note};
use crate::catalog::product::service::variants::{NewVariants, StockChange, StockTarget};
use crate::catalog::product::service::{BulkChange, BulkTarget, DetailsInput, ProductInput};
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::TypedId;
use crate::core::money::Decimal;
use crate::core::patch::Patch;
use crate::core::viewer::{Admin, Viewer};
use crate::state::State;

/// Input of `createProduct`.
#[derive(Debug, InputObject)]
pub struct CreateProductInput {
    /// Display name: one line of 1 to 200 characters.
    name: String,
    /// URL slug: lowercase letters and digits, words joined by single hyphens, at most 200 characters. Default:
    /// derived from the name.
    slug: Option<String>,
    /// Stock keeping unit: the shop's own item number. At most 100 characters, unique.
    sku: Option<String>,
    /// Plain text, at most 20,000 characters. Default: empty.
    description: Option<String>,
    /// Unit price in the shop's currency, as a string such as `"19.99"`. With `variants`: the price of those without
    /// their own.
    price: Option<Decimal>,
    /// Number of units in stock. Default: 0.
    stock: Option<i32>,
    /// Publication status. Default: `DRAFT`, which is hidden from customers.
    status: Option<ProductStatus>,
    /// The id of the primary category.
    category_id: ID,
    /// The ids of additional categories. At most 50.
    category_ids: Option<Vec<ID>>,
    /// Name of the brand or vendor: one line of 1 to 100 characters.
    brand: Option<String>,
    /// Labels: at most 50, each one line of 1 to 50 characters without a comma. Of tags that differ only in case, the
    /// first is stored.
    tags: Option<Vec<String>>,
    /// Title for search engines: one line of 1 to 200 characters. Search engines show about 70.
    seo_title: Option<String>,
    /// Description for search engines: one line of 1 to 500 characters. Search engines show about 160.
    seo_description: Option<String>,
    /// The description as HTML, instead of `description`, which becomes its text. At most 100,000 bytes and 20,000
    /// characters of text. Elements and attributes that `Product.descriptionHtml` does not list are removed; other
    /// blocks and headings become paragraphs and `h2` or `h4`.
    description_html: Option<String>,
    /// The time when the product becomes `ACTIVE`, within a minute. Only for the status `DRAFT`.
    available_from: Option<Timestamp>,
    /// The ids of related products, in their order. At most 20.
    related_product_ids: Option<Vec<ID>>,
    /// The id of the product type.
    product_type_id: Option<ID>,
    /// Values of attributes with the owner `PRODUCT`. At most 100.
    pub attributes: Option<Vec<AttributeValueInput>>,
    /// What distinguishes the variants, such as the size and the color. At most 3. Requires `variants`.
    options: Option<Vec<NewOptionInput>>,
    /// The variants, 1 to 1,000, each with another combination of values of the options. Then `sku` and `stock` are given
    /// for each variant. Default: one variant, without options.
    variants: Option<Vec<NewVariantInput>>,
}

/// Input of `updateProduct`. Absent fields stay unchanged; null clears `sku`, `description`, `categoryIds`, `brand`,
/// `tags`, `seoTitle`, `seoDescription`, `availableFrom`, `relatedProductIds` and `productTypeId`.
#[derive(Debug, InputObject)]
pub struct UpdateProductInput {
    /// The id of the product to update.
    id: ID,
    /// Update only if this is the current `version`; otherwise `CONFLICT` with the `currentVersion`. Default: not
    /// checked, the last write wins.
    expected_version: Option<i32>,
    /// Display name: one line of 1 to 200 characters. Not nullable.
    name: MaybeUndefined<String>,
    /// URL slug. The former slug still finds the product. Not nullable.
    slug: MaybeUndefined<String>,
    /// Stock keeping unit. Null clears it. Like `price` and `stock`, only for a product with one variant: for others, use
    /// `updateVariant`.
    sku: MaybeUndefined<String>,
    /// Plain text, at most 20,000 characters. Null clears it. A new text removes `descriptionHtml`.
    description: MaybeUndefined<String>,
    /// Unit price in the shop's currency, as a string such as `"19.99"`. Not nullable.
    price: MaybeUndefined<Decimal>,
    /// New stock: the number of units for sale, beside those promised to orders. Replaces the current value, unless
    /// `expectedStock` is given and differs. To add or subtract units, use `adjustStock`.
    stock: MaybeUndefined<i32>,
    /// Update only if this is the current `stock`; otherwise nothing is changed, and the user error `CONFLICT` on
    /// this field has the `currentStock`. Use it to avoid overwriting sales since you read the stock: comparison and
    /// update are atomic. Default: not checked.
    expected_stock: Option<i32>,
    /// Publication status. Not nullable.
    status: MaybeUndefined<ProductStatus>,
    /// The id of the primary category. The product leaves the former primary category, unless `categoryIds` contains
    /// it. Not nullable.
    category_id: MaybeUndefined<ID>,
    /// The ids of all additional categories. Replaces the current ones. Null or an empty list removes them all.
    category_ids: MaybeUndefined<Vec<ID>>,
    /// Name of the brand or vendor: one line of 1 to 100 characters. Null clears it.
    brand: MaybeUndefined<String>,
    /// All labels: at most 50, each one line of 1 to 50 characters without a comma. Replaces the current ones. Of tags
    /// that differ only in case, the first is stored. Null or an empty list removes them all.
    tags: MaybeUndefined<Vec<String>>,
    /// Title for search engines: one line of 1 to 200 characters. Null clears it.
    seo_title: MaybeUndefined<String>,
    /// Description for search engines: one line of 1 to 500 characters. Null clears it.
    seo_description: MaybeUndefined<String>,
    /// The description as HTML, instead of `description`, which becomes its text. At most 100,000 bytes and 20,000
    /// characters of text. Null removes the formatting and keeps the text.
    description_html: MaybeUndefined<String>,
    /// The time when the product becomes `ACTIVE`, within a minute; a past time publishes it at once. Only for the
    /// status `DRAFT`: another status cancels the publication. Null cancels it too.
    available_from: MaybeUndefined<Timestamp>,
    /// The ids of all related products, in their order. At most 20, without the product itself. Replaces the current
    /// ones. Null or an empty list removes them all.
    related_product_ids: MaybeUndefined<Vec<ID>>,
    /// The id of the product type. The values of attributes stay. Null clears it.
    product_type_id: MaybeUndefined<ID>,
    /// New values of attributes with the owner `PRODUCT`, as in `setProductAttributes`. At most 100. Attributes that are not
    /// listed keep theirs. Default: all keep theirs.
    attributes: Option<Vec<AttributeValueInput>>,
}

/// Input of `adjustStock`. Select the variant by either `id` or `variantId`.
#[derive(Debug, InputObject)]
pub struct AdjustStockInput {
    /// The id of a product with one variant.
    id: Option<ID>,
    /// The id of the variant.
    variant_id: Option<ID>,
    /// Number of units to add. Negative to subtract.
    delta: i32,
    /// Why the stock changes. Default: `COUNTED`.
    reason: Option<StockReason>,
    /// Note for the list of movements, at most 200 characters.
    note: Option<String>,
    /// Adjust only if this is the current `version` of the product; otherwise `CONFLICT`. Default: not checked.
    expected_version: Option<i32>,
}

impl AdjustStockInput {
    /// Returns the variant, the change, its reason and the expected version of the product.
    pub fn check(self, admin: Admin) -> Result<(StockTarget, StockChange, Reason, Option<i32>)> {
        let target = match (self.id, self.variant_id) {
            (Some(id), None) => StockTarget::OnlyOf(ProductId::parse(&id, "id")?),
            (None, Some(id)) => StockTarget::Variant(VariantId::parse(&id, "variantId")?),
            _ => return Err(Error::bad_input("id", "Give either `id` or `variantId`.")),
        };
        let reason = Reason {
            kind: self.reason.unwrap_or_default().into(),
            note: check_note(self.note)?,
            actor: Some(admin.user()),
        };
        let change = StockChange::Add(self.delta);
        Ok((target, change, reason, self.expected_version))
    }
}

/// Input of `deleteProduct`.
#[derive(Debug, InputObject)]
pub struct DeleteProductInput {
    /// The id of the product to delete.
    pub id: ID,
    /// Delete only if this is the current `version`; otherwise `CONFLICT`. Default: not checked.
    pub expected_version: Option<i32>,
}

/// How `updateProducts` handles products that can't be changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Enum)]
pub enum BulkErrorPolicy {
    /// Change no product if any of them can't be changed.
    #[default]
    RejectAll,
    /// Change all products that can be changed. Products with errors stay unchanged; `results` has their errors.
    RejectFailed,
}

/// Input of `updateProducts`. Select the products by either `ids` or `filter`. Absent fields stay unchanged.
#[derive(Debug, InputObject)]
pub struct UpdateProductsInput {
    /// The ids of the products, without duplicates. At most 10,000.
    ids: Option<Vec<ID>>,
    /// Select the products that match this filter. At most 10,000. An empty filter selects all products.
    filter: Option<ProductFilter>,
    /// New publication status.
    status: Option<ProductStatus>,
    /// The id of the new primary category. Each product leaves its former one, unless `addCategoryIds` contains it.
    category_id: Option<ID>,
    /// The ids of additional categories to add. At most 50.
    add_category_ids: Option<Vec<ID>>,
    /// The ids of categories to remove, none of them in `addCategoryIds`. At most 50. The primary category of a
    /// product can't be removed: that product fails.
    remove_category_ids: Option<Vec<ID>>,
    /// Price change in percent: `"10"` changes 4.55 to 5.01 (5.005 rounded), `"-25"` subtracts a quarter. Rounded
    /// half up to the currency's smallest unit. At least -100.
    price_percent: Option<Decimal>,
    /// How to handle products that can't be changed. Default: `REJECT_ALL`.
    error_policy: Option<BulkErrorPolicy>,
}

impl From<CreateProductInput> for (ProductInput, Option<NewVariants>) {
    fn from(input: CreateProductInput) -> Self {
        let product = ProductInput {
            name: Patch::Set(input.name),
            slug: input.slug.into(),
            sku: input.sku.into(),
            description: input.description.into(),
            price: input.price.into(),
            stock: input.stock.into(),
            expected_stock: None,
            status: input.status.map(Into::into).into(),
            category: Patch::Set(input.category_id.0),
            additional: input.category_ids.map(texts).into(),
            attributes: Vec::new(),
            details: DetailsInput {
                brand: input.brand.into(),
                tags: input.tags.into(),
                seo_title: input.seo_title.into(),
                seo_description: input.seo_description.into(),
                description_html: input.description_html.into(),
                available_from: input.available_from.into(),
                related: input.related_product_ids.map(texts).into(),
                product_type: input.product_type_id.map(|id| id.0).into(),
            },
        };
        (product, new_variants(input.options, input.variants))
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
            attributes: to_inputs(self.attributes.unwrap_or_default(), "attributes")?,
            details: DetailsInput {
                brand: self.brand.into(),
                tags: self.tags.into(),
                seo_title: self.seo_title.into(),
                seo_description: self.seo_description.into(),
                description_html: self.description_html.into(),
                available_from: self.available_from.into(),
                related: self.related_product_ids.map_value(texts).into(),
                product_type: self.product_type_id.map_value(|id| id.0).into(),
            },
        };
        Ok((id, self.expected_version, input))
    }
}

impl UpdateProductsInput {
    /// Validates the input and returns the target and the change.
    pub async fn check(self, state: &State, viewer: Viewer) -> Result<(BulkTarget, BulkChange)> {
        let target = match (self.ids, self.filter) {
            (Some(ids), None) => BulkTarget::Ids(texts(ids)),
            (None, Some(filter)) => BulkTarget::Filter(filter.check(state, viewer).await?.into()),
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
