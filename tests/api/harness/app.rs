//! An application instance in the test process, with a database of its own.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_credential_types::provider::SharedCredentialsProvider;
use axum::Router;
use sea_orm::{ConnectionTrait, Statement};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::{OnceCell, watch};
use tokio::task::AbortHandle;
use wares::accounts::user;
use wares::accounts::user::Role;
use wares::accounts::user::service::NewUser;
use wares::api::{http, schema};
use wares::core::clock::Clock;
use wares::core::email_address::EmailAddress;
use wares::infra::cache;
use wares::infra::database::{Address, Catalog, ConnectionOptions, Database, ReplicaOptions};
use wares::infra::keys::Keys;
use wares::infra::mail::{EmailMessage, Mailer};
use wares::infra::server_status::ServerStatus;
use wares::infra::storage::Storage;
use wares::platform::jobs::Queue;
use wares::platform::jobs::service::run_due_jobs;
use wares::sales::demo;
use wares::server::connections::serve;
use wares::server::startup_gate::StartupGate;
use wares::state::State;

use super::databases::{Backend, fresh_database};
use super::settings::config;
use super::{Client, FailingStore, Shop};

/// 2026-01-01T00:00:00Z, the time at which every test starts.
const START: i64 = 1_767_225_600_000_000;

/// The password of every test user.
pub const PASSWORD: &str = "a fine day for sailing";

/// Starts an application on SQLite, for tests that do not depend on the database.
pub async fn sqlite_app() -> App {
    App::start(Backend::Sqlite, &[]).await
}

/// Runs a test on both databases, each time with a new application.
pub async fn on_both_databases(test: impl AsyncFn(&App)) {
    on_both_databases_with(&[], test).await;
}

/// Like [`on_both_databases`], with additional settings.
pub async fn on_both_databases_with(settings: &[&str], test: impl AsyncFn(&App)) {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let app = App::start(backend, settings).await;
        let print_backend = PrintBackendOnPanic(backend);
        test(&app).await;
        drop(print_backend);
        app.stop().await;
    }
}

/// Prints the database of a failing test.
struct PrintBackendOnPanic(Backend);

impl Drop for PrintBackendOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("database: {:?}", self.0);
        }
    }
}

/// An application with its router, database and clock.
pub struct App {
    pub backend: Backend,
    /// The address of its database.
    pub address: Address,
    pub state: State,
    router: Router,
    time: Arc<AtomicI64>,
    emails: Arc<Mutex<Vec<EmailMessage>>>,
    statements: Arc<Mutex<Vec<Statement>>>,
    watcher: Mutex<Option<AbortHandle>>,
    /// Stops the listener, at which clients read and upload images.
    _stop: watch::Sender<bool>,
    _objects: TempDir,
    _folder: Option<TempDir>,
}

impl App {
    /// Starts an application with an empty database. `settings` are command line flags. Emails are collected in
    /// memory, unless an SMTP server is configured.
    pub async fn start(backend: Backend, settings: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = fresh_database(backend, folder.path()).await;
        let app = Self::on_database(backend, address, settings).await;
        Self {
            _folder: Some(folder),
            ..app
        }
    }

