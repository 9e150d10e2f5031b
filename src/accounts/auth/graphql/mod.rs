//! GraphQL API of accounts and sessions.

mod accounts;
mod cookie;
mod credentials;
mod inputs;
mod loaders;
mod payloads;
mod registration;
mod session;
mod sign_in;

pub use cookie::{device_name as device_cookie_name, refresh_name as refresh_cookie_name};
pub use inputs::TokenPlace;
pub use loaders::OwnSessions;
pub use session::{AuthQuery, Session};

pub(crate) use payloads::tokens_payload;

use async_graphql::{Context, MergedObject};

use self::accounts::AccountMutation;
use self::credentials::CredentialsMutation;
use self::payloads::CodeSent;
use self::registration::RegistrationMutation;
use self::sign_in::SignInMutation;
use crate::accounts::auth::service::Tokens;
use crate::core::client_info::Client;
use crate::core::error::{Error, Result, UserError, UserErrorCode, seconds};
use crate::core::viewer::SignedIn;
use crate::graphql::dataloader::ContextExt;

/// Root fields that start, refresh and end sessions, and that change accounts.
#[derive(Debug, Default, MergedObject)]
pub struct AuthMutation(
    RegistrationMutation,
    SignInMutation,
    CredentialsMutation,
    AccountMutation,
);

/// Returns the client that sent the request.
pub fn client<'a>(ctx: &Context<'a>) -> &'a Client {
    ctx.data_unchecked()
}

/// Returns the signed-in viewer, or an error for an anonymous client.
pub fn signed_in_viewer(ctx: &Context<'_>) -> Result<SignedIn> {
    ctx.viewer().signed_in()
}

/// Returns whether a token goes into a cookie. Fails for the argument `field` without the preflight header, which
/// protects against cross-site request forgery.
pub fn in_cookie(ctx: &Context<'_>, place: TokenPlace, field: &str) -> Result<bool> {
    let in_cookie = place == TokenPlace::Cookie;
    if in_cookie && !client(ctx).preflighted {
        return Err(needs_header(field));
    }
    Ok(in_cookie)
}

/// Sets the cookies of a session whose refresh token is stored in one.
pub fn set_cookies(ctx: &Context<'_>, done: Result<Tokens>) -> Result<Tokens> {
    if let Ok(tokens) = &done
        && tokens.in_cookie
    {
        cookie::set(ctx, tokens);
    }
    done
}

fn sent(ctx: &Context<'_>, done: Result<()>) -> Result<CodeSent> {
    let wait = ctx.state().config.accounts.code_resend_after;
    done.map(|()| CodeSent {
        resend_after_seconds: seconds(wait),
    })
}

/// Error for refresh cookies with different values: one of them was set by another host.
fn conflicting_cookies() -> Error {
    let message = "The request has several refresh cookies with different values; none of them is accepted. Delete this site's cookies and sign in again.";
    UserError::new(UserErrorCode::TokenInvalid, "refreshToken", message).into()
}

fn needs_header(field: &str) -> Error {
    let message = match field {
        "refreshToken" => {
            "The refresh token is missing. Send `refreshToken`, or the cookie with the header `apollo-require-preflight: true`."
        }
        _ => "A cookie requires the header `apollo-require-preflight: true`.",
    };
    Error::bad_input(field, message)
}
