//! Browser sign-in with Google: the authorization code flow, ending with a code that the client exchanges for tokens.
//!
//! The state of a pending sign-in is in its own cookie; a callback is accepted only with it, and only once. The final
//! redirect goes to an allowed URL only, with a code or an error word in the fragment.

mod cookies;
mod pending_sign_in;
mod return_to;

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;
use url::form_urlencoded;

use self::cookies::Cookies;
use self::pending_sign_in::PendingSignIn;
use self::return_to::ReturnTo;
use super::App;
use super::client;
use super::negotiation::MediaType;
use super::reply::Refusal;
use crate::accounts::auth::service::{self as auth, security};
use crate::accounts::identity::service as identity;
use crate::accounts::identity::service::{Intent, SignInParameters};
use crate::config::Secret;
use crate::core::error::{Code, Error};
use crate::infra::oidc::{Flow, OidcError};
use crate::infra::telemetry::metrics::SecurityEvent;
use crate::infra::telemetry::traces;

/// The result passed to the client: a code, or an error word.
type Outcome = Result<Secret, &'static str>;

const UNAVAILABLE: &str = "provider_unavailable";

/// Redirects a browser to the provider.
pub async fn login(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let (request, _) = request.into_parts();
    forbid_caching(begin(&app, peer, &request).await)
}

