//! Background jobs: which are kept, listed and retried, and how two releases share them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::watch;
use wares::api::schema;
use wares::core::retry::Failure;
use wares::infra::database::Database;
use wares::platform::jobs::service::{self, NewJob, enqueue, run_due_jobs};
use wares::platform::jobs::{Job, JobContext, Queue, Registry, RetryPolicy};
use wares::server::workers::Workers;

use crate::harness::{
    App, Backend, Behaviour, Client, Log, Process, Smtp, database_flag, error_line, fresh_database,
    on_both_databases, on_both_databases_with,
};
use crate::infra::mail::{register, send_due, verify};

const READER: &str = "reader@home.example";
const JOB: &str = "id kind state subject attempts createdAt nextAttemptAt failedAt lastError";

async fn list(client: &Client, arguments: &str) -> Vec<Value> {
    let query = format!("{{ jobs{arguments} {{ totalCount nodes {{ {JOB} }} }} }}");
    let data = client.data(&query, json!({})).await;
    let nodes = data["jobs"]["nodes"].as_array().unwrap().clone();
    assert_eq!(data["jobs"]["totalCount"], nodes.len());
    nodes
}

#[tokio::test]
async fn a_failed_job_is_kept_listed_and_retried() {
    let smtp = Smtp::start().await;
    on_both_databases_with(&[&smtp.flag()], async |app| {
        let admin = app.admin().await;
        register(app, READER).await;
        let jobs = list(&admin, "").await;
        assert_eq!(
            (&jobs[0]["kind"], &jobs[0]["state"]),
            (&json!("email"), &json!("PENDING"))
        );
        assert_eq!(jobs[0]["nextAttemptAt"], jobs[0]["createdAt"]);

        smtp.set_behaviour(Behaviour::RejectPermanently);
        assert_eq!(send_due(app).await, 1);
        let jobs = list(&admin, "(filter: {state: FAILED, kinds: [\"email\"]})").await;
        let [job] = jobs.as_slice() else {
            panic!("{jobs:?}")
        };
        assert_eq!(
            (&job["state"], &job["attempts"]),
            (&json!("FAILED"), &json!(1))
        );
        assert_eq!(
            (&job["subject"], &job["nextAttemptAt"]),
            (&Value::Null, &Value::Null)
        );
        assert!(job["lastError"].as_str().unwrap().contains("550"), "{job}");
        assert!(!job.to_string().contains("home.example"), "{job}");
        assert_eq!(list(&admin, "(filter: {state: PENDING})").await.len(), 0);
        assert_eq!(
            list(&admin, "(filter: {kinds: [\"media.delete\"]})")
                .await
                .len(),
            0
        );

        smtp.set_behaviour(Behaviour::Accept);
        app.advance(Duration::from_secs(1));
        let payload = admin
            .run_mutation(
                "retryJob",
                json!({"id": job["id"]}),
                "job { state attempts failedAt }",
            )
            .await;
        assert_eq!(
            payload["job"],
            json!({"state": "PENDING", "attempts": 0, "failedAt": null})
        );
        let payload = admin
            .run_mutation("retryJob", json!({"id": job["id"]}), "job { state }")
            .await;
        assert_eq!(payload["userErrors"][0]["code"], "CONFLICT");
        // The transaction of the refused retry may lock the job until after the response.
        while send_due(app).await == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(verify(app, READER, &smtp.take_single_email().code()).await);
        assert_eq!(list(&admin, "").await, Vec::<Value>::new());
        let payload = admin
            .run_mutation("retryJob", json!({"id": job["id"]}), "job { state }")
            .await;
        assert_eq!(payload["userErrors"][0]["code"], "NOT_FOUND");
        let log = admin
            .data("{ auditLog { nodes { action subjectId } } }", json!({}))
            .await;
        assert_eq!(
            log["auditLog"]["nodes"],
            json!([{"action": "retryJob", "subjectId": job["id"]}])
        );
    })
    .await;
}

#[tokio::test]
async fn a_job_is_a_node_that_only_admins_see() {
    let smtp = Smtp::start().await;
    on_both_databases_with(&[&smtp.flag()], async |app| {
        let admin = app.admin().await;
        register(app, READER).await;
        let id = list(&admin, "").await[0]["id"].clone();
        let query = "query($id: ID!) { node(id: $id) { id ... on Job { kind } } }";
        let found = admin.data(query, json!({"id": id})).await;
        assert_eq!(found["node"], json!({"id": id, "kind": "email"}));
        for client in [app.customer().await, app.anonymous()] {
            assert_eq!(
                client.data(query, json!({"id": id})).await["node"],
                Value::Null
            );
        }
        for filter in [
            "kinds: [\"a\\u0000\"]",
            "kinds: [\"x\"], state: FAILED}, first: 0, filter: {",
        ] {
            let query = format!("{{ jobs(filter: {{{filter}}}) {{ totalCount }} }}");
            let response = admin.send(&query, json!({})).await;
            assert_ne!(response.json.get("errors"), None, "{filter}");
        }
    })
    .await;
}

