//! Changing what a cart has besides its lines.

use super::contents::Cart;
use super::draft::Draft;
use crate::core::email_address::EmailAddress;
use crate::core::error::{Error, Result, UserError};
use crate::core::id::TypedId;
use crate::core::patch::Patch;
use crate::core::phone_number;
use crate::core::postal_address::{AddressInput, PostalAddress};
use crate::core::text;
use crate::core::validation::Validator;
use crate::core::viewer::Buyer;
use crate::infra::database::Transaction;
use crate::platform::rate_limit;
use crate::platform::rate_limit::service::Limit;
use crate::sales::discount::list::code_key;
use crate::sales::discount::service::MAX_CODE;
use crate::sales::shipping::ShippingMethodId;
use crate::state::State;

/// The maximum number of discount codes of a cart.
pub const MAX_CODES: usize = 5;
/// The maximum length of a note in characters.
const MAX_NOTE: usize = 2_000;
/// The maximum length of a language tag in characters (BCP 47, 4.4.1).
const MAX_LOCALE: usize = 35;

/// The changes of a cart, as a client sent them.
#[derive(Clone, Debug)]
pub struct DetailsInput {
    pub email: Patch<String>,
    pub phone: Patch<String>,
    pub note: Patch<String>,
    pub locale: Patch<String>,
    pub shipping_address: Patch<AddressInput>,
    pub billing_address: Patch<AddressInput>,
    pub shipping_method_id: Patch<String>,
    pub discount_codes: Patch<Vec<String>>,
    pub expected_version: Option<i32>,
}

/// The valid changes of a cart.
struct Details {
    email: Patch<String>,
    phone: Patch<String>,
    note: Patch<String>,
    locale: Patch<String>,
    shipping_address: Patch<String>,
    billing_address: Patch<String>,
    shipping_method: Patch<ShippingMethodId>,
    discount_codes: Patch<Vec<String>>,
}

/// Changes the buyer's cart.
///
/// # Errors
/// `CONFLICT` if the version is not the expected one.
pub async fn update(state: &State, buyer: Buyer, input: DetailsInput) -> Result<Cart> {
    let expected = input.expected_version;
    let details = check(input)?;
    let transaction = state.db.begin().await?;
    let mut draft = Draft::lock(&transaction, state, buyer).await?;
    let row = &mut draft.cart.row;
    if expected.is_some_and(|expected| expected != row.version) {
        return Err(UserError::stale(row.version).into());
    }
    for (column, change) in [
        (&mut row.email, details.email),
        (&mut row.phone, details.phone),
        (&mut row.note, details.note),
        (&mut row.locale, details.locale),
        (&mut row.shipping_address, details.shipping_address),
        (&mut row.billing_address, details.billing_address),
    ] {
        *column = change.apply_to(column.take());
    }
    row.shipping_method_id = details.shipping_method.apply_to(row.shipping_method_id);
    set_codes(&transaction, state, &mut draft.cart, details.discount_codes).await?;
    let cart = draft.save(&transaction, state).await?;
    transaction.commit().await?;
    Ok(cart)
}

/// Replaces the discount codes. New ones count as guesses.
async fn set_codes(
    transaction: &Transaction,
    state: &State,
    cart: &mut Cart,
    codes: Patch<Vec<String>>,
) -> Result<()> {
    let codes = match codes {
        Patch::Keep => return Ok(()),
        Patch::Clear => Vec::new(),
        Patch::Set(codes) => codes,
    };
    let known = cart.row.read_codes();
    let is_new = |code: &String| known.iter().all(|known| code_key(known) != code_key(code));
    for _ in codes.iter().filter(|code| is_new(code)) {
        let rate = state.config.carts.limit_codes_cart;
        let limit = Limit::new("cart-codes", &cart.row.id.encode(), rate);
        let now = state.clock.now();
        let wait = rate_limit::service::charge_in(transaction, &[limit], now).await?;
        if let Some(wait) = wait {
            return Err(Error::RateLimited(wait));
        }
    }
    cart.row.discount_codes = codes_to_json(&codes)?;
    Ok(())
}

