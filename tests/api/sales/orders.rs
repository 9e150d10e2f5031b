//! Orders: placed by guests and customers, given again, refused, read by their buyers.

use serde_json::{Value, json};
use wares::accounts::user::Role;

use super::discounts::discount;
use super::{CART, add, cart, errors, guest, variants};
use crate::harness::{App, Client, on_both_databases};

pub const ORDER: &str = "order { id number status paymentStatus fulfillmentStatus disputed email version
    placedAt payUntil confirmedAt closedAt totals { items { amount } discount { amount } shipping { amount }
        tax { amount } taxIncluded total { amount } taxes { name rate base { amount } tax { amount } } }
    discounts { name code amount { amount } } shippingAddress { name city } billingAddress { name } shippingMethodName
    lines { id name variantName sku options { name value } image { id } attributes { name value } quantity canceled
        fulfilled returned open unitPrice { amount } discount { amount } total { amount } taxRate tax { amount }
        requiresShipping variant { id } }
    captured { amount } refunded { amount } refundable { amount } user { id } }";

/// Makes the items digital, so that an order needs no shipping.
pub async fn digital(app: &App, slugs: &[&str]) -> Vec<String> {
    let ids = variants(app, slugs).await;
    app.sql("UPDATE variants SET requires_shipping = FALSE")
        .await;
    ids
}

/// Returns a guest whose cart has an email address and these lines.
pub async fn buyer(app: &App, lines: &[(&str, i32)]) -> Client {
    let (client, _) = guest(app).await;
    let input = json!({"email": "ann@shop.example"});
    client.run_mutation("updateCart", input, CART).await;
    for (variant, quantity) in lines {
        add(&client, variant, *quantity).await;
    }
    client
}

/// Calls `placeOrder`, and returns its payload.
pub async fn place(client: &Client, total: &str, provider: &str) -> Value {
    let input = json!({"expectedTotal": total, "payment": {"provider": provider}});
    let select = format!(
        "{ORDER} orderToken cart {{ totals {{ total {{ amount }} }} problems {{ code }} }}"
    );
    client.run_mutation("placeOrder", input, &select).await
}

/// Places an order, and returns it with its token.
pub async fn placed(client: &Client, total: &str, provider: &str) -> (Value, String) {
    let payload = place(client, total, provider).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    let token = payload["orderToken"].as_str().unwrap().to_owned();
    (payload["order"].clone(), token)
}

/// Finds an order by its id and a token.
pub async fn find(client: &Client, id: &Value, token: Option<&str>) -> Value {
    let query = format!(
        "query($id: ID!, $token: String) {{ {} }}",
        ORDER.replacen("order {", "order(id: $id, token: $token) {", 1)
    );
    let data = client.data(&query, json!({"id": id, "token": token})).await;
    data["order"].clone()
}

#[tokio::test]
async fn guest_orders_on_account() {
    on_both_databases(async |app| {
        let ids = digital(app, &["pan", "pot"]).await;
        let client = buyer(app, &[(&ids[0], 2), (&ids[1], 1)]).await;
        let (order, token) = placed(&client, "30.00", "MANUAL").await;
        assert_eq!(order["number"], 1001);
        assert_eq!(order["status"], "CONFIRMED");
        assert_eq!(order["paymentStatus"], "UNPAID");
        assert_eq!(order["email"], "ann@shop.example");
        assert_eq!(order["user"], Value::Null);
        assert_eq!(order["totals"]["total"]["amount"], "30.00");
        let line = &order["lines"][0];
        assert_eq!(
            (&line["name"], &line["quantity"], &line["open"]),
            (&json!("pan"), &json!(2), &json!(2))
        );
        assert_eq!(line["unitPrice"]["amount"], "10.00");
        assert_eq!(line["variant"]["id"], json!(ids[0]));
        assert_eq!(app.count("carts").await, 0);
        assert_eq!(
            app.sql_number("SELECT CAST(sum(reserved) AS bigint) FROM stock_levels")
                .await,
            3
        );
        assert_eq!(
            find(&app.anonymous(), &order["id"], Some(&token)).await,
            order
        );
        // The answer may have been lost: the token of the cart still gives the order.
        for _ in 0..2 {
            let again = placed(&client, "30.00", "MANUAL").await;
            assert_eq!(again, (order.clone(), token.clone()));
        }
        let gone = client.send("{ cart { id } }", json!({})).await;
        assert_eq!(gone.code(), "UNAUTHENTICATED");
        assert_eq!(app.count("orders").await, 1);
    })
    .await;
}

