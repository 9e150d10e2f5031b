//! GraphQL API of products.

mod attributes;
mod facets;
mod inputs;
mod loaders;
mod mutation_inputs;
mod mutations;
mod positions;
mod query;
mod row;
mod search;
mod selection;
mod states;
mod suggestions;
mod variants;

pub use attributes::ProductAttributeMutation;
pub use facets::ProductConnection;
pub use inputs::{ProductFilter, ProductSort};
pub use loaders::ById;
pub use mutations::ProductMutation;
pub use positions::ProductOrderMutation;
pub use query::{ProductQuery, products_of};
pub use row::Product;
pub use states::{Availability, ProductStatus};
pub use suggestions::SuggestionQuery;
pub use variants::{SelectedOption, Variant, VariantMutation, VariantQuery};

use std::borrow::Cow;

use async_graphql::{Context, ID, Object};

use self::loaders::{CategoriesOf, TagsOf};
use self::variants::{OptionChoiceInput, PriceRange, ProductOption};
use super::entity::Column;
use crate::catalog::attribute::graphql::{self as attribute, AttributeValue, ProductType};
use crate::catalog::category::graphql::{ByIdUnchecked, Category};
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Nullable, Result};
use crate::core::html;
use crate::core::id::TypedId;
use crate::core::money::Money;
use crate::core::pagination::check_page_size;
use crate::graphql::dataloader::ContextExt;
use crate::platform::media::graphql::Image;

/// The default and maximum number of related products.
const DEFAULT_RELATED: i32 = 20;

/// A product of the shop.
///
/// Customers see a product if it is `ACTIVE` and its primary category and all ancestors of that category are
/// published.
#[Object]
impl Product {
    /// Opaque, stable id: `prod_...`.
    pub async fn id(&self) -> ID {
        self.listed.row.id.encode().into()
    }

    /// Display name. At most 200 characters.
    async fn name(&self) -> &str {
        &self.with(Column::Name).name
    }

    /// Current URL slug, unique among products.
    async fn slug(&self) -> &str {
        &self.with(Column::Slug).slug
    }

    /// Stock keeping unit of its only variant: the shop's own item number, unique among all variants. Null if there is
    /// none, or if there are several variants.
    async fn sku(&self) -> Option<&str> {
        self.with(Column::Sku).sku.as_deref()
    }

    /// Plain text. May be empty.
    async fn description(&self) -> &str {
        &self.with(Column::Description).description
    }

