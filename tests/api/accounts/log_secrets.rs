//! Logs contain no secrets, and personal data only at the finest level.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use wares::accounts::user::Role;

use crate::harness::store::images;
use crate::harness::{
    App, Backend, Form, PASSWORD, Process, Smtp, database_flag, post_with_token, products,
    sample_image,
};

const JWT_SECRET: &str = "zVq3gX0v5cQ8sY2kL7mN4bR9tH1wJ6pF";
const ADMIN: &str = "admin@example.com";
const ADA: &str = "ada.lovelace@example.com";

/// Runs a mutation. Returns its payload.
async fn done(server: &Process, token: &str, name: &str, input: Value, select: &str) -> Value {
    let kind = name[..1].to_uppercase() + &name[1..];
    let query = format!(
        "mutation($input: {kind}Input!) {{ {name}(input: $input) {{ {select} userErrors {{ code }} }} }}"
    );
    let body = json!({"query": query, "variables": {"input": input}});
    let (address, token) = (server.address.clone(), token.to_owned());
    // It may wait for the tests that run beside it.
    let asked = tokio::task::spawn_blocking(move || post_with_token(&address, &token, &body));
    let response = asked.await.unwrap();
    let response = response.unwrap_or_else(|| {
        panic!(
            "{name}: {}",
            &server.log()[server.log().len().saturating_sub(3000)..]
        )
    });
    assert!(response.get("errors").is_none(), "{name}: {response}");
    response["data"][name].clone()
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value}"))
        .to_owned()
}

/// Returns the code of the next email.
async fn code(smtp: &Smtp) -> String {
    let letters = smtp.wait_for_emails(1).await;
    letters.last().unwrap().code()
}

/// Runs every operation that uses or returns a secret. Returns the secrets.
async fn use_every_secret(server: &Process, app: &App, smtp: &Smtp) -> Vec<String> {
    let mut secrets = Vec::new();
    let nobody = "";
    let (first, second, third) = (
        "first secret of hers 1",
        "second secret of hers 2",
        "third secret of hers 3",
    );
    let wrong = "a wrong secret of hers";
    let input = json!({"email": ADA, "password": first, "name": "Ada Lovelace"});
    done(server, nobody, "register", input, "resendAfterSeconds").await;
    let otp = code(smtp).await;
    let tried = if otp == "123456" { "654321" } else { "123456" };
    done(
        server,
        nobody,
        "verifyEmail",
        json!({"email": ADA, "otp": tried}),
        "__typename",
    )
    .await;
    done(
        server,
        nobody,
        "verifyEmail",
        json!({"email": ADA, "otp": otp}),
        "__typename",
    )
    .await;
    let login = |password: &str| json!({"email": ADA, "password": password});
    let tokens = "accessToken refreshToken";
    done(server, nobody, "login", login(wrong), "__typename").await;
    let signed_in = done(server, nobody, "login", login(first), tokens).await;
    let input = json!({"refreshToken": signed_in["refreshToken"]});
    let refreshed = done(server, nobody, "refreshToken", input, tokens).await;
    let token = text(&refreshed["accessToken"]);
    let input = json!({"currentPassword": first, "newPassword": second});
    let changed = done(server, &token, "changePassword", input, tokens).await;
    // The notice about it.
    smtp.wait_for_emails(1).await;
    done(
        server,
        nobody,
        "forgotPassword",
        json!({"email": ADA}),
        "__typename",
    )
    .await;
    let reset = code(smtp).await;
    let input = json!({"email": ADA, "otp": reset, "newPassword": third});
    done(server, nobody, "resetPassword", input, "__typename").await;
    done(server, nobody, "login", login(third), tokens).await;
    let forged = format!("{token}x");
    post_with_token(&server.address, &forged, &json!({"query": "{ me { id } }"})).unwrap();
    for response in [&signed_in, &refreshed, &changed] {
        secrets.extend([
            text(&response["accessToken"]),
            text(&response["refreshToken"]),
        ]);
    }
    // The signed part of a token is as sensitive as the token.
    let signatures: Vec<_> = secrets
        .iter()
        .filter_map(|token| token.rsplit_once('.'))
        .map(|(_, end)| end.to_owned())
        .collect();
    secrets.extend(signatures);
    let admin = server.sign_in(ADMIN);
    let home = app.shop().root("home", 0).await;
    let pan = app.shop().product("pan", &home, |_| ()).await;
    let upload = images(
        &wares::core::id::TypedId::encode(pan.id),
        &[&sample_image::png(8, 8)],
        &Value::Null,
    )
    .end();
    assert!(server.upload(&admin, &upload).contains("\"userErrors\":[]"));
    secrets.extend(
        [
            first, second, third, wrong, PASSWORD, JWT_SECRET, &otp, &reset, &admin,
        ]
        .map(ToOwned::to_owned),
    );
    secrets
}

