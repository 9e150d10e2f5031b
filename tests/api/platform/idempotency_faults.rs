//! Idempotency keys after failures: a mutation is executed at most once, and a lost response is reported.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use uuid::Uuid;
use wares::accounts::user::Role;
use wares::accounts::user::UserId;
use wares::accounts::user::service as users;
use wares::platform::idempotency::service::{
    self, Call, Claim, ClaimOutcome, KeyState, ResponseContents,
};
use wares::state::State;

use crate::harness::{App, Backend, PASSWORD, on_both_databases};
use crate::platform::idempotency::{
    CHANGE_EMAIL, RENAME, changes_of_users, keyed, my_name, rename,
};

/// Lifetime of a claim that is not renewed.
const GIVEN_UP: Duration = Duration::from_secs(61);

#[tokio::test]
async fn failed_execution_is_repeated() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        app.sql("ALTER TABLE users RENAME COLUMN name TO called")
            .await;
        let broken = rename(&customer, "key", "Ann").await;
        assert_eq!(broken.code(), "INTERNAL_SERVER_ERROR");
        assert_eq!(app.count("idempotency_keys").await, 0);
        app.sql("ALTER TABLE users RENAME COLUMN called TO name")
            .await;
        let done = rename(&customer, "key", "Ann").await;
        assert_eq!(done.json["data"]["updateMe"]["user"]["name"], "Ann");

        // A request that could not be executed is not stored either.
        let invalid = RENAME.replace("userErrors", "usrErrors");
        let variables = json!({"input": {"name": "Ann"}});
        let response = keyed(&customer, "other", &invalid, variables).await;
        assert_eq!(response.code(), "GRAPHQL_VALIDATION_FAILED");
        assert_eq!(app.count("idempotency_keys").await, 1);
    })
    .await;
}

#[tokio::test]
async fn rate_limited_response_is_not_stored() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        let input = |to: &str| json!({"input": {"newEmail": to, "password": PASSWORD}});
        let ask = async |key: &str, to: &str| keyed(&customer, key, CHANGE_EMAIL, input(to)).await;
        let first = ask("1", "new@shop.example").await;
        assert_eq!(first.json["data"]["changeEmail"]["userErrors"], json!([]));
        let letters = app.count("outbox").await;
        assert!(letters > 0);
        assert_eq!(ask("1", "new@shop.example").await.text, first.text);
        assert_eq!(app.count("outbox").await, letters);

        // The password was checked and counted, but nothing was changed.
        let soon = ask("2", "newer@shop.example").await;
        assert_eq!(soon.code(), "RATE_LIMITED");
        app.advance(Duration::from_mins(1));
        let later = ask("2", "newer@shop.example").await;
        assert_eq!(later.json["data"]["changeEmail"]["userErrors"], json!([]));
        assert!(app.count("outbox").await > letters);
    })
    .await;
}

#[tokio::test]
async fn disconnected_client_gets_the_stored_response() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        let input = json!({"input": {"newEmail": "new@shop.example", "password": PASSWORD}});
        let call = || keyed(&customer, "key", CHANGE_EMAIL, input.clone());
        let begun = async {
            while app.count("idempotency_keys").await == 0 {
                tokio::task::yield_now().await;
            }
        };
        // Hashing takes long: the call is running when its client disconnects.
        tokio::select! {
            biased;
            () = begun => {}
            _ = call() => {}
        }
        let again = call().await;
        assert_eq!(
            again.header("idempotency-replayed"),
            "true",
            "{}",
            again.text
        );
        assert_eq!(again.json["data"]["changeEmail"]["userErrors"], json!([]));
        assert_eq!(app.count("outbox").await, 2);
    })
    .await;
}

/// Makes the database reject responses, as if the server died before it stored them.
async fn reject_stored_responses(app: &App) {
    match app.backend {
        Backend::Sqlite => {
            app.sql(
                "CREATE TRIGGER lose BEFORE UPDATE OF answer ON idempotency_keys
                 BEGIN SELECT RAISE(ABORT, 'lost'); END",
            )
            .await;
        }
        Backend::Postgres => {
            app.sql(
                "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql
                 AS $$ BEGIN RAISE EXCEPTION 'lost'; END $$",
            )
            .await;
            app.sql(
                "CREATE TRIGGER lose BEFORE UPDATE OF answer ON idempotency_keys
                 FOR EACH ROW EXECUTE FUNCTION lose()",
            )
            .await;
        }
    }
}

