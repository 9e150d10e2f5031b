//! User management by admins.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use wares::accounts::user::Role;

use crate::harness::{App, Client, PASSWORD, on_both_databases};

async fn id_of(admin: &Client, email: &str) -> Value {
    let query = "query($search: String!) { users(search: $search) { nodes { id email } } }";
    let data = admin.data(query, json!({"search": email})).await;
    let nodes = data["users"]["nodes"].as_array().unwrap();
    nodes.iter().find(|user| user["email"] == email).unwrap()["id"].clone()
}

fn emails(data: &Value) -> Vec<&str> {
    let nodes = data["users"]["nodes"].as_array().unwrap();
    nodes
        .iter()
        .map(|user| user["email"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn users_are_found_by_name_address_and_state() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        for (email, name) in [
            ("zoe@shop.example", "Éva Müller"),
            ("a_b%c@shop.example", "Bert"),
            ("new@shop.example", "Carl"),
            ("shut@shop.example", "Dora"),
        ] {
            app.advance(Duration::from_secs(1));
            app.user(email, Role::Customer).await;
            let input = json!({"id": id_of(&admin, email).await, "name": name});
            admin.run_mutation("updateUser", input, "").await;
        }
        app.sql("UPDATE users SET disabled_at = 1 WHERE email = 'shut@shop.example'")
            .await;
        for (arguments, expected) in [
            ("search: \"eva m\"", vec!["zoe@shop.example"]),
            ("search: \"ZOE@\"", vec!["zoe@shop.example"]),
            ("search: \"_\"", vec!["a_b%c@shop.example"]),
            ("search: \"b%c\"", vec!["a_b%c@shop.example"]),
            ("search: \"\\\\\"", vec![]),
            ("search: \"' OR 1=1\"", vec![]),
            ("filter: {role: ADMIN}", vec!["admin@shop.example"]),
            ("filter: {disabled: true}", vec!["shut@shop.example"]),
            (
                "search: \"  \", filter: {role: CUSTOMER, disabled: false}",
                vec!["zoe@shop.example", "a_b%c@shop.example", "new@shop.example"],
            ),
            (
                "filter: {createdAt: {gte: \"2026-01-01T00:00:03Z\"}}",
                vec!["new@shop.example", "shut@shop.example"],
            ),
            (
                "sort: {field: NAME}, first: 2",
                vec!["a_b%c@shop.example", "new@shop.example"],
            ),
            (
                "sort: {field: EMAIL, direction: DESC}, first: 2",
                vec!["zoe@shop.example", "shut@shop.example"],
            ),
            (
                "sort: {field: CREATED_AT, direction: DESC}, first: 1",
                vec!["shut@shop.example"],
            ),
        ] {
            let query = format!("{{ users({arguments}) {{ totalCount nodes {{ email }} }} }}");
            let data = admin.data(&query, json!({})).await;
            assert_eq!(emails(&data), expected, "{arguments}");
        }
        for pasted in [
            "zoe@shop\n",
            "\tzoe@shop",
            "zoe@shop\r\n",
            "zoe@shop\u{85}",
            "zoe@shop\u{a0}",
        ] {
            let query = "query($search: String!) { users(search: $search) { totalCount } }";
            let data = admin.data(query, json!({ "search": pasted })).await;
            assert_eq!(data["users"]["totalCount"], 1, "{pasted:?}");
        }
        let long = format!(
            "{{ users(search: \"{}\") {{ totalCount }} }}",
            "x".repeat(101)
        );
        let response = admin.send(&long, json!({})).await;
        assert_eq!(
            (response.code(), response.field()),
            ("BAD_USER_INPUT", "search")
        );
    })
    .await;
}

