//! GraphQL API of carts.

mod cookie;
mod inputs;
mod line;
mod loaders;
mod mutations;
mod payloads;
mod prices;
mod problem;

pub use cookie::{cart_cookie_name, clear as clear_cart_cookie};
pub use loaders::OwnCart;
pub use mutations::CartMutation;
pub use payloads::ClaimCartPayload;

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use tokio::sync::OnceCell;

use self::line::CartLine;
use self::prices::{CartDiscount, CartDiscountCode, CartTotals, ShippingQuote};
use self::problem::CartProblem;
use super::service::{self, CartQuote, CartWithVariants};
use crate::accounts::address::graphql::PostalAddress;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Nullable, Result};
use crate::core::id::TypedId;
use crate::core::viewer::CartOwner;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};

/// GraphQL object of a cart.
#[derive(Clone, Debug)]
pub struct Cart(pub Arc<CartView>);

/// A cart, and its variants and prices once a field needs them.
#[derive(Debug)]
pub struct CartView {
    pub cart: service::Cart,
    with_variants: OnceCell<CartWithVariants>,
    quote: OnceCell<CartQuote>,
}

impl From<service::Cart> for Cart {
    fn from(cart: service::Cart) -> Self {
        Self(Arc::new(CartView {
            cart,
            with_variants: OnceCell::new(),
            quote: OnceCell::new(),
        }))
    }
}

impl From<CartWithVariants> for Cart {
    fn from(cart: CartWithVariants) -> Self {
        service::Cart::from(cart).into()
    }
}

impl CartView {
    /// Returns the cart with the variants of its lines. Loads them once.
    pub async fn with_variants(&self, ctx: &Context<'_>) -> Result<&CartWithVariants> {
        let db = ctx.state().db.reader();
        let load = || self.cart.clone().with_variants(db);
        self.with_variants.get_or_try_init(load).await
    }

    /// Returns the prices of the cart. Calculates them once.
    pub async fn quote(&self, ctx: &Context<'_>) -> Result<&CartQuote> {
        let state = ctx.state();
        let price = async || {
            let cart = self.with_variants(ctx).await?;
            service::price(state.db.reader(), state, cart).await
        };
        self.quote.get_or_try_init(price).await
    }

    async fn problems(&self, ctx: &Context<'_>) -> Result<Vec<service::Problem>> {
        let quote = &self.quote(ctx).await?.quote;
        let currency = ctx.state().config.shop_currency;
        let cart = self.with_variants(ctx).await?;
        Ok(service::problems(cart, quote, currency))
    }
}

/// A cart: the items that a buyer wants. It reserves no stock, and its items have the prices of the catalog.
///
/// Signed-in users have one cart, on all devices. A client that is not signed in has the token of its cart, and only this
/// token opens it.
#[Object(cache_control(private))]
impl Cart {
    /// Opaque, stable id: `cart_...`.
    pub async fn id(&self) -> ID {
        self.0.cart.row.id.encode().into()
    }

    /// Version number. Starts at 1 and increases by 1 with each change.
    async fn version(&self) -> i32 {
        self.0.cart.row.version
    }

    /// Lines in the order in which they were added. At most 100.
    async fn lines(&self) -> Vec<CartLine> {
        let indexes = 0..self.0.cart.lines.len();
        indexes
            .map(|index| CartLine {
                view: self.0.clone(),
                index,
            })
            .collect()
    }

    /// Number of units of all lines.
    async fn quantity(&self) -> i32 {
        self.0.cart.quantity()
    }

    /// Email address for the order. Null if it is not set: an order of a signed-in user then has that of the account.
    async fn email(&self) -> Option<&str> {
        self.0.cart.row.email.as_deref()
    }

    /// Phone number. Null if there is none.
    async fn phone(&self) -> Option<&str> {
        self.0.cart.row.phone.as_deref()
    }

    /// Note to the shop. Null if there is none.
    async fn note(&self) -> Option<&str> {
        self.0.cart.row.note.as_deref()
    }

    /// Language of the buyer: a BCP 47 tag such as `pt-BR`. Null if it is not set.
    async fn locale(&self) -> Option<&str> {
        self.0.cart.row.locale.as_deref()
    }

    /// Address to ship to. Null if it is not set.
    async fn shipping_address(&self) -> Option<PostalAddress> {
        self.0.cart.row.read_shipping_address().map(Into::into)
    }

