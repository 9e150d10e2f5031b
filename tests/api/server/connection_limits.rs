//! Connection limits, in total and per client.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use wares::core::client_info::Network;

use crate::harness::{Process, TYPENAME_BODY, TYPENAME_REQUEST, connect_from, send_keep_alive};

const TIMEOUT: Duration = Duration::from_secs(30);

fn serve(settings: &[&str]) -> (Process, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let settings: Vec<_> = settings.iter().copied().chain(["--demo=off"]).collect();
    (Process::serve(folder.path(), &settings), folder)
}

/// Opens keep-alive connections, each with an answered request.
fn hold(server: &Process, from: &str, count: usize) -> Vec<TcpStream> {
    let streams: Vec<_> = (0..count)
        .map(|_| connect_from(&server.address, from))
        .collect();
    for stream in &streams {
        assert!(send_keep_alive(stream).is_some());
    }
    streams
}

/// Sends a request on a new connection. The response is empty if the connection was closed.
fn request(server: &Process, from: &str, request: &str) -> String {
    let mut stream = connect_from(&server.address, from);
    let mut response = String::new();
    _ = stream.write_all(request.as_bytes());
    _ = stream.read_to_string(&mut response);
    response
}

fn graphql(server: &Process, from: &str) -> String {
    let question = TYPENAME_REQUEST.replacen("\r\n", "\r\nConnection: close\r\n", 1);
    request(server, from, &question)
}

fn probe(server: &Process, from: &str) -> String {
    request(
        server,
        from,
        "GET /health/ready HTTP/1.1\r\nHost: shop\r\n\r\n",
    )
}

#[test]
fn one_address_takes_a_quarter_of_the_connections() {
    let (server, _folder) = serve(&["--max-connections=40"]);
    let mut held = hold(&server, "127.0.0.1", 10);
    for _ in 0..5 {
        let refused = graphql(&server, "127.0.0.1");
        assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
        assert!(refused.contains("SERVICE_UNAVAILABLE") && refused.contains("retry-after: 5"));
        assert!(refused.contains("connection: close"), "{refused}");
        assert!(graphql(&server, "127.0.0.2").ends_with(TYPENAME_BODY));
        assert!(probe(&server, "127.0.0.1").starts_with("HTTP/1.1 200 "));
    }
    assert_eq!(
        server.log().matches("MAX_CONNECTIONS_PER_CLIENT").count(),
        1
    );
    let metrics = request(
        &server,
        "127.0.0.2",
        "GET /metrics HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n",
    );
    let refused = "wares_refusals_total{reason=\"max_connections_per_client\"} 10";
    assert!(metrics.contains(refused), "{metrics}");
    // A closed connection frees a slot.
    drop(held.pop());
    let begun = Instant::now();
    while !graphql(&server, "127.0.0.1").ends_with(TYPENAME_BODY) {
        assert!(begun.elapsed() < TIMEOUT);
    }
    for stream in &held {
        assert!(send_keep_alive(stream).is_some());
    }
}

#[test]
fn a_trusted_proxy_is_limited_only_by_the_total() {
    let (server, _folder) = serve(&["--max-connections=20", "--trusted-proxies=127.0.0.1"]);
    let _held = hold(&server, "127.0.0.1", 20);
    let refused = graphql(&server, "127.0.0.1");
    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
    assert!(!server.log().contains("MAX_CONNECTIONS_PER_CLIENT"));
}

#[test]
fn a_health_probe_is_answered_when_all_connections_are_taken() {
    let (server, _folder) = serve(&["--max-connections=4", "--max-connections-per-client=2"]);
    let _held = [hold(&server, "127.0.0.1", 2), hold(&server, "127.0.0.2", 2)];
    // Silent connections are closed in favour of new ones.
    let silent: Vec<_> = (0..200)
        .map(|_| connect_from(&server.address, "127.0.0.1"))
        .collect();
    for from in ["127.0.0.1", "127.0.0.3"] {
        let response = probe(&server, from);
        assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
        assert!(response.contains("connection: close"), "{response}");
    }
    let refused = graphql(&server, "127.0.0.3");
    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
    for mut stream in silent {
        let mut response = String::new();
        _ = stream.read_to_string(&mut response);
        assert_eq!(response, "");
    }
}

#[test]
fn a_client_is_an_ipv4_address_or_an_ipv6_network_of_64_bits() {
    let network = |address: &str| Network::of(address.parse().unwrap());
    assert_eq!(network("192.0.2.1"), network("::ffff:192.0.2.1"));
    assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    assert_ne!(network("::ffff:192.0.2.1"), network("::ffff:192.0.2.2"));
    assert_eq!(
        network("2001:db8:0:1::1"),
        network("2001:db8:0:1:ffff:ffff:ffff:ffff")
    );
    assert_ne!(network("2001:db8:0:1::1"), network("2001:db8:0:2::1"));
    assert_eq!(
        network("2001:db8:0:1::1").to_string(),
        "20010db800000001/64"
    );
}
