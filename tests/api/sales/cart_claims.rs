//! `claimCart`: the cart of a guest becomes that of the user, or is merged into it.

use futures_util::future::join_all;
use serde_json::{Value, json};
use wares::accounts::user::Role;

use super::order_kills::assert_consistent;
use super::order_life::finish;
use super::orders::{digital, find, placed};
use super::payments_races::{block, unblock};
use super::{CART, UNKNOWN_TOKEN, add, cart, guest, problems, quantities, variant_of, variants};
use crate::harness::{App, Client, on_both_databases};

/// Claims a cart, and returns the own cart.
async fn claim(client: &Client) -> Value {
    let query = format!("mutation {{ claimCart {{ {CART} userErrors {{ code field }} }} }}");
    let payload = client.data(&query, json!({})).await["claimCart"].clone();
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    payload["cart"].clone()
}

#[tokio::test]
async fn a_guests_cart_becomes_that_of_a_user_without_one() {
    on_both_databases(async |app| {
        let ids = variants(app, &["pan"]).await;
        let (guest, token) = guest(app).await;
        let before = add(&guest, &ids[0], 2).await;
        let customer = app.customer().await.with_cart_token(&token);
        let claimed = claim(&customer).await;
        assert_eq!(claimed["id"], before["id"]);
        assert_eq!(claimed["lines"], before["lines"]);
        assert_eq!(cart(&app.customer().await).await, claimed);
        // The token no longer opens it.
        let gone = guest.send("{ cart { id } }", json!({})).await;
        assert_eq!(gone.code(), "UNAUTHENTICATED");
        let variables = json!({"id": before["id"]});
        let data = guest
            .data("query($id: ID!) { node(id: $id) { id } }", variables)
            .await;
        assert_eq!(data["node"], Value::Null);
        // After a lost response the same request returns the same.
        assert_eq!(claim(&customer).await, claimed);
        assert_eq!(app.count("carts").await, 1);
    })
    .await;
}

#[tokio::test]
async fn carts_are_merged_by_the_higher_quantity() {
    on_both_databases(async |app| {
        let ids = variants(app, &["pan", "pot", "lid", "cup"]).await;
        let customer = app.customer().await;
        for (variant, quantity) in [(0, 5), (1, 1), (2, 2)] {
            add(&customer, &ids[variant], quantity).await;
        }
        let own = json!({"note": "Ring twice", "shippingAddress": {
            "name": "Ann", "street1": "Main Street 1", "city": "Berlin", "postalCode": "10115", "country": "DE"}});
        customer.run_mutation("updateCart", own, "cart { id }").await;
        let (guest, token) = guest(app).await;
        for (variant, quantity) in [(3, 4), (0, 2), (1, 3)] {
            add(&guest, &ids[variant], quantity).await;
        }
        let other = json!({"note": "No rush", "email": "ann@home.example", "shippingAddress": {
            "name": "Bea", "street1": "Side Street 2", "city": "Wien", "postalCode": "1010", "country": "AT"}});
        guest.run_mutation("updateCart", other, "cart { id }").await;

        let before = cart(&customer).await;
        let claiming = customer.clone().with_cart_token(&token);
        let merged = claim(&claiming).await;
        assert_eq!(merged["id"], before["id"]);
        assert_eq!(quantities(&merged), [5, 3, 2, 4]);
        let query = "{ cart { note email shippingAddress { name } } }";
        let details = customer.data(query, json!({})).await["cart"].clone();
        let expected = json!({"note": "Ring twice", "email": "ann@home.example", "shippingAddress": {"name": "Ann"}});
        assert_eq!(details, expected);
        assert_eq!(claim(&claiming).await, merged, "twice is the same as once");
        assert_eq!(app.count("carts").await, 1);
        assert_eq!(app.count("cart_lines").await, 4);
    })
    .await;
}

#[tokio::test]
async fn claims_at_once_give_the_same_as_one() {
    on_both_databases(async |app| {
        let ids = variants(app, &["pan", "pot"]).await;
        let customer = app.customer().await;
        add(&customer, &ids[0], 2).await;
        let (guest, token) = guest(app).await;
        add(&guest, &ids[0], 3).await;
        add(&guest, &ids[1], 1).await;
        let claiming = customer.clone().with_cart_token(&token);
        let claims = join_all((0..20).map(async |_| claim(&claiming).await)).await;
        for claimed in &claims {
            assert_eq!(quantities(claimed), [3, 1]);
        }
        assert_eq!(cart(&customer).await["version"], claims[0]["version"]);
    })
    .await;
}

#[tokio::test]
async fn without_a_valid_token_the_own_cart_stays_as_it_is() {
    on_both_databases(async |app| {
        let ids = variants(app, &["pan"]).await;
        let customer = app.customer().await;
        assert_eq!(claim(&customer).await, Value::Null);
        let own = add(&customer, &ids[0], 2).await;
        for token in [UNKNOWN_TOKEN, "x", "null", "undefined", ""] {
            assert_eq!(
                claim(&customer.clone().with_cart_token(token)).await,
                own,
                "{token}"
            );
        }
        // A token that another user has claimed.
        let (guest, token) = guest(app).await;
        add(&guest, &ids[0], 9).await;
        let bob = app.signed_in("bob@shop.example", Role::Customer).await;
        claim(&bob.with_cart_token(&token)).await;
        assert_eq!(claim(&customer.with_cart_token(&token)).await, own);
    })
    .await;
}

