//! A minimal HTTP client for requests to any server, as a browser or curl would send them.

use std::net::SocketAddr;
use std::time::Duration;

use socket2::{Domain, Socket, Type};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A response.
#[derive(Debug)]
pub struct HttpResponse {
    pub status: u16,
    /// The head in lower case.
    pub head: String,
    pub body: Vec<u8>,
    /// The head as received.
    sent: String,
}

impl HttpResponse {
    /// Returns the value of a header in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines();
        lines.find_map(|line| line.strip_prefix(&format!("{name}: ")))
    }

    /// Returns the first value of a header as received.
    pub fn sent(&self, name: &str) -> Option<&str> {
        self.all_sent(name).first().copied()
    }

    /// Returns all values of a header as received.
    pub fn all_sent(&self, name: &str) -> Vec<&str> {
        let pairs = self.sent.lines().filter_map(|line| line.split_once(": "));
        let named = pairs.filter(|(given, _)| given.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value).collect()
    }
}

/// Sends a request to a URL such as `http://127.0.0.1:80/path`.
pub async fn fetch(
    method: &str,
    url: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> HttpResponse {
    let (_, rest) = url.split_once("://").unwrap();
    let host = rest.split('/').next().unwrap();
    fetch_at(host, method, url, headers, body).await
}

/// Like [`fetch`], from the server at this address instead of the host of the URL.
pub async fn fetch_at(
    address: &str,
    method: &str,
    url: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> HttpResponse {
    let (_, rest) = url.split_once("://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut head = format!("{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for (name, value) in headers {
        head = format!("{head}{name}: {value}\r\n");
    }
    head.push_str("\r\n");
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    // The server may send an error response before it has read the body.
    _ = stream.write_all(body).await;
    let mut bytes = Vec::new();
    _ = stream.read_to_end(&mut bytes).await;
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let end = end.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&bytes)));
    let sent = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let head = sent.to_lowercase();
    HttpResponse {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        head,
        sent,
        body: bytes[end + 4..].to_vec(),
    }
}

/// Connects to a server from this address of the loopback network.
pub fn connect_from(server: &str, address: &str) -> std::net::TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let address = SocketAddr::new(address.parse().unwrap(), 0);
    socket.bind(&address.into()).unwrap();
    let server: SocketAddr = server.parse().unwrap();
    socket.connect(&server.into()).unwrap();
    let stream = std::net::TcpStream::from(socket);
    let timeout = Some(Duration::from_mins(1));
    stream.set_read_timeout(timeout).unwrap();
    stream
}
