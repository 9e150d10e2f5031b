//! Selling: carts and addresses; prices of orders: taxes, shipping, discounts.

pub mod absent_variables;
mod address_rules;
mod addresses;
mod cart_access;
mod cart_claims;
mod cart_concurrency;
mod cart_cookies;
mod cart_details;
mod cart_input;
mod cart_problems;
mod cart_requests;
mod cart_totals;
mod carts;
mod codes;
mod discounts;
mod fulfillment;
mod order_conflicts;
mod order_emails;
mod order_export;
mod order_holds;
mod order_kills;
mod order_life;
mod order_lines;
mod order_links;
mod order_list;
mod order_personal_data;
mod order_rows;
mod order_stock;
mod order_storms;
mod orders;
mod orders_at_once;
mod orders_past;
mod payment_orders;
mod payments;
mod payments_races;
mod placed_orders;
mod pricing;
mod pricing_cases;
mod pricing_oracle;
mod quote_discounts;
mod quotes;
mod refunds;
mod settings;
mod shipping;
mod shop;
mod stripe_events;
mod stripe_faults;
mod stripe_kills;
mod stripe_orders;
mod stripe_outage;
mod stripe_payments;
mod stripe_races;
mod stripe_refunds;
mod stripe_settings;
mod stripe_standin;
mod stripe_standin_steps;
mod stripe_storm;
mod taxes;
mod timeline;
mod verify;
mod verify_search;
mod verify_statuses;

use serde_json::{Value, json};
use wares::catalog::product::entity::Model as Product;
use wares::catalog::product::entity::variant::VariantId;
use wares::core::id::TypedId;

use crate::harness::{App, Client};

/// A token of the right form that belongs to no cart.
pub const UNKNOWN_TOKEN: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The selection of a whole cart.
pub const CART: &str = "cart { id version quantity readyToOrder
    lines { id quantity attributes { name value } seenPrice { amount } variant { id } }
    problems { code lineId field } }";

/// Creates a cart for a new client that is not signed in. Returns the client, which sends its token, and the token.
pub async fn guest(app: &App) -> (Client, String) {
    let client = app.anonymous();
    let payload = client
        .run_mutation("createCart", json!({}), "cart { id } cartToken")
        .await;
    let token = payload["cartToken"].as_str().unwrap().to_owned();
    (client.with_cart_token(&token), token)
}

/// Creates products with these slugs in one published category. Returns the ids of their only variants.
pub async fn variants(app: &App, slugs: &[&str]) -> Vec<String> {
    let category = app.shop().root("things", 0).await;
    let mut ids = Vec::new();
    for slug in slugs {
        let product = app.shop().product(slug, &category, |_| ()).await;
        ids.push(variant_of(&product));
    }
    ids
}

/// Returns the id of the only variant of a product.
pub fn variant_of(product: &Product) -> String {
    VariantId(product.id.0).encode()
}

/// Adds units of a variant to the client's cart, and returns the cart.
pub async fn add(client: &Client, variant: &str, quantity: i32) -> Value {
    let input = json!({"lines": [{"variantId": variant, "quantity": quantity}]});
    let payload = client.run_mutation("addCartLines", input, CART).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    payload["cart"].clone()
}

/// Returns the client's cart.
pub async fn cart(client: &Client) -> Value {
    let data = client.data(&format!("{{ {CART} }}"), json!({})).await;
    data["cart"].clone()
}

/// Returns the quantities of the lines of a cart.
pub fn quantities(cart: &Value) -> Vec<i64> {
    let lines = cart["lines"].as_array().unwrap().iter();
    lines
        .map(|line| line["quantity"].as_i64().unwrap())
        .collect()
}

/// Returns the codes of the problems of a cart.
pub fn problems(cart: &Value) -> Vec<&str> {
    let problems = cart["problems"].as_array().unwrap().iter();
    problems
        .map(|problem| problem["code"].as_str().unwrap())
        .collect()
}

/// Returns the code and the field of each user error of a payload.
pub fn errors(payload: &Value) -> Vec<(&str, &str)> {
    let errors = payload["userErrors"].as_array().unwrap().iter();
    errors
        .map(|error| {
            (
                error["code"].as_str().unwrap_or_default(),
                error["field"].as_str().unwrap_or_default(),
            )
        })
        .collect()
}
