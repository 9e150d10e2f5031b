//! Reads the body of a request without files into memory.

use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::StatusCode;
use http_body_util::BodyExt;
use tokio::time::timeout;

use super::memory::{ALLOWANCE, RequestMemory, Reservation};
use super::reply::Refusal;
use crate::core::error::{Code, Error};

/// The maximum size of a body, in bytes.
const MAX_BODY: usize = 1 << 20;

/// Reads a body after reserving memory for it.
///
/// # Errors
/// `PAYLOAD_TOO_LARGE`, without reading if `Content-Length` is too large; `REQUEST_TIMEOUT` if the body is not
/// complete in time; `SERVICE_UNAVAILABLE` if no memory is available.
pub async fn read(
    body: Body,
    memory: &RequestMemory,
    within: Duration,
) -> Result<(Bytes, [Reservation; 2]), Refusal> {
    let announced = HttpBody::size_hint(&body).exact();
    let length = match announced.map(usize::try_from) {
        Some(Ok(length)) if length <= MAX_BODY => Some(length),
        Some(_) => return Err(too_large()),
        None => None,
    };
    let first = memory.reserve(length.unwrap_or(ALLOWANCE)).await?;
    let read = timeout(within, collect(body, memory, length)).await;
    let (bytes, more) = read.map_err(|_| Refusal::from(Error::RequestTimeout))??;
    Ok((bytes, [first, more]))
}

async fn collect(
    mut body: Body,
    memory: &RequestMemory,
    length: Option<usize>,
) -> Result<(Bytes, Reservation), Refusal> {
    let (mut reserved, mut more) = (length.unwrap_or(ALLOWANCE), Reservation::None);
    // Copied into one buffer instead of keeping the frames, which may be one byte each.
    let mut bytes = Vec::with_capacity(length.unwrap_or(0));
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::bad_request("The body could not be read."))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        let size = bytes.len() + data.len();
        if size > MAX_BODY {
            return Err(too_large());
        }
        if size > reserved {
            more = memory.reserve_more(MAX_BODY - reserved).await?;
            reserved = MAX_BODY;
            // In one step: a growing buffer is copied and temporarily takes twice the memory.
            bytes.reserve_exact(MAX_BODY - bytes.len());
        }
        bytes.extend_from_slice(&data);
    }
    Ok((bytes.into(), more))
}

fn too_large() -> Refusal {
    Refusal::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        Code::PayloadTooLarge,
        "The body is larger than 1 MiB.",
    )
}