#[tokio::test]
async fn committed_change_is_not_repeated_after_a_lost_response() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        reject_stored_responses(app).await;
        let first = rename(&customer, "key", "Ann").await;
        assert_eq!(first.json["data"]["updateMe"]["user"]["name"], "Ann");
        app.sql("UPDATE users SET name = 'Somebody else'").await;

        // The first server may still be running.
        let early = rename(&customer, "key", "Ann").await;
        early.assert_refused(409, "IDEMPOTENCY_KEY_IN_USE");
        assert_eq!(early.header("retry-after"), "5");
        for _ in 0..2 {
            app.advance(GIVEN_UP);
            let late = rename(&customer, "key", "Ann").await;
            late.assert_refused(409, "IDEMPOTENCY_ANSWER_LOST");
        }
        let other = rename(&customer, "key", "Bea").await;
        other.assert_refused(422, "IDEMPOTENCY_KEY_REUSED");
        assert_eq!(my_name(&customer).await, "Somebody else");
    })
    .await;
}

#[tokio::test]
async fn expired_claim_is_executed_by_another_server() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        rename(&customer, "key", "Ann").await;
        // The state of the row after the first server died during the execution.
        let begun = app.state.clock.now().after(Duration::from_mins(1)).0;
        app.sql(&format!(
            "UPDATE idempotency_keys SET answer = NULL, committed = false, claimed_until = {begun}"
        ))
        .await;
        app.sql("UPDATE users SET name = 'Before'").await;
        app.advance(GIVEN_UP);
        let other = rename(&customer, "key", "Bea").await;
        other.assert_refused(422, "IDEMPOTENCY_KEY_REUSED");
        let changes = changes_of_users(app, async {
            let calls = (0..20).map(|_| rename(&customer, "key", "Ann"));
            for response in join_all(calls).await {
                assert_eq!(response.status, 200, "{}", response.text);
            }
        });
        assert_eq!(changes.await, 1);
        assert_eq!(my_name(&customer).await, "Ann");
    })
    .await;
}

/// Returns the id of the customer and a call of this user.
async fn call(app: &App) -> (UserId, Call) {
    app.user("customer@shop.example", Role::Customer).await;
    let transaction = app.state.db.begin().await.unwrap();
    let user = users::find_by_email_key(&transaction, "customer@shop.example").await;
    let id = user.unwrap().unwrap().id;
    (id, Call::new(id.into(), "key", [7; 32], 1 << 20))
}

async fn claim(state: &State, call: &Call) -> Box<Claim> {
    match service::begin(state, call, Uuid::now_v7()).await.unwrap() {
        KeyState::Claimed(claim) => claim,
        other => panic!("{other:?}"),
    }
}

/// Changes a user in a transaction of this state. Returns whether it was committed.
async fn change(state: &State, id: UserId, name: &str) -> bool {
    let transaction = state.db.begin().await.unwrap();
    let mut user = users::lock(&transaction, id).await.unwrap().unwrap();
    name.clone_into(&mut user.name);
    let now = state.clock.now();
    users::save(&transaction, user, now).await.unwrap();
    transaction.commit().await.is_ok()
}