#[tokio::test]
async fn invited_users_are_found_by_their_unverified_address() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        // Every minute one: invited customers and admins, and verified ones.
        for number in 0..8 {
            app.advance(Duration::from_mins(1));
            let (email, role) = (format!("u{number}@shop.example"), number % 4 / 2);
            if number % 2 == 0 {
                let role = ["CUSTOMER", "ADMIN"][role];
                let input = json!({"email": email, "name": "Some Body", "role": role});
                admin.run_mutation("inviteUser", input, "").await;
            } else {
                let role = [Role::Customer, Role::Admin][role];
                app.user(&email, role).await;
            }
        }
        app.sql("UPDATE users SET disabled_at = 1 WHERE email IN ('u0@shop.example', 'u3@shop.example')")
            .await;
        let since = "createdAt: {gte: \"2026-01-01T00:03:00Z\"}";
        let until = "createdAt: {gte: \"2026-01-01T00:01:00Z\", lte: \"2026-01-01T00:05:00Z\"}";
        for (filter, expected) in [
            ("emailVerified: false".to_owned(), vec![0, 2, 4, 6]),
            ("emailVerified: false, role: ADMIN".to_owned(), vec![2, 6]),
            ("emailVerified: false, role: CUSTOMER, disabled: false".to_owned(), vec![4]),
            ("emailVerified: false, disabled: true".to_owned(), vec![0]),
            (format!("emailVerified: false, {since}"), vec![2, 4, 6]),
            (format!("emailVerified: false, {until}"), vec![0, 2, 4]),
            (format!("emailVerified: true, {until}"), vec![1, 3]),
            ("emailVerified: true, role: ADMIN, disabled: false, createdAt: {gte: \"2026-01-01T00:00:01Z\"}".to_owned(), vec![7]),
            ("emailVerified: null, role: ADMIN, createdAt: {lte: \"2026-01-01T00:05:00Z\"}, disabled: false".to_owned(), vec![-1, 2]),
        ] {
            let expected: Vec<_> = expected
                .iter()
                .map(|number| match number {
                    -1 => "admin@shop.example".to_owned(),
                    number => format!("u{number}@shop.example"),
                })
                .collect();
            for (field, from_end) in [("CREATED_AT", false), ("CREATED_AT", true), ("EMAIL", false), ("NAME", true)] {
                let mut seen = Vec::new();
                let mut cursor = Value::Null;
                loop {
                    let (size, at, edge) = if from_end { ("last", "before", "startCursor") } else { ("first", "after", "endCursor") };
                    let query = format!(
                        "query($at: String) {{ users({size}: 2, {at}: $at, search: \"SHOP\", filter: {{{filter}}}, sort: {{field: {field}}}) {{
                            totalCount nodes {{ email emailVerified }} pageInfo {{ hasNextPage hasPreviousPage {edge} }} }} }}"
                    );
                    let data = admin.data(&query, json!({"at": cursor})).await;
                    let users = &data["users"];
                    assert_eq!(users["totalCount"], expected.len(), "{filter}");
                    let page = emails(&data).into_iter().map(ToOwned::to_owned);
                    if from_end {
                        seen.splice(0..0, page);
                    } else {
                        seen.extend(page);
                    }
                    let more = if from_end { "hasPreviousPage" } else { "hasNextPage" };
                    if users["pageInfo"][more] == false {
                        break;
                    }
                    cursor = users["pageInfo"][edge].clone();
                }
                assert_eq!(seen, expected, "{filter} {field} {from_end}");
            }
        }
        for (filter, field) in [
            ("createdAt: {gte: \"2026-01-02T00:00:00Z\", lte: \"2026-01-01T00:00:00Z\"}", "filter.createdAt"),
            ("createdAt: {gte: \"yesterday\"}", "filter.createdAt.gte"),
        ] {
            let query = format!("{{ users(filter: {{{filter}}}) {{ totalCount }} }}");
            let response = admin.send(&query, json!({})).await;
            assert_eq!((response.code(), response.field()), ("BAD_USER_INPUT", field));
        }
        for filter in ["role: OWNER", "emailVerified: \"yes\"", "verified: true"] {
            let query = format!("{{ users(filter: {{{filter}}}) {{ totalCount }} }}");
            assert_eq!(admin.send(&query, json!({})).await.code(), "GRAPHQL_VALIDATION_FAILED");
        }
    })
    .await;
}

#[tokio::test]
async fn the_list_of_users_is_paged_both_ways_in_every_order() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let long = format!("{}@{}.example", "l".repeat(64), "d.".repeat(80).trim_end_matches('.'));
        for number in 0..9 {
            app.user(&format!("u{number}@shop.example"), Role::Customer).await;
        }
        app.user(&long, Role::Customer).await;
        for sort in ["NAME", "EMAIL", "CREATED_AT"] {
            let mut seen = Vec::new();
            let mut after = Value::Null;
            loop {
                let query = format!(
                    "query($after: String) {{ users(first: 4, after: $after, sort: {{field: {sort}}}) {{
                        totalCount nodes {{ email }} pageInfo {{ hasNextPage endCursor }} }} }}"
                );
                let data = admin.data(&query, json!({"after": after})).await;
                assert_eq!(data["users"]["totalCount"], 11);
                seen.extend(emails(&data).into_iter().map(ToOwned::to_owned));
                if data["users"]["pageInfo"]["hasNextPage"] == false {
                    break;
                }
                after = data["users"]["pageInfo"]["endCursor"].clone();
            }
            let all = format!("{{ users(last: 100, sort: {{field: {sort}}}) {{ nodes {{ email }} }} }}");
            let data = admin.data(&all, json!({})).await;
            assert_eq!(seen, emails(&data), "{sort}");
            assert_eq!(seen.len(), 11);
        }
    })
    .await;
}

