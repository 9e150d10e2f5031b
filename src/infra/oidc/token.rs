//! Exchanges an authorization code for an ID token (RFC 6749, 4.1.3).

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
use super::{Flow, OidcError};
use crate::config::GoogleClient;
use crate::infra::http_client::{HttpClient, RequestError};

/// The field that OpenID Connect adds to the token response. No other field is used.
#[derive(Debug, Deserialize, Serialize)]
pub struct IdToken {
    id_token: Option<String>,
}

impl ExtraTokenFields for IdToken {}

/// The OAuth client.
pub type OAuthClient = Client<
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

pub fn client(client: &GoogleClient, endpoints: &Endpoints) -> OAuthClient {
    let auth_type = if endpoints.secret_in_body {
        AuthType::RequestBody
    } else {
        AuthType::BasicAuth
    };
    Client::new(ClientId::new(client.id.clone()))
        .set_client_secret(ClientSecret::new(client.secret.expose().to_owned()))
        .set_auth_type(auth_type)
        .set_auth_uri(AuthUrl::from_url(endpoints.authorization.clone()))
        .set_token_uri(TokenUrl::from_url(endpoints.token.clone()))
        .set_redirect_uri(RedirectUrl::from_url(client.redirect.clone()))
}

/// Exchanges a code. The future owns all its data: the library's own futures are not `Send` for any lifetime.
pub fn request(
    client: OAuthClient,
    http: HttpClient,
    flow: &Flow,
    code: &str,
    deadline: Instant,
) -> BoxFuture<'static, Result<String, OidcError>> {
    let code = AuthorizationCode::new(code.to_owned());
    let verifier = PkceCodeVerifier::new(flow.verifier.expose().to_owned());
    let exchange = async move {
        let ask = |request: HttpRequest| {
            let http = http.clone();
            async move { http.send(request, deadline).await }
        };
        let request = client.exchange_code(code).set_pkce_verifier(verifier);
        let response = request.request_async(&ask).await;
        let response = response.map_err(|error| oidc_error(&error))?;
        let token = &response.extra_fields().id_token;
        token.clone().ok_or_else(|| {
            tracing::warn!("sign-in provider returned no ID token");
            OidcError::Refused
        })
    };
    exchange.boxed()
}

/// Converts the library's error. Neither the error's text nor the response is logged: they may contain tokens.
fn oidc_error(error: &RequestTokenError<RequestError, BasicErrorResponse>) -> OidcError {
    let cause = match error {
        RequestTokenError::ServerResponse(error_response) => match error_response.error() {
            BasicErrorResponseType::InvalidGrant => {
                tracing::info!("sign-in provider rejected an authorization code");
                return OidcError::Refused;
            }
            BasicErrorResponseType::InvalidClient | BasicErrorResponseType::UnauthorizedClient => {
                RequestError::new("GOOGLE_CLIENT_ID or GOOGLE_CLIENT_SECRET is wrong")
            }
            _ => RequestError::new("it rejected the token request"),
        },
        RequestTokenError::Request(error) => error.clone(),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            RequestError::new("invalid response body")
        }
    };
    unavailable("token", &cause)
}