#[tokio::test]
async fn execution_with_an_expired_claim_cannot_commit() {
    on_both_databases(async |app| {
        let (id, call) = call(app).await;
        let slow = claim(&app.state, &call).await;
        app.advance(GIVEN_UP);
        let next = claim(&app.state, &call).await;
        assert!(!change(&slow.state(), id, "Slow").await);
        assert!(change(&next.state(), id, "Next").await);
        assert!(!change(&slow.state(), id, "Slow").await);
        assert_eq!(
            slow.finish("slow", ResponseContents::Data).await.unwrap(),
            ClaimOutcome::TakenOver
        );
        assert_eq!(
            slow.finish("slow", ResponseContents::Errors).await.unwrap(),
            ClaimOutcome::TakenOver
        );
        assert_eq!(
            next.finish("next", ResponseContents::Data).await.unwrap(),
            ClaimOutcome::StillClaimed
        );
        let begun = service::begin(&app.state, &call, Uuid::now_v7())
            .await
            .unwrap();
        assert!(matches!(begun, KeyState::Completed(response) if response == "next"));
        let names = "SELECT count(*) FROM users WHERE name = 'Next'";
        assert_eq!(app.sql_number(names).await, 1);
    })
    .await;
}

#[tokio::test]
async fn key_is_kept_after_commit_and_released_after_rollback() {
    on_both_databases(async |app| {
        let (id, call) = call(app).await;
        // Rolled back: the call may be executed at once.
        let failed = claim(&app.state, &call).await;
        drop(failed.state().db.begin().await.unwrap());
        let counted = failed.state().db.begin().await.unwrap();
        counted.commit_without_records().await.unwrap();
        failed
            .finish("error", ResponseContents::Errors)
            .await
            .unwrap();
        assert_eq!(app.count("idempotency_keys").await, 0);

        // Committed, with an error afterwards: this response is stored.
        let half = claim(&app.state, &call).await;
        assert!(change(&half.state(), id, "Half").await);
        half.finish("half", ResponseContents::DataAndErrors)
            .await
            .unwrap();
        let begun = service::begin(&app.state, &call, Uuid::now_v7())
            .await
            .unwrap();
        assert!(matches!(begun, KeyState::Completed(response) if response == "half"));

        // A response with only errors would make the client repeat a committed change.
        app.advance(Duration::from_hours(25));
        let silent = claim(&app.state, &call).await;
        assert!(change(&silent.state(), id, "Silent").await);
        silent
            .finish("error", ResponseContents::Errors)
            .await
            .unwrap();
        let begun = service::begin(&app.state, &call, Uuid::now_v7())
            .await
            .unwrap();
        assert!(matches!(begun, KeyState::ResponseLost), "{begun:?}");
    })
    .await;
}

#[tokio::test]
async fn renewed_claim_does_not_expire() {
    on_both_databases(async |app| {
        let (_, call) = call(app).await;
        let long = claim(&app.state, &call).await;
        app.advance(Duration::from_secs(50));
        long.renew().await.unwrap();
        app.advance(Duration::from_secs(50));
        let begun = service::begin(&app.state, &call, Uuid::now_v7())
            .await
            .unwrap();
        assert!(matches!(begun, KeyState::InUse), "{begun:?}");
    })
    .await;
}

#[tokio::test]
async fn oversized_response_is_reported_as_lost() {
    on_both_databases(async |app| {
        let large = "x".repeat((1 << 20) + 1);
        let (id, call) = call(app).await;
        let nothing = claim(&app.state, &call).await;
        nothing
            .finish(&large, ResponseContents::Data)
            .await
            .unwrap();
        let done = claim(&app.state, &call).await;
        assert!(change(&done.state(), id, "Done").await);
        done.finish(&large, ResponseContents::Data).await.unwrap();
        let begun = service::begin(&app.state, &call, Uuid::now_v7())
            .await
            .unwrap();
        assert!(matches!(begun, KeyState::ResponseLost), "{begun:?}");
    })
    .await;
}

#[tokio::test]
async fn keys_are_deleted_with_the_user() {
    on_both_databases(async |app| {
        let customer = app.customer().await;
        rename(&customer, "key", "Ann").await;
        let query = "mutation($input: DeleteMeInput!) { deleteMe(input: $input) { user { name } userErrors { code } } }";
        let input = json!({"input": {"password": PASSWORD}});
        let gone = keyed(&customer, "gone", query, input).await;
        assert_eq!(gone.json["data"]["deleteMe"]["user"]["name"], "Ann", "{}", gone.text);
        assert_eq!(app.count("idempotency_keys").await, 0);
    })
    .await;
}