#[tokio::test]
async fn disabled_user_is_signed_out_at_once_and_can_be_enabled() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let customer = app.customer().await;
        let id = id_of(&admin, "customer@shop.example").await;
        let set = async |disabled: bool| {
            let input = json!({"id": id, "disabled": disabled});
            let payload = admin
                .run_mutation("updateUser", input, "user { disabled }")
                .await;
            assert_eq!(payload["user"]["disabled"], disabled);
        };
        set(true).await;
        customer
            .send("{ me { id } }", json!({}))
            .await
            .assert_refused(401, "UNAUTHENTICATED");
        let login = app
            .anonymous()
            .login("customer@shop.example", PASSWORD)
            .await;
        assert_eq!(login["userErrors"][0]["code"], "INVALID_CREDENTIALS");
        // A password reset does not help.
        for mutation in ["forgotPassword", "resendOtp"] {
            app.anonymous()
                .run_mutation(mutation, json!({"email": "customer@shop.example"}), "")
                .await;
        }
        assert_eq!(app.emails().await.len(), 0);
        set(false).await;
        // Ended sessions stay ended.
        customer
            .send("{ me { id } }", json!({}))
            .await
            .assert_refused(401, "UNAUTHENTICATED");
        let login = app
            .anonymous()
            .login("customer@shop.example", PASSWORD)
            .await;
        assert!(login["accessToken"].is_string());
    })
    .await;
}

#[tokio::test]
async fn delete_user_deletes_all_data() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let customer = app.customer().await;
        let id = id_of(&admin, "customer@shop.example").await;
        let payload = admin
            .run_mutation("deleteUser", json!({"id": id}), "user { email }")
            .await;
        assert_eq!(payload["user"]["email"], "customer@shop.example");
        customer
            .send("{ me { id } }", json!({}))
            .await
            .assert_refused(401, "UNAUTHENTICATED");
        assert_eq!(
            (app.count("users").await, app.count("sessions").await),
            (1, 1)
        );
        let letters = app.emails().await;
        assert_eq!(
            (letters.len(), letters[0].to.as_str()),
            (1, "customer@shop.example")
        );
        for (mutation, id, code) in [
            ("deleteUser", id.clone(), "NOT_FOUND"),
            ("updateUser", id, "NOT_FOUND"),
            (
                "deleteUser",
                json!("prod_00000000000000000000000000"),
                "BAD_USER_INPUT",
            ),
            ("updateUser", json!(""), "BAD_USER_INPUT"),
        ] {
            let payload = admin
                .run_mutation(mutation, json!({"id": id}), "user { id }")
                .await;
            let error = &payload["userErrors"][0];
            assert_eq!(
                (&error["code"], &error["field"]),
                (&json!(code), &json!("id"))
            );
        }
    })
    .await;
}

#[tokio::test]
async fn last_admin_cannot_be_removed() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let id = id_of(&admin, "admin@shop.example").await;
        let conflict = async |admin: &Client, mutation: &str, input: Value| {
            let payload = admin.run_mutation(mutation, input, "user { id }").await;
            assert_eq!(payload["userErrors"][0]["code"], "CONFLICT", "{mutation}");
        };
        // A disabled admin does not count.
        app.user("shut@shop.example", Role::Admin).await;
        app.sql("UPDATE users SET disabled_at = 1 WHERE email = 'shut@shop.example'")
            .await;
        conflict(&admin, "updateUser", json!({"id": id, "role": "CUSTOMER"})).await;
        conflict(&admin, "updateUser", json!({"id": id, "disabled": true})).await;
        conflict(&admin, "deleteUser", json!({"id": id})).await;
        conflict(&admin, "deleteMe", json!({"password": PASSWORD})).await;
        admin.data("{ users { totalCount } }", json!({})).await;

        let second = app.signed_in("second@shop.example", Role::Admin).await;
        let payload = admin
            .run_mutation("deleteMe", json!({"password": PASSWORD}), "user { id }")
            .await;
        assert_eq!(payload["userErrors"], json!([]));
        conflict(&second, "deleteMe", json!({"password": PASSWORD})).await;
    })
    .await;
}

#[tokio::test]
async fn concurrent_demotions_leave_one_admin() {
    on_both_databases(async |app: &App| {
        let mut admins = Vec::new();
        for number in 0..4 {
            let email = format!("a{number}@shop.example");
            let client = app.signed_in(&email, Role::Admin).await;
            admins.push((email, client));
        }
        let mut ids = Vec::new();
        for (email, client) in &admins {
            ids.push(id_of(client, email).await);
        }
        // Each demotes all others, and then itself.
        let demote = async |place: usize| {
            for step in 1..=4 {
                let id = &ids[(place + step) % 4];
                let input = json!({"id": id, "role": "CUSTOMER"});
                let client = &admins[place].1;
                let response = client.mutate("updateUser", input, "user { id }").await;
                assert!(!response.text.contains("INTERNAL"), "{}", response.text);
            }
        };
        join_all((0..4).map(demote)).await;
        assert_eq!(
            app.sql_number("SELECT count(*) FROM users WHERE role = 'ADMIN'")
                .await,
            1
        );
    })
    .await;
}
