//! A simulated web server whose responses a test defines byte by byte.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// A step of a response. After the last one the connection is closed.
#[derive(Clone, Debug)]
pub enum Step {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends nothing, and keeps the connection open.
    Hang,
    /// Sends a byte every 20 ms, endlessly.
    Drip,
    /// Sends bytes as fast as possible, endlessly.
    Pour,
}

/// A server on its own port. It stops on drop.
pub struct WebServer {
    pub address: SocketAddr,
    state: Arc<WebState>,
    listening: JoinHandle<()>,
}

#[derive(Default)]
struct WebState {
    /// The steps by path.
    steps_by_path: Mutex<HashMap<String, Vec<Step>>>,
    /// The heads of the received requests.
    heads: Mutex<Vec<String>>,
    connections: Mutex<usize>,
}

impl WebServer {
    /// Starts a server at this loopback address.
    pub async fn start(ip: &str) -> Self {
        let listener = TcpListener::bind((ip, 0)).await.unwrap();
        let state = Arc::new(WebState::default());
        Self {
            address: listener.local_addr().unwrap(),
            listening: tokio::spawn(serve(listener, state.clone(), serve_connection)),
            state,
        }
    }

    /// Returns the URL of this path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Sets the steps for a path.
    pub fn set_steps(&self, path: &str, steps: &[Step]) {
        let mut steps_by_path = self.state.steps_by_path.lock().unwrap();
        steps_by_path.insert(path.to_owned(), steps.to_vec());
    }

    /// Sets the response to a path.
    pub fn respond_with(&self, path: &str, response: &str) {
        self.respond_with_bytes(path, response.as_bytes());
    }

    /// Like [`WebServer::respond_with`], for bytes that need not be UTF-8.
    pub fn respond_with_bytes(&self, path: &str, response: &[u8]) {
        self.set_steps(path, &[Step::Send(response.to_owned())]);
    }

    /// Sets the response to a path to a file with the status 200.
    pub fn respond_with_file(&self, path: &str, file: &[u8]) {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", file.len());
        self.respond_with_bytes(path, &[head.as_bytes(), file].concat());
    }

    /// Sets the response to a path to a redirect.
    pub fn redirect(&self, path: &str, status: u16, to: &str) {
        let response = format!("HTTP/1.1 {status} Over There\r\nLocation: {to}\r\n\r\nmoved");
        self.respond_with(path, &response);
    }

    /// Returns the number of connections so far.
    pub fn connection_count(&self) -> usize {
        *self.state.connections.lock().unwrap()
    }

    /// Returns the heads of the received requests.
    pub fn heads(&self) -> Vec<String> {
        self.state.heads.lock().unwrap().clone()
    }
}

impl Drop for WebServer {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

/// Accepts connections and serves each in a task, until the future is dropped. Errors of connections are ignored.
pub async fn serve<D, F>(
    listener: TcpListener,
    state: Arc<D>,
    serve_connection: fn(TcpStream, Arc<D>) -> F,
) where
    F: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        connections.spawn(serve_connection(stream, state.clone()));
    }
}

/// Executes the steps, then closes the connection. [`Step::Drip`] and [`Step::Pour`] send `filler`.
pub async fn perform(
    stream: &mut BufReader<TcpStream>,
    steps: Vec<Step>,
    filler: u8,
) -> std::io::Result<()> {
    for step in steps {
        match step {
            Step::Send(bytes) => stream.write_all(&bytes).await?,
            Step::Hang => std::future::pending().await,
            Step::Drip => loop {
                stream.write_all(&[filler]).await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            },
            Step::Pour => loop {
                stream.write_all(&[filler; 8192]).await?;
            },
        }
    }
    stream.shutdown().await
}

async fn serve_connection(stream: TcpStream, state: Arc<WebState>) -> std::io::Result<()> {
    *state.connections.lock().unwrap() += 1;
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while stream.read_line(&mut head).await? > 2 {}
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    state.heads.lock().unwrap().push(head);
    let steps = state.steps_by_path.lock().unwrap().get(&path).cloned();
    let nothing = || vec![Step::Send(b"HTTP/1.1 404 Not Found\r\n\r\n".to_vec())];
    perform(&mut stream, steps.unwrap_or_else(nothing), b'.').await
}
