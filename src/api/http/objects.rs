//! Images of the embedded object store. Requests whose paths begin with the bucket go to the S3 service unchanged,
//! because clients sign their host, path, query and headers.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use axum::routing::any;
use axum::{Router, middleware};
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use super::negotiation::MediaType;
use super::reply::Refusal;
use super::{client, request_id};
use crate::core::client_info::ClientKey;
use crate::graphql::upload::TransferTimeout;
use crate::infra::concurrency_limit::Permit;
use crate::infra::storage::ObjectService;
use crate::state::State as Parts;

/// Returns the routes of the embedded store; none if the store is external.
pub fn router(state: &Parts) -> Router {
    let Some(service) = state.storage.object_service() else {
        return Router::new();
    };
    let bucket = format!("/{}", service.bucket());
    let handler = any(serve);
    Router::new()
        .route(&format!("{bucket}/{{*key}}"), handler.clone())
        .route(&format!("{bucket}/"), handler.clone())
        .route(&bucket, handler)
        .with_state((state.clone(), service.clone()))
        .layer(middleware::from_fn(request_id::assign_request_id))
}

async fn serve(
    State((state, service)): State<(Parts, ObjectService)>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let client = client::network(&state.config, request.headers(), peer);
    let permit = match state
        .concurrency
        .objects
        .acquire(ClientKey::from(client))
        .await
    {
        Ok(permit) => permit,
        Err(error) => return Refusal::from(error).reply(MediaType::Json),
    };
    let uploads = &state.config.uploads;
    let timeout = TransferTimeout::new(uploads.upload_patience, uploads.upload_min_rate);
    let request = request.map(|body| RequestBody { body, timeout });
    let response = service.respond(request).await;
    response.map(|body| {
        Body::new(ResponseBody {
            body,
            _permit: permit,
        })
    })
}

/// The body of a request, which fails if the client sends too slowly.
struct RequestBody {
    body: Body,
    timeout: TransferTimeout,
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::BoxError>>> {
        let this = &mut *self;
        match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(frame) => {
                let data = frame
                    .as_ref()
                    .and_then(|frame| frame.as_ref().ok()?.data_ref());
                this.timeout.record_bytes(data.map_or(0, Bytes::len));
                Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
            }
            Poll::Pending if this.timeout.poll_expired(context) => {
                let error = io::Error::from(ErrorKind::TimedOut);
                Poll::Ready(Some(Err(error.into())))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The body of a response. Holds the permit until it is sent or dropped.
struct ResponseBody<B> {
    body: B,
    _permit: Permit,
}

impl<B: HttpBody + Unpin> HttpBody for ResponseBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
