//! Validation of passwords and email addresses.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::config::Secret;
use crate::core::email_address::EmailAddress;
use crate::core::error::Result;
use crate::core::validation::Validator;
use crate::state::State;

/// Maximum length of a password in characters. Longer ones are not hashed.
pub const MAX_PASSWORD: usize = 128;

/// The 5,000 most used passwords of 8 characters or more, from the lists of leaks in zxcvbn.
static COMMON_PASSWORDS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());

/// Parses an email address, or returns the error for its field.
pub fn check_email(field: &str, text: &str) -> Result<EmailAddress> {
    let mut validator = Validator::default();
    let email = validator.check(field, EmailAddress::parse(text));
    email.ok_or_else(|| validator.refusal())
}

/// Validates a new password: 8 to 128 characters, any of Unicode, and not a common one (NIST SP 800-63B).
pub fn check_password(
    state: &State,
    validator: &mut Validator,
    field: &str,
    password: &Secret,
    owner: Option<&EmailAddress>,
) {
    let min = state.config.accounts.password_min_length as usize;
    let checked = validate_password(password.expose(), min, owner);
    validator.check(field, checked);
}

fn validate_password(
    password: &str,
    min: usize,
    owner: Option<&EmailAddress>,
) -> Result<(), String> {
    let length = password.chars().take(MAX_PASSWORD + 1).count();
    if length > MAX_PASSWORD {
        return Err(format!("At most {MAX_PASSWORD} characters are allowed."));
    }
    if length < min {
        return Err(format!("At least {min} characters are needed."));
    }
    if password.contains('\0') {
        return Err("Control characters are not allowed.".to_owned());
    }
    let lower = password.to_lowercase();
    let is_address =
        |owner: &EmailAddress| lower.contains(&owner.key) || lower == owner.local_part();
    if owner.is_some_and(is_address) {
        return Err("The password must not contain your email address.".to_owned());
    }
    // Digits and signs after a common word don't make it uncommon.
    let word = lower.trim_end_matches(|character: char| !character.is_alphabetic());
    if COMMON_PASSWORDS.contains(lower.as_str()) || COMMON_PASSWORDS.contains(word) {
        return Err("This password is too common. Choose another one.".to_owned());
    }
    Ok(())
}
