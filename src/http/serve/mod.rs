//! The connections: how many there are, and how long each may do nothing. HTTP/1.1, and HTTP/2 where the client begins
//! with it.

mod activity;
mod closing;
mod connection;
mod stream;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};

use self::connection::Server;
use crate::config::Connections;
use crate::http::doors::Doors;
use crate::life::Life;
use crate::log::Told;

/// How long to wait when the system has no more connections to give.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop` says so or is dropped, and then until the requests in flight are answered.
pub async fn serve(
    listener: TcpListener,
    doors: Doors,
    life: Life,
    settings: Connections,
    mut stop: watch::Receiver<bool>,
) {
    let most = settings.max_connections;
    let server = Arc::new(Server::new(doors, settings, stop.clone()));
    let mut places = Places {
        free: Arc::new(Semaphore::new(most as usize)),
        full: Told::default(),
        failed: Told::default(),
        server,
        life,
    };
    tokio::select! {
        () = places.fill(&listener) => {}
        // Whether it was sent or dropped, it is time.
        _ = stop.changed() => {}
    }
    closing::overlook(&listener);
    _ = timeout(closing::HANDSHAKE, places.fill(&listener)).await;
    for (stream, peer) in closing::close(listener) {
        places.take(stream, peer);
    }
    // All places are free when nobody is left.
    _ = places.free.acquire_many(most).await;
}

/// The places for connections.
struct Places {
    free: Arc<Semaphore>,
    /// When it was told that there were none.
    full: Told,
    /// When it was told that none could be accepted.
    failed: Told,
    server: Arc<Server>,
    life: Life,
}

impl Places {
    /// Serves whoever comes, for ever.
    async fn fill(&mut self, listener: &TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => self.take(stream, peer),
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

    /// Serves a connection beside the others, if there is a place for it.
    fn take(&mut self, stream: TcpStream, peer: SocketAddr) {
        let Ok(place) = self.free.clone().try_acquire_owned() else {
            drop(stream);
            if self.full.is_due() {
                tracing::warn!("there are MAX_CONNECTIONS connections: others are turned away");
            }
            return;
        };
        prepare(&stream);
        let server = self.server.clone();
        let connected = self.life.connect();
        tokio::spawn(async move {
            server.serve(stream, peer).await;
            drop((place, connected));
        });
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
