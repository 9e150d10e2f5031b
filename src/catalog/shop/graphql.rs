//! The shop in the API: settings and constants. No statement is run.

use async_graphql::{Context, Enum, Object, SimpleObject};

use crate::accounts::auth::service::MAX_PASSWORD;
use crate::catalog::product_image::service::{FILES, MAX_ALT, MAX_IMAGES};
use crate::catalog::search::MAX_SEARCH;
use crate::config::Config;
use crate::core::email_address::MAX_ADDRESS;
use crate::core::money::Currency;
use crate::core::pagination::{DEFAULT_PAGE, MAX_PAGE};
use crate::core::text::{MAX_DESCRIPTION, MAX_NAME, MAX_SKU, MAX_SLUG};
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::infra::image::Kind;

/// The shop: what a storefront needs before its first form.
#[derive(Clone, Debug, SimpleObject)]
pub struct Shop {
    /// The name of the shop.
    name: String,
    /// The currency of all prices.
    currency: ShopCurrency,
    /// The maximum stock of which a product's `availability` is `LOW_STOCK`. 0 if that is off.
    low_stock: i32,
    /// How users can sign in. The order has no meaning.
    sign_in_methods: Vec<SignInMethod>,
    /// The OAuth client id of the shop at Google, for Google's own sign-in in apps. Null without `GOOGLE`.
    google_client_id: Option<String>,
    /// The limits of what forms send.
    limits: ShopLimits,
}

/// The currency of a shop.
#[derive(Clone, Debug, SimpleObject)]
pub struct ShopCurrency {
    /// The ISO 4217 code.
    code: Currency,
    /// The number of decimals of an amount: 2 for EUR, 0 for JPY.
    decimals: i32,
}

/// How a user signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum SignInMethod {
    /// With email address and password: `login`.
    Password,
    /// With a Google account: `/auth/google/login` in a browser, `signInWithGoogle` in an app.
    Google,
}

/// The limits of what forms send. Beyond one of them a mutation returns `BAD_USER_INPUT`, or the error `PAYLOAD_TOO_LARGE`
/// for a file. Lengths are in characters.
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
    /// The media types of images that are accepted.
    image_types: Vec<String>,
    /// The maximum size of an image of `uploadProductImages`, in bytes.
    image_max_bytes: i32,
    /// The maximum size of an image of `createImageUpload`, in bytes.
    direct_image_max_bytes: i32,
    /// The maximum size of an image of `uploadAvatar`, in bytes.
    avatar_max_bytes: i32,
    /// The maximum number of pixels of an image: width times height.
    image_max_pixels: i32,
    /// The maximum number of files of one `uploadProductImages`.
    files_per_upload: i32,
    /// The maximum number of images of a product.
    images_per_product: i32,
    /// The number of items on a page of a list by default.
    page_size_default: i32,
    /// The maximum number of items on a page of a list.
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
            files_per_upload: int(FILES.len()),
            images_per_product: int(MAX_IMAGES),
            page_size_default: int(DEFAULT_PAGE),
            page_size_max: int(MAX_PAGE),
        }
    }
}

/// A number as GraphQL has it.
fn int(number: impl TryInto<i32>) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}

/// The root field that describes the shop.
#[derive(Debug, Default)]
pub struct ShopQuery;

#[Object]
impl ShopQuery {
    /// The shop: its name, its currency, how users sign in, and the limits that forms check before they send anything.
    #[graphql(directive = auth::apply(Access::Anyone), cache_control(max_age = 60))]
    async fn shop(&self, ctx: &Context<'_>) -> Shop {
        let state = ctx.state();
        let google = state.google.client_id().map(ToOwned::to_owned);
        Shop::new(&state.config, google)
    }
}
