//! The connections: how many there are, and how long each may do nothing. HTTP/1.1, and HTTP/2 where the client begins
//! with it.

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

/// How long to wait when the system has no more connections to give.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop` says so or is dropped, and then until the requests in flight are answered.
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
        // Whether it was sent or dropped, it is time.
        _ = stop.changed() => {}
    }
    closing::ignore_new_handshakes(&listener);
    _ = timeout(closing::HANDSHAKE, acceptor.run(&listener)).await;
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
    /// Accepts connections for ever.
    async fn run(&mut self, listener: &TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => self.accept(stream, peer),
                // A client that has hung up meanwhile is no reason to wait.
                Err(error) if is_of_client(&error) => {}
                Err(error) => {
                    if self.failed.is_due() {
                        tracing::error!(%error, "no connection could be accepted");
                    }
                    sleep(PAUSE).await;
                }
            }
        }
    }

    /// Serves a connection in a task of its own. Beyond the limits only health probes are answered on it.
    fn accept(&mut self, stream: TcpStream, peer: SocketAddr) {
        prepare(&stream);
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

/// Small answers go out at once. A connection that is gone already will say so itself.
fn prepare(stream: &TcpStream) {
    _ = stream.set_nodelay(true);
}

fn is_of_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}
