//! A request may contain only one mutation that authenticates.

use serde_json::json;
use wares::accounts::user::Role;
use wares::api::access_rules::AccessRules;

use crate::api::query_limits::limit_error;
use crate::harness::{PASSWORD, on_both_databases};

const ANN: &str = "ann@shop.example";

#[tokio::test]
async fn a_request_may_contain_one_authenticating_mutation() {
    on_both_databases(async |app| {
        app.user(ANN, Role::Customer).await;
        let login = |alias: &str, password: &str| {
            let input = format!("{{email: \"{ANN}\", password: \"{password}\"}}");
            format!("{alias}: login(input: {input}) {{ accessToken }} ")
        };
        let verify = |alias: usize| {
            let input = format!("{{email: \"{ANN}\", otp: \"{alias:06}\"}}");
            format!("v{alias}: verifyEmail(input: {input}) {{ userErrors {{ code }} }} ")
        };
        let two = [login("a", "first guess"), login("b", PASSWORD)].concat();
        let fragment = format!(
            "mutation {{ ...f {} }} fragment f on Mutation {{ {} }}",
            login("a", "first guess"),
            login("b", PASSWORD)
        );
        let again = format!(
            "mutation {{ ...f ... {{ ...f }} }} fragment f on Mutation {{ {} }}",
            login("a", PASSWORD)
        );
        let hundred: String = (0..100).map(verify).collect();
        let twenty: String = (0..20).map(verify).collect();
        for query in [
            format!("mutation {{ {two} }}"),
            format!("mutation {{ {} {} }}", login("a", PASSWORD), verify(1)),
            format!("mutation {{ {hundred} }}"),
            format!("mutation {{ {twenty} }}"),
            fragment,
            again,
        ] {
            let error_message = limit_error(&app.anonymous(), &query, json!({})).await;
            assert!(error_message.is_some(), "{query}");
            assert_eq!(app.count("throttles").await, 0);
        }
        let error_message = limit_error(&app.anonymous(), &format!("mutation {{ {two} }}"), json!({})).await;
        assert!(error_message.is_some_and(|error_message| error_message.starts_with("A request may contain only one ")));
        // Other fields and other operations may accompany it.
        let valid = format!(
            "mutation A {{ __typename {} logoutAll {{ userErrors {{ code }} }} }} mutation B {{ {} }}",
            login("a", PASSWORD),
            login("b", PASSWORD)
        );
        let body = json!({"query": valid, "operationName": "B"}).to_string();
        let response = app.anonymous().post(&body).await;
        assert!(response.json["data"]["b"]["accessToken"].is_string(), "{}", response.text);
        assert_ne!(app.count("throttles").await, 0);
    })
    .await;
}

#[test]
fn authenticating_mutations_are_listed() {
    let mut authenticating_mutations: Vec<_> = AccessRules::read(wares::api::schema::document())
        .authenticating_mutations()
        .into_iter()
        .collect();
    authenticating_mutations.sort_unstable();
    assert_eq!(
        authenticating_mutations,
        [
            "cancelOrder",
            "changeEmail",
            "changePassword",
            "confirmEmailChange",
            "createCart",
            "createPayment",
            "deleteMe",
            "exchangeOAuthCode",
            "finishTestPayment",
            "forgotPassword",
            "linkGoogle",
            "login",
            "logout",
            "refreshToken",
            "register",
            "resendOtp",
            "resetPassword",
            "sendOrderLink",
            "signInWithGoogle",
            "syncPayment",
            "unlinkIdentity",
            "verifyEmail",
        ]
    );
}
