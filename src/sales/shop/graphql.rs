//! Shop settings and limits in the GraphQL API.

use async_graphql::{ComplexObject, Context, Enum, Object, SimpleObject};

use crate::accounts::auth::service::MAX_PASSWORD;
use crate::catalog::product_image::service::{FILE_FIELDS, MAX_ALT, MAX_IMAGES};
use crate::catalog::search::MAX_SEARCH;
use crate::config::Config;
use crate::core::country::CountryCode;
use crate::core::email_address::MAX_ADDRESS;
use crate::core::error::{Error, Result};
use crate::core::money::Currency;
use crate::core::pagination::{DEFAULT_PAGE, MAX_PAGE};
use crate::core::text::{MAX_DESCRIPTION, MAX_NAME, MAX_SKU, MAX_SLUG};
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::infra::image::Kind;
use crate::sales::order::graphql::PaymentProvider;
use crate::sales::payment::entity::Provider;
use crate::sales::payment::service as payments;
use crate::sales::shipping::graphql::CoverageKey;
use crate::sales::shipping::service::Coverage;
use crate::state::State;

/// Settings of the shop, for forms and the display of prices.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct Shop {
    /// The name of the shop.
    name: String,
    /// The currency of all prices.
    currency: ShopCurrency,
    /// Whether all prices include tax. Otherwise tax is added to them in the cart.
    prices_include_tax: bool,
    /// Stock threshold: at this stock or less, `availability` is `LOW_STOCK`. 0 disables the threshold.
    low_stock: i32,
    /// Enabled sign-in methods, in no particular order.
    sign_in_methods: Vec<SignInMethod>,
    /// The shop's OAuth client ID at Google, for native sign-in in apps. Null unless `signInMethods` contains
    /// `GOOGLE`.
    google_client_id: Option<String>,
    /// The limits of form fields and files.
    limits: ShopLimits,
}

#[ComplexObject]
impl Shop {
    /// Whether buyers can order. False until `missing` is empty.
    async fn can_order(&self, ctx: &Context<'_>) -> Result<bool> {
        Ok(missing(ctx).await?.is_empty())
    }

    /// The steps that an admin must still take before buyers can order. Empty if nothing is missing.
    async fn missing(&self, ctx: &Context<'_>) -> Result<Vec<ShopRequirement>> {
        missing(ctx).await
    }

    /// The ways to pay that the shop offers.
    async fn payment_methods(&self, ctx: &Context<'_>) -> Vec<PaymentMethod> {
        payment_methods(ctx.state())
    }

    /// The publishable API key of the shop at Stripe, for Stripe.js. Null unless `paymentMethods` contains `STRIPE`.
    async fn stripe_publishable_key(&self, ctx: &Context<'_>) -> Option<String> {
        let state = ctx.state();
        let is_offered = payments::offered(state).contains(&Provider::Stripe);
        let stripe = state.stripe.as_ref().filter(|_| is_offered);
        stripe.map(|stripe| stripe.publishable_key().to_owned())
    }

    /// The countries to which at least one shipping method is offered, at least to a part of them, in alphabetical order
    /// of their codes.
    async fn shipping_countries(&self, ctx: &Context<'_>) -> Result<Vec<CountryCode>> {
        let countries = coverage(ctx).await?.countries.into_iter();
        Ok(countries.map(Into::into).collect())
    }
}

async fn coverage(ctx: &Context<'_>) -> Result<Coverage> {
    let coverage = ctx.load(CoverageKey).await?;
    coverage.ok_or_else(|| Error::internal(anyhow::anyhow!("no coverage was loaded")))
}

async fn missing(ctx: &Context<'_>) -> Result<Vec<ShopRequirement>> {
    let coverage = coverage(ctx).await?;
    let mut missing = Vec::new();
    if !coverage.has_country {
        missing.push(ShopRequirement::ShippingCountry);
    }
    if coverage.countries.is_empty() {
        missing.push(ShopRequirement::ShippingMethod);
    }
    if payments::offered(ctx.state()).is_empty() {
        missing.push(ShopRequirement::PaymentMethod);
    }
    Ok(missing)
}

/// A requirement that an admin must meet before buyers can order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum ShopRequirement {
    /// A country that is shipped to: `createShippingZone`.
    ShippingCountry,
    /// An active shipping method in a zone with a country: `createShippingMethod`.
    ShippingMethod,
    /// A way to pay: the settings `MANUAL_PAYMENTS`, or `STRIPE_SECRET_KEY` with a currency that Stripe takes.
    PaymentMethod,
}

/// A way to pay that a shop offers.
#[derive(Clone, Debug, SimpleObject)]
pub struct PaymentMethod {
    /// The provider, for `placeOrder` and `createPayment`.
    provider: PaymentProvider,
    /// Name for buyers, in English.
    name: String,
    /// Plain text for buyers: for payments on account, the instructions of the shop.
    description: String,
}

