//! Accounts in the API.

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

/// The root fields that get, keep and end access, and those that change accounts.
#[derive(Debug, Default, MergedObject)]
pub struct AuthMutation(
    RegistrationMutation,
    SignInMutation,
    CredentialsMutation,
    AccountMutation,
);

/// Where the request comes from.
pub fn client<'a>(ctx: &Context<'a>) -> &'a Client {
    ctx.data_unchecked()
}

/// Who is signed in, or the refusal.
pub fn who(ctx: &Context<'_>) -> Result<SignedIn> {
    ctx.viewer().signed_in()
}

/// Whether the refresh token goes into a cookie; refused without the header that keeps other sites from asking for it.
pub fn in_cookie(ctx: &Context<'_>, place: TokenPlace) -> Result<bool> {
    let in_cookie = place == TokenPlace::Cookie;
    if in_cookie && !client(ctx).preflighted {
        return Err(needs_header("refreshTokenIn"));
    }
    Ok(in_cookie)
}

/// Puts the refresh token into its cookie, if that is where it is kept.
pub fn keep(ctx: &Context<'_>, done: Result<Tokens>) -> Result<Tokens> {
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

/// Refuses refresh cookies with different values: one of them was set by another host.
fn conflicting_cookies() -> Error {
    let message = "The request has refresh cookies with different values, and none of them is accepted. Delete the cookies of this site and sign in again.";
    UserError::new(UserErrorCode::TokenInvalid, "refreshToken", message).into()
}

fn needs_header(field: &str) -> Error {
    let message = match field {
        "refreshToken" => {
            "Send the refresh token, or its cookie with a header such as `apollo-require-preflight: true`."
        }
        _ => "A cookie needs a header such as `apollo-require-preflight: true`.",
    };
    Error::bad_input(field, message)
}