#[tokio::test]
async fn customer_orders_and_finds_the_order_again() {
    on_both_databases(async |app| {
        let ids = digital(app, &["pan"]).await;
        let customer = app.customer().await;
        add(&customer, &ids[0], 1).await;
        let (order, _) = placed(&customer, "10.00", "TEST").await;
        assert_eq!(order["status"], "PENDING");
        assert_eq!(order["email"], "customer@shop.example");
        assert!(order["user"]["id"].is_string());
        assert_eq!(app.count("payments").await, 1);
        let (again, _) = placed(&customer, "10.00", "TEST").await;
        assert_eq!(again, order);
        assert_eq!(find(&customer, &order["id"], None).await, order);
        let query = "{ me { orders(first: 5) { totalCount nodes { id lines { name } } } } }";
        let own = customer.data(query, json!({})).await;
        assert_eq!(
            own["me"]["orders"],
            json!({"totalCount": 1, "nodes": [{"id": order["id"], "lines": [{"name": "pan"}]}]})
        );
        let query = "query($id: ID!) { node(id: $id) { id } }";
        let node = customer.data(query, json!({"id": order["id"]})).await;
        assert_eq!(node["node"]["id"], order["id"]);
        // On account it is another order; the first one is canceled.
        let (on_account, _) = placed(&customer, "10.00", "MANUAL").await;
        assert_ne!(on_account["id"], order["id"]);
        assert_eq!(
            find(&customer, &order["id"], None).await["status"],
            "CANCELED"
        );
        let (again, _) = placed(&customer, "10.00", "MANUAL").await;
        assert_eq!(again, on_account);
        assert_eq!(
            app.sql_number("SELECT CAST(sum(reserved) AS bigint) FROM stock_levels")
                .await,
            1
        );
    })
    .await;
}

