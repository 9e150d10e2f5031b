//! Access to carts: only the token, or the session of the owner, opens a cart.

use serde_json::{Value, json};
use wares::accounts::user::Role;

use super::{CART, UNKNOWN_TOKEN, add, cart, guest, quantities, variants};
use crate::harness::{Client, on_both_databases};

const NODE: &str =
    "query($id: ID!) { node(id: $id) { id ... on Cart { quantity } } nodes(ids: [$id]) { id } }";

/// Returns the response to a lookup of a cart by its id.
async fn look_up(client: &Client, id: &Value) -> String {
    client.send(NODE, json!({"id": id})).await.text
}

#[tokio::test]
async fn the_id_of_anothers_cart_is_answered_like_an_unknown_one() {
    on_both_databases(async |app| {
        let ids = variants(app, &["pan"]).await;
        let (guest_client, _) = guest(app).await;
        let (other_guest, _) = guest(app).await;
        let customer = app.customer().await;
        let bob = app.signed_in("bob@shop.example", Role::Customer).await;
        let admin = app.admin().await;
        let of_guest = add(&guest_client, &ids[0], 1).await["id"].clone();
        let of_customer = add(&customer, &ids[0], 1).await["id"].clone();
        add(&bob, &ids[0], 1).await;
        let unknown = json!("cart_00000000000000000000000000");
        let strangers = [
            app.anonymous(),
            app.anonymous().with_cart_token(UNKNOWN_TOKEN),
            other_guest,
            bob,
            admin,
        ];
        for stranger in &strangers {
            let nothing = look_up(stranger, &unknown).await;
            assert_eq!(nothing, r#"{"data":{"node":null,"nodes":[null]}}"#);
            assert_eq!(look_up(stranger, &of_guest).await, nothing);
            assert_eq!(look_up(stranger, &of_customer).await, nothing);
            // The same statements, so that the time is the same.
            let mut executed = Vec::new();
            for id in [&unknown, &of_guest, &of_customer] {
                let look_up = async { _ = look_up(stranger, id).await };
                let statements = app.record_statements(look_up).await;
                executed.push(
                    statements
                        .into_iter()
                        .map(|one| one.sql)
                        .collect::<Vec<_>>(),
                );
            }
            assert!(
                executed.iter().all(|one| *one == executed[0]),
                "{executed:?}"
            );
        }
        for (owner, id) in [(&guest_client, &of_guest), (&customer, &of_customer)] {
            let data = owner.data(NODE, json!({"id": id})).await;
            assert_eq!(data["node"], json!({"id": id, "quantity": 1}));
        }
    })
    .await;
}

#[tokio::test]
async fn invalid_tokens_are_refused_alike_and_change_nothing() {
    on_both_databases(async |app| {
        let ids = variants(app, &["pan"]).await;
        let (_, token) = guest(app).await;
        let mut changed = token.clone();
        changed.replace_range(..1, if token.starts_with('A') { "B" } else { "A" });
        let long = "A".repeat(60_000);
        let padded = format!("{token}=");
        let refused = app
            .anonymous()
            .send(&format!("{{ {CART} }}"), json!({}))
            .await;
        assert_eq!(refused.code(), "UNAUTHENTICATED");
        for invalid in [
            UNKNOWN_TOKEN,
            &changed,
            "x",
            "cart_x",
            "' OR 1=1",
            &long,
            &padded,
            "null",
            "",
        ] {
            let client = app.anonymous().with_cart_token(invalid);
            let response = client.send(&format!("{{ {CART} }}"), json!({})).await;
            assert_eq!(
                (response.status, &response.text),
                (refused.status, &refused.text)
            );
            let input = json!({"lines": [{"variantId": ids[0]}]});
            let response = client.mutate("addCartLines", input, CART).await;
            assert_eq!(
                (response.status.as_u16(), response.code()),
                (200, "UNAUTHENTICATED")
            );
            assert_eq!(response.json["data"], json!({"addCartLines": null}));
        }
        assert_eq!(app.count("cart_lines").await, 0);
        // Public fields ignore an invalid token.
        let client = app.anonymous().with_cart_token(UNKNOWN_TOKEN);
        let data = client
            .data("{ product(slug: \"pan\") { name } }", json!({}))
            .await;
        assert_eq!(data["product"]["name"], "pan");
        let mixed = client
            .send("{ cart { id } product(slug: \"pan\") { name } }", json!({}))
            .await;
        assert_eq!(
            mixed.json["data"],
            json!({"cart": null, "product": {"name": "pan"}})
        );
        assert_eq!(mixed.code(), "UNAUTHENTICATED");
    })
    .await;
}

#[tokio::test]
async fn the_session_takes_precedence_over_the_token() {
    on_both_databases(async |app| {
        let ids = variants(app, &["pan"]).await;
        let (guest, token) = guest(app).await;
        add(&guest, &ids[0], 7).await;
        let customer = app.customer().await.with_cart_token(&token);
        assert_eq!(cart(&customer).await, Value::Null);
        assert_eq!(quantities(&add(&customer, &ids[0], 1).await), [1]);
        assert_eq!(quantities(&cart(&guest).await), [7]);
        // An expired session is refused, whatever token is sent along.
        let signed_out = customer.with_token("expired");
        let response = signed_out.send("{ cart { id } }", json!({})).await;
        response.assert_refused(401, "UNAUTHENTICATED");
    })
    .await;
}

#[tokio::test]
async fn tokens_are_stored_as_keyed_hashes() {
    on_both_databases(async |app| {
        let (_, token) = guest(app).await;
        let bytes = base64_bytes(&token);
        let hash = app.state.keys.signing.cart_mac(&bytes);
        let hex = |bytes: &[u8]| {
            let digits = bytes.iter().map(|byte| format!("{byte:02X}"));
            digits.collect::<Vec<_>>().concat()
        };
        let column = match app.backend {
            crate::harness::Backend::Sqlite => "hex(token_hash)",
            crate::harness::Backend::Postgres => "upper(encode(token_hash, 'hex'))",
        };
        let sql = |value: &str| format!("SELECT count(*) FROM carts WHERE {column} = '{value}'");
        assert_eq!(app.sql_number(&sql(&hex(&hash))).await, 1);
        assert_eq!(app.sql_number(&sql(&hex(&bytes))).await, 0);
    })
    .await;
}

fn base64_bytes(text: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(text)
        .unwrap()
}

#[tokio::test]
async fn a_cart_has_exactly_one_owner() {
    on_both_databases(async |app| {
        guest(app).await;
        let customer = app.customer().await;
        let ids = variants(app, &["pan"]).await;
        add(&customer, &ids[0], 1).await;
        for sql in [
            "UPDATE carts SET token_hash = NULL WHERE user_id IS NULL",
            "UPDATE carts SET user_id = (SELECT id FROM users) WHERE user_id IS NULL",
            "UPDATE cart_lines SET quantity = 0",
            "UPDATE cart_lines SET quantity = 10001",
            "UPDATE carts SET line_count = 101",
        ] {
            let transaction = app.state.db.begin().await.unwrap();
            let done = sea_orm::ConnectionTrait::execute_unprepared(&transaction, sql).await;
            assert!(done.is_err(), "{sql}");
        }
    })
    .await;
}
