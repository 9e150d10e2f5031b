//! Shutdown of the listener: every connected client gets a response with `Connection: close`.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch;
use wares::config::Connections;
use wares::infra::server_status::ServerStatus;
use wares::server::connections;
use wares::server::startup_gate::StartupGate;

/// The timeout of any operation of a test.
const TIMEOUT: Duration = Duration::from_secs(30);
/// More bytes than the socket buffers hold.
const LARGE_BODY_BYTES: usize = 64 << 20;
const ROUNDS: usize = 10;

/// Starts a server with these routes. Returns its address, the sender that stops it, and its task.
async fn start_server(
    router: Router,
) -> (SocketAddr, watch::Sender<bool>, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let gate = StartupGate::closed(&ServerStatus::default());
    gate.open(router);
    let settings = Connections {
        max_connections: 100,
        max_connections_per_client: Some(100),
        header_timeout: TIMEOUT,
        body_timeout: TIMEOUT,
        idle_timeout: TIMEOUT,
        write_timeout: TIMEOUT,
        trusted_proxies: Vec::new(),
    };
    let (stop, stopped) = watch::channel(false);
    let served = connections::serve(listener, gate, ServerStatus::default(), settings, stopped);
    (address, stop, tokio::spawn(served))
}

fn request(path: &str, more: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: shop\r\n{more}\r\n")
}

/// Sends requests on new connections until they are refused, and counts the responses.
fn request_until_refused(address: SocketAddr, answered: Arc<AtomicUsize>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        loop {
            let mut stream = match TcpStream::connect(address) {
                Ok(stream) => stream,
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
                    return;
                }
            };
            stream.set_read_timeout(Some(TIMEOUT)).unwrap();
            let question = request("/", "Connection: close\r\n");
            stream.write_all(question.as_bytes()).unwrap();
            let mut response = String::new();
            stream.read_to_string(&mut response).unwrap();
            assert!(response.ends_with("\r\n\r\nhere"), "lost: {response}");
            answered.fetch_add(1, Ordering::Relaxed);
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn accepted_connections_are_answered_during_shutdown() {
    for _ in 0..ROUNDS {
        let router = Router::new().route("/", get(async || "here"));
        let (address, stop, served) = start_server(router).await;
        let answered = Arc::new(AtomicUsize::new(0));
        let clients: Vec<_> = (0..8)
            .map(|_| request_until_refused(address, answered.clone()))
            .collect();
        let begun = Instant::now();
        while answered.load(Ordering::Relaxed) < 100 {
            assert!(begun.elapsed() < TIMEOUT, "requests are not answered");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        stop.send_replace(true);
        served.await.unwrap();
        let join = || {
            clients
                .into_iter()
                .map(JoinHandle::join)
                .all(|end| end.is_ok())
        };
        assert!(
            tokio::task::block_in_place(join),
            "a connection was closed without a response"
        );
    }
}

/// Reads this number of bytes.
fn read_bytes(stream: &mut TcpStream, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    stream.read_exact(&mut bytes).unwrap();
    bytes
}

/// Reads the head of a response, but not its body.
fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.extend(read_bytes(stream, 1));
    }
    String::from_utf8(head).unwrap().to_lowercase()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_without_an_announced_close_is_answered_once_more() {
    let router = Router::new()
        .route("/", get(async || "here"))
        .route("/much", get(async || vec![b'x'; LARGE_BODY_BYTES]));
    let (address, stop, served) = start_server(router).await;
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    stream.write_all(request("/much", "").as_bytes()).unwrap();
    let head_text = head(&mut stream);
    assert!(!head_text.contains("connection: close"), "{head_text}");
    // Stops the server during a response without `Connection: close`, for longer than the idle timeout.
    stop.send_replace(true);
    tokio::time::sleep(Duration::from_secs(3)).await;
    read_bytes(&mut stream, LARGE_BODY_BYTES);
    stream.write_all(request("/", "").as_bytes()).unwrap();
    let head_text = head(&mut stream);
    assert!(head_text.contains("connection: close"), "{head_text}");
    assert_eq!(read_bytes(&mut stream, 4), b"here");
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    served.await.unwrap();
}
