//! How the listening ends without losing anybody.
//!
//! The system makes connections by itself and keeps them until they are accepted; those that are kept when the listening
//! ends are cut off, together with what was sent on them. So it is first told to overlook whoever begins to connect: their
//! systems ask again after a second (RFC 6298, section 2.1), and learn that nobody listens.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

/// How long those are waited for who have begun to connect already.
pub const HANDSHAKE: Duration = Duration::from_millis(100);

/// Overlooks whoever begins to connect from here on. Where the system can't, a moment remains in which somebody is lost.
#[cfg(target_os = "linux")]
pub fn overlook(listener: &TcpListener) {
    use socket2::{SockFilter, SockRef};

    // A filter of the kernel, in the words of its classic BPF; it sees a segment from its TCP head on (RFC 9293, section 3.1).
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
        tracing::debug!(%error, "who connects now may be lost");
    }
}

#[cfg(not(target_os = "linux"))]
pub fn overlook(_: &TcpListener) {}

/// Ends the listening; gives those who have connected and were not accepted.
pub fn close(listener: TcpListener) -> impl Iterator<Item = (TcpStream, SocketAddr)> {
    // The runtime learns of them only now and then. The system is asked itself.
    let listener = listener.into_std().ok();
    std::iter::from_fn(move || {
        let (stream, peer) = listener.as_ref()?.accept().ok()?;
        stream.set_nonblocking(true).ok()?;
        Some((TcpStream::from_std(stream).ok()?, peer))
    })
}
