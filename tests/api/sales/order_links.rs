//! `sendOrderLink`: the response never discloses whether there is such an order.

use std::time::Duration;

use serde_json::{Value, json};
use wares::core::id::TypedId;
use wares::sales::order::token::OrderToken;

use super::order_rows::{confirmed, insert_order, literal, read};
use crate::harness::{Backend, Client, on_both_databases, on_both_databases_with};

const PAGE: &str = "--order-link-url=https://shop.example/order";

async fn request(client: &Client, number: i32, email: &str) -> Value {
    let input = json!({"number": number, "email": email});
    client.run_mutation("sendOrderLink", input, "sent").await
}

#[tokio::test]
async fn a_link_is_sent_only_if_number_and_address_fit_and_the_response_is_the_same() {
    let flags = [PAGE, "--limit-codes-client=100/1m"];
    on_both_databases_with(&flags, async |app| {
        let (order, _) = confirmed(app, 1_001).await;
        // Without a number.
        insert_order(app, |order| order.email_key = "eve@home.example".to_owned()).await;
        let client = app.anonymous();
        let mut responses = Vec::new();
        for (number, email, is_sent) in [
            (1_001, "ANN@home.example", true),
            (1_001, "eve@home.example", false),
            (1_002, "other@home.example", false),
            (-1, "third@home.example", false),
            (0, "fourth@home.example", false),
        ] {
            responses.push(request(&client, number, email).await);
            // A job was queued in any case.
            assert_eq!(app.count("outbox").await, 1, "{number} {email}");
            let emails = app.emails().await;
            assert_eq!(emails.len(), usize::from(is_sent), "{number} {email}");
            for email in emails {
                // To the address of the order, not as typed.
                assert_eq!(email.to, "Ann@home.example");
                assert_eq!(email.subject, "The link to your order 1001 at Wares");
                let token = OrderToken::derive(&app.state.keys, order.id).0;
                let (id, token) = (order.id.encode(), token.expose().to_owned());
                let link = format!("https://shop.example/order#id={id}&token={token}");
                assert!(email.text().ends_with(&link), "{}", email.text());
            }
        }
        assert!(responses.iter().all(|response| *response == responses[0]));
        assert_eq!(responses[0]["sent"], true);
    })
    .await;
}

#[tokio::test]
async fn links_are_limited_for_each_address_and_each_client() {
    on_both_databases_with(&[PAGE], async |app| {
        let client = app.anonymous();
        let input = |email: &str| json!({"number": 1, "email": email});
        let limited = async |email: &str| {
            let response = client.mutate("sendOrderLink", input(email), "sent").await;
            let code = &response.json["errors"][0]["extensions"]["code"];
            assert!(
                code.is_null() || code == "RATE_LIMITED",
                "{}",
                response.json
            );
            !code.is_null()
        };
        assert!(!limited("ann@home.example").await);
        assert!(limited("Ann@home.example").await);
        app.advance(Duration::from_secs(61));
        for number in 0..5 {
            assert!(!limited(&format!("a{number}@home.example")).await);
        }
        assert!(limited("a5@home.example").await);
    })
    .await;
}

#[tokio::test]
async fn a_wrong_address_and_a_missing_page_are_user_errors() {
    on_both_databases(async |app| {
        let client = app.anonymous();
        for (email, code) in [
            ("no address", "BAD_USER_INPUT"),
            ("a@b.example", "NOT_CONFIGURED"),
        ] {
            let payload = request(&client, 1, email).await;
            assert_eq!(payload["userErrors"][0]["code"], code);
            assert_eq!(payload["sent"], false);
        }
        assert_eq!(app.count("outbox").await, 0);
    })
    .await;
}

/// After the secret that a token was derived from is no longer configured.
#[tokio::test]
async fn a_link_has_a_new_token_if_the_key_of_the_stored_one_is_gone() {
    on_both_databases_with(&[PAGE], async |app| {
        let (order, _) = confirmed(app, 1_001).await;
        let other = literal(app, order.cart_id);
        let bytes = match app.backend {
            Backend::Sqlite => other,
            Backend::Postgres => "'\\x00'".to_owned(),
        };
        app.sql(&format!("UPDATE orders SET token_hash = {bytes}"))
            .await;
        request(&app.anonymous(), 1_001, "ann@home.example").await;
        let text = app.emails().await[0].text();
        let token = text.rsplit_once("&token=").unwrap().1.to_owned();
        let stored = read(app, &order).await;
        assert!(OrderToken::matches(&app.state.keys, &stored, &token.into()));
    })
    .await;
}
