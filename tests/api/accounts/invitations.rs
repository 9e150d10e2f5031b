//! Invitations of users by admins, until they are accepted.

use std::time::Duration;

use serde_json::{Value, json};
use wares::accounts::identity::service::Refusal;

use crate::harness::google_claims::{claims, issue_code, sign_in};
use crate::harness::{App, Client, on_both_databases, on_both_databases_with, user_error};

pub const ANN: &str = "ann@corp.example";
pub const NEW: &str = "a storm on the lake";
const USER: &str = "user { id email name role emailVerified verifiedAt hasPassword disabled }";
const WEEK: Duration = Duration::from_hours(7 * 24);

/// Invites a customer named Ann Lee. Returns the payload.
pub async fn invite(admin: &Client, email: &str) -> Value {
    let input = json!({"email": email, "name": "Ann Lee"});
    admin.run_mutation("inviteUser", input, USER).await
}

/// Invites Ann and returns the code from the email.
pub async fn invite_ann(app: &App, role: &str) -> String {
    let input = json!({"email": ANN, "name": "Ann Lee", "role": role});
    let admin = app.admin().await;
    let payload = admin.run_mutation("inviteUser", input, USER).await;
    assert_eq!(user_error(&payload), "", "{payload}");
    app.code().await
}

/// Sets the password with a code. Returns the code of the error.
pub async fn set_password(app: &App, email: &str, otp: &str) -> String {
    let input = json!({"email": email, "otp": otp, "newPassword": NEW});
    let payload = app
        .anonymous()
        .run_mutation("resetPassword", input, "")
        .await;
    user_error(&payload).to_owned()
}

/// Signs in with the new password.
pub async fn signed_in(app: &App, email: &str) -> Option<Client> {
    let login = app.anonymous().login(email, NEW).await;
    let token = login["accessToken"].as_str()?;
    Some(app.anonymous().with_token(token))
}

/// Returns Ann as admins see her.
pub async fn ann(app: &App) -> Value {
    let query = format!(
        "{{ users(search: \"{ANN}\") {{ nodes {{ id email name role emailVerified verifiedAt }} }} }}"
    );
    let data = app.admin().await.data(&query, json!({})).await;
    data["users"]["nodes"][0].clone()
}

#[tokio::test]
async fn invited_user_sets_a_password_which_verifies_the_address() {
    on_both_databases(async |app| {
        for (role, email) in [
            ("CUSTOMER", "Ann@Corp.example"),
            ("ADMIN", "bob@corp.example"),
        ] {
            let admin = app.admin().await;
            let input = json!({"email": email, "name": " Ann Lee ", "role": role});
            let payload = admin.run_mutation("inviteUser", input, USER).await;
            let user = &payload["user"];
            assert_eq!(payload["userErrors"], json!([]));
            assert_eq!(
                (
                    &user["email"],
                    &user["name"],
                    &user["role"],
                    &user["disabled"]
                ),
                (
                    &json!(email),
                    &json!("Ann Lee"),
                    &json!(role),
                    &json!(false)
                )
            );
            assert_eq!(
                (
                    &user["emailVerified"],
                    &user["verifiedAt"],
                    &user["hasPassword"]
                ),
                (&json!(false), &Value::Null, &json!(false))
            );
            let emails = app.emails().await;
            assert_eq!((emails.len(), emails[0].to.as_str()), (1, email));
            assert_eq!(emails[0].subject, "Your invitation to Wares");
            let code = emails[0].code.clone().unwrap();
            let text = emails[0].text();
            let html = emails[0].html("Wares");
            for part in [
                &code,
                "once, within 7 days. Later, \"forgot password\" sends you",
            ] {
                assert!(text.contains(part), "{text}");
            }
            assert!(html.contains(&format!(">{code}</p>")), "{html}");
            assert!(!html.contains("<a "), "{html}");
            let administers = text.contains("invited to administer Wares.");
            assert_eq!(administers, role == "ADMIN", "{text}");

            assert!(signed_in(app, email).await.is_none());
            app.advance(WEEK.saturating_sub(Duration::from_secs(1)));
            // An invalid password and a wrong code do not use it up.
            let client = app.anonymous();
            let input = json!({"email": email, "otp": code, "newPassword": "short"});
            let payload = client.run_mutation("resetPassword", input, "").await;
            assert_eq!(user_error(&payload), "BAD_USER_INPUT");
            for _ in 0..7 {
                assert_eq!(set_password(app, email, "abcde-fghij").await, "OTP_INVALID");
            }
            assert_eq!(
                set_password(app, "other@corp.example", &code).await,
                "OTP_INVALID"
            );
            // As typed from a phone.
            let typed = code.to_uppercase().replace('-', " ");
            assert_eq!(set_password(app, email, &typed).await, "");
            assert_eq!(set_password(app, email, &code).await, "OTP_INVALID");

            let client = signed_in(app, email).await.unwrap();
            let me = "{ me { role emailVerified verifiedAt hasPassword } }";
            let me = client.data(me, json!({})).await["me"].clone();
            assert_eq!(
                (&me["role"], &me["emailVerified"]),
                (&json!(role), &json!(true))
            );
            assert_eq!(me["hasPassword"], json!(true));
            assert!(me["verifiedAt"].as_str().unwrap() > "2026-01-07", "{me}");
            let users = client.send("{ users { totalCount } }", json!({})).await;
            assert_eq!(users.json.get("errors").is_none(), role == "ADMIN");
            let notice = app.emails().await;
            assert!(notice[0].subject.contains("password was changed"));
        }
        assert_eq!(app.count("one_time_codes").await, 0);
    })
    .await;
}

