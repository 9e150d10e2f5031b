//! Describes SMTP errors without the server's own words, which may quote an address.

use lettre::transport::smtp::Error;
use lettre::transport::smtp::response::Severity;

use crate::infra::http_client::reason;

/// The step that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Connect,
    StartTls,
    SignIn,
    Send,
}

/// STARTTLS is required, and the server does not offer it.
pub const NO_STARTTLS: &str =
    "the server does not offer STARTTLS, which is required: use its TLS port with smtps://";

/// Returns a description of an error.
pub fn describe(error: &Error, step: Step) -> String {
    if error.status().is_some() {
        return describe_reply(error, step);
    }
    if let Some(reason) = reason(error) {
        return format!("no connection to the server: {reason}");
    }
    let text = match step {
        _ if error.is_timeout() => "the server does not answer",
        _ if error.is_tls() => "no connection to the server: TLS could not be negotiated",
        Step::SignIn if error.is_client() => {
            "the server offers no supported authentication method (PLAIN, LOGIN)"
        }
        _ if error.is_client() => {
            "the server does not support an extension that the email requires"
        }
        _ if error.is_response() => "the server does not speak SMTP",
        _ => "no connection to the server",
    };
    text.to_owned()
}

/// Describes a reply: the code, the enhanced code (RFC 3463) if there is one, and the meaning, but not the reply's
/// text.
fn describe_reply(error: &Error, step: Step) -> String {
    let text = std::error::Error::source(error)
        .map(ToString::to_string)
        .unwrap_or_default();
    let code = error.status().map(u16::from).unwrap_or_default();
    let enhanced = enhanced(&text);
    let text = text.to_ascii_lowercase();
    let contains_any = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let meaning = match code {
        421 => "the server is not available now",
        _ if contains_any(&["greylist", "graylist", "grey-list", "gray-list"]) => {
            "greylisted: the server wants the email to be sent again later"
        }
        454 if step == Step::SignIn => "authentication is not available now",
        454 => "STARTTLS is not available now",
        530 if contains_any(&["starttls"]) => {
            "the server requires TLS: add ?tls=required to SMTP_URL"
        }
        530 => "the server requires authentication: add user and password to SMTP_URL",
        535 => "the user name or the password is wrong",
        534 | 538 => "the server refuses this method of authentication",
        500..600 if step == Step::SignIn => "the server refuses to authenticate",
        500..600
            if contains_any(&[
                "authentication required",
                "authenticate first",
                "must authenticate",
            ]) =>
        {
            "the server requires authentication: add user and password to SMTP_URL"
        }
        500..600 if contains_any(&["relay"]) => "the server does not relay emails for this sender",
        554 if step == Step::Connect => "the server refuses connections from this address",
        552 => "the mailbox is full, or the email is too large",
        550 | 551 | 553 => "the server refuses the address",
        450..452 => "refused temporarily, for example by greylisting",
        452 => "the server has insufficient storage now",
        _ if is_temporary(error) => "refused temporarily",
        _ => "refused",
    };
    format!("the server answered {code}{enhanced}: {meaning}")
}

fn is_temporary(error: &Error) -> bool {
    let severity = error.status().map(|code| code.severity);
    severity == Some(Severity::TransientNegativeCompletion)
}

/// Returns the enhanced code that a reply begins with, prefixed with a space, or an empty text.
fn enhanced(text: &str) -> String {
    let word = text.split_whitespace().next().unwrap_or_default();
    let parts: Vec<_> = word.split('.').collect();
    let is_number = |part: &&str| {
        (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if parts.len() == 3 && parts.iter().all(is_number) {
        return format!(" {word}");
    }
    String::new()
}
