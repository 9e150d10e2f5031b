//! Carts and the rules of requests: rate limit, cost, caching, idempotency keys.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{CART, add, cart, guest, quantities, variants};
use crate::harness::cached_responses::assert_stays_cached;
use crate::harness::{Client, JSON, on_both_databases, on_both_databases_with};

#[tokio::test]
async fn createcart_is_limited_for_each_client() {
    on_both_databases_with(&["--limit-carts-client=3/1m"], async |app| {
        let client = app.anonymous();
        let create = async || client.mutate("createCart", json!({}), "cart { id }").await;
        for _ in 0..3 {
            assert!(create().await.json["data"]["createCart"]["cart"].is_object());
        }
        let refused = create().await;
        assert_eq!(refused.code(), "RATE_LIMITED");
        assert_eq!(app.count("carts").await, 3);
        guest(app).await;
        app.advance(Duration::from_secs(20));
        assert!(create().await.json["data"]["createCart"]["cart"].is_object());
        // Two in one request would be two guesses of a limit.
        let query = "mutation { a: createCart(input: {}) { cart { id } } b: createCart(input: {}) { cart { id } } }";
        let two = app.anonymous().send(query, json!({})).await;
        assert_eq!(two.json["data"], Value::Null, "{}", two.text);
    })
    .await;
}

#[tokio::test]
async fn several_mutations_of_a_cart_fit_into_one_request() {
    on_both_databases(async |app| {
        let ids = variants(app, &["pan"]).await;
        let (client, _) = guest(app).await;
        let line = format!("input: {{lines: [{{variantId: \"{}\"}}]}}", ids[0]);
        let query = format!(
            "mutation {{ a: addCartLines({line}) {{ cart {{ quantity }} }} b: addCartLines({line}) {{ cart {{ quantity }} }} }}"
        );
        let data = client.data(&query, json!({})).await;
        assert_eq!(data["b"]["cart"]["quantity"], 2);
    })
    .await;
}

#[tokio::test]
async fn lines_cost_as_much_as_twenty() {
    on_both_databases_with(&["--query-max-cost=100"], async |app| {
        let (client, _) = guest(app).await;
        // 1 for the cart, and 20 times 4.
        let query = "{ cart { lines { variant { product { category { id } } } } } }";
        client.data(query, json!({})).await;
        let query = "{ cart { lines { variant { product { category { parent { id } } } } } } }";
        let refused = client.send(query, json!({})).await;
        assert_eq!(refused.code(), "QUERY_LIMIT_EXCEEDED", "{}", refused.text);
    })
    .await;
}

#[tokio::test]
async fn catalog_queries_with_a_cart_token_are_answered_from_the_cache_and_carts_never() {
    on_both_databases(async |app| {
        let ids = variants(app, &["pan"]).await;
        app.start_change_watcher();
        let query = "{ product(slug: \"pan\") { name price { amount } } }";
        let (client, _) = guest(app).await;
        let (other, _) = guest(app).await;
        add(&other, &ids[0], 9).await;
        for reader in [&client, &app.anonymous()] {
            let ask = async || reader.send(query, json!({})).await;
            let change = async || _ = add(&client, &ids[0], 1).await;
            assert_stays_cached(app, ask, change).await;
        }

        let mut own = Vec::new();
        for client in [&client, &other] {
            own.push((client, quantities(&cart(client).await)));
        }
        assert_eq!(own[1].1, [9]);
        assert_ne!(own[0].1, own[1].1);
        for _ in 0..3 {
            let reads = join_all(
                own.iter()
                    .map(async |(client, _)| quantities(&cart(client).await)),
            );
            let expected: Vec<_> = own
                .iter()
                .map(|(_, quantities)| quantities.clone())
                .collect();
            assert_eq!(reads.await, expected);
        }
        let both = "{ cart { quantity } product(slug: \"pan\") { name } }";
        for (client, quantities) in &own {
            let data = client.data(both, json!({})).await;
            assert_eq!(data["cart"]["quantity"], quantities[0]);
        }
    })
    .await;
}

#[tokio::test]
async fn idempotency_keys_work_for_guests() {
    on_both_databases(async |app| {
        let ids = variants(app, &["pan"]).await;
        let (client, _) = guest(app).await;
        let (other, _) = guest(app).await;
        let query = format!("mutation($input: AddCartLinesInput!) {{ addCartLines(input: $input) {{ {CART} userErrors {{ code }} }} }}");
        let body = json!({"query": query, "variables": {"input": {"lines": [{"variantId": ids[0]}]}}}).to_string();
        let headers = [JSON, ("idempotency-key", "add-1")];
        let send = async |client: &Client| client.post_with(&headers, body.clone()).await;
        let first = send(&client).await;
        assert_eq!(first.header("idempotency-replayed"), "false");
        let again = send(&client).await;
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(again.text, first.text);
        assert_eq!(quantities(&cart(&client).await), [1]);
        // The key belongs to the cart.
        let others = send(&other).await;
        assert_eq!(others.header("idempotency-replayed"), "false");
        assert_eq!(quantities(&cart(&other).await), [1]);
        // A response with a secret is not stored.
        let create = json!({"query": "mutation { createCart(input: {}) { cartToken } }"}).to_string();
        let created = app.anonymous().post_with(&headers, create).await;
        assert_eq!(created.header("idempotency-replayed"), "");
    })
    .await;
}

#[tokio::test]
async fn a_full_cart_fits_into_a_stored_response() {
    on_both_databases(async |app| {
        let ids = variants(app, &["pan"]).await;
        let (client, _) = guest(app).await;
        let lines: Vec<_> = (0..100)
            .map(|number| {
                let attributes = json!([{"name": "Text", "value": format!("{number}{}", "x".repeat(50))}]);
                json!({"variantId": ids[0], "attributes": attributes})
            })
            .collect();
        let select = "cart { lines { id quantity attributes { name value } seenPrice { amount currency } variant { id sku price { amount currency } product { id name slug } } } }";
        let query = format!("mutation($input: AddCartLinesInput!) {{ addCartLines(input: $input) {{ {select} userErrors {{ code }} }} }}");
        let body = json!({"query": query, "variables": {"input": {"lines": lines}}}).to_string();
        let headers = [JSON, ("idempotency-key", "add-1")];
        let first = client.post_with(&headers, body.clone()).await;
        assert!((17_000..64_000).contains(&first.text.len()), "{}", first.text.len());
        let again = client.post_with(&headers, body).await;
        assert_eq!(again.text, first.text);
    })
    .await;
}