fn payment_methods(state: &State) -> Vec<PaymentMethod> {
    let method = |provider: Provider| {
        let (name, description) = match provider {
            Provider::Manual => ("On account", state.config.manual_payments()),
            Provider::Test => (
                "Test payment",
                Some("Simulates a payment. No money is moved."),
            ),
            Provider::Stripe => (
                "Card or wallet",
                Some("Cards, wallets and other ways to pay, by Stripe."),
            ),
        };
        PaymentMethod {
            provider: provider.into(),
            name: name.to_owned(),
            description: description.unwrap_or_default().to_owned(),
        }
    };
    payments::offered(state).into_iter().map(method).collect()
}

/// The currency of a shop.
#[derive(Clone, Debug, SimpleObject)]
pub struct ShopCurrency {
    /// The ISO 4217 code.
    code: Currency,
    /// Number of decimal places of an amount: 2 for EUR, 0 for JPY.
    decimals: i32,
}

/// Sign-in method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum SignInMethod {
    /// Email address and password: `login`.
    Password,
    /// Google account: `/auth/google/login` in a browser, `signInWithGoogle` in an app.
    Google,
}

/// The limits of form fields and files. A mutation that exceeds one returns the user error `BAD_USER_INPUT`, or for a
/// file the error `PAYLOAD_TOO_LARGE`. Lengths are in characters unless noted otherwise.
#[derive(Clone, Debug, SimpleObject)]
pub struct ShopLimits {
    /// The minimum length of a password.
    password_min_length: i32,
    /// The maximum length of a password.
    password_max_length: i32,
    /// The maximum length of an email address, in bytes.
    email_max_length: i32,
    /// The maximum length of the name of a user, product or category.
    name_max_length: i32,
    /// The maximum length of a slug.
    slug_max_length: i32,
    /// The maximum length of a SKU.
    sku_max_length: i32,
    /// The maximum length of the description of a product or category.
    description_max_length: i32,
    /// The maximum length of the alternative text of an image.
    alt_max_length: i32,
    /// The maximum length of a `search`.
    search_max_length: i32,
    /// Accepted media types of images.
    image_types: Vec<String>,
    /// The maximum size of an image in `uploadProductImages`, in bytes.
    image_max_bytes: i32,
    /// The maximum size of an image in `createImageUpload`, in bytes.
    direct_image_max_bytes: i32,
    /// The maximum size of an image in `uploadAvatar`, in bytes.
    avatar_max_bytes: i32,
    /// The maximum number of pixels of an image (width times height).
    image_max_pixels: i32,
    /// The maximum number of files per `uploadProductImages`.
    files_per_upload: i32,
    /// The maximum number of images per product.
    images_per_product: i32,
    /// The default number of items per page of a list.
    page_size_default: i32,
    /// The maximum number of items per page of a list.
    page_size_max: i32,
}

impl Shop {
    fn new(config: &Config, google_client_id: Option<String>) -> Self {
        let mut sign_in_methods = vec![SignInMethod::Password];
        if google_client_id.is_some() {
            sign_in_methods.push(SignInMethod::Google);
        }
        Self {
            name: config.shop_name.clone(),
            currency: ShopCurrency {
                code: config.shop_currency,
                decimals: int(config.shop_currency.exponent()),
            },
            prices_include_tax: config.selling.prices_include_tax.is_on(),
            low_stock: int(config.shop_low_stock),
            sign_in_methods,
            google_client_id,
            limits: ShopLimits::new(config),
        }
    }
}

impl ShopLimits {
    fn new(config: &Config) -> Self {
        let kinds = [Kind::Jpeg, Kind::Png, Kind::WebP];
        let uploads = &config.uploads;
        Self {
            password_min_length: int(config.accounts.password_min_length),
            password_max_length: int(MAX_PASSWORD),
            email_max_length: int(MAX_ADDRESS),
            name_max_length: int(MAX_NAME),
            slug_max_length: int(MAX_SLUG),
            sku_max_length: int(MAX_SKU),
            description_max_length: int(MAX_DESCRIPTION),
            alt_max_length: int(MAX_ALT),
            search_max_length: int(MAX_SEARCH),
            image_types: kinds.map(|kind| kind.content_type().to_owned()).into(),
            image_max_bytes: int(uploads.image_max_bytes),
            direct_image_max_bytes: int(uploads.direct_image_max_bytes),
            avatar_max_bytes: int(uploads.image_max_bytes),
            image_max_pixels: int(uploads.image_max_pixels),
            files_per_upload: int(FILE_FIELDS.len()),
            images_per_product: int(MAX_IMAGES),
            page_size_default: int(DEFAULT_PAGE),
            page_size_max: int(MAX_PAGE),
        }
    }
}

/// Converts a number to a GraphQL `Int`, saturating at its maximum.
fn int(number: impl TryInto<i32>) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}

/// The root field of the shop settings.
#[derive(Debug, Default)]
pub struct ShopQuery;

#[Object]
impl ShopQuery {
    /// Returns the shop's name, currency, countries, sign-in methods, and the limits for client-side validation.
    #[graphql(directive = auth::apply(Access::Anyone), cache_control(max_age = 60))]
    async fn shop(&self, ctx: &Context<'_>) -> Shop {
        let state = ctx.state();
        let google = state.google.client_id().map(ToOwned::to_owned);
        Shop::new(&state.config, google)
    }
}
