//! Detects requests to the store whose body has stopped moving.
//!
//! A part of some MiB may take long on a slow link, so no fixed deadline suits both a slow store that works and one
//! that hangs.

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use aws_sdk_s3::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::{BoxError, SdkError};
use aws_sdk_s3::primitives::SdkBody;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::sleep;

/// The interval between checks.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// The number of consecutive checks without progress before a request is aborted.
const MAX_STALLED_CHECKS: u32 = 11;
/// The number of bytes sent at once.
const FRAME_BYTES: usize = 64 * 1024;

/// Counts the frames of a request's body that the network has accepted.
#[derive(Clone, Debug)]
pub(super) struct StallDetector {
    frames_sent: Arc<AtomicU64>,
    body: Bytes,
}

impl StallDetector {
    /// Creates a detector for a request with this body.
    pub(super) fn of(body: Bytes) -> Self {
        let frames_sent = Arc::default();
        Self { frames_sent, body }
    }

    /// Runs a request, and aborts it with a timeout error when its body stalls.
    pub(super) async fn watch<T, E, R>(
        &self,
        work: impl Future<Output = Result<T, SdkError<E, R>>>,
    ) -> Result<T, SdkError<E, R>> {
        let mut work = pin!(work);
        let (mut seen, mut stalled) = (0, 0);
        loop {
            tokio::select! {
                done = &mut work => return done,
                () = sleep(CHECK_INTERVAL) => {}
            }
            let frames_sent = self.frames_sent.load(Ordering::Relaxed);
            stalled = if frames_sent == seen { stalled + 1 } else { 0 };
            seen = frames_sent;
            if stalled >= MAX_STALLED_CHECKS {
                return Err(SdkError::timeout_error("the upload stalled"));
            }
        }
    }
}

impl Intercept for StallDetector {
    fn name(&self) -> &'static str {
        "Pulse"
    }

    // The request is already signed, so replacing the body by a counted stream does not change the signature.
    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let counted = Counted {
            rest: self.body.clone(),
            frames_sent: self.frames_sent.clone(),
        };
        *context.request_mut().body_mut() = SdkBody::from_body_1_x(counted);
        Ok(())
    }
}

struct Counted {
    rest: Bytes,
    frames_sent: Arc<AtomicU64>,
}

impl Body for Counted {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let size = self.rest.len().min(FRAME_BYTES);
        let piece = self.rest.split_to(size);
        self.frames_sent.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}
