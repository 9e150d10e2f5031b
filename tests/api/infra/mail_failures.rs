//! Emails when the SMTP server is down, refuses, hangs or disconnects, and when several servers send.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use wares::api::schema;
use wares::infra::database::Database;
use wares::platform::jobs::Queue;
use wares::platform::jobs::entity::{Column, Entity, Model};
use wares::platform::jobs::service::{NewEmail, enqueue_email, run_due_jobs};
use wares::state::State;

use crate::harness::{App, Backend, Behaviour, Log, Smtp, on_both_databases_with};
use crate::infra::mail::{register, send_due, verify};

const READER: &str = "reader@home.example";
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);

/// Returns the queued emails.
async fn queued_emails(app: &App) -> Vec<Model> {
    let pending = Entity::find().filter(Column::FailedAt.is_null());
    pending.all(app.state.db.reader()).await.unwrap()
}

/// Returns the code in the only queued email.
async fn queued_code(app: &App) -> String {
    let letters = queued_emails(app).await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    app.state.keys.code(letters[0].nonce.as_ref().unwrap())
}

/// Fails if the log contains the code or the address of the recipient.
fn assert_no_secrets(log: &Log, code: &str) {
    for secret in [code, READER, "home.example"] {
        assert_eq!(log.lines_with(secret), Vec::<String>::new());
    }
}

#[tokio::test]
async fn email_is_retried_while_the_server_is_down() {
    let mut smtp = Smtp::start().await;
    let flag = smtp.flag();
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let app = App::start(backend, &[&flag]).await;
        smtp.stop().await;
        register(&app, READER).await;
        assert_eq!(send_due(&app).await, 1);
        let code = queued_code(&app).await;
        smtp.listen_again().await;
        assert_eq!(send_due(&app).await, 0, "it is too soon");
        app.advance(2 * SECOND);
        assert_eq!(send_due(&app).await, 1);
        app.advance(10 * MINUTE);
        assert_eq!(send_due(&app).await, 0, "it has left");
        assert_eq!(smtp.take_single_email().code(), code);
    }
}

#[tokio::test]
async fn code_of_a_delayed_email_is_valid() {
    let smtp = Smtp::start().await;
    on_both_databases_with(&[&smtp.flag()], async |app| {
        smtp.set_behaviour(Behaviour::RejectTemporarily);
        register(app, READER).await;
        assert_eq!(send_due(app).await, 1);
        smtp.set_behaviour(Behaviour::Accept);
        app.advance(2 * SECOND);
        assert_eq!(send_due(app).await, 1);
        let code = smtp.take_single_email().code();
        assert!(verify(app, READER, &code).await);
        assert!(!verify(app, READER, &code).await, "once only");
    })
    .await;
}

#[tokio::test]
async fn temporary_refusal_is_retried_with_backoff_until_the_code_expires() {
    let smtp = Smtp::start().await;
    on_both_databases_with(&[&smtp.flag()], async |app| {
        smtp.set_behaviour(Behaviour::RejectTemporarily);
        let (log, visits) = (Log::capture(), smtp.connection_count());
        register(app, READER).await;
        let code = queued_code(app).await;
        let mut tries = Vec::new();
        for second in 0..660 {
            if send_due(app).await > 0 {
                tries.push(second);
            }
            app.advance(SECOND);
        }
        assert_eq!(tries[..7], [0, 2, 4, 8, 16, 32, 64]);
        let waits = tries[6..].windows(2).map(|pair| pair[1] - pair[0]);
        assert!(waits.clone().all(|wait| wait == 60), "{tries:?}");
        // Never after the code has expired, after ten minutes.
        assert!((540..600).contains(tries.last().unwrap()), "{tries:?}");
        assert_eq!(smtp.connection_count() - visits, tries.len());
        assert_eq!(log.lines_with("will be retried").len(), tries.len());
        assert_eq!(log.lines_with("job expired").len(), 1);
        assert_eq!(
            (queued_emails(app).await.len(), smtp.take_emails().len()),
            (0, 0)
        );
        assert_no_secrets(&log, &code);
    })
    .await;
}

