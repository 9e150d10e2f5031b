//! Closed-loop load: each connection sends its next request when it has the response to the previous one.

use std::borrow::Cow;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::stats::{quantile, sorted};

/// Response timeout.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Delay after a refused request or a lost connection.
const PAUSE: Duration = Duration::from_millis(10);
/// Larger bodies are not searched for user errors: they are pages.
const SMALL: usize = 4_096;

/// The situation in which a request is needed.
#[derive(Clone, Copy)]
pub struct Turn<'a> {
    pub connection: usize,
    /// Number of the request within the load.
    pub number: usize,
    /// Body of the previous response on the connection. Empty before the first.
    pub last: &'a [u8],
}

/// Returns the next request.
pub type Source = Arc<dyn Fn(Turn<'_>) -> Cow<'static, [u8]> + Send + Sync>;

/// A load on a server.
#[derive(Clone)]
pub struct Load {
    pub address: String,
    pub source: Source,
    pub connections: usize,
    /// The first client address, and the number of addresses that the connections are distributed over: each address
    /// is a client of its own.
    pub clients: (Ipv4Addr, usize),
    pub time: Duration,
}

/// Responses to a load.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    pub answered: usize,
    /// Responses with status 503.
    pub refused: usize,
    /// Any other response, and connections that were lost.
    pub failed: usize,
    /// An example of a failure.
    pub failure: Option<String>,
    pub seconds: f64,
    /// Latencies of the answered requests in milliseconds, sorted.
    pub ms: Vec<f64>,
}

impl Outcome {
    /// Answered requests per second.
    pub fn rate(&self) -> f64 {
        as_float(self.answered) / self.seconds
    }

    pub fn quantile(&self, share: f64) -> f64 {
        quantile(&self.ms, share)
    }

    /// Fails if a request was not answered.
    pub fn complete(self) -> Result<Self> {
        ensure!(
            self.answered > 0 && self.failed == 0 && self.refused == 0,
            "{} answered, {} refused, {} failed: {}",
            self.answered,
            self.refused,
            self.failed,
            self.failure.unwrap_or_default()
        );
        Ok(self)
    }
}

/// Returns a source that repeats requests in order.
pub fn repeat(requests: Vec<Vec<u8>>) -> Source {
    // Requests live as long as the process, so that sending one copies nothing.
    let requests: &'static [Vec<u8>] = requests.leak();
    Arc::new(|turn| Cow::Borrowed(&requests[turn.number % requests.len()]))
}

impl Load {
    /// A load of one client.
    pub fn new(address: &str, source: &Source, connections: usize, time: Duration) -> Self {
        Self {
            address: address.to_owned(),
            source: source.clone(),
            connections,
            clients: (Ipv4Addr::LOCALHOST, 1),
            time,
        }
    }

    /// Distributes the connections over as many client addresses.
    #[must_use]
    pub fn of_many_clients(mut self) -> Self {
        self.clients = (Ipv4Addr::new(127, 1, 0, 1), self.connections);
        self
    }

