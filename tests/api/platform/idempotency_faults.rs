//! Idempotency keys after failures: a mutation is executed at most once, and a lost response is reported.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;
use uuid::Uuid;
use wares::accounts::user::Role;
use wares::accounts::user::UserId;
use wares::accounts::user::service as users;
use wares::platform::idempotency::service::{self, Begun, Call, Claim, Finished, ResponseContents};
use wares::state::State;

use crate::harness::{App, Backend, PASSWORD, on_both};
use crate::platform::idempotency::{
    CHANGE_EMAIL, RENAME, changes_of_users, keyed, my_name, rename,
};

/// Lifetime of a claim that is not renewed.
const GIVEN_UP: Duration = Duration::from_secs(61);

#[tokio::test]
async fn a_failed_execution_is_forgotten_and_done_the_next_time() {
    on_both(async |app| {
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
        let answer = keyed(&customer, "other", &invalid, variables).await;
        assert_eq!(answer.code(), "GRAPHQL_VALIDATION_FAILED");
        assert_eq!(app.count("idempotency_keys").await, 1);
    })
    .await;
}

#[tokio::test]
async fn being_asked_too_often_is_no_answer_that_is_kept() {
    on_both(async |app| {
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
async fn a_client_that_goes_away_gets_its_answer_when_it_comes_back() {
    on_both(async |app| {
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
async fn lose_answers(app: &App) {
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
async fn what_was_done_is_not_done_again_when_its_answer_is_lost() {
    on_both(async |app| {
        let customer = app.customer().await;
        lose_answers(app).await;
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
async fn what_was_begun_by_a_server_that_died_is_done_by_the_next() {
    on_both(async |app| {
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
            for answer in join_all(calls).await {
                assert_eq!(answer.status, 200, "{}", answer.text);
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
    let user = users::find_by_key(&transaction, "customer@shop.example").await;
    let id = user.unwrap().unwrap().id;
    (id, Call::new(id.into(), "key", [7; 32], 1 << 20))
}

async fn claim(state: &State, call: &Call) -> Box<Claim> {
    match service::begin(state, call).await.unwrap() {
        Begun::Claimed(claim) => claim,
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
async fn an_execution_that_was_given_up_can_change_nothing_any_more() {
    on_both(async |app| {
        let (id, call) = call(app).await;
        let slow = claim(&app.state, &call).await;
        app.advance(GIVEN_UP);
        let next = claim(&app.state, &call).await;
        assert!(!change(&slow.state(), id, "Slow").await);
        assert!(change(&next.state(), id, "Next").await);
        assert!(!change(&slow.state(), id, "Slow").await);
        assert_eq!(
            slow.finish("slow", ResponseContents::Data).await.unwrap(),
            Finished::Replaced
        );
        assert_eq!(
            slow.finish("slow", ResponseContents::Errors).await.unwrap(),
            Finished::Replaced
        );
        assert_eq!(
            next.finish("next", ResponseContents::Data).await.unwrap(),
            Finished::Alone
        );
        let begun = service::begin(&app.state, &call).await.unwrap();
        assert!(matches!(begun, Begun::Answered(answer) if answer == "next"));
        let names = "SELECT count(*) FROM users WHERE name = 'Next'";
        assert_eq!(app.sql_number(names).await, 1);
    })
    .await;
}

#[tokio::test]
async fn what_was_committed_keeps_its_key_and_what_was_rolled_back_or_only_counted_gives_it_back() {
    on_both(async |app| {
        let (id, call) = call(app).await;
        // Rolled back: the call may be executed at once.
        let failed = claim(&app.state, &call).await;
        drop(failed.state().db.begin().await.unwrap());
        let counted = failed.state().db.begin().await.unwrap();
        counted.commit_unmarked().await.unwrap();
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
        let begun = service::begin(&app.state, &call).await.unwrap();
        assert!(matches!(begun, Begun::Answered(answer) if answer == "half"));

        // A response with only errors would make the client repeat a committed change.
        app.advance(Duration::from_hours(25));
        let silent = claim(&app.state, &call).await;
        assert!(change(&silent.state(), id, "Silent").await);
        silent
            .finish("error", ResponseContents::Errors)
            .await
            .unwrap();
        let begun = service::begin(&app.state, &call).await.unwrap();
        assert!(matches!(begun, Begun::AnswerLost), "{begun:?}");
    })
    .await;
}

#[tokio::test]
async fn a_claim_lasts_as_long_as_it_is_renewed() {
    on_both(async |app| {
        let (_, call) = call(app).await;
        let long = claim(&app.state, &call).await;
        app.advance(Duration::from_secs(50));
        long.renew().await.unwrap();
        app.advance(Duration::from_secs(50));
        let begun = service::begin(&app.state, &call).await.unwrap();
        assert!(matches!(begun, Begun::InUse), "{begun:?}");
    })
    .await;
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_kept_but_known_to_have_been_given() {
    on_both(async |app| {
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
        let begun = service::begin(&app.state, &call).await.unwrap();
        assert!(matches!(begun, Begun::AnswerLost), "{begun:?}");
    })
    .await;
}

#[tokio::test]
async fn the_key_of_nobody_is_refused_and_the_keys_of_a_user_go_with_the_user() {
    on_both(async |app| {
        let nobody = Call::new(Uuid::now_v7(), "key", [7; 32], 1 << 20);
        let refused = service::begin(&app.state, &nobody).await.unwrap_err();
        assert_eq!(refused.code().as_str(), "UNAUTHENTICATED");

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
