//! Concurrent changes of one cart: none is lost.

use futures_util::future::join_all;
use serde_json::json;

use super::{CART, add, cart, guest, quantities, variants};
use crate::harness::{Client, on_both_databases, on_both_databases_with};

/// Sends 50 requests at once, each of which adds a unit of one of these variants. Returns the number that succeeded.
async fn add_50(client: &Client, ids: &[String]) -> usize {
    let calls = (0..50).map(async |number: usize| {
        let input = json!({"lines": [{"variantId": ids[number % ids.len()]}]});
        let payload = client.run_mutation("addCartLines", input, CART).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
    });
    join_all(calls).await.len()
}

#[tokio::test]
async fn fifty_additions_at_once_to_one_cart_are_all_counted() {
    on_both_databases(async |app| {
        let ids = variants(app, &["pan", "pot"]).await;
        let (client, _) = guest(app).await;
        assert_eq!(add_50(&client, &ids).await, 50);
        let done = cart(&client).await;
        let mut counted = quantities(&done);
        counted.sort_unstable();
        assert_eq!(counted, [25, 25]);
        // Created with version 1.
        assert_eq!(done["version"], 51);
    })
    .await;
}

#[tokio::test]
async fn fifty_additions_at_once_of_a_customer_without_a_cart_create_one() {
    on_both_databases(async |app| {
        let ids = variants(app, &["pan", "pot"]).await;
        let customer = app.customer().await;
        assert_eq!(add_50(&customer, &ids).await, 50);
        assert_eq!(app.count("carts").await, 1);
        let done = cart(&customer).await;
        assert_eq!(done["quantity"], 50);
        assert_eq!(app.count("cart_lines").await, 2);
    })
    .await;
}

#[tokio::test]
async fn claims_and_additions_at_once_lose_nothing() {
    let settings = ["--limit-carts-client=1000/1m"];
    on_both_databases_with(&settings, async |app| {
        let ids = variants(app, &["pan", "pot"]).await;
        let customer = app.customer().await;
        for round in 0..5 {
            let (guest, token) = guest(app).await;
            // More than the customer has of it.
            add(&guest, &ids[0], 100 * (round + 1)).await;
            let claiming = customer.clone().with_cart_token(&token);
            let claims = (0..8).map(async |_| {
                let query = "mutation { claimCart { cart { id } userErrors { code } } }";
                let data = claiming.data(query, json!({})).await;
                data["claimCart"]["cart"]["id"].clone()
            });
            let additions = (0..8).map(async |_| {
                add(&customer, &ids[1], 1).await;
            });
            let (claimed, _) = tokio::join!(join_all(claims), join_all(additions));
            let own = cart(&customer).await;
            assert!(
                claimed.iter().all(|id| *id == own["id"] || id.is_null()),
                "{claimed:?}"
            );
            assert_eq!(app.count("carts").await, 1);
            let mut counted = quantities(&own);
            counted.sort_unstable();
            assert_eq!(
                counted,
                [8 * i64::from(round + 1), 100 * i64::from(round + 1)]
            );
        }
    })
    .await;
}
