//! Address books of users.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use wares::accounts::user::Role;

use super::errors;
use crate::harness::{Client, PASSWORD, on_both_databases};

const ADDRESS: &str = "address { id name company street1 city region postalCode country phone vatId defaultShipping defaultBilling }";

fn berlin() -> Value {
    json!({"name": "Ann Lee", "street1": "Main Street 1", "city": "Berlin", "postalCode": "10115", "country": "DE"})
}

/// Adds an address with these changes.
async fn create(client: &Client, changes: Value) -> Value {
    let mut input = berlin();
    for (name, value) in changes.as_object().unwrap() {
        input[name] = value.clone();
    }
    client.run_mutation("createAddress", input, ADDRESS).await
}

async fn addresses(client: &Client) -> Vec<Value> {
    let query = "{ me { addresses { id name defaultShipping defaultBilling } } }";
    let data = client.data(query, json!({})).await;
    data["me"]["addresses"].as_array().unwrap().clone()
}

#[tokio::test]
async fn addresses_are_added_changed_and_deleted() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        assert_eq!(addresses(&customer).await, Vec::<Value>::new());
        let payload = create(&customer, json!({"phone": "+49 30 123456"})).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        let home = payload["address"].clone();
        assert_eq!((&home["defaultShipping"], &home["region"]), (&json!(false), &Value::Null));

        // A change of the country alone does not fit the postal code.
        let input = json!({"id": home["id"], "country": "AT"});
        let payload = customer.run_mutation("updateAddress", input, ADDRESS).await;
        assert_eq!(errors(&payload), [("BAD_USER_INPUT", "postalCode")]);
        let input = json!({"id": home["id"], "country": "AT", "postalCode": "1010", "city": "Wien", "phone": null});
        let payload = customer.run_mutation("updateAddress", input, ADDRESS).await;
        let moved = &payload["address"];
        assert_eq!((&moved["id"], &moved["city"], &moved["phone"]), (&home["id"], &json!("Wien"), &Value::Null));
        assert_eq!(moved["name"], "Ann Lee");

        let query = "query($id: ID!) { node(id: $id) { id ... on Address { city country } } }";
        let data = customer.data(query, json!({"id": home["id"]})).await;
        assert_eq!(data["node"], json!({"id": home["id"], "city": "Wien", "country": "AT"}));

        let input = json!({"id": home["id"]});
        let select = format!("addressId {ADDRESS}");
        let payload = customer.run_mutation("deleteAddress", input.clone(), &select).await;
        assert_eq!((&payload["addressId"], &payload["address"]["city"]), (&home["id"], &json!("Wien")));
        let payload = customer.run_mutation("deleteAddress", input, &select).await;
        assert_eq!(errors(&payload), [("NOT_FOUND", "id")]);
        assert_eq!(app.count("addresses").await, 0);
    })
    .await;
}

#[tokio::test]
async fn one_address_is_the_default_of_each_kind() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        let both = json!({"name": "A", "defaultShipping": true, "defaultBilling": true});
        let first = create(&customer, both).await["address"]["id"].clone();
        app.advance(Duration::from_secs(1));
        let second = create(&customer, json!({"name": "B", "defaultShipping": true})).await;
        let defaults = async || -> Vec<(Value, Value, Value)> {
            let all = addresses(&customer).await.into_iter();
            let of = |one: Value| {
                (
                    one["name"].clone(),
                    one["defaultShipping"].clone(),
                    one["defaultBilling"].clone(),
                )
            };
            all.map(of).collect()
        };
        let row = |name: &str, shipping: bool, billing: bool| {
            (json!(name), json!(shipping), json!(billing))
        };
        assert_eq!(
            defaults().await,
            [row("A", false, true), row("B", true, false)]
        );
        let input = json!({"id": first, "defaultShipping": true});
        customer
            .run_mutation("updateAddress", input, "address { id }")
            .await;
        assert_eq!(
            defaults().await,
            [row("A", true, true), row("B", false, false)]
        );
        let input = json!({"id": first, "defaultShipping": false});
        customer
            .run_mutation("updateAddress", input, "address { id }")
            .await;
        assert_eq!(
            defaults().await,
            [row("A", false, true), row("B", false, false)]
        );

        // At once: one remains.
        let calls = (0..10).map(async |_| {
            let payload = create(
                &customer,
                json!({"defaultShipping": true, "defaultBilling": true}),
            )
            .await;
            assert_eq!(payload["userErrors"], json!([]));
        });
        join_all(calls).await;
        for kind in ["shipping", "billing"] {
            let sql = format!("SELECT count(*) FROM addresses WHERE default_{kind}");
            assert_eq!(app.sql_number(&sql).await, 1);
        }
        assert!(second["address"]["defaultShipping"].as_bool().unwrap());
    })
    .await;
}

