//! The end of a connection: shuts the write side down, then reads and discards data of the client for a while. A
//! connection closed with unread data is reset, and the client loses the response (RFC 9112, section 9.6).

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

/// The maximum number of bytes that are discarded.
const MAX_BYTES: usize = 32 << 20;
/// The maximum time that a client may send.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The timeout without data.
const IDLE_TIMEOUT: Duration = Duration::from_secs(2);
/// The size of the buffer, in bytes.
const BUFFER: usize = 8 << 10;

/// A connection that is being closed.
#[derive(Debug, Default)]
pub struct Draining(Option<State>);

#[derive(Debug)]
struct State {
    left: usize,
    end: Instant,
    idle: Pin<Box<Sleep>>,
}

impl Draining {
    /// Shuts the write side down, then reads until the client closes its side, sends too much or takes too long.
    pub fn poll_close(
        &mut self,
        stream: &mut TcpStream,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let state = match &mut self.0 {
            Some(state) => state,
            empty => {
                ready!(Pin::new(&mut *stream).poll_shutdown(context))?;
                empty.insert(State {
                    left: MAX_BYTES,
                    end: Instant::now() + TIMEOUT,
                    idle: Box::pin(sleep(IDLE_TIMEOUT)),
                })
            }
        };
        let mut bytes = [0; BUFFER];
        loop {
            let mut buffer = ReadBuf::new(&mut bytes);
            let read = Pin::new(&mut *stream).poll_read(context, &mut buffer);
            let count = buffer.filled().len();
            let now = Instant::now();
            match read {
                Poll::Pending => {
                    ready!(state.idle.as_mut().poll(context));
                    return Poll::Ready(Ok(()));
                }
                Poll::Ready(Ok(())) if (1..=state.left).contains(&count) && now < state.end => {
                    state.left -= count;
                    let idle = state.end.min(now + IDLE_TIMEOUT);
                    state.idle.as_mut().reset(idle);
                }
                // The end, too much, too late, or the connection is already closed.
                Poll::Ready(_) => return Poll::Ready(Ok(())),
            }
        }
    }
}