    /// Address of the invoice. Null if it is the shipping address.
    async fn billing_address(&self) -> Option<PostalAddress> {
        self.0.cart.row.read_billing_address().map(Into::into)
    }

    /// Problems of the cart, those of lines first. Some prevent an order: see `readyToOrder`.
    async fn problems(&self, ctx: &Context<'_>) -> Result<Vec<CartProblem>> {
        let found = self.0.problems(ctx).await?;
        Ok(found.into_iter().map(CartProblem::from).collect())
    }

    /// Whether the cart has no problem that prevents an order.
    async fn ready_to_order(&self, ctx: &Context<'_>) -> Result<bool> {
        let found = self.0.problems(ctx).await?;
        Ok(!found.iter().any(|problem| problem.code.prevents_order()))
    }

    /// The totals with the prices of now. Items that are not for sale count nothing.
    ///
    /// Errors: `BAD_USER_INPUT` if an amount is too large, because a price was raised.
    async fn totals(&self, ctx: &Context<'_>) -> Result<CartTotals> {
        let config = &ctx.state().config;
        let included = config.selling.prices_include_tax.is_on();
        let quote = &self.0.quote(ctx).await?.quote;
        Ok(CartTotals::new(quote, included, config.shop_currency))
    }

    /// The shipping methods that are offered for the shipping address. Empty without an address, and if no item is shipped.
    async fn shipping_methods(&self, ctx: &Context<'_>) -> Result<Vec<ShippingQuote>> {
        let currency = ctx.state().config.shop_currency;
        let methods = self.0.quote(ctx).await?.quote.methods.iter();
        let methods = methods.map(|method| ShippingQuote::new(method, currency));
        Ok(methods.collect())
    }

    /// The chosen shipping method. Null if none is chosen, or if it is not offered.
    async fn shipping_method(&self, ctx: &Context<'_>) -> Result<Option<ShippingQuote>> {
        let currency = ctx.state().config.shop_currency;
        let method = self.0.quote(ctx).await?.quote.method.as_ref();
        Ok(method.map(|method| ShippingQuote::new(method, currency)))
    }

    /// The discounts that apply: by code, or automatic.
    async fn discounts(&self, ctx: &Context<'_>) -> Result<Vec<CartDiscount>> {
        let currency = ctx.state().config.shop_currency;
        let discounts = self.0.quote(ctx).await?.quote.discounts.iter();
        let discounts = discounts.map(|applied| CartDiscount::new(applied, currency));
        Ok(discounts.collect())
    }

    /// The discount codes that the buyer has entered. At most 5.
    async fn discount_codes(&self, ctx: &Context<'_>) -> Result<Vec<CartDiscountCode>> {
        let codes = self.0.cart.row.read_codes();
        if codes.is_empty() {
            return Ok(Vec::new());
        }
        let quote = &self.0.quote(ctx).await?.quote;
        let codes = codes.into_iter();
        Ok(codes
            .map(|code| CartDiscountCode::new(code, quote))
            .collect())
    }

    /// Time at which the cart was created.
    async fn created_at(&self) -> Timestamp {
        self.0.cart.row.created_at
    }

    /// Time of the last change.
    async fn updated_at(&self) -> Timestamp {
        self.0.cart.row.updated_at
    }

    /// Time from which the cart is deleted. Each change extends it.
    async fn expires_at(&self) -> Timestamp {
        self.0.cart.row.expires_at
    }
}

/// Root fields that read carts.
#[derive(Debug, Default)]
pub struct CartQuery;

#[Object]
impl CartQuery {
    /// Returns your cart: that of the signed-in user, or else that of the cart token in the header `Cart-Token` or in the
    /// cookie. Null if the signed-in user has none yet.
    #[graphql(directive = auth::apply(Access::Buyer), cache_control(private))]
    async fn cart(&self, ctx: &Context<'_>) -> Nullable<Cart> {
        own(ctx).await.transpose()
    }
}

async fn own(ctx: &Context<'_>) -> Result<Option<Cart>> {
    let buyer = ctx.viewer().buyer()?;
    let found = ctx.load(OwnCart(buyer)).await?;
    match buyer.owner() {
        // It was ordered or deleted.
        CartOwner::Guest(_) if found.is_none() => Err(Error::CartTokenRequired),
        _ => Ok(found),
    }
}