/// Handles the callback of the provider.
pub async fn callback(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Response {
    let (request, _) = request.into_parts();
    forbid_caching(end(&app, peer, &request).await)
}

/// Refuses requests if sign-in is not configured, or with another method. Returns the cookie attributes.
fn admit(app: &App, request: &Parts) -> Result<Cookies, Refusal> {
    let Some(redirect) = app.state.google.redirect() else {
        let message = "Sign-in with Google is not configured in this shop.";
        return Err(Refusal::new(StatusCode::NOT_FOUND, Code::NotFound, message));
    };
    if request.method != Method::GET {
        return Err(Refusal::method("GET"));
    }
    Ok(Cookies {
        secure: redirect.scheme() == "https",
    })
}

/// Applies the rate limit of the client.
async fn check_rate_limit(
    app: &App,
    headers: &HeaderMap,
    peer: SocketAddr,
    comes_back: bool,
) -> Result<(), Refusal> {
    let client = client::of_request(&app.state.config, headers, peer);
    let charged = auth::check_google_rate_limit(&app.state, &client, comes_back).await;
    charged.map_err(|error| refusal(&error))
}

async fn begin(app: &App, peer: SocketAddr, request: &Parts) -> Result<Response, Refusal> {
    let cookies = admit(app, request)?;
    let state = &app.state;
    let headers = &request.headers;
    let [return_to, challenge, intent] = parameters(request, ["return_to", "challenge", "intent"])?;
    let return_to = ReturnTo::read(&state.config, state.google.redirect(), return_to.as_deref());
    let return_to = return_to.ok_or_else(|| {
        Refusal::bad_request("`return_to` is not an allowed URL. Use an origin in FRONTEND_URLS or a link in APP_LINKS.")
    })?;
    let parameters = parse_parameters(intent.as_deref(), challenge, return_to.is_app)?;
    // Another site could otherwise exhaust the visitor's rate limit by loading this URL as an image.
    let kind = headers.get("sec-fetch-dest");
    if kind.is_some_and(|kind| kind != "document") {
        return Err(Refusal::bad_request(
            "Navigate the browser to this URL; scripts can't load it.",
        ));
    }
    check_rate_limit(app, headers, peer, false).await?;

    let now = state.clock.now();
    let pending_sign_in = PendingSignIn::new(now, return_to.url, parameters);
    let key = &state.keys.signing;
    let Ok(url) = state
        .google
        .authorization_url(&pending_sign_in.flow(key))
        .await
    else {
        return Ok(redirect_to_client(
            &pending_sign_in.return_to,
            &Err(UNAVAILABLE),
        ));
    };
    let mut response = redirect(url.as_str());
    let removed = cookies.remove_surplus(headers, &state.keys, now);
    for cookie in removed.chain(cookies.keep(&pending_sign_in.id(), &pending_sign_in.seal(key))) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn end(app: &App, peer: SocketAddr, request: &Parts) -> Result<Response, Refusal> {
    let cookies = admit(app, request)?;
    let state = &app.state;
    let [given, code, error] = parameters(request, ["state", "code", "error"])?;
    let unknown =
        || Refusal::bad_request("This sign-in is unknown or expired in this browser. Start again.");
    let given = given.unwrap_or_default();
    let id = PendingSignIn::id_in(&given).ok_or_else(unknown)?;
    let now = state.clock.now();
    let begun = cookies
        .pending(&request.headers)
        .filter(|(pending, _)| *pending == id)
        .filter_map(|(_, sealed)| PendingSignIn::open(&state.keys, sealed, now))
        .find(|(_, flow)| bool::from(flow.state.as_bytes().ct_eq(given.as_bytes())));
    let (pending_sign_in, flow) = begun.ok_or_else(unknown)?;
    if code.is_none() && error.is_none() {
        return Err(Refusal::bad_request(
            "The parameters `code` and `error` are both missing.",
        ));
    }
    check_rate_limit(app, &request.headers, peer, true).await?;
    // Before the code exchange: of two requests with the same state, only the first proceeds.
    let (hash, until) = pending_sign_in.use_record();
    let is_first = identity::mark_flow_used(state, hash, until).await;
    if !is_first.map_err(|error| refusal(&error))? {
        return Err(Refusal::bad_request(
            "This sign-in was already used. Start again.",
        ));
    }
    let outcome = match (error.as_deref(), code) {
        (Some("access_denied"), _) => Err("access_denied"),
        (Some(_), _) | (None, None) => Err("provider_error"),
        (None, Some(code)) => exchange_code(app, &pending_sign_in, &flow, &code).await?,
    };
    if let Err(reason) = outcome {
        let client = client::of_request(&state.config, &request.headers, peer);
        security::refused(state, &client, SecurityEvent::SignIn, None, reason);
    }
    let mut response = redirect_to_client(&pending_sign_in.return_to, &outcome);
    if let Some(cookie) = cookies.remove(&id) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Exchanges the code and verifies the identity.
async fn exchange_code(
    app: &App,
    pending_sign_in: &PendingSignIn,
    flow: &Flow,
    code: &str,
) -> Result<Outcome, Refusal> {
    let claims = match app.state.google.exchange(flow, code).await {
        Ok(claims) => claims,
        Err(OidcError::Refused | OidcError::NoNonce) => return Ok(Err("sign_in_refused")),
        Err(OidcError::Unavailable | OidcError::Disabled) => return Ok(Err(UNAVAILABLE)),
    };
    let created = identity::create_code(&app.state, claims, pending_sign_in.parameters()).await;
    let created = created.map_err(|error| refusal(&error))?;
    Ok(created.map_err(|refusal| match refusal {
        identity::Refusal::EmailNotVerified => "email_not_verified",
        identity::Refusal::LinkRequired => "link_required",
        identity::Refusal::AccountDisabled => "account_disabled",
    }))
}

/// Returns the values of these parameters. A repeated parameter is refused, because another component may have read
/// the other value.
fn parameters<const COUNT: usize>(
    request: &Parts,
    names: [&str; COUNT],
) -> Result<[Option<String>; COUNT], Refusal> {
    let mut found = [const { None }; COUNT];
    let query = request.uri.query().unwrap_or_default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let Some(index) = names.iter().position(|known| *known == name) else {
            continue;
        };
        if found[index].replace(value.into_owned()).is_some() {
            let message = format!("The parameter `{}` occurs more than once.", names[index]);
            return Err(Refusal::bad_request(message));
        }
    }
    Ok(found)
}

/// Parses the intent and the PKCE-like challenge of the client.
fn parse_parameters(
    intent: Option<&str>,
    challenge: Option<String>,
    is_app: bool,
) -> Result<SignInParameters, Refusal> {
    let intent = match intent {
        None | Some("sign_in") => Intent::SignIn,
        Some("link") => Intent::Link,
        Some(_) => {
            return Err(Refusal::bad_request(
                "`intent` must be `sign_in` or `link`.",
            ));
        }
    };
    let is_hash = |text: &String| {
        URL_SAFE_NO_PAD
            .decode(text)
            .is_ok_and(|hash| hash.len() == 32)
    };
    match &challenge {
        Some(challenge) if !is_hash(challenge) => Err(Refusal::bad_request(
            "`challenge` must be the SHA-256 of your verifier in base64url: 43 characters.",
        )),
        None if is_app || intent == Intent::Link => Err(Refusal::bad_request(
            "`challenge` is required: the SHA-256 of a verifier in base64url, 43 characters.",
        )),
        _ => Ok(SignInParameters { intent, challenge }),
    }
}

/// Redirects the browser to the client, with the result in the fragment, which is not sent to servers.
fn redirect_to_client(return_to: &str, outcome: &Outcome) -> Response {
    let mut fragment = form_urlencoded::Serializer::new(String::new());
    match outcome {
        Ok(code) => fragment.append_pair("code", code.expose()),
        Err(error) => fragment.append_pair("error", error),
    };
    redirect(&format!("{return_to}#{}", fragment.finish()))
}

fn redirect(url: &str) -> Response {
    match HeaderValue::from_str(url) {
        Ok(url) => (StatusCode::FOUND, [(LOCATION, url)]).into_response(),
        Err(error) => {
            let error = Error::internal(error);
            refusal(&error).reply(MediaType::Json)
        }
    }
}

fn refusal(error: &Error) -> Refusal {
    traces::log_failure(error, "sign-in with Google failed");
    let refusal = Refusal::internal(error);
    match error {
        Error::RateLimited(_) => Refusal {
            status: StatusCode::TOO_MANY_REQUESTS,
            ..refusal
        },
        _ => refusal,
    }
}

/// Forbids caching of a response, and the `Referer` header on the way out.
fn forbid_caching(response: Result<Response, Refusal>) -> Response {
    let mut response = response.unwrap_or_else(|refusal| refusal.reply(MediaType::Json));
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
