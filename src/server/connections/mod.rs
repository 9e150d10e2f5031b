//! Connections: limits on their number and timeouts. HTTP/1.1, and HTTP/2 with prior knowledge.

mod activity;
mod closing;
mod connection;
mod draining;
mod head;
mod protocols;
mod request_body;
mod slots;
mod stream;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use self::connection::Server;
use self::slots::Slots;
use crate::config::Connections;
use crate::infra::server_status::ServerStatus;
use crate::infra::telemetry::log::LogThrottle;
use crate::server::startup_gate::StartupGate;

/// The delay after a failed `accept`, for example if the process has no free file descriptors.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);

/// Serves until `stop` is set or dropped, and then until in-flight requests complete.
pub async fn serve(
    listener: TcpListener,
    gate: StartupGate,
    status: ServerStatus,
    settings: Connections,
    mut stop: watch::Receiver<bool>,
) {
    let mut acceptor = Acceptor {
        slots: Slots::new(&settings),
        failed: LogThrottle::default(),
        server: Arc::new(Server::new(gate, settings, status.clone(), stop.clone())),
        status,
    };
    tokio::select! {
        () = acceptor.run(&listener) => {}
        // A dropped sender also stops the server.
        _ = stop.changed() => {}
    }
    closing::ignore_new_handshakes(&listener);
    _ = timeout(closing::HANDSHAKE_TIMEOUT, acceptor.run(&listener)).await;
    for (stream, peer) in closing::close(listener) {
        acceptor.accept(stream, peer);
    }
    acceptor.slots.wait_until_free().await;
}

/// Accepts connections.
struct Acceptor {
    slots: Slots,
    /// When it was logged that none could be accepted.
    failed: LogThrottle,
    server: Arc<Server>,
    status: ServerStatus,
}

impl Acceptor {
    /// Accepts connections until it is dropped.
    async fn run(&mut self, listener: &TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => self.accept(stream, peer),
                // The client has closed the connection meanwhile; no delay is needed.
                Err(error) if is_client_error(&error) => {}
                Err(error) => {
                    if self.failed.is_due() {
                        tracing::error!(%error, "accepting connections failed");
                    }
                    sleep(ACCEPT_RETRY_DELAY).await;
                }
            }
        }
    }

    /// Serves a connection in its own task. Above the limits only health probes are served.
    fn accept(&mut self, stream: TcpStream, peer: SocketAddr) {
        disable_nagle(&stream);
        let server = self.server.clone();
        match self.slots.take(peer.ip(), server.is_proxy(peer.ip())) {
            Ok(slot) => {
                let connected = self.status.open_connection();
                tokio::spawn(async move {
                    server.serve(stream, peer).await;
                    drop((slot, connected));
                });
            }
            Err(limit) => {
                self.status.refuse(limit);
                let task = tokio::spawn(async move { server.serve_probe(stream, peer).await });
                self.slots.add_probe(task.abort_handle());
            }
        }
    }
}

/// Disables Nagle's algorithm. An error shows later, when the connection is used.
fn disable_nagle(stream: &TcpStream) {
    _ = stream.set_nodelay(true);
}

fn is_client_error(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}
