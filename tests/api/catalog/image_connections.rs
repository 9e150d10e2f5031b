//! Image uploads over TCP connections to a server process: slow clients, disconnects, concurrency, and a killed
//! server.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use wares::accounts::user::Role;
use wares::catalog::product::entity::Model as Product;

use crate::catalog::image_failures::{begin_upload, product, upload};
use crate::harness::{
    App, Backend, FailingStore, Process, StoreFailure, database_flag, http_post, sample_image,
};

/// The timeout of any wait of a test.
const TIMEOUT: Duration = Duration::from_secs(30);
const POLL_INTERVAL: Duration = Duration::from_millis(20);
const LARGE_IMAGES_FLAG: &str = "--image-max-bytes=20000000";

/// A server process, its object store, and the access token of an admin.
struct Server {
    process: Process,
    store: FailingStore,
    token: String,
    product: Product,
    app: App,
    settings: Vec<String>,
    folder: TempDir,
}

impl Server {
    async fn start(backend: Backend, settings: &[&str]) -> Self {
        let app = App::start(backend, &[]).await;
        app.user("admin@shop.example", Role::Admin).await;
        app.user("customer@shop.example", Role::Customer).await;
        let product = product(&app).await;
        let store = FailingStore::start().await;
        let fixed = [database_flag(&app.address), "--demo=off".to_owned()];
        let given = settings.iter().map(|flag| (*flag).to_owned());
        let settings: Vec<_> = fixed
            .into_iter()
            .chain(store.flags())
            .chain(given)
            .collect();
        let folder = tempfile::tempdir().unwrap();
        let process = begin(&folder, &settings, &store);
        let token = process.sign_in("admin@shop.example");
        Self {
            process,
            store,
            token,
            product,
            app,
            settings,
            folder,
        }
    }

    /// Starts a new process with the same settings.
    fn restart(&mut self) {
        self.process = begin(&self.folder, &self.settings, &self.store);
    }

    /// Begins an upload whose `Content-Length` is `length`.
    fn send(&self, body: &[u8], length: usize) -> TcpStream {
        self.process.begin_upload(&self.token, body, length)
    }