    /// Starts an application with an empty database that stores images in this object store.
    pub async fn with_store(backend: Backend, settings: &[&str], store: &FailingStore) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = fresh_database(backend, folder.path()).await;
        let flags = store.flags();
        let settings: Vec<_> = settings
            .iter()
            .copied()
            .chain(flags.iter().map(String::as_str))
            .collect();
        let app = Self::open(backend, address, &settings, Some(store.keys())).await;
        Self {
            _folder: Some(folder),
            ..app
        }
    }

    /// Starts an application on an existing database.
    pub async fn on_database(backend: Backend, address: Address, settings: &[&str]) -> Self {
        Self::open(backend, address, settings, None).await
    }

    async fn open(
        backend: Backend,
        address: Address,
        settings: &[&str],
        store_credentials: Option<SharedCredentialsProvider>,
    ) -> Self {
        let mut config = config(settings);
        let connecting = ConnectionOptions {
            max_connections: 5,
            ..ConnectionOptions::new(&config, Some(config.limits.request_timeout))
        };
        let mut db = Database::connect_with_options(&address, connecting)
            .await
            .unwrap();
        let replicas = ReplicaOptions::new(&config).unwrap();
        db.add_replicas(&replicas, &connecting).await.unwrap();
        let statements = Arc::new(Mutex::new(Vec::new()));
        let recorded = statements.clone();
        db.on_statement(move |statement| recorded.lock().unwrap().push(statement.clone()));
        let time = Arc::new(AtomicI64::new(START));
        let emails = Arc::new(Mutex::new(Vec::new()));
        // Each instance has its own folder for objects, even if it shares a database.
        let objects = tempfile::tempdir().unwrap();
        config.data_dir = objects.path().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        config.listen = listener.local_addr().unwrap();
        let storage = match store_credentials {
            Some(keys) => Storage::connect_with(&config, keys).await.unwrap(),
            None => Storage::connect(&config).await.unwrap(),
        };
        let keys = match config.accounts.jwt_secrets {
            Some(_) => Keys::load(&config).unwrap(),
            None => Keys::random(),
        };
        let mailer = match config.mail.smtp_url {
            Some(_) => Mailer::new(&config).unwrap(),
            None => Mailer::memory(emails.clone()),
        };
        let clock = Clock::Manual(time.clone());
        let state = State::new(config, db, clock, keys, mailer, storage);
        let router = http::router(&state);
        let status = ServerStatus::default();
        let gate = StartupGate::closed(&status);
        gate.open(router.clone());
        let (stop, stopped) = watch::channel(false);
        let connections = state.config.connections.clone();
        tokio::spawn(serve(listener, gate, status, connections, stopped));
        Self {
            backend,
            address,
            router,
            state,
            _stop: stop,
            time,
            emails,
            statements,
            watcher: Mutex::default(),
            _objects: objects,
            _folder: None,
        }
    }

    /// Returns a client without credentials.
    pub fn anonymous(&self) -> Client {
        Client::new(self.router.clone())
    }

    /// Returns a client signed in as a customer. Creates the account if it does not exist.
    pub async fn customer(&self) -> Client {
        self.signed_in("customer@shop.example", Role::Customer)
            .await
    }

    /// Returns a client signed in as an admin. Creates the account if it does not exist.
    pub async fn admin(&self) -> Client {
        self.signed_in("admin@shop.example", Role::Admin).await
    }

    /// Returns a client signed in as the user with this email address. Creates the account if it does not exist.
    pub async fn signed_in(&self, email: &str, role: Role) -> Client {
        self.user(email, role).await;
        let client = self.anonymous();
        let token = client.login(email, PASSWORD).await;
        client.with_token(token["accessToken"].as_str().unwrap())
    }

    /// Creates a user with the password [`PASSWORD`], if there is none with this email address.
    pub async fn user(&self, email: &str, role: Role) {
        static HASH: OnceCell<String> = OnceCell::const_new();
        let hash = async || {
            let password = PASSWORD.to_owned().into();
            self.state.hasher.hash(&password).await.unwrap()
        };
        let new = NewUser {
            email: EmailAddress::parse(email).unwrap(),
            name: "Some Body".to_owned(),
            role,
            password_hash: Some(HASH.get_or_init(hash).await.clone()),
            is_invited: false,
        };
        let transaction = self.state.db.begin().await.unwrap();
        let inserted = user::service::insert(&transaction, new, self.state.clock.now());
        inserted.await.unwrap();
        transaction.commit().await.unwrap();
    }

    /// Advances the clock.
    pub fn advance(&self, time: Duration) {
        let micros = i64::try_from(time.as_micros()).unwrap();
        self.time.fetch_add(micros, Ordering::Relaxed);
    }

    /// Sends the due emails and returns all emails sent since the last call.
    pub async fn emails(&self) -> Vec<EmailMessage> {
        self.run_due_jobs(Queue::EMAILS).await;
        std::mem::take(&mut self.emails.lock().unwrap())
    }

    /// Runs the due jobs: emails, or all that work on images. Returns their number.
    pub async fn run_due_jobs(&self, queue: Queue) -> usize {
        let registry = schema::registry();
        let run = async |queue| run_due_jobs(&self.state, &registry, queue).await.unwrap();
        let mut done = 0;
        loop {
            let more = if queue == Queue::EMAILS {
                run(queue).await
            } else {
                run(Queue::FETCHES).await + run(Queue::IMAGES).await
            };
            if more == 0 {
                return done;
            }
            done += more;
        }
    }

    /// Returns the code of the single email that is due.
    pub async fn code(&self) -> String {
        let emails = self.emails().await;
        let codes: Vec<_> = emails.into_iter().filter_map(|email| email.code).collect();
        assert_eq!(codes.len(), 1, "{codes:?}");
        codes[0].clone()
    }

    /// Returns helpers that create catalog data.
    pub fn shop(&self) -> Shop<'_> {
        Shop::new(self)
    }

    /// Creates the demo catalogue without its images, which are outbox tasks.
    pub async fn create_demo_catalog(&self) {
        demo::service::fill(&self.state).await.unwrap().unwrap();
    }

    /// Executes a statement directly on the database.
    pub async fn sql(&self, sql: &str) {
        let transaction = self.state.db.begin().await.unwrap();
        transaction.touch(Catalog::All);
        transaction.execute_unprepared(sql).await.unwrap();
        transaction.commit().await.unwrap();
    }

    /// Returns the number that a query selects.
    pub async fn sql_number(&self, sql: &str) -> i64 {
        let statement = Statement::from_string(self.state.db.backend(), sql);
        let row = self.state.db.reader().query_one_raw(statement).await;
        let row = row.unwrap().unwrap();
        let narrow = || row.try_get_by_index::<i32>(0).map(i64::from);
        row.try_get_by_index(0).or_else(|_| narrow()).unwrap()
    }

    /// Returns the number of rows of a table.
    pub async fn count(&self, table: &str) -> i64 {
        self.sql_number(&format!("SELECT count(*) FROM {table}"))
            .await
    }

    /// Returns the query plan that an `EXPLAIN` statement prints, by line.
    pub async fn query_plan_lines(&self, statement: Statement) -> Vec<String> {
        let rows = self.state.db.reader().query_all_raw(statement).await;
        let column = match self.backend {
            Backend::Sqlite => "detail",
            Backend::Postgres => "QUERY PLAN",
        };
        let rows = rows.unwrap().into_iter();
        rows.map(|row| row.try_get("", column).unwrap()).collect()
    }

    /// Returns the statements executed by `work`, except those that read the session.
    pub async fn record_statements(&self, work: impl Future) -> Vec<Statement> {
        self.statements.lock().unwrap().clear();
        work.await;
        let mut statements = std::mem::take(&mut *self.statements.lock().unwrap());
        statements.retain(|statement| !statement.sql.contains("\"sessions\""));
        statements
    }

    /// Starts the change watcher, which enables the response cache as in a server.
    pub fn start_change_watcher(&self) {
        let run = cache::watch::run(self.state.read_cache.clone(), self.state.db.clone());
        let run = tokio::spawn(run);
        *self.watcher.lock().unwrap() = Some(run.abort_handle());
    }

    /// Returns how many recorded statements contain this text. [`App::record_statements`] clears the record.
    pub fn count_statements_containing(&self, what: &str) -> usize {
        let statements = self.statements.lock().unwrap();
        let about = statements
            .iter()
            .filter(|statement| statement.sql.contains(what));
        about.count()
    }

    /// Stops the watcher and closes the database.
    pub async fn stop(self) {
        if let Some(watcher) = self.watcher.lock().unwrap().take() {
            watcher.abort();
        }
        self.state.db.close().await.unwrap();
    }
}
