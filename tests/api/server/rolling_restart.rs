//! Rolling restarts: two servers on one database are replaced in turn under load.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use wares::accounts::user::Role;
use wares::infra::database::Address;

use crate::harness::{App, Backend, Process, database_flag, free_port, fresh_database, http_get};

/// The timeout of any operation of a test.
const TIMEOUT: Duration = Duration::from_secs(30);
const ADMIN: &str = "admin@example.com";

/// A load balancer. It forwards each connection to one of the servers, or to the next one if the connection is
/// refused. It repeats no requests.
fn start_load_balancer(servers: [u16; 2]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for (turn, client) in listener.incoming().enumerate() {
            let client = client.unwrap();
            let server = (0..200).find_map(|try_| {
                let port = servers[(turn + try_) % servers.len()];
                let server = TcpStream::connect(("127.0.0.1", port));
                if server.is_err() {
                    std::thread::sleep(Duration::from_millis(5));
                }
                server.ok()
            });
            let server = server.expect("no server accepts connections");
            let (from_client, from_server) =
                (client.try_clone().unwrap(), server.try_clone().unwrap());
            std::thread::spawn(move || copy_bytes(from_client, server));
            std::thread::spawn(move || copy_bytes(from_server, client));
        }
    });
    port
}

fn copy_bytes(mut from: TcpStream, mut to: TcpStream) {
    _ = std::io::copy(&mut from, &mut to);
    _ = to.shutdown(Shutdown::Write);
}

/// A client with a keep-alive connection.
struct KeepAliveClient {
    port: u16,
    token: String,
    connection: Option<TcpStream>,
}

impl KeepAliveClient {
    /// Sends a request and returns the response body.
    fn send_request(&mut self, body: &Value) -> Value {
        let mut stream = self.connection.take().unwrap_or_else(|| {
            let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
            stream.set_read_timeout(Some(TIMEOUT)).unwrap();
            stream
        });
        let body = body.to_string();
        let head = format!(
            "POST /graphql HTTP/1.1\r\nHost: shop\r\nContent-Type: application/json\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\r\n",
            self.token,
            body.len()
        );
        stream.write_all([head, body].concat().as_bytes()).unwrap();
        let (head, body) = read(&mut stream);
        assert!(head.starts_with("http/1.1 200 "), "{head}{body}");
        if !head.contains("connection: close") {
            self.connection = Some(stream);
        }
        serde_json::from_str(&body).unwrap()
    }
}

/// Reads a response. Returns its head in lower case and its body.
fn read(stream: &mut TcpStream) -> (String, String) {
    let mut got = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&got).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_lowercase();
            let (_, length) = head.split_once("content-length: ").unwrap();
            let length: usize = length.lines().next().unwrap().parse().unwrap();
            if body.len() >= length {
                return (head, body.to_owned());
            }
        }
        let mut bytes = [0; 4096];
        let count = stream.read(&mut bytes).unwrap();
        assert!(count > 0, "a request was lost: {text}");
        got.extend_from_slice(&bytes[..count]);
    }
}

fn start(folder: &Path, address: &Address, port: u16) -> Process {
    let flags = [
        database_flag(address),
        "--jwt-secrets=zVq3gX0v5cQ8sY2kL7mN4bR9tH1wJ6pF".to_owned(),
        "--demo=off".to_owned(),
        "--database-max-connections=4".to_owned(),
    ];
    let flags: Vec<_> = flags.iter().map(String::as_str).collect();
    Process::serve_on_port(folder, Process::command(folder, &flags), port)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rolling_restart_loses_no_request() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let address = fresh_database(Backend::Postgres, folders[0].path()).await;
    let app = App::on_database(Backend::Postgres, address.clone(), &[]).await;
    app.user(ADMIN, Role::Admin).await;
    let ports = [free_port(), free_port()];
    let mut servers: Vec<_> = (0..2)
        .map(|number| start(folders[number].path(), &address, ports[number]))
        .collect();
    let token = servers[0].sign_in(ADMIN);
    let port = start_load_balancer(ports);
    let (stopped, created, answered) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
        Arc::new(AtomicUsize::new(0)),
    );
    let clients: Vec<_> = (0..6)
        .map(|number| {
            let (stopped, created, answered) = (stopped.clone(), created.clone(), answered.clone());
            let mut client_connection = KeepAliveClient {
                port,
                token: token.clone(),
                connection: None,
            };
            std::thread::spawn(move || {
                while !stopped.load(Ordering::Relaxed) {
                    let body = if number == 0 {
                        let query = "mutation { createCategory(input: {name: \"Sale\"}) { category { id } userErrors { code } } }";
                        serde_json::json!({ "query": query })
                    } else {
                        serde_json::json!({ "query": "{ me { email } categories { totalCount } }" })
                    };
                    let response = client_connection.send_request(&body);
                    assert!(response.get("errors").is_none(), "{response}");
                    if number == 0 {
                        assert!(response["data"]["createCategory"]["category"]["id"].is_string(), "{response}");
                        created.fetch_add(1, Ordering::Relaxed);
                        // Limits the number of created categories.
                        std::thread::sleep(Duration::from_millis(20));
                    } else {
                        assert_eq!(response["data"]["me"]["email"], ADMIN);
                    }
                    answered.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let more = |than: usize| {
        let begun = Instant::now();
        while answered.load(Ordering::Relaxed) < than + 20 {
            assert!(begun.elapsed() < TIMEOUT, "requests are not answered");
            assert!(clients.iter().all(|client| !client.is_finished()));
            std::thread::sleep(Duration::from_millis(10));
        }
    };
    for number in 0..2 {
        more(answered.load(Ordering::Relaxed));
        servers[number].signal("TERM");
        assert!(servers[number].wait());
        assert!(
            !servers[number]
                .log()
                .contains("aborting in-flight requests")
        );
        more(answered.load(Ordering::Relaxed));
        servers[number] = start(folders[number].path(), &address, ports[number]);
        let ready = http_get(&servers[number].address, "/health/ready");
        assert!(ready.starts_with("HTTP/1.1 200"), "{ready}");
    }
    more(answered.load(Ordering::Relaxed));
    stopped.store(true, Ordering::Relaxed);
    for client in clients {
        client.join().unwrap();
    }
    let count = app.count("categories").await;
    assert_eq!(
        count,
        i64::try_from(created.load(Ordering::Relaxed)).unwrap()
    );
    assert!(count > 0);
    app.stop().await;
}