#[tokio::test]
async fn an_address_book_has_at_most_50_addresses() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        let calls = (0..55).map(async |_| create(&customer, json!({})).await);
        let payloads = join_all(calls).await;
        let refused = payloads
            .iter()
            .filter(|payload| payload["address"].is_null());
        assert_eq!(refused.clone().count(), 5);
        for payload in refused {
            assert_eq!(errors(payload), [("CONFLICT", "")]);
        }
        assert_eq!(addresses(&customer).await.len(), 50);
    })
    .await;
}

#[tokio::test]
async fn invalid_addresses_are_refused_by_field() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        let long = "x".repeat(10_240);
        for (changes, field) in [
            (json!({"name": "<b>Ann</b>"}), "name"),
            (json!({"street1": "Main Street\r\nBcc: all@shop.example"}), "street1"),
            (json!({"city": "\u{202e}nilreB"}), "city"),
            (json!({"company": long}), "company"),
            (json!({"country": "XX"}), "country"),
            (json!({"country": "Germany"}), "country"),
            (json!({"country": ""}), "country"),
            (json!({"postalCode": "SW1A 1AA"}), "postalCode"),
            (json!({"postalCode": null}), "postalCode"),
            (json!({"city": " "}), "city"),
            (json!({"phone": "call me"}), "phone"),
            (json!({"vatId": "<x>"}), "vatId"),
            (json!({"vatId": "DE"}), "vatId"),
            (json!({"country": "US", "postalCode": "94103"}), "region"),
        ] {
            let payload = create(&customer, changes.clone()).await;
            assert_eq!(errors(&payload), [("BAD_USER_INPUT", field)], "{changes:.80}");
        }
        assert_eq!(app.count("addresses").await, 0);
        // All fields at once.
        let payload = create(&customer, json!({"name": "", "city": "<", "phone": "x"})).await;
        assert_eq!(errors(&payload).len(), 3);
        let response = customer.send("mutation { createAddress(input: {name: \"x\", street1: \"x\", country: 49}) { address { id } } }", json!({})).await;
        assert_eq!(response.code(), "BAD_USER_INPUT", "{}", response.text);
    })
    .await;
}

#[tokio::test]
async fn anothers_address_is_answered_like_an_unknown_one() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        let bob = app.signed_in("bob@shop.example", Role::Customer).await;
        let (guest, _) = super::guest(app).await;
        let admin = app.admin().await;
        let id = create(&customer, json!({})).await["address"]["id"].clone();
        let unknown = json!("addr_00000000000000000000000000");
        let query = "query($id: ID!) { node(id: $id) { id } }";
        for (client, sees) in [
            (&bob, false),
            (&guest, false),
            (&app.anonymous(), false),
            (&customer, true),
            (&admin, true),
        ] {
            let found = client.send(query, json!({"id": id})).await;
            let nothing = client.send(query, json!({"id": unknown})).await;
            assert_eq!(found.text != nothing.text, sees);
        }
        for (name, select) in [
            ("updateAddress", "address { id }"),
            ("deleteAddress", "addressId"),
        ] {
            let mut answers = Vec::new();
            for id in [&id, &unknown] {
                answers.push(bob.mutate(name, json!({"id": id}), select).await.text);
            }
            assert_eq!(answers[0], answers[1]);
            assert!(answers[0].contains("NOT_FOUND"));
            for id in ["x", "user_00000000000000000000000000"] {
                let payload = bob.run_mutation(name, json!({"id": id}), select).await;
                assert_eq!(errors(&payload), [("BAD_USER_INPUT", "id")]);
            }
        }
        assert_eq!(addresses(&customer).await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn addresses_are_deleted_with_the_account() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        create(&customer, json!({})).await;
        let input = json!({"password": PASSWORD});
        customer.run_mutation("deleteMe", input, "userId").await;
        assert_eq!(app.count("addresses").await, 0);
        assert_eq!(app.count("users").await, 0);
    })
    .await;
}