#[tokio::test]
async fn lines_beyond_the_maximum_are_dropped() {
    on_both_databases(async |app| {
        let category = app.shop().root("things", 0).await;
        let mut ids = Vec::new();
        for number in 0..110 {
            let slug = format!("thing-{number}");
            ids.push(variant_of(
                &app.shop().product(&slug, &category, |_| ()).await,
            ));
        }
        let line = |id: &String| json!({"variantId": id, "quantity": 2});
        let customer = app.customer().await;
        let own: Vec<_> = ids[..95].iter().map(line).collect();
        customer
            .run_mutation("addCartLines", json!({"lines": own}), "cart { id }")
            .await;
        let (guest, token) = guest(app).await;
        let others: Vec<_> = ids[90..].iter().map(line).collect();
        guest
            .run_mutation("addCartLines", json!({"lines": others}), "cart { id }")
            .await;
        let merged = claim(&customer.with_cart_token(&token)).await;
        assert_eq!(merged["lines"].as_array().unwrap().len(), 100);
        assert_eq!(merged["quantity"], 200);
        assert_eq!(problems(&merged), ["SHIPPING_ADDRESS_MISSING"]);
    })
    .await;
}

/// A guest with a pending order of two units of the first variant. Returns the token of the cart, the order and its token.
async fn ordered(app: &App, ids: &[String]) -> (Client, String, Value, String) {
    let (client, token) = guest(app).await;
    let input = json!({"email": "ann@home.example"});
    client
        .run_mutation("updateCart", input, "cart { id }")
        .await;
    add(&client, &ids[0], 2).await;
    let (order, order_token) = placed(&client, "20.00", "TEST").await;
    (client, token, order, order_token)
}

#[tokio::test]
async fn a_pending_order_of_a_merged_cart_is_canceled() {
    on_both_databases(async |app| {
        let ids = digital(app, &["pan", "pot"]).await;
        let customer = app.customer().await;
        add(&customer, &ids[1], 1).await;
        let (guest, token, order, order_token) = ordered(app, &ids).await;
        let merged = claim(&customer.clone().with_cart_token(&token)).await;
        assert_eq!(quantities(&merged), [1, 2]);
        let found = find(&guest, &order["id"], Some(&order_token)).await;
        assert_eq!(found["status"], "CANCELED");
        let canceled = "SELECT count(*) FROM test_payments WHERE status = 'CANCELED'";
        assert_eq!(app.sql_number(canceled).await, 1);
        let reserved = "SELECT CAST(sum(reserved) AS bigint) FROM stock_levels";
        assert_eq!(app.sql_number(reserved).await, 0);
        // The items can be ordered, once.
        let (next, _) = placed(&customer, "30.00", "MANUAL").await;
        assert_eq!(next["number"], 1_001);
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn an_order_that_was_paid_meanwhile_stays_when_its_cart_is_claimed() {
    on_both_databases(async |app| {
        let ids = digital(app, &["pan", "pot"]).await;
        let customer = app.customer().await;
        let own = add(&customer, &ids[1], 1).await;
        let (guest, token, order, order_token) = ordered(app, &ids).await;
        // The server does not know yet.
        app.sql("UPDATE test_payments SET status = 'CAPTURED', captured = amount")
            .await;
        assert_eq!(claim(&customer.with_cart_token(&token)).await, own);
        let found = find(&guest, &order["id"], Some(&order_token)).await;
        assert_eq!(
            (&found["status"], &found["paymentStatus"]),
            (&json!("CONFIRMED"), &json!("PAID"))
        );
        assert_eq!(app.count("carts").await, 1);
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn a_cart_is_claimed_once_the_payment_of_its_order_can_be_canceled() {
    on_both_databases(async |app| {
        let ids = digital(app, &["pan", "pot"]).await;
        let customer = app.customer().await;
        add(&customer, &ids[1], 1).await;
        let (_, token, _, _) = ordered(app, &ids).await;
        let customer = customer.with_cart_token(&token);
        block(app, "test_payments", "UPDATE").await;
        let query = "mutation { claimCart { cart { id } } }";
        let refused = customer.send(query, json!({})).await;
        assert_eq!(refused.code(), "SERVICE_UNAVAILABLE");
        assert_eq!(app.count("carts").await, 2);
        unblock(app, "test_payments").await;
        assert_eq!(quantities(&claim(&customer).await), [1, 2]);
        assert_eq!(app.count("carts").await, 1);
        assert_consistent(app).await;
    })
    .await;
}

#[tokio::test]
async fn a_pending_order_of_a_cart_that_becomes_the_own_one_can_be_paid() {
    on_both_databases(async |app| {
        let ids = digital(app, &["pan"]).await;
        let (guest, token, order, order_token) = ordered(app, &ids).await;
        let customer = app.customer().await;
        let claimed = claim(&customer.clone().with_cart_token(&token)).await;
        assert_eq!(quantities(&claimed), [2]);
        let paid = finish(&guest, &order, &order_token, "SUCCEED").await;
        assert_eq!(paid["order"]["status"], "CONFIRMED");
        assert_eq!(cart(&customer).await, Value::Null);
        assert_consistent(app).await;
    })
    .await;
}
