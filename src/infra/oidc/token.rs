//! From a code to an ID token (RFC 6749, 4.1.3).

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use oauth2::basic::{
    BasicErrorResponse, BasicErrorResponseType, BasicRevocationErrorResponse,
    BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AuthType, AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret, EndpointNotSet,
    EndpointSet, ExtraTokenFields, HttpRequest, PkceCodeVerifier, RedirectUrl, RequestTokenError,
    StandardRevocableToken, StandardTokenResponse, TokenUrl,
};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::provider::{Endpoints, unavailable};
use super::{Fault, Flow};
use crate::config::GoogleClient;
use crate::infra::http_client::{HttpClient, RequestError};

/// What OpenID Connect adds to the answer. Of the rest of it nothing is used.
#[derive(Debug, Deserialize, Serialize)]
pub struct IdToken {
    id_token: Option<String>,
}

impl ExtraTokenFields for IdToken {}

/// The shop as a client of the provider.
pub type Registered = Client<
    BasicErrorResponse,
    StandardTokenResponse<IdToken, BasicTokenType>,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

pub fn client(client: &GoogleClient, endpoints: &Endpoints) -> Registered {
    let how = if endpoints.secret_in_body {
        AuthType::RequestBody
    } else {
        AuthType::BasicAuth
    };
    Client::new(ClientId::new(client.id.clone()))
        .set_client_secret(ClientSecret::new(client.secret.expose().to_owned()))
        .set_auth_type(how)
        .set_auth_uri(AuthUrl::from_url(endpoints.authorization.clone()))
        .set_token_uri(TokenUrl::from_url(endpoints.token.clone()))
        .set_redirect_uri(RedirectUrl::from_url(client.redirect.clone()))
}

/// Exchanges a code. All of it is owned by the future: the library's own are too particular about lifetimes to be sent to
/// other threads.
pub fn request(
    client: Registered,
    http: HttpClient,
    flow: &Flow,
    code: &str,
    end: Instant,
) -> BoxFuture<'static, Result<String, Fault>> {
    let code = AuthorizationCode::new(code.to_owned());
    let verifier = PkceCodeVerifier::new(flow.verifier.expose().to_owned());
    let exchange = async move {
        let ask = |request: HttpRequest| {
            let http = http.clone();
            async move { http.send(request, end).await }
        };
        let request = client.exchange_code(code).set_pkce_verifier(verifier);
        let answer = request.request_async(&ask).await;
        let answer = answer.map_err(|error| fault(&error))?;
        let token = &answer.extra_fields().id_token;
        token.clone().ok_or_else(|| {
            tracing::warn!("the sign-in provider gave no ID token");
            Fault::Refused
        })
    };
    exchange.boxed()
}

/// The fault that an error comes to. Neither its text nor what was answered is logged: tokens may be in them.
fn fault(error: &RequestTokenError<RequestError, BasicErrorResponse>) -> Fault {
    let story = match error {
        RequestTokenError::ServerResponse(said) => match said.error() {
            BasicErrorResponseType::InvalidGrant => {
                tracing::info!("the sign-in provider refused a code");
                return Fault::Refused;
            }
            BasicErrorResponseType::InvalidClient | BasicErrorResponseType::UnauthorizedClient => {
                RequestError::new("it does not take GOOGLE_CLIENT_ID with GOOGLE_CLIENT_SECRET")
            }
            _ => RequestError::new("it refused the request for a token"),
        },
        RequestTokenError::Request(error) => error.clone(),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            RequestError::new("it says what can't be understood")
        }
    };
    unavailable("token", &story)
}