#[tokio::test]
async fn failed_jobs_are_deleted_after_14_days() {
    let smtp = Smtp::start().await;
    on_both_databases_with(&[&smtp.flag()], async |app| {
        smtp.set_behaviour(Behaviour::RejectPermanently);
        register(app, READER).await;
        assert_eq!(send_due(app).await, 1);
        app.advance(Duration::from_hours(14 * 24));
        service::delete_expired(&app.state).await.unwrap();
        assert_eq!(app.count("outbox").await, 1);
        app.advance(Duration::from_secs(1));
        service::delete_expired(&app.state).await.unwrap();
        assert_eq!(app.count("outbox").await, 0);
    })
    .await;
}

static ATTEMPTS: AtomicUsize = AtomicUsize::new(0);

/// A job with its own queue and retry policy. It fails until the test lets it succeed.
#[derive(Serialize, Deserialize)]
struct Charge {
    order: String,
}

impl Job for Charge {
    const KIND: &'static str = "test.charge";
    const QUEUE: Queue = Queue::new("payments", 1, Duration::from_mins(1));
    const RETRY: RetryPolicy = RetryPolicy::DEFAULT.with_max_attempts(2);

    fn subject(&self) -> Option<String> {
        Some(self.order.clone())
    }

    async fn run(self, context: JobContext) -> Result<(), Failure> {
        assert!(context.id.get_version_num() == 7 && self.order == "ord_1");
        ATTEMPTS.fetch_add(1, Ordering::Relaxed);
        Err(Failure::Temporary("the provider is away".to_owned()))
    }
}

#[tokio::test]
async fn a_kind_of_job_has_its_own_queue_and_maximum_of_attempts() {
    on_both_databases(async |app| {
        ATTEMPTS.store(0, Ordering::Relaxed);
        let admin = app.admin().await;
        let mut registry = Registry::default();
        registry.job::<Charge>();
        let queues = registry.queues();
        assert_eq!(
            queues.iter().map(|queue| queue.name).collect::<Vec<_>>(),
            ["payments"]
        );
        let transaction = app.state.db.begin().await.unwrap();
        let job = Charge {
            order: "ord_1".to_owned(),
        };
        let jobs = [NewJob::new(&job).unwrap().after(Duration::from_secs(1))];
        enqueue(&transaction, jobs, app.state.clock.now())
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        let run = async || {
            run_due_jobs(&app.state, &registry, Charge::QUEUE)
                .await
                .unwrap()
        };
        assert_eq!(run().await, 0, "it is not due");
        app.advance(Duration::from_secs(1));
        assert_eq!(run().await, 1);
        let jobs = list(&admin, "").await;
        assert_eq!(
            (&jobs[0]["state"], &jobs[0]["subject"]),
            (&json!("PENDING"), &json!("ord_1"))
        );
        assert_eq!(jobs[0]["lastError"], "the provider is away");
        assert_eq!(run().await, 0, "it waits");
        app.advance(Duration::from_secs(2));
        assert_eq!(run().await, 1);
        let jobs = list(&admin, "").await;
        assert_eq!(
            (&jobs[0]["state"], &jobs[0]["attempts"]),
            (&json!("FAILED"), &json!(2))
        );
        app.advance(Duration::from_mins(2));
        assert_eq!(run().await, 0);
        assert_eq!(ATTEMPTS.load(Ordering::Relaxed), 2);
        // Servers that do not know the kind, such as those of the previous release, leave it alone.
        admin
            .run_mutation("retryJob", json!({"id": jobs[0]["id"]}), "job { id }")
            .await;
        for queue in schema::registry().queues() {
            assert_eq!(
                run_due_jobs(&app.state, &schema::registry(), queue)
                    .await
                    .unwrap(),
                0
            );
        }
        assert_eq!(list(&admin, "(filter: {state: PENDING})").await.len(), 1);
    })
    .await;
}

/// Queues a job as the previous release does.
async fn queue_as_before(app: &App, kind: &str, recipient: &str, subject: &str, body: &str) {
    let id = match app.backend {
        Backend::Sqlite => "randomblob(16)",
        Backend::Postgres => "gen_random_uuid()",
    };
    let now = app.state.clock.now().0;
    let later = now + 86_400_000_000;
    app.sql(&format!(
        "INSERT INTO outbox (id, kind, recipient, subject, body, nonce, attempts, created_at, due_at, expires_at) \
         VALUES ({id}, '{kind}', {recipient}, '{subject}', '{body}', NULL, 0, {now}, {now}, {later})"
    ))
    .await;
}