    /// Sends the load from one thread.
    pub fn run(&self) -> Result<Outcome> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            let number = Arc::new(AtomicUsize::new(0));
            let begun = Instant::now();
            let mut connections = JoinSet::new();
            for index in 0..self.connections {
                let (load, number) = (self.clone(), number.clone());
                connections.spawn(async move { load.send_all(index, begun, &number).await });
            }
            let mut outcome = Outcome::default();
            while let Some(part) = connections.join_next().await {
                let part = part?;
                outcome.answered += part.answered;
                outcome.refused += part.refused;
                outcome.failed += part.failed;
                outcome.failure = outcome.failure.or(part.failure);
                outcome.ms.extend(part.ms);
            }
            outcome.seconds = begun.elapsed().as_secs_f64();
            outcome.ms = sorted(&outcome.ms);
            Ok(outcome)
        })
    }

    async fn send_all(self, connection: usize, begun: Instant, numbers: &AtomicUsize) -> Outcome {
        let mut outcome = Outcome::default();
        let mut stream = None;
        let mut body = Vec::new();
        while begun.elapsed() < self.time {
            let number = numbers.fetch_add(1, Ordering::Relaxed);
            let request = (self.source)(Turn {
                connection,
                number,
                last: &body,
            });
            let sent = Instant::now();
            let response = self.send(connection, &mut stream, &request, &mut body);
            let failure = match timeout(TIMEOUT, response).await {
                Ok(Ok(200)) if is_success(&body) => {
                    outcome.answered += 1;
                    outcome.ms.push(sent.elapsed().as_secs_f64() * 1e3);
                    continue;
                }
                Ok(Ok(503)) => {
                    outcome.refused += 1;
                    sleep(PAUSE).await;
                    continue;
                }
                Ok(Ok(status)) => format!("{status} {}", String::from_utf8_lossy(&body)),
                Ok(Err(error)) => format!("{error:#}"),
                Err(_) => "timeout".to_owned(),
            };
            outcome.failed += 1;
            outcome.failure = Some(failure.chars().take(400).collect());
            stream = None;
            sleep(PAUSE).await;
        }
        outcome
    }

    /// Sends a request and reads the response. Returns its status.
    async fn send(
        &self,
        connection: usize,
        open: &mut Option<TcpStream>,
        request: &[u8],
        body: &mut Vec<u8>,
    ) -> Result<u16> {
        let mut stream = match open.take() {
            Some(stream) => stream,
            None => self.connect(connection).await?,
        };
        stream.write_all(request).await?;
        body.clear();
        let (status, head, length) = loop {
            ensure!(
                stream.read_buf(body).await? > 0,
                "the server closed the connection"
            );
            if let Some(head) = body.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                let (status, length) = parse_head(&body[..head])?;
                break (status, head + 4, length);
            }
        };
        body.reserve((head + length).saturating_sub(body.len()));
        while body.len() < head + length {
            ensure!(
                stream.read_buf(body).await? > 0,
                "the server closed the connection"
            );
        }
        body.drain(..head);
        *open = Some(stream);
        Ok(status)
    }

    async fn connect(&self, connection: usize) -> Result<TcpStream> {
        let (first, count) = self.clients;
        let address: SocketAddr = self.address.parse()?;
        let socket = TcpSocket::new_v4()?;
        if count > 1 {
            let client = u32::from(first) + u32::try_from(connection % count)?;
            socket.bind((Ipv4Addr::from(client), 0).into())?;
        }
        let stream = socket.connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

/// Returns status and content length.
fn parse_head(head: &[u8]) -> Result<(u16, usize)> {
    let head = std::str::from_utf8(head)?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let status = status.context("the response has no status")?.parse()?;
    let length = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let (_, length) = length.context("the response has no content length")?;
    Ok((status, length.trim().parse()?))
}

/// Returns whether a body has data and no errors.
fn is_success(body: &[u8]) -> bool {
    let contains = |text: &[u8]| body.windows(text.len()).any(|bytes| bytes == text);
    body.starts_with(br#"{"data":{"#) && (body.len() > SMALL || !contains(br#""code":"#))
}

#[expect(clippy::cast_precision_loss, reason = "counts are small for a float")]
pub const fn as_float(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::{is_success, parse_head};

    #[test]
    fn parse_head_returns_status_and_length() {
        let head = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 12";
        assert_eq!(parse_head(head).ok(), Some((503, 12)));
        assert!(parse_head(b"HTTP/1.1 200 OK\r\nServer: x").is_err());
    }

    #[test]
    fn is_success_rejects_errors_and_user_errors() {
        assert!(is_success(br#"{"data":{"product":{"id":"a"}}}"#));
        assert!(!is_success(br#"{"data":null,"errors":[]}"#));
        assert!(!is_success(
            br#"{"data":{"login":{"userErrors":[{"code":"RATE_LIMITED"}]}}}"#
        ));
    }
}
