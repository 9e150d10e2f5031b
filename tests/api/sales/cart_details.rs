//! `updateCart`: contact, addresses, note and version.

use serde_json::{Value, json};

use super::{errors, guest};
use crate::harness::on_both_databases;

const DETAILS: &str = "cart { version email phone note locale shippingAddress { name company street1 street2 city region postalCode country phone vatId }
    billingAddress { name country } }";

fn address() -> Value {
    json!({"name": "Ann Lee", "street1": "Main Street 1", "city": "Berlin", "postalCode": "10115", "country": "DE"})
}

#[tokio::test]
async fn absent_fields_stay_and_null_clears() {
    on_both_databases(async |app| {
        let (client, _) = guest(app).await;
        let mut full = address();
        full["company"] = json!(" Lee & Sons ");
        full["street2"] = json!("  ");
        full["phone"] = json!("+49 30 123456");
        full["vatId"] = json!("de 123.456.789");
        let input = json!({"email": "Ann@Shop.Example", "phone": "030/123456", "note": " Ring\r\ntwice ", "locale": "pt-BR",
            "shippingAddress": full, "billingAddress": {"name": "Bea", "street1": "X", "city": "Wien", "postalCode": "1010", "country": "at"}});
        let payload = client.run_mutation("updateCart", input, DETAILS).await;
        assert_eq!(payload["userErrors"], json!([]));
        let saved = payload["cart"].clone();
        assert_eq!(
            saved,
            json!({"version": 2, "email": "Ann@Shop.Example", "phone": "030/123456", "note": "Ring\ntwice", "locale": "pt-BR",
                "shippingAddress": {"name": "Ann Lee", "company": "Lee & Sons", "street1": "Main Street 1", "street2": null,
                    "city": "Berlin", "region": null, "postalCode": "10115", "country": "DE", "phone": "+49 30 123456", "vatId": "DE123456789"},
                "billingAddress": {"name": "Bea", "country": "AT"}})
        );
        // Nothing to change.
        let payload = client.run_mutation("updateCart", json!({}), DETAILS).await;
        assert_eq!(payload["cart"], saved);
        let input = json!({"note": "", "billingAddress": null, "phone": null, "expectedVersion": 2});
        let payload = client.run_mutation("updateCart", input, DETAILS).await;
        let cart = &payload["cart"];
        assert_eq!((&cart["note"], &cart["billingAddress"], &cart["phone"]), (&Value::Null, &Value::Null, &Value::Null));
        assert_eq!((&cart["email"], &cart["version"]), (&saved["email"], &json!(3)));

        let stale = json!({"note": "Late", "expectedVersion": 2});
        let select = format!("{DETAILS} userErrors {{ currentVersion }}");
        let payload = client.run_mutation("updateCart", stale, &select).await;
        assert_eq!(errors(&payload), [("CONFLICT", "expectedVersion")]);
        assert_eq!(payload["userErrors"][0]["currentVersion"], 3);
    })
    .await;
}

#[tokio::test]
async fn a_customer_without_a_cart_gets_one() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        let payload = customer
            .run_mutation("updateCart", json!({"note": "Hello"}), DETAILS)
            .await;
        assert_eq!(payload["cart"]["note"], "Hello");
        assert_eq!(app.count("carts").await, 1);
    })
    .await;
}

#[tokio::test]
async fn invalid_details_are_refused_by_field() {
    on_both_databases(async |app| {
        let (client, _) = guest(app).await;
        let long = "x".repeat(2_001);
        for (input, field) in [
            (json!({"email": "ann"}), "email"),
            (json!({"email": ""}), "email"),
            (
                json!({"email": "ann@shop.example\r\nBcc: all@shop.example"}),
                "email",
            ),
            (json!({"phone": "call me"}), "phone"),
            (json!({"phone": "12"}), "phone"),
            (json!({"phone": "1".repeat(31)}), "phone"),
            (json!({"phone": "+49 30 12\n34"}), "phone"),
            (json!({"note": long}), "note"),
            (json!({"note": "x\0"}), "note"),
            (json!({"locale": "german!"}), "locale"),
            (json!({"locale": ""}), "locale"),
            (json!({"locale": "de-"}), "locale"),
            (
                json!({"locale": format!("de{}", "-x".repeat(20))}),
                "locale",
            ),
        ] {
            let payload = client
                .run_mutation("updateCart", input.clone(), DETAILS)
                .await;
            assert_eq!(errors(&payload), [("BAD_USER_INPUT", field)], "{input}");
            assert_eq!(payload["cart"], Value::Null);
        }
        let mut bad = address();
        bad["postalCode"] = json!("SW1A 1AA");
        bad["name"] = json!("<b>Ann</b>");
        let input = json!({"email": "x", "shippingAddress": bad, "billingAddress": bad});
        let payload = client.run_mutation("updateCart", input, DETAILS).await;
        let fields: Vec<_> = errors(&payload)
            .into_iter()
            .map(|(_, field)| field)
            .collect();
        assert_eq!(
            fields,
            [
                "email",
                "shippingAddress.name",
                "shippingAddress.postalCode",
                "billingAddress.name",
                "billingAddress.postalCode"
            ]
        );
        let version = client.data("{ cart { version } }", json!({})).await;
        assert_eq!(version["cart"]["version"], 1);
    })
    .await;
}