#[tokio::test]
async fn expired_invitation_is_replaced_by_a_password_reset() {
    on_both_databases(async |app| {
        let code = invite_ann(app, "CUSTOMER").await;
        app.advance(WEEK);
        assert_eq!(set_password(app, ANN, &code).await, "OTP_INVALID");
        wares::accounts::auth::service::delete_expired(&app.state)
            .await
            .unwrap();
        assert_eq!(ann(app).await["emailVerified"], false);
        let input = json!({ "email": ANN });
        app.anonymous()
            .run_mutation("forgotPassword", input, "")
            .await;
        let otp = app.code().await;
        assert_eq!(otp.len(), 6);
        assert_eq!(set_password(app, ANN, &otp).await, "");
        assert!(signed_in(app, ANN).await.is_some());
        assert_eq!(ann(app).await["emailVerified"], true);
    })
    .await;
}

#[tokio::test]
async fn invitation_stays_valid_after_a_request_to_reset_the_password() {
    on_both_databases(async |app| {
        let code = invite_ann(app, "CUSTOMER").await;
        // Anybody can send this.
        let forgot = async || {
            let input = json!({ "email": ANN });
            let client = app.anonymous();
            client.run_mutation("forgotPassword", input, "").await;
            app.code().await
        };
        let otp = forgot().await;
        assert_eq!(set_password(app, ANN, &code).await, "");
        // Both codes are void after the first.
        assert_eq!(set_password(app, ANN, &otp).await, "OTP_INVALID");

        app.sql("DELETE FROM users WHERE email_key = 'ann@corp.example'")
            .await;
        app.advance(Duration::from_mins(5));
        let code = invite_ann(app, "CUSTOMER").await;
        assert_eq!(set_password(app, ANN, &forgot().await).await, "");
        assert_eq!(set_password(app, ANN, &code).await, "OTP_INVALID");
    })
    .await;
}

#[tokio::test]
async fn pending_registration_of_an_invited_address_is_void() {
    on_both_databases(async |app| {
        // Somebody else may have chosen this password.
        app.anonymous().register(ANN).await;
        let otp = app.code().await;
        let code = invite_ann(app, "ADMIN").await;
        assert_eq!(app.count("registrations").await, 0);
        let login = app.anonymous().login(ANN, "correct horse 9").await;
        assert_eq!(user_error(&login), "INVALID_CREDENTIALS");
        let payload = app.anonymous().verify(ANN, &otp).await;
        assert_eq!(user_error(&payload), "OTP_INVALID");

        // A registration after the invitation gets the email that an existing account gets, once a day.
        app.advance(Duration::from_hours(24));
        app.anonymous().register(ANN).await;
        let emails = app.emails().await;
        assert_eq!((emails.len(), emails[0].code.as_ref()), (1, None));
        assert!(emails[0].text().contains("forgot password"));
        assert_eq!(set_password(app, ANN, &code).await, "");
        let client = signed_in(app, ANN).await.unwrap();
        client.data("{ users { totalCount } }", json!({})).await;
    })
    .await;
}

#[tokio::test]
async fn google_sign_in_of_an_invited_user_follows_the_rules_of_linking() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        for (number, (email, role, links)) in [
            ("ann@gmail.com", "CUSTOMER", true),
            ("bea@gmail.com", "ADMIN", false),
            ("cid@corp.example", "CUSTOMER", false),
        ]
        .into_iter()
        .enumerate()
        {
            let input = json!({"email": email, "name": "Bea", "role": role});
            let invited = admin.run_mutation("inviteUser", input, USER).await;
            let code = app.code().await;
            let claims = claims(&number.to_string(), email);
            if links {
                let user = sign_in(app, claims).await["user"].clone();
                assert_eq!(user["id"], invited["user"]["id"]);
                assert_eq!(
                    (&user["name"], &user["emailVerified"]),
                    (&json!("Bea"), &json!(true))
                );
                assert_eq!(set_password(app, email, &code).await, "OTP_INVALID");
                assert_eq!(app.emails().await.len(), 1);
            } else {
                assert_eq!(issue_code(app, claims).await, Err(Refusal::LinkRequired));
                let id = json!({"id": invited["user"]["id"]});
                let query = "query($id: ID!) { user(id: $id) { emailVerified identities { id } } }";
                let user = admin.data(query, id).await["user"].clone();
                assert_eq!(user, json!({"emailVerified": false, "identities": []}));
                assert_eq!(set_password(app, email, &code).await, "");
                app.emails().await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn invitation_links_to_the_page_of_the_storefront() {
    let url = "--invitation-url=https://shop.example/reset-password";
    on_both_databases_with(&[url, "--shop-name=Pots & Pans", "--invitation-lifetime=36h"], async |app| {
        let admin = app.admin().await;
        let email = "o'ann+1&code=x@corp.example";
        assert_eq!(user_error(&invite(&admin, email).await), "");
        let emails = app.emails().await;
        let code = emails[0].code.clone().unwrap();
        let link = format!(
            "https://shop.example/reset-password#email=o%27ann%2B1%26code%3Dx%40corp.example&code={code}"
        );
        let text = emails[0].text();
        assert!(text.lines().any(|line| line == link), "{text}");
        assert!(text.lines().any(|line| line == code), "{text}");
        assert!(text.contains("An account was created for you at Pots & Pans."), "{text}");
        assert!(text.contains("within 36 hours."), "{text}");
        let link = link.replace('&', "&amp;");
        let html = emails[0].html("Pots & Pans");
        assert!(html.contains(&format!("<a href=\"{link}\" style=\"color:inherit\">{link}</a>")), "{html}");
        assert!(!html.contains("{{"), "{html}");
        assert_eq!(set_password(app, email, &code).await, "");
    })
    .await;
}
