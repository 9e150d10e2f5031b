//! A PostgreSQL cluster: servers that can only be read, several hosts in `DATABASE_URL`, and switchovers.

use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use tokio::io::copy_bidirectional;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::harness::{PostgresCluster, Process, free_port, http_get, http_post};
use crate::server::check::part;

/// The timeout of each step of a test.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The maximum time after a switchover until writes succeed. It takes a second; a request that is sent meanwhile waits for
/// three, and other tests run at the same time.
const FAILOVER_TIMEOUT: Duration = Duration::from_secs(20);
const CREATE_CART: &str =
    r#"{"query":"mutation { createCart(input: {}) { cart { id } userErrors { message } } }"}"#;
const READ_ONLY: &str = "the database can only be read";

fn database_flag(addresses: &[String]) -> String {
    format!("--database-url={}", PostgresCluster::url(addresses))
}

fn serve(folder: &Path, addresses: &[String]) -> Process {
    let flags = [
        "serve",
        "--demo=off",
        "--limit-carts-client=10000/1m",
        "--request-timeout=3s",
        &database_flag(addresses),
    ];
    Process::serve(folder, &flags)
}

/// A proxy that leaves its connections open when it is directed to another server, as a moved address does.
struct Forwarder {
    address: String,
    target: watch::Sender<String>,
}

impl Forwarder {
    async fn start(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (target, current) = watch::channel(target);
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let server = current.borrow().clone();
                tokio::spawn(async move {
                    let mut server = tokio::net::TcpStream::connect(server).await?;
                    copy_bidirectional(&mut client, &mut server).await
                });
            }
        });
        Self { address, target }
    }
}

fn can_write(server: &Process) -> bool {
    http_post(&server.address, CREATE_CART).contains(r#""cart":{"id":"#)
}

fn is_ready(server: &Process) -> bool {
    http_get(&server.address, "/health/ready").contains(r#""status":"ok""#)
}

/// Waits until a condition holds. Returns the time it took.
async fn until(limit: Duration, holds: impl Fn() -> bool) -> Duration {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < limit, "after {:?}", begun.elapsed());
        sleep(Duration::from_millis(50)).await;
    }
    begun.elapsed()
}

/// Asserts that reads and writes succeed on many connections.
fn assert_works(server: &Process) {
    for _ in 0..20 {
        assert!(can_write(server), "{}", server.log());
        let products = r#"{"query":"{ products { totalCount } }"}"#;
        let response = http_post(&server.address, products);
        assert!(response.contains(r#""totalCount":0"#), "{response}");
    }
    assert!(is_ready(server));
}

#[tokio::test(flavor = "multi_thread")]
async fn server_at_a_replica_is_not_ready_and_switchovers_are_followed() {
    let mut cluster = tokio::task::spawn_blocking(PostgresCluster::start)
        .await
        .unwrap();
    let [primary, replica] = [0, 1].map(|server| cluster.address(server));
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let hosts = [replica.clone(), primary.clone()];
    let by_hosts = serve(folders[0].path(), &hosts);
    let forwarder = Forwarder::start(primary.clone()).await;
    let by_forwarder = serve(folders[1].path(), std::slice::from_ref(&forwarder.address));
    let servers = [&by_hosts, &by_forwarder];
    for server in servers {
        assert_works(server);
    }

    assert_replica_is_refused(folders[2].path(), &replica);

    // The forwarder leads to the former primary, as a name that is not updated yet.
    cluster.switch_over(0).await;
    until(FAILOVER_TIMEOUT, || can_write(&by_hosts)).await;
    let tells = || http_get(&by_forwarder.address, "/health/ready").contains(READ_ONLY);
    until(FAILOVER_TIMEOUT, tells).await;
    assert!(!can_write(&by_forwarder));
    forwarder.target.send_replace(replica.clone());
    until(FAILOVER_TIMEOUT, || can_write(&by_forwarder)).await;
    for server in servers {
        assert_works(server);
    }
    until_unused(&cluster, 0).await;

    // And back.
    forwarder.target.send_replace(primary);
    cluster.switch_over(1).await;
    for server in servers {
        until(FAILOVER_TIMEOUT, || can_write(server)).await;
        assert_works(server);
    }
    until_unused(&cluster, 1).await;
    // Each of the probes above would be a line.
    assert!(!by_hosts.log().contains("/health/ready"));
}

/// Waits until no connection is to a server. A search for the primary may open one for a moment.
async fn until_unused(cluster: &PostgresCluster, server: usize) {
    let connections =
        "SELECT count(*)::integer FROM pg_stat_activity WHERE application_name = 'wares'";
    let begun = Instant::now();
    while cluster.query(server, connections).await > 0 {
        assert!(begun.elapsed() < FAILOVER_TIMEOUT);
        sleep(Duration::from_millis(50)).await;
    }
}

/// A server at a replica waits and says why; so do the commands.
fn assert_replica_is_refused(folder: &Path, replica: &str) {
    let flag = database_flag(&[replica.to_owned()]);
    let address = format!("127.0.0.1:{}", free_port());
    let listen = format!("--listen={address}");
    let mut command = Process::command(folder, &["serve", "--demo=off", &flag, &listen]);
    let mut server = command.spawn().unwrap();
    let begun = Instant::now();
    let is_refused = || {
        TcpStream::connect(&address).is_ok()
            && http_get(&address, "/health/ready").contains(READ_ONLY)
    };
    while !is_refused() {
        assert!(begun.elapsed() < TIMEOUT);
        std::thread::sleep(Duration::from_millis(50));
    }
    server.kill().unwrap();
    server.wait().unwrap();

    let output = Process::run(folder, &["check", &flag]);
    let output_text = String::from_utf8(output.stdout).unwrap();
    let (is_right, line) = part(&output_text, "database");
    assert!(!is_right && line.contains(READ_ONLY), "{output_text}");
    assert!(!output_text.contains("unused"), "{output_text}");
}
