//! A TCP proxy that can block or close connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;

/// The treatment of forwarded bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traffic {
    /// Bytes are forwarded.
    Flows,
    /// Bytes are forwarded at this rate, in bytes per second.
    Trickles(u32),
    /// Bytes are not forwarded. Connections are accepted, but not answered.
    Hangs,
    /// Existing and new connections are closed.
    Breaks,
}

/// A TCP proxy.
pub struct Proxy {
    /// The URL of the proxy, such as `http://127.0.0.1:80`.
    pub endpoint: String,
    /// The address of the server.
    pub server: SocketAddr,
    traffic: Arc<watch::Sender<Traffic>>,
    /// The number of connections to come that are accepted, but never answered.
    ignored: Arc<AtomicUsize>,
}

impl Proxy {
    /// Starts a proxy for the server at a URL such as `http://127.0.0.1:80`.
    pub fn before(endpoint: &str) -> Self {
        let server: SocketAddr = endpoint.strip_prefix("http://").unwrap().parse().unwrap();
        let socket = TcpSocket::new_v4().unwrap();
        // With the default, the loopback interface buffers several MiB, unlike a slow network.
        socket.set_recv_buffer_size(64 * 1024).unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let listener = socket.listen(64).unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let traffic = Arc::new(watch::Sender::new(Traffic::Flows));
        let shared = traffic.clone();
        let ignored = Arc::new(AtomicUsize::new(0));
        let to_ignore = ignored.clone();
        tokio::spawn(async move {
            let mut kept = Vec::new();
            while let Ok((client, _)) = listener.accept().await {
                if *shared.borrow() == Traffic::Breaks {
                    continue;
                }
                let one_less = |count: usize| count.checked_sub(1);
                if to_ignore
                    .fetch_update(Ordering::AcqRel, Ordering::Acquire, one_less)
                    .is_ok()
                {
                    kept.push(client);
                    continue;
                }
                let server = TcpStream::connect(server).await.unwrap();
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                tokio::spawn(forward(from_client, to_server, shared.subscribe()));
                tokio::spawn(forward(from_server, to_client, shared.subscribe()));
            }
        });
        Self {
            endpoint,
            server,
            traffic,
            ignored,
        }
    }

    /// Closes all connections, and never answers the next `count` ones.
    pub async fn close_and_ignore(&self, count: usize) {
        self.set(Traffic::Breaks);
        // Until nothing is forwarded.
        self.traffic.closed().await;
        self.ignored.store(count, Ordering::Release);
        self.set(Traffic::Flows);
    }

    /// The number of connections to come that are not answered.
    pub fn left_to_ignore(&self) -> usize {
        self.ignored.load(Ordering::Acquire)
    }

    /// Changes the treatment of bytes.
    pub fn set(&self, traffic: Traffic) {
        self.traffic.send_replace(traffic);
    }
}

async fn forward(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut traffic: watch::Receiver<Traffic>,
) {
    let mut bytes = vec![0; 64 * 1024];
    loop {
        let now = *traffic.borrow_and_update();
        match now {
            Traffic::Breaks => return,
            Traffic::Hangs => {
                if traffic.changed().await.is_err() {
                    return;
                }
                continue;
            }
            Traffic::Trickles(_) | Traffic::Flows => {}
        }
        let read = tokio::select! {
            read = from.read(&mut bytes) => read,
            _ = traffic.changed() => continue,
        };
        match read {
            Ok(read) if read > 0 && to.write_all(&bytes[..read]).await.is_ok() => {
                if let Traffic::Trickles(rate) = now {
                    let bytes = u32::try_from(read).unwrap();
                    tokio::time::sleep(Duration::from_secs(1) * bytes / rate).await;
                }
            }
            _ => return,
        }
    }
}
