//! Reports the server's status to systemd, for units of `Type=notify`: `sd_notify(3)`.

use std::os::unix::net::UnixDatagram;

/// The server serves all requests.
pub const READY: &str = "READY=1";
/// The server shuts down.
pub const STOPPING: &str = "STOPPING=1";

/// Sends a status if systemd started this process and waits for it.
pub fn notify(status: &str) {
    let Some(socket) = std::env::var_os("NOTIFY_SOCKET") else {
        return;
    };
    let sent = UnixDatagram::unbound().and_then(|from| from.send_to(status.as_bytes(), socket));
    if let Err(error) = sent {
        tracing::warn!(%error, status, "notifying systemd failed");
    }
}
