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
const PATIENCE: Duration = Duration::from_secs(30);
/// More bytes than the socket buffers hold.
const MUCH: usize = 64 << 20;
const ROUNDS: usize = 10;

/// Starts a server with these routes. Returns its address, the sender that stops it, and its task.
async fn open(router: Router) -> (SocketAddr, watch::Sender<bool>, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let gate = StartupGate::closed();
    gate.open(router);
    let settings = Connections {
        max_connections: 100,
        max_connections_per_client: Some(100),
        header_timeout: PATIENCE,
        body_timeout: PATIENCE,
        idle_timeout: PATIENCE,
        write_timeout: PATIENCE,
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
fn ask_on(address: SocketAddr, answered: Arc<AtomicUsize>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        loop {
            let mut stream = match TcpStream::connect(address) {
                Ok(stream) => stream,
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
                    return;
                }
            };
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            let question = request("/", "Connection: close\r\n");
            stream.write_all(question.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            assert!(answer.ends_with("\r\n\r\nhere"), "lost: {answer}");
            answered.fetch_add(1, Ordering::Relaxed);
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_who_has_connected_is_cut_off() {
    for _ in 0..ROUNDS {
        let router = Router::new().route("/", get(async || "here"));
        let (address, stop, served) = open(router).await;
        let answered = Arc::new(AtomicUsize::new(0));
        let clients: Vec<_> = (0..8).map(|_| ask_on(address, answered.clone())).collect();
        let begun = Instant::now();
        while answered.load(Ordering::Relaxed) < 100 {
            assert!(begun.elapsed() < PATIENCE, "requests are not answered");
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
fn take(stream: &mut TcpStream, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    stream.read_exact(&mut bytes).unwrap();
    bytes
}

/// Reads the head of a response, but not its body.
fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.extend(take(stream, 1));
    }
    String::from_utf8(head).unwrap().to_lowercase()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_not_told_may_ask_once_more() {
    let router = Router::new()
        .route("/", get(async || "here"))
        .route("/much", get(async || vec![b'x'; MUCH]));
    let (address, stop, served) = open(router).await;
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(request("/much", "").as_bytes()).unwrap();
    let told = head(&mut stream);
    assert!(!told.contains("connection: close"), "{told}");
    // Stops the server during a response without `Connection: close`, for longer than the idle timeout.
    stop.send_replace(true);
    tokio::time::sleep(Duration::from_secs(3)).await;
    take(&mut stream, MUCH);
    stream.write_all(request("/", "").as_bytes()).unwrap();
    let told = head(&mut stream);
    assert!(told.contains("connection: close"), "{told}");
    assert_eq!(take(&mut stream, 4), b"here");
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    served.await.unwrap();
}