#[tokio::test]
async fn changed_cart_replaces_the_pending_order() {
    on_both_databases(async |app| {
        // The stock of each is 5.
        let ids = digital(app, &["pan"]).await;
        let client = buyer(app, &[(&ids[0], 4)]).await;
        let (first, token) = placed(&client, "40.00", "TEST").await;
        add(&client, &ids[0], 1).await;
        let (second, _) = placed(&client, "50.00", "TEST").await;
        assert_ne!(first["id"], second["id"]);
        let first = find(&app.anonymous(), &first["id"], Some(&token)).await;
        assert_eq!(first["status"], "CANCELED");
        assert_eq!(
            app.sql_number("SELECT CAST(sum(reserved) AS bigint) FROM stock_levels")
                .await,
            5
        );
        add(&client, &ids[0], 1).await;
        let refused = place(&client, "60.00", "TEST").await;
        assert_eq!(errors(&refused), [("OUT_OF_STOCK", "lines.0")]);
        // The earlier order is as it was.
        let live = "SELECT count(*) FROM orders WHERE status = 'PENDING'";
        assert_eq!(app.sql_number(live).await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_has_changed_is_refused_and_nothing_is_written() {
    on_both_databases(async |app| {
        let ids = digital(app, &["pan"]).await;
        let client = buyer(app, &[(&ids[0], 2)]).await;
        let nothing = async || {
            assert_eq!(app.count("orders").await, 0);
            assert_eq!(app.count("payments").await, 0);
            let reserved = "SELECT CAST(sum(reserved) AS bigint) FROM stock_levels";
            assert_eq!(app.sql_number(reserved).await, 0);
        };
        app.sql("UPDATE variants SET price = 1100").await;
        let refused = place(&client, "20.00", "MANUAL").await;
        assert_eq!(errors(&refused), [("TOTAL_CHANGED", "expectedTotal")]);
        assert_eq!(refused["cart"]["totals"]["total"]["amount"], "22.00");
        assert_eq!(
            (&refused["order"], &refused["orderToken"]),
            (&Value::Null, &Value::Null)
        );
        nothing().await;
        app.sql("UPDATE stock_levels SET on_hand = 1").await;
        let refused = place(&client, "22.00", "MANUAL").await;
        assert_eq!(errors(&refused), [("OUT_OF_STOCK", "lines.0")]);
        let message = refused["userErrors"][0]["message"].as_str().unwrap();
        assert!(message.contains("Only 1 "), "{message}");
        app.sql("UPDATE products SET status = 'ARCHIVED'").await;
        let refused = place(&client, "22.00", "MANUAL").await;
        assert_eq!(errors(&refused), [("NOT_FOR_SALE", "lines.0")]);
        nothing().await;
        for (total, field) in [("48.905", "expectedTotal"), ("-1", "expectedTotal")] {
            let refused = place(&client, total, "MANUAL").await;
            assert_ne!(errors(&refused), [], "{field}");
        }
        let (empty, _) = guest(app).await;
        let refused = place(&empty, "0", "MANUAL").await;
        assert_eq!(
            errors(&refused),
            [("BAD_USER_INPUT", ""), ("BAD_USER_INPUT", "email")]
        );
        let customer = app.customer().await;
        let refused = place(&customer, "0", "MANUAL").await;
        assert_eq!(errors(&refused), [("BAD_USER_INPUT", "")]);
        nothing().await;
    })
    .await;
}

#[tokio::test]
async fn used_up_code_is_given_back_with_the_order() {
    on_both_databases(async |app| {
        let ids = digital(app, &["pan"]).await;
        let admin = app.admin().await;
        let input = json!({"name": "Once", "code": "ONCE", "kind": "PERCENT", "percent": "100", "usageLimit": 1});
        discount(&admin, input).await;
        let enter = json!({"discountCodes": ["ONCE"]});
        let first = buyer(app, &[(&ids[0], 1)]).await;
        let second = buyer(app, &[(&ids[0], 1)]).await;
        for client in [&first, &second] {
            client.run_mutation("updateCart", enter.clone(), CART).await;
        }
        // Nothing to pay: confirmed at once, without a payment.
        let (order, _) = placed(&first, "0.00", "TEST").await;
        assert_eq!(order["status"], "CONFIRMED");
        assert_eq!(order["discounts"], json!([{"name": "Once", "code": "ONCE", "amount": {"amount": "10.00"}}]));
        assert_eq!(app.count("payments").await, 0);
        let refused = place(&second, "0.00", "TEST").await;
        assert_eq!(errors(&refused), [("TOTAL_CHANGED", "expectedTotal")]);
        let input = json!({"id": order["id"], "reason": "Out of pans"});
        let canceled = admin.run_mutation("cancelOrder", input, "order { status closedAt }").await;
        assert_eq!(canceled["order"]["status"], "CANCELED", "{canceled}");
        placed(&second, "0.00", "TEST").await;
        assert_eq!(app.sql_number("SELECT CAST(sum(reserved) AS bigint) FROM stock_levels").await, 1);
    })
    .await;
}

#[tokio::test]
async fn order_of_others_is_hidden() {
    on_both_databases(async |app| {
        let ids = digital(app, &["pan", "pot"]).await;
        let first = buyer(app, &[(&ids[0], 1)]).await;
        let second = buyer(app, &[(&ids[1], 1)]).await;
        let (order, token) = placed(&first, "10.00", "MANUAL").await;
        let (_, other) = placed(&second, "10.00", "MANUAL").await;
        let customer = app.customer().await;
        let stranger = app.signed_in("eve@shop.example", Role::Customer).await;
        let wrong = "A".repeat(43);
        let tokens = [None, Some("x"), Some(wrong.as_str()), Some(other.as_str())];
        let mut counts = Vec::new();
        for client in [&app.anonymous(), &customer, &stranger, &second] {
            for token in tokens {
                let mut found = Value::Null;
                let read = async { found = find(client, &order["id"], token).await };
                counts.push(app.record_statements(read).await.len());
                assert_eq!(found, Value::Null);
                let input = json!({"id": order["id"], "token": token});
                let refused = client
                    .run_mutation("cancelOrder", input, "order { id }")
                    .await;
                assert_eq!(errors(&refused), [("NOT_FOUND", "id")]);
            }
            let query = "query($id: ID!) { node(id: $id) { id } }";
            let node = client.data(query, json!({"id": order["id"]})).await;
            assert_eq!(node["node"], Value::Null);
        }
        for of_client in counts.chunks(tokens.len()) {
            assert!(
                of_client.iter().all(|count| *count == of_client[0]),
                "{counts:?}"
            );
        }
        assert_eq!(
            find(&app.admin().await, &order["id"], None).await["id"],
            order["id"]
        );
        // Its buyer can't cancel it any more.
        let input = json!({"id": order["id"], "token": token});
        let refused = first
            .run_mutation("cancelOrder", input, "order { id }")
            .await;
        assert_eq!(errors(&refused), [("ORDER_CLOSED", "id")]);
        let own = cart(&customer).await;
        assert_eq!(own, Value::Null);
    })
    .await;
}