#[tokio::test]
async fn permanent_refusal_is_not_retried() {
    let smtp = Smtp::start().await;
    on_both_databases_with(&[&smtp.flag()], async |app| {
        smtp.set_behaviour(Behaviour::RejectPermanently);
        let log = Log::capture();
        register(app, READER).await;
        let code = queued_code(app).await;
        assert_eq!(send_due(app).await, 1);
        assert_eq!(queued_emails(app).await, []);
        let given_up = log.lines_with("job failed permanently");
        assert_eq!(given_up.len(), 1, "{given_up:?}");
        assert!(given_up[0].contains("ERROR") && given_up[0].contains("550"));
        assert_no_secrets(&log, &code);
        smtp.set_behaviour(Behaviour::Accept);
        app.advance(MINUTE);
        assert_eq!((send_due(app).await, smtp.take_emails().len()), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn expired_code_is_not_sent() {
    let smtp = Smtp::start().await;
    on_both_databases_with(&[&smtp.flag()], async |app| {
        let log = Log::capture();
        register(app, READER).await;
        let code = queued_code(app).await;
        app.advance(10 * MINUTE);
        assert_eq!((send_due(app).await, smtp.take_emails().len()), (0, 0));
        assert_eq!(queued_emails(app).await, []);
        assert_eq!(log.lines_with("job expired").len(), 1);
        assert_no_secrets(&log, &code);
    })
    .await;
}

#[tokio::test]
async fn dropped_connection_is_retried() {
    let smtp = Smtp::start().await;
    on_both_databases_with(&[&smtp.flag()], async |app| {
        smtp.set_behaviour(Behaviour::DropInData);
        register(app, READER).await;
        assert_eq!((send_due(app).await, smtp.take_emails().len()), (1, 0));
        smtp.set_behaviour(Behaviour::Accept);
        app.advance(2 * SECOND);
        assert_eq!(send_due(app).await, 1);
        let code = smtp.take_single_email().code();
        assert!(verify(app, READER, &code).await);
    })
    .await;
}

#[tokio::test]
async fn email_with_a_lost_reply_is_resent_with_the_same_message_id() {
    let smtp = Smtp::start().await;
    on_both_databases_with(&[&smtp.flag()], async |app| {
        smtp.set_behaviour(Behaviour::DropBeforeReply);
        register(app, READER).await;
        assert_eq!(send_due(app).await, 1);
        let first = smtp.take_single_email();
        smtp.set_behaviour(Behaviour::Accept);
        app.advance(2 * SECOND);
        assert_eq!(send_due(app).await, 1);
        let second = smtp.take_single_email();
        assert_eq!(first.header("Message-ID"), second.header("Message-ID"));
        assert_eq!(first.code(), second.code());
        assert_eq!(queued_emails(app).await, []);
    })
    .await;
}

#[tokio::test]
async fn hanging_server_does_not_delay_requests_and_abandoned_email_is_taken_over() {
    let smtp = Smtp::start().await;
    on_both_databases_with(&[&smtp.flag()], async |app| {
        smtp.set_behaviour(Behaviour::Hang);
        register(app, READER).await;
        let state = app.state.clone();
        let visits = smtp.connection_count();
        let sending =
            tokio::spawn(
                async move { run_due_jobs(&state, &schema::registry(), Queue::EMAILS).await },
            );
        smtp.wait_for_connections(visits + 1).await;
        register(app, "another@home.example").await;
        assert!(!sending.is_finished());
        smtp.set_behaviour(Behaviour::Accept);
        assert_eq!(send_due(app).await, 1);
        assert_eq!(smtp.take_single_email().to, ["another@home.example"]);

        sending.abort();
        assert!(sending.await.unwrap_err().is_cancelled());
        app.advance(59 * SECOND);
        assert_eq!(send_due(app).await, 0, "it may still be on its way");
        app.advance(SECOND);
        assert_eq!(send_due(app).await, 1);
        let letter = smtp.take_single_email();
        assert_eq!(letter.to, [READER]);
        assert!(verify(app, READER, &letter.code()).await);
    })
    .await;
}

#[tokio::test]
async fn connection_with_a_pending_reply_is_not_reused() {
    let smtp = Smtp::start().await;
    on_both_databases_with(&[&smtp.flag()], async |app| {
        smtp.set_behaviour(Behaviour::DelayReply);
        register(app, READER).await;
        let state = app.state.clone();
        let sending =
            tokio::spawn(
                async move { run_due_jobs(&state, &schema::registry(), Queue::EMAILS).await },
            );
        assert_eq!(smtp.wait_for_emails(1).await[0].to, [READER]);
        sending.abort();
        assert!(sending.await.unwrap_err().is_cancelled());
        smtp.set_behaviour(Behaviour::Accept);
        let visits = smtp.connection_count();
        register(app, "another@home.example").await;
        assert_eq!(send_due(app).await, 1);
        assert_eq!(smtp.take_single_email().to, ["another@home.example"]);
        assert_eq!(smtp.connection_count(), visits + 1);
    })
    .await;
}

/// Queues one email to each of forty recipients.
async fn queue_forty(app: &App) {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let transaction = app.state.db.begin().await.unwrap();
    for _ in 0..40 {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let letter = NewEmail {
            to: Some(format!("reader{number}@home.example")),
            subject: "Hello".to_owned(),
            body: "Hello, reader.".to_owned(),
            nonce: None,
            lifetime: MINUTE,
        };
        let queued = enqueue_email(&transaction, letter, app.state.clock.now());
        queued.await.unwrap();
    }
    transaction.commit().await.unwrap();
}

/// Sends until no email is due. Returns the number of emails.
async fn drain(state: State) -> usize {
    let mut sent = 0;
    loop {
        let count = run_due_jobs(&state, &schema::registry(), Queue::EMAILS)
            .await
            .unwrap();
        if count == 0 {
            return sent;
        }
        sent += count;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_on_one_database_send_each_email_once() {
    let smtp = Smtp::start().await;
    on_both_databases_with(&[&smtp.flag()], async |app| {
        let mut states = vec![app.state.clone()];
        for _ in 0..2 {
            let mut state = app.state.clone();
            state.db = Database::connect(&app.address, 3).await.unwrap();
            states.push(state);
        }
        for _ in 0..5 {
            queue_forty(app).await;
            let senders = states
                .iter()
                .cloned()
                .map(|state| tokio::spawn(drain(state)));
            let mut sent = 0;
            for sender in senders.collect::<Vec<_>>() {
                sent += sender.await.unwrap();
            }
            assert_eq!(sent, 40);
            let letters = smtp.take_emails();
            let readers: BTreeSet<_> = letters.iter().map(|letter| &letter.to).collect();
            assert_eq!((letters.len(), readers.len()), (40, 40));
            assert_eq!(queued_emails(app).await, []);
        }
        for state in states.drain(1..) {
            state.db.close().await.unwrap();
        }
    })
    .await;
}