#[tokio::test]
async fn jobs_of_the_previous_release_are_run() {
    let smtp = Smtp::start().await;
    on_both_databases_with(&[&smtp.flag()], async |app| {
        let admin = app.admin().await;
        queue_as_before(
            app,
            "LETTER",
            &format!("'{READER}'"),
            "Hello",
            "Hello, reader.",
        )
        .await;
        queue_as_before(app, "LETTER", "NULL", "Hello", "Hello, nobody.").await;
        queue_as_before(app, "DELETE", "NULL", "products/gone.png", "").await;
        let header = r#"{"kind":"Png","width":2,"height":2,"orientation":1}"#;
        queue_as_before(app, "RESIZE", "NULL", "products/gone.png", header).await;
        queue_as_before(app, "RESIZE", "NULL", "users/gone.png", header).await;
        queue_as_before(
            app,
            "FETCH",
            "NULL",
            "prod_00000000000000000000000000",
            "[]",
        )
        .await;
        queue_as_before(
            app,
            "FETCH",
            "NULL",
            "user_00000000000000000000000000",
            "http://x.example/",
        )
        .await;
        queue_as_before(app, "DEMO", "NULL", "", "").await;
        let jobs = list(&admin, "").await;
        assert!(
            !jobs.iter().any(|job| job["subject"] == "Hello"),
            "{jobs:?}"
        );
        assert_eq!(send_due(app).await, 1);
        assert_eq!(smtp.take_single_email().to, [READER]);
        app.run_due_jobs(Queue::IMAGES).await;
        assert_eq!(list(&admin, "").await, Vec::<Value>::new());
        assert_eq!(app.count("outbox").await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_clean_up_that_fails_is_logged_with_its_name() {
    on_both_databases(async |app| {
        app.sql("ALTER TABLE image_uploads RENAME TO lost").await;
        let log = Log::capture();
        let (stop, stopped) = watch::channel(false);
        let work = Workers::start(&app.state, &stopped);
        for _ in 0..500 {
            if !log.lines_with("clean-up failed").is_empty() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let lines = log.lines_with("clean-up failed");
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].contains("clean_up=\"image_uploads\""), "{lines:?}");
        drop(stop);
        tokio::time::timeout(Duration::from_secs(5), work.end())
            .await
            .unwrap_or_default();
    })
    .await;
}

#[tokio::test]
async fn the_command_line_lists_and_retries_jobs() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let folder = tempfile::tempdir().unwrap();
        let address = fresh_database(backend, folder.path()).await;
        let flag = database_flag(&address);
        let run = |arguments: &[&str]| {
            let arguments = [&[flag.as_str(), "jobs"], arguments].concat();
            Process::run(folder.path(), &arguments)
        };
        let print = |arguments: &[&str]| {
            let output = run(arguments);
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stdout).unwrap()
        };
        assert_eq!(print(&[]), "");
        let db = Database::connect(&address, 1).await.unwrap();
        let insert = |id: u8, failed: &str| {
            let id = match backend {
                Backend::Sqlite => format!("X'{id:032x}'"),
                Backend::Postgres => format!("'{id:032x}'"),
            };
            format!(
                "INSERT INTO outbox (id, kind, recipient, subject, body, attempts, created_at, due_at, expires_at, payload, failed_at, last_error) \
                 VALUES ({id}, 'email', 'ann@home.example', '', '', 3, 0, 5000000, 9000000, '{{\"to\": \"ann@home.example\"}}', {failed}, 'refused')"
            )
        };
        let transaction = db.begin().await.unwrap();
        for (id, failed) in [(1, "6000000"), (2, "7000000"), (3, "NULL")] {
            let sql = insert(id, failed);
            sea_orm::ConnectionTrait::execute_unprepared(&transaction, &sql)
                .await
                .unwrap();
        }
        transaction.commit().await.unwrap();
        db.close().await.unwrap();

        let listed = print(&[]);
        let lines: Vec<_> = listed.lines().collect();
        assert_eq!(lines.len(), 3, "{listed}");
        assert!(lines[0].starts_with("failed   job_"), "{listed}");
        assert!(lines[2].starts_with("pending  job_"), "{listed}");
        assert!(
            lines[2].contains("email  attempts=3  1970-01-01T00:00:05Z  -  refused"),
            "{listed}"
        );
        assert!(!listed.contains("home.example"), "{listed}");

        let id = lines[0].split_whitespace().nth(1).unwrap();
        assert_eq!(print(&["retry", id]), "1 jobs queued again\n");
        assert!(error_line(&run(&["retry", id])).contains("pending"));
        assert!(
            error_line(&run(&["retry", "job_00000000000000000000000000"])).contains("no such job")
        );
        assert!(error_line(&run(&["retry", "x"])).contains("not the id of a job"));
        assert!(!error_line(&run(&["retry"])).is_empty());
        assert_eq!(print(&["retry", "--all"]), "1 jobs queued again\n");
        assert_eq!(print(&["retry", "--all"]), "0 jobs queued again\n");
        assert_eq!(print(&[]).matches("pending").count(), 3);
    }
}
