//! Connects the S3 client of this process to the embedded store without a socket: its requests are function calls.

use aws_sdk_s3::config::SharedHttpClient;
use aws_sdk_s3::config::http::{HttpRequest, HttpResponse};
use aws_sdk_s3::primitives::SdkBody;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::result::ConnectorError;
use hyper::header::{HOST, HeaderValue};

use super::service::ObjectService;

/// Returns an HTTP client whose requests call the service.
pub(super) fn http_client(service: ObjectService) -> SharedHttpClient {
    let connector = SharedHttpConnector::new(Connector(service));
    http_client_fn(move |_, _| connector.clone())
}

#[derive(Debug)]
struct Connector(ObjectService);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let service = self.0.clone();
        HttpConnectorFuture::new(async move {
            let other = |error| ConnectorError::other(error, None);
            let mut request = request
                .try_into_http1x()
                .map_err(|error| other(error.into()))?;
            // A connection would add it; it is part of the signature.
            let host = request.uri().authority().map(ToString::to_string);
            let host = host.and_then(|host| HeaderValue::from_str(&host).ok());
            if let Some(host) = host {
                request.headers_mut().entry(HOST).or_insert(host);
            }
            let response = service.respond(request).await;
            let response = response.map(SdkBody::from_body_1_x);
            HttpResponse::try_from(response).map_err(|error| other(error.into()))
        })
    }
}