    /// Waits until the condition is true.
    async fn wait_until(&self, what: &str, condition: impl AsyncFn() -> bool) {
        let begun = Instant::now();
        while !condition().await {
            let (objects, left) = (self.store.objects(), self.store.leftovers());
            assert!(
                begun.elapsed() < TIMEOUT,
                "never {what}: {objects:?}, {left:?}"
            );
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Waits until the store is empty. Scheduled deletions are executed immediately.
    async fn wait_until_store_is_empty(&self) {
        let is_empty_after_jobs = async || {
            self.app
                .sql("UPDATE outbox SET due_at = 0 WHERE attempts = 0")
                .await;
            self.store.is_empty() && self.app.count("outbox").await == 0
        };
        self.wait_until("swept", is_empty_after_jobs).await;
    }
}

fn begin(folder: &TempDir, settings: &[String], store: &FailingStore) -> Process {
    let settings: Vec<_> = settings.iter().map(String::as_str).collect();
    let mut command = Process::command(folder.path(), &settings);
    command.envs(store.variables().iter().map(|(name, value)| (name, value)));
    Process::serve_command(folder.path(), command)
}

fn read_to_end(mut stream: TcpStream) -> String {
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}

/// Reads the head of a response and the part of the body that arrives with it.
fn read(stream: &mut TcpStream) -> String {
    let mut bytes = vec![0; 64 << 10];
    let count = stream.read(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes[..count]).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unauthorized_upload_is_refused_before_the_image_is_read() {
    let server = Server::start(Backend::Sqlite, &[]).await;
    let body = begin_upload(&server.product, 1)
        .begin("name=\"0\"; filename=\"a\"")
        .open();
    let customer = server.process.sign_in("customer@shop.example");
    for (token, code) in [("not-one", "UNAUTHENTICATED"), (&customer, "FORBIDDEN")] {
        let begun = Instant::now();
        let response = read_to_end(server.process.begin_upload(token, &body, 4 << 20));
        assert!(begun.elapsed() < Duration::from_secs(5));
        assert!(response.contains(code), "{response}");
        assert!(response.contains("connection: close"), "{response}");
    }
    assert_eq!(server.store.count_requests("products/"), 0);
    assert_eq!(server.app.count("outbox").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_is_streamed_into_the_store() {
    let server = Server::start(Backend::Sqlite, &[LARGE_IMAGES_FLAG]).await;
    let body = upload(&server.product, &[&sample_image::large_png(2_000, 2_000)]);
    let mut stream = server.send(&body[..6 << 20], body.len());
    let begun = async || server.store.count_responses("partNumber=1") > 0;
    server.wait_until("a part in the store", begun).await;
    stream.write_all(&body[6 << 20..]).unwrap();
    let response = read(&mut stream);
    assert!(response.contains("\"width\":2000"), "{response}");
    assert_eq!(server.app.count("product_images").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stalled_upload_times_out_and_is_removed() {
    let settings = [LARGE_IMAGES_FLAG, "--upload-patience=1s"];
    let server = Server::start(Backend::Sqlite, &settings).await;
    let body = upload(&server.product, &[&sample_image::large_png(2_000, 2_000)]);
    for sent in [64 << 10, 6 << 20] {
        let begun = Instant::now();
        let response = read_to_end(server.send(&body[..sent], body.len()));
        assert!(
            begun.elapsed() < Duration::from_secs(15),
            "{:?}",
            begun.elapsed()
        );
        assert!(response.contains("REQUEST_TIMEOUT"), "{response}");
    }
    // The upload is deleted without the outbox.
    assert!(server.store.count_requests("partNumber=1") > 0);
    server
        .wait_until("empty", async || server.store.is_empty())
        .await;
    assert_eq!(server.app.count("product_images").await, 0);
    server.wait_until_store_is_empty().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn disconnected_clients_leave_no_image_behind() {
    let server = Server::start(Backend::Sqlite, &[LARGE_IMAGES_FLAG]).await;
    let small = upload(&server.product, &[&sample_image::jpeg(600, 400)]);
    let large = upload(&server.product, &[&sample_image::large_png(1_500, 1_500)]);
    let files = server.process.open_files() + 24;
    for number in 0..200 {
        let body = if number % 8 == 0 { &large } else { &small };
        // Ends at any position before the end.
        let end = (number * 104_729) % (body.len() - 16);
        let stream = server.send(&body[..end], body.len());
        if number % 2 == 0 {
            _ = stream.shutdown(Shutdown::Both);
        }
    }
    let as_before = async || {
        // Idle connections of the pool are closed during requests.
        http_post(&server.process.address, "{\"query\":\"{ __typename }\"}");
        server.process.open_files() <= files && server.store.is_empty()
    };
    server.wait_until("as before", as_before).await;
    assert!(server.store.count_requests("uploadId=") > 0);
    assert_eq!(server.app.count("product_images").await, 0);
    server.wait_until_store_is_empty().await;
    let mut stream = server.send(&small, small.len());
    assert!(read(&mut stream).contains("\"width\":600"));
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_concurrent_images_take_bounded_memory() {
    let server = Server::start(Backend::Sqlite, &[]).await;
    let body = upload(&server.product, &[&sample_image::large_png(1_300, 1_340)]);
    let send = || {
        let response = server.process.upload(&server.token, &body);
        let is_taken = response.contains("\"width\":1300");
        let is_refused = response.is_empty()
            || response.contains("SERVICE_UNAVAILABLE")
            || response.contains("REQUEST_TIMEOUT");
        assert!(is_taken || is_refused, "{response}");
        assert!(!response.starts_with("HTTP/1.1 5") || response.starts_with("HTTP/1.1 503"));
        usize::from(is_taken)
    };
    // The memory of one upload is now allocated.
    let mut taken = send();
    assert_eq!(taken, 1);
    let before = server.process.memory();
    let mut max_memory = before;
    std::thread::scope(|scope| {
        let clients = (0..20).map(|_| scope.spawn(send));
        let clients: Vec<_> = clients.collect();
        while clients.iter().any(|client| !client.is_finished()) {
            max_memory = max_memory.max(server.process.memory());
            sleep(POLL_INTERVAL);
        }
        let clients = clients.into_iter().map(|client| client.join().unwrap());
        taken += clients.sum::<usize>();
    });
    assert!(taken > 5, "{taken} uploads were accepted");
    // The server is not optimized, and the machine may be busy. 200 MiB were measured.
    assert!(
        max_memory < before + (256 << 10),
        "{before} KiB became {max_memory}"
    );
    assert_eq!(
        server.app.count("product_images").await,
        i64::try_from(taken).unwrap()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_of_a_killed_server_are_removed_by_the_next() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let mut server = Server::start(backend, &[LARGE_IMAGES_FLAG]).await;
        let small = upload(&server.product, &[&sample_image::jpeg(600, 400)]);
        let large = upload(&server.product, &[&sample_image::large_png(1_500, 1_500)]);
        for (number, (body, method, what)) in [
            (&small, "PUT ", "products/"),
            (&large, "PUT ", "partNumber=2"),
            (&large, "POST ", "uploadId="),
        ]
        .into_iter()
        .enumerate()
        {
            server
                .store
                .inject_failure(StoreFailure::WithholdsResponse, move |line| {
                    line.starts_with(method) && line.contains(what)
                });
            let stream = server.send(body, body.len());
            server.store.wait_for_failures(number + 1).await;
            server.process.signal("KILL");
            server.process.wait();
            drop(stream);
            server.store.end_failure();
            assert!(!server.store.is_empty(), "{what}");
            assert_eq!(server.app.count("product_images").await, 0);
            // Deletion is scheduled after an hour.
            assert_eq!(server.app.count("outbox").await, 1);
            server.restart();
            server.wait_until_store_is_empty().await;
        }
        let mut stream = server.send(&small, small.len());
        assert!(read(&mut stream).contains("\"width\":600"));
    }
}
