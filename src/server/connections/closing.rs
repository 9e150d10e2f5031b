//! Closes the listener without losing connections.
//!
//! The kernel completes handshakes and queues connections until they are accepted; closing the listener resets the
//! queued ones. So a packet filter drops new SYN segments first: these clients retry after a second (RFC 6298,
//! section 2.1) and are then refused. Then the accept queue is drained.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

/// The time for handshakes in progress to complete.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_millis(100);

/// Drops new connection attempts. Where the system has no such filter, a connection may be lost in a short window.
#[cfg(target_os = "linux")]
pub fn ignore_new_handshakes(listener: &TcpListener) {
    use socket2::{SockFilter, SockRef};

    // A classic BPF filter; it sees a segment from its TCP header on (RFC 9293, section 3.1).
    const LOAD_BYTE: u16 = 0x30;
    const AND: u16 = 0x54;
    const JUMP_IF_EQUAL: u16 = 0x15;
    const RETURN: u16 = 0x06;
    const FLAGS: u32 = 13;
    const SYN: u32 = 0x02;
    const ACK: u32 = 0x10;
    let filter = [
        SockFilter::new(LOAD_BYTE, 0, 0, FLAGS),
        SockFilter::new(AND, 0, 0, SYN | ACK),
        SockFilter::new(JUMP_IF_EQUAL, 0, 1, SYN),
        SockFilter::new(RETURN, 0, 0, 0),
        SockFilter::new(RETURN, 0, 0, u32::MAX),
    ];
    if let Err(error) = SockRef::from(listener).attach_filter(&filter) {
        tracing::debug!(%error, "attaching the SYN filter failed");
    }
}

#[cfg(not(target_os = "linux"))]
pub fn ignore_new_handshakes(_: &TcpListener) {}

/// Closes the listener; returns the queued connections.
pub fn close(listener: TcpListener) -> impl Iterator<Item = (TcpStream, SocketAddr)> {
    // The runtime is notified with a delay, so the kernel is polled directly.
    let listener = listener.into_std().ok();
    std::iter::from_fn(move || {
        let (stream, peer) = listener.as_ref()?.accept().ok()?;
        stream.set_nonblocking(true).ok()?;
        Some((TcpStream::from_std(stream).ok()?, peer))
    })
}