/// Returns discount codes as they are stored. `None` if there are none.
pub fn codes_to_json(codes: &[String]) -> Result<Option<String>> {
    let json = serde_json::to_string(codes).map_err(Error::internal)?;
    Ok(Some(json).filter(|_| !codes.is_empty()))
}

fn check_codes(validator: &mut Validator, codes: Vec<String>) -> Vec<String> {
    if codes.len() > MAX_CODES {
        let message = format!("At most {MAX_CODES} codes are allowed.");
        validator.check::<()>("discountCodes", Err(message));
        return Vec::new();
    }
    let mut checked: Vec<String> = Vec::new();
    for (index, code) in codes.into_iter().enumerate() {
        let field = format!("discountCodes.{index}");
        let Some(code) = validator.check(&field, text::check_line(&code, MAX_CODE)) else {
            continue;
        };
        if checked
            .iter()
            .all(|other| code_key(other) != code_key(&code))
        {
            checked.push(code);
        }
    }
    checked
}

fn check(input: DetailsInput) -> Result<Details> {
    let mut validator = Validator::default();
    let email = validator.patch("email", input.email, |email| {
        EmailAddress::parse(&email).map(|email| email.address)
    });
    let phone = validator.patch("phone", input.phone, |phone| phone_number::check(&phone));
    let note = validator.patch("note", input.note, |note| text::check_text(&note, MAX_NOTE));
    let note = match note {
        Patch::Set(note) if note.is_empty() => Patch::Clear,
        note => note,
    };
    let locale = validator.patch("locale", input.locale, |locale| check_locale(&locale));
    let shipping = check_address(&mut validator, "shippingAddress.", input.shipping_address);
    let billing = check_address(&mut validator, "billingAddress.", input.billing_address);
    let shipping_method = validator.patch("shippingMethodId", input.shipping_method_id, |id| {
        let id = ShippingMethodId::parse(&id, "shippingMethodId");
        id.map_err(|error| error.message().to_owned())
    });
    let discount_codes = match input.discount_codes {
        Patch::Set(codes) => Patch::Set(check_codes(&mut validator, codes)),
        other => other,
    };
    validator.finish()?;
    Ok(Details {
        email,
        phone,
        note,
        locale,
        shipping_address: to_json(shipping)?,
        billing_address: to_json(billing)?,
        shipping_method,
        discount_codes,
    })
}

fn check_address(
    validator: &mut Validator,
    prefix: &str,
    given: Patch<AddressInput>,
) -> Patch<PostalAddress> {
    match given {
        Patch::Keep => Patch::Keep,
        Patch::Clear => Patch::Clear,
        Patch::Set(address) => address.check(validator, prefix).into(),
    }
}

fn to_json(address: Patch<PostalAddress>) -> Result<Patch<String>> {
    Ok(match address {
        Patch::Keep => Patch::Keep,
        Patch::Clear => Patch::Clear,
        Patch::Set(address) => {
            Patch::Set(serde_json::to_string(&address).map_err(Error::internal)?)
        }
    })
}

/// Checks a language tag (BCP 47): a language of 2 to 8 letters, and subtags of 1 to 8 letters or digits.
fn check_locale(tag: &str) -> Result<String, &'static str> {
    let mut subtags = tag.split('-');
    let language = subtags.next().unwrap_or_default();
    let is_language = (2..=8).contains(&language.len())
        && language.bytes().all(|byte| byte.is_ascii_alphabetic());
    let is_subtag = |subtag: &str| {
        (1..=8).contains(&subtag.len()) && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    if tag.len() > MAX_LOCALE || !is_language || !subtags.all(is_subtag) {
        return Err("This is not a language tag such as de or pt-BR.");
    }
    Ok(tag.to_owned())
}