    /// The description as HTML, safe to insert into a page: only the elements `p`, `br`, `hr`, `h2`, `h3`, `h4`,
    /// `strong`, `b`, `em`, `i`, `u`, `s`, `ul`, `ol`, `li`, `blockquote`, `a` and those of tables, and only the
    /// attributes `href` (`http`, `https` and `mailto`), `rel`, `colspan` and `rowspan`. A description that was given
    /// as plain text is returned in paragraphs. May be empty.
    async fn description_html(&self) -> Cow<'_, str> {
        match &self.with(Column::DescriptionHtml).description_html {
            Some(html) => html.into(),
            None => html::from_text(&self.with(Column::Description).description).into(),
        }
    }

    /// Unit price: the lowest of its active variants.
    async fn price(&self, ctx: &Context<'_>) -> Money {
        let price = self.with(Column::Price).price;
        Money::new(price, ctx.state().config.shop_currency)
    }

    /// The lowest and the highest price of its active variants.
    async fn price_range(&self, ctx: &Context<'_>) -> PriceRange {
        let currency = ctx.state().config.shop_currency;
        let min = self.with(Column::Price).price;
        let max = self.with(Column::PriceMax).price_max;
        PriceRange {
            min: Money::new(min, currency),
            max: Money::new(max.unwrap_or(min), currency),
        }
    }

    /// Price to show struck through, of the variant with the lowest price. Null if there is none.
    async fn compare_at_price(&self, ctx: &Context<'_>) -> Option<Money> {
        let price = self.with(Column::CompareAtPrice).compare_at_price;
        variants::money(ctx, price)
    }

    /// The lowest price of the 30 days before the current one, of the variant with the lowest price. Null unless that was
    /// lowered. Shops in the European Union must announce it with a reduction (Directive 98/6/EC, article 6a).
    async fn prior_price(&self, ctx: &Context<'_>) -> Option<Money> {
        variants::money(ctx, self.with(Column::PriorPrice).prior_price)
    }

    /// Number of units for sale that are in stock: the sum of `Variant.stock` of its active variants, or of all if none
    /// is active. Units promised to orders do not count. At least 0.
    async fn stock(&self, ctx: &Context<'_>) -> Result<i32> {
        let units = self.load_stock(ctx).await?.units;
        Ok(i32::try_from(units).unwrap_or(i32::MAX))
    }

    /// Whether an active variant is in stock, or is sold without counting its units.
    async fn in_stock(&self) -> bool {
        self.with(Column::InStock).in_stock
    }

    /// Stock level for display.
    async fn availability(&self, ctx: &Context<'_>) -> Result<Availability> {
        self.load_availability(ctx).await
    }

    /// What distinguishes its variants, such as the size and the color: at most 3 options. Empty if it has only one
    /// variant.
    async fn options(&self, ctx: &Context<'_>) -> Result<Vec<ProductOption>> {
        ProductOption::of(ctx, self.listed.row.id).await
    }

    /// The variants that you may see, in the order of the shop. One for a product without options; a product has at most
    /// 1,000. For a page that lets customers choose, request enough of them with `first`.
    ///
    /// Errors: `BAD_USER_INPUT` for `first` out of bounds.
    async fn variants(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            default = 20,
            desc = "Maximum number of variants to return, 1 to 1,000."
        )]
        first: i32,
    ) -> Result<Vec<Variant>> {
        let first = variants::check_first(first)?;
        Variant::of(ctx, self.listed.row.id, first).await
    }

    /// Returns the variant with these values: one of each option. Null if there is none, or if you may not see it.
    ///
    /// Errors: `BAD_USER_INPUT` for an option that the product does not have, and if one is missing.
    async fn variant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A value of each option.")] options: Vec<OptionChoiceInput>,
    ) -> Nullable<Variant> {
        let found = variants::find_variant(ctx, self.listed.row.id, options).await;
        found.transpose()
    }

    /// Publication status. Customers see only `ACTIVE` products.
    async fn status(&self) -> ProductStatus {
        self.with(Column::Status).status.into()
    }

    /// The primary category, for breadcrumbs.
    async fn category(&self, ctx: &Context<'_>) -> Result<Category> {
        if let Some(category) = &self.listed.category {
            return Ok(Category(category.clone()));
        }
        let category = ctx
            .load(ByIdUnchecked(self.with(Column::CategoryId).category_id))
            .await?;
        // Absent only if, since this request read the product, it was moved and the category deleted. The data read
        // is stale.
        category.map(Category).ok_or(Error::Unavailable)
    }

    /// All categories of the product that you may see: the primary category first, then in tree order.
    async fn categories(&self, ctx: &Context<'_>) -> Result<Vec<Category>> {
        let key = CategoriesOf(
            self.listed.row.id,
            self.with(Column::CategoryId).category_id,
        );
        let categories = ctx.load(key).await?.unwrap_or_default();
        Ok(categories.into_iter().map(Category).collect())
    }

    /// The first image, for product lists. Null if the product has none.
    async fn image(&self, ctx: &Context<'_>) -> Nullable<Image> {
        let images = self.load_images(ctx, Some(1)).await;
        images.map(|images| images.into_iter().next()).transpose()
    }

    /// The images, by position. For one image per product in lists, use `image`.
    ///
    /// Errors: `BAD_USER_INPUT` for `first` out of bounds.
    async fn images(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Maximum number of images to return, 1 to 100. Default: all; a product has at most 50."
        )]
        first: Option<i32>,
    ) -> Result<Vec<Image>> {
        let first = first
            .map(|first| check_page_size(first, "first"))
            .transpose()?;
        self.load_images(ctx, first).await
    }

    /// Creation time.
    async fn created_at(&self) -> Timestamp {
        self.with(Column::CreatedAt).created_at
    }

    /// Time of the last change.
    async fn updated_at(&self) -> Timestamp {
        self.with(Column::UpdatedAt).updated_at
    }

    /// Version number. Starts at 1 and increases by 1 with each change.
    async fn version(&self) -> i32 {
        self.with(Column::Version).version
    }

    /// Products to show with this one, in the order of the shop. Only those that you may see.
    ///
    /// Errors: `BAD_USER_INPUT` for `first` out of bounds.
    async fn related_products(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Maximum number of products to return, 1 to 20.",
            default_with = "DEFAULT_RELATED"
        )]
        first: i32,
    ) -> Result<Vec<Self>> {
        let related = loaders::related(ctx, self.listed.row.id, first).await?;
        Ok(related.into_iter().map(Self::new).collect())
    }

    /// The time when the product first became `ACTIVE`. Null if it never was, or before version 0.2.
    async fn published_at(&self) -> Option<Timestamp> {
        self.with(Column::PublishedAt).published_at
    }

    /// The time when the product, a `DRAFT`, will become `ACTIVE`. Null if that is not scheduled.
    async fn available_from(&self) -> Option<Timestamp> {
        self.with(Column::AvailableFrom).available_from
    }

    /// Title for search engines: a page's `<title>`. At most 200 characters. Null if there is none: use `name`.
    async fn seo_title(&self) -> Option<&str> {
        self.with(Column::SeoTitle).seo_title.as_deref()
    }

    /// Description for search engines: a page's `<meta name="description">`. At most 500 characters. Null if there is
    /// none: use the beginning of `description`.
    async fn seo_description(&self) -> Option<&str> {
        self.with(Column::SeoDescription).seo_description.as_deref()
    }

    /// Name of the brand or vendor. At most 100 characters. Null if there is none.
    async fn brand(&self) -> Option<&str> {
        self.with(Column::Brand).brand.as_deref()
    }

    /// Labels of the shop, in its order. At most 50, each of at most 50 characters, none twice regardless of case.
    async fn tags(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        let tags = ctx.load(TagsOf(self.listed.row.id)).await?;
        Ok(tags.unwrap_or_default())
    }

    /// The product type. Null if it has none.
    async fn product_type(&self, ctx: &Context<'_>) -> Result<Option<ProductType>> {
        let id = self.with(Column::ProductTypeId).product_type_id;
        attribute::type_of_product(ctx, id).await
    }

    /// The values of its own attributes, in the order of its product type; others follow in the order of the shop. Those
    /// of its variants are in `Variant.attributes`.
    async fn attributes(&self, ctx: &Context<'_>) -> Result<Vec<AttributeValue>> {
        attribute::of_product(ctx, self.listed.row.id.into()).await
    }
}
