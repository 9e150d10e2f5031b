//! The body of a request. The connection discards the part that the handler did not read.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::EXPECT;
use axum::http::{Request, StatusCode, Version};
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use tokio::time::timeout;

/// The maximum number of bytes discarded before the response is sent, so that the connection can be reused.
const MAX_BYTES: usize = 256 << 10;
/// The timeout of this.
const TIMEOUT: Duration = Duration::from_millis(100);
/// The limits for the rest of a request in HTTP/2.
const MAX_BYTES_HTTP_2: usize = 32 << 20;
const TIMEOUT_HTTP_2: Duration = Duration::from_secs(30);

/// The body of a request. Clones share it.
#[derive(Clone, Debug)]
pub struct RequestBody(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// `None` once it was dropped.
    incoming: Option<Incoming>,
    /// Whether the client waits for `100 Continue`, which is sent when the body is read.
    awaits_continue: bool,
    /// Whether the body was read completely or aborted by the client.
    ended: bool,
}

impl RequestBody {
    /// Replaces the body of a request by a shared one. Returns `None` for a request without a body.
    pub fn share(request: Request<Incoming>) -> (Request<Body>, Option<Self>) {
        if request.body().is_end_stream() {
            return (request.map(Body::new), None);
        }
        let (parts, incoming) = request.into_parts();
        let shared = Self(Arc::new(Mutex::new(State {
            incoming: Some(incoming),
            awaits_continue: parts.headers.contains_key(EXPECT),
            ended: false,
        })));
        let body = Body::new(shared.clone());
        (Request::from_parts(parts, body), Some(shared))
    }

    /// Discards the rest of the body if it is small and arrives soon. Returns whether nothing is left.
    ///
    /// HTTP/2 discards more, because some clients lose the response of a stream that is reset, even without an error.
    /// After an error response, which makes clients stop sending. Before a successful response, because curl 7
    /// continues to send and never ends if the response comes first.
    pub async fn discard(self, version: Version, status: StatusCode) -> bool {
        let is_http_2 = version == Version::HTTP_2;
        if is_http_2 && status.is_success() {
            let ended = self.drain(MAX_BYTES_HTTP_2, TIMEOUT_HTTP_2).await;
            self.lock().incoming = None;
            return ended;
        }
        if self.lock().awaits_continue && !is_http_2 {
            self.lock().incoming = None;
            return false;
        }
        let ended = self.drain(MAX_BYTES, TIMEOUT).await;
        if is_http_2 && !ended {
            tokio::spawn(async move {
                self.drain(MAX_BYTES_HTTP_2, TIMEOUT_HTTP_2).await;
                self.lock().incoming = None;
            });
        } else {
            // A remaining clone would keep the connection waiting.
            self.lock().incoming = None;
        }
        ended
    }

    /// Reads up to `max` bytes within the timeout. Returns whether the body is complete.
    async fn drain(&self, max: usize, within: Duration) -> bool {
        let mut left = max;
        let read = poll_fn(|context| {
            let mut state = self.lock();
            while !state.ended {
                let Poll::Ready(frame) = state.poll_frame(context) else {
                    return Poll::Pending;
                };
                if let Some(Ok(frame)) = frame {
                    let size = frame.data_ref().map_or(0, Bytes::len);
                    let Some(remaining) = left.checked_sub(size) else {
                        break;
                    };
                    left = remaining;
                }
            }
            Poll::Ready(state.ended)
        });
        timeout(within, read).await.unwrap_or(false)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn poll_frame(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.awaits_continue = false;
        let Some(incoming) = &mut self.incoming else {
            return Poll::Ready(None);
        };
        let frame = Pin::new(&mut *incoming).poll_frame(context);
        self.ended |= match &frame {
            Poll::Ready(Some(Ok(_))) => incoming.is_end_stream(),
            Poll::Ready(_) => true,
            Poll::Pending => false,
        };
        frame
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.lock().poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        let state = self.lock();
        state.incoming.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let state = self.lock();
        let incoming = state.incoming.as_ref();
        incoming.map_or_else(SizeHint::default, HttpBody::size_hint)
    }
}
