//! Services of address books.

use std::collections::HashMap;

use super::entity::{AddressId, Model};
use super::repository;
use crate::accounts::user;
use crate::accounts::user::UserId;
use crate::core::clock::Timestamp;
use crate::core::country::CountryCode;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::patch::Patch;
use crate::core::postal_address::AddressInput;
use crate::core::validation::Validator;
use crate::core::viewer::{SignedIn, Viewer};
use crate::infra::database::{Database, Transaction};
use crate::state::State;

/// The maximum number of addresses of a user.
const MAX_ADDRESSES: usize = 50;

/// The changes of an address, as a client sent them.
#[derive(Clone, Debug)]
pub struct AddressUpdate {
    pub name: Patch<String>,
    pub company: Patch<String>,
    pub street1: Patch<String>,
    pub street2: Patch<String>,
    pub city: Patch<String>,
    pub region: Patch<String>,
    pub postal_code: Patch<String>,
    pub country: Patch<CountryCode>,
    pub phone: Patch<String>,
    pub vat_id: Patch<String>,
    pub defaults: Defaults,
}

/// Whether an address is to be a default. `None` does not change it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Defaults {
    pub shipping: Option<bool>,
    pub billing: Option<bool>,
}

/// Lists the addresses of these users, oldest first. The caller must have checked that the viewer may see the users.
pub async fn find_by_users(db: &Database, users: &[UserId]) -> Result<HashMap<UserId, Vec<Model>>> {
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for row in repository::find_by_users(db.reader(), users).await? {
        found.entry(row.user_id).or_default().push(row);
    }
    Ok(found)
}

/// Finds an address if the viewer may see its user.
pub async fn find(db: &Database, viewer: Viewer, id: AddressId) -> Result<Option<Model>> {
    // Without a query, so that response times disclose nothing to clients that are not signed in.
    if viewer.signed_in().is_err() {
        return Ok(None);
    }
    let found = repository::find(db.reader(), id).await?;
    Ok(found.filter(|row| viewer.may_see_user(row.user_id)))
}

/// Adds an address to the viewer's address book.
///
/// # Errors
/// `CONFLICT` if the user has 50 addresses.
pub async fn create(
    state: &State,
    caller: SignedIn,
    input: AddressInput,
    defaults: Defaults,
) -> Result<Model> {
    let mut validator = Validator::default();
    let address = input.check(&mut validator, "");
    let Some(address) = address.filter(|_| validator.is_valid()) else {
        return Err(validator.refusal());
    };
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let existing = lock(&transaction, caller).await?;
    if existing.len() >= MAX_ADDRESSES {
        let message = format!("An address book has at most {MAX_ADDRESSES} addresses.");
        return Err(UserError::new(UserErrorCode::Conflict, None, message).into());
    }
    let row = Model {
        id: AddressId::generate(now),
        user_id: caller.user(),
        name: String::new(),
        company: None,
        street1: String::new(),
        street2: None,
        city: None,
        region: None,
        postal_code: None,
        country: String::new(),
        phone: None,
        vat_id: None,
        default_shipping: defaults.shipping.unwrap_or_default(),
        default_billing: defaults.billing.unwrap_or_default(),
        created_at: now,
        updated_at: now,
    };
    let row = row.with(address);
    repository::clear_other_defaults(&transaction, &row).await?;
    repository::insert(&transaction, row.clone()).await?;
    transaction.commit().await?;
    Ok(row)
}

/// Changes an address of the viewer. The changed address is checked as a whole.
pub async fn update(
    state: &State,
    caller: SignedIn,
    id: AddressId,
    change: AddressUpdate,
) -> Result<Model> {
    let transaction = state.db.begin().await?;
    let row = find_own(&transaction, caller, id).await?;
    let row = apply(row, change, state.clock.now())?;
    repository::clear_other_defaults(&transaction, &row).await?;
    repository::update(&transaction, row.clone()).await?;
    transaction.commit().await?;
    Ok(row)
}

/// Deletes an address of the viewer. Returns it as it was.
pub async fn delete(state: &State, caller: SignedIn, id: AddressId) -> Result<Model> {
    let transaction = state.db.begin().await?;
    let row = find_own(&transaction, caller, id).await?;
    repository::delete(&transaction, id).await?;
    transaction.commit().await?;
    Ok(row)
}

/// Locks the viewer's address book and returns its addresses.
async fn lock(transaction: &Transaction, caller: SignedIn) -> Result<Vec<Model>> {
    let user = user::service::lock(transaction, caller.user()).await?;
    user.ok_or(Error::Unauthenticated)?;
    Ok(repository::find_by_users(transaction, &[caller.user()]).await?)
}

async fn find_own(transaction: &Transaction, caller: SignedIn, id: AddressId) -> Result<Model> {
    let mut own = lock(transaction, caller).await?.into_iter();
    let missing = || {
        let message = "You have no address with this id.";
        UserError::new(UserErrorCode::NotFound, "id", message).into()
    };
    own.find(|row| row.id == id).ok_or_else(missing)
}

fn apply(row: Model, change: AddressUpdate, now: Timestamp) -> Result<Model> {
    let current: AddressInput = row
        .postal_address()
        .map_or_else(Default::default, Into::into);
    let changed = AddressInput {
        name: change.name.apply_to(current.name),
        company: change.company.apply_to(current.company),
        street1: change.street1.apply_to(current.street1),
        street2: change.street2.apply_to(current.street2),
        city: change.city.apply_to(current.city),
        region: change.region.apply_to(current.region),
        postal_code: change.postal_code.apply_to(current.postal_code),
        country: change.country.apply_to(current.country),
        phone: change.phone.apply_to(current.phone),
        vat_id: change.vat_id.apply_to(current.vat_id),
    };
    let mut validator = Validator::default();
    let address = changed.check(&mut validator, "");
    let Some(address) = address.filter(|_| validator.is_valid()) else {
        return Err(validator.refusal());
    };
    let Defaults { shipping, billing } = change.defaults;
    let row = row.with(address);
    Ok(Model {
        default_shipping: shipping.unwrap_or(row.default_shipping),
        default_billing: billing.unwrap_or(row.default_billing),
        updated_at: now,
        ..row
    })
}