#[tokio::test(flavor = "multi_thread")]
async fn log_contains_no_secret_at_any_level() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        for (flags, is_fine) in [
            (["--env=development", "--log=trace"].as_slice(), true),
            (&["--env=production", "--log=debug"], true),
            (&["--env=production", "--slow-query-ms=1"], false),
        ] {
            let app = App::start(backend, &[]).await;
            app.user(ADMIN, Role::Admin).await;
            let smtp = Smtp::start().await;
            let folder = tempfile::tempdir().unwrap();
            let mail = format!(
                "--smtp-url=smtp://wares:mail-secret-of-ours@{}",
                smtp.address
            );
            let jwt = format!("--jwt-secrets={JWT_SECRET}");
            let database = database_flag(&app.address);
            let all: Vec<_> = flags
                .iter()
                .copied()
                .chain([
                    &*mail,
                    &jwt,
                    &database,
                    "--demo=off",
                    "--migrate=off",
                    "--log-format=text",
                    "--mail-from=shop@example.com",
                ])
                .collect();
            let server = Process::serve(folder.path(), &all);
            let mut secrets = use_every_secret(&server, &app, &smtp).await;
            secrets.push("mail-secret-of-ours".to_owned());
            secrets.push(STANDARD.encode("\0wares\0mail-secret-of-ours"));
            if let Some((_, password)) = database
                .split_once("postgres:")
                .filter(|(_, rest)| rest.contains('@'))
            {
                let password = password.split('@').next().unwrap();
                secrets.extend((!password.starts_with("//")).then(|| password.to_owned()));
            }
            let log = server.log();
            assert!(log.contains("request completed"), "{log}");
            for secret in &secrets {
                assert!(
                    secret.len() >= 6 && !contains_secret(&log, secret),
                    "{backend:?} {flags:?} tells {secret}"
                );
            }
            if !is_fine {
                for person in [ADA, "Lovelace"] {
                    assert!(!log.contains(person), "{backend:?} tells {person}");
                }
            }
            drop(server);
            app.stop().await;
        }
    }
}

/// Returns whether the text occurs in the log, but not within a longer number such as a time.
fn contains_secret(log: &str, secret: &str) -> bool {
    log.match_indices(secret).any(|(at, _)| {
        let is_digit =
            |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_hexdigit());
        let is_code = secret.len() == 6;
        !is_code
            || !(is_digit(log[..at].chars().next_back()) || is_digit(log[at + 6..].chars().next()))
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_statements_are_logged_truncated_and_without_values() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let app = App::start(backend, &[]).await;
        app.user(ADMIN, Role::Admin).await;
        let folder = tempfile::tempdir().unwrap();
        let database = database_flag(&app.address);
        let form = Form::import().file("0", &products(1_000)).end();
        for (slow, is_told) in [("--slow-query-ms=1", true), ("--slow-query-ms=0", false)] {
            let server = Process::serve(folder.path(), &[&database, "--demo=off", slow]);
            let admin = server.sign_in(ADMIN);
            let response = server.upload(&admin, &form);
            assert!(response.contains("\"rows\":1000"), "{response}");
            let log = server.log();
            let told: Vec<_> = log
                .lines()
                .filter(|line| line.contains("slow statement"))
                .collect();
            assert_eq!(told.is_empty(), !is_told, "{backend:?}");
            assert!(told.iter().all(|line| line.len() < 1_000), "{told:?}");
            assert!(!log.contains("Thing 7") && !log.contains("sku-7"));
        }
        app.stop().await;
    }
}
