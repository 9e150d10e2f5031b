//! Creates, updates and deletes tax classes.

use super::{MAX_CLASSES, entry, lock};
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::patch::Patch;
use crate::core::text;
use crate::core::validation::Validator;
use crate::core::viewer::Admin;
use crate::infra::database::{
    DbError, Transaction, is_foreign_key_violation, violates_unique_constraint,
};
use crate::platform::audit::service::{self as audit, Actor};
use crate::sales::row;
use crate::sales::tax::entity::{Model, TaxClassId};
use crate::sales::tax::repository;
use crate::state::State;

const NOUN: &str = "tax class";
/// The maximum length of the name of a tax class and of a tax, in characters.
pub(super) const MAX_NAME: usize = 100;

/// Input of [`create_class`].
#[derive(Clone, Debug)]
pub struct CreateTaxClass {
    pub name: String,
    pub is_default: bool,
}

/// Input of [`update_class`].
#[derive(Clone, Debug)]
pub struct UpdateTaxClass {
    pub id: String,
    pub expected_version: Option<i32>,
    pub name: Patch<String>,
    pub is_default: Patch<bool>,
}

/// Creates a tax class. The first one is the default.
///
/// # Errors
/// An invalid name, or one that is taken; too many tax classes.
pub async fn create_class(state: &State, admin: Admin, new: CreateTaxClass) -> Result<Model> {
    let mut validator = Validator::default();
    let name = validator.check("name", text::check_line(&new.name, MAX_NAME));
    let Some(name) = name else {
        return Err(validator.refusal());
    };
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    lock(&transaction).await?;
    let others = repository::classes(&transaction).await?;
    if others.len() >= MAX_CLASSES {
        let message = format!("A shop has at most {MAX_CLASSES} tax classes.");
        return Err(UserError::new(UserErrorCode::Conflict, None, message).into());
    }
    let class = Model {
        id: TaxClassId::generate(now),
        name_key: text::sort_key(&name),
        name,
        is_default: new.is_default || others.is_empty(),
        version: 1,
        created_at: now,
        updated_at: now,
    };
    if class.is_default {
        repository::clear_default(&transaction).await?;
    }
    let inserted = repository::insert_class(&transaction, class.clone()).await;
    inserted.map_err(name_taken)?;
    let entries = [entry::of_class("createTaxClass", None, Some(&class))];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(class)
}

/// Updates a tax class. An update without effect changes nothing and is not audited.
///
/// # Errors
/// Invalid fields, a name that is taken, or a version that is not the expected one.
pub async fn update_class(state: &State, admin: Admin, change: UpdateTaxClass) -> Result<Model> {
    let mut validator = Validator::default();
    let id: Option<TaxClassId> = validator.id("id", &change.id);
    let name = validator.required("name", change.name);
    let name = name.and_then(|name| validator.check("name", text::check_line(&name, MAX_NAME)));
    let is_default = validator.required("isDefault", change.is_default);
    let (Some(id), true) = (id, validator.is_valid()) else {
        return Err(validator.refusal());
    };
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    lock(&transaction).await?;
    let before = repository::find_class(&transaction, id).await?;
    let before = row::expect(before, |row| row.version, change.expected_version, NOUN)?;
    if before.is_default && is_default == Some(false) {
        let message = "Make another tax class the default instead.";
        return Err(UserError::new(UserErrorCode::Conflict, "isDefault", message).into());
    }
    let mut after = before.clone();
    after.name = name.unwrap_or(after.name);
    after.name_key = text::sort_key(&after.name);
    after.is_default = is_default.unwrap_or(after.is_default);
    if after == before {
        return Ok(before);
    }
    after.version += 1;
    after.updated_at = now;
    if after.is_default && !before.is_default {
        repository::clear_default(&transaction).await?;
    }
    let stored = repository::update_class(&transaction, after).await;
    let after = stored.map_err(name_taken)?;
    let entries = [entry::of_class(
        "updateTaxClass",
        Some(&before),
        Some(&after),
    )];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(after)
}

/// Deletes a tax class and its rates, unless it is used.
///
/// # Errors
/// `CONFLICT` if it is the default class of other classes, or if a variant or shipping method has it.
pub async fn delete_class(
    state: &State,
    admin: Admin,
    id: TaxClassId,
    expected_version: Option<i32>,
) -> Result<Model> {
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    lock(&transaction).await?;
    let found = repository::find_class(&transaction, id).await?;
    let class = row::expect(found, |row| row.version, expected_version, NOUN)?;
    if class.is_default && repository::classes(&transaction).await?.len() > 1 {
        let message = "The default tax class can't be deleted. Make another one the default first.";
        return Err(UserError::new(UserErrorCode::Conflict, "id", message).into());
    }
    let (variants, methods) = repository::count_users(&transaction, id).await?;
    if variants + methods > 0 {
        return Err(in_use(&format!(
            "{variants} variants and {methods} shipping methods have this tax class."
        )));
    }
    let deleted = repository::delete_class(&transaction, id).await;
    deleted.map_err(|error| {
        if is_foreign_key_violation(&error) {
            in_use("A variant or a shipping method has this tax class.")
        } else {
            error.into()
        }
    })?;
    let entries = [entry::of_class("deleteTaxClass", Some(&class), None)];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(class)
}

/// Checks that the tax class in a field exists, and prevents its deletion until the transaction ends.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn lock_class(
    transaction: &Transaction,
    id: Option<TaxClassId>,
    field: &str,
) -> Result<()> {
    let Some(id) = id else { return Ok(()) };
    match repository::lock_class(transaction, id).await? {
        Some(_) => Ok(()),
        None => Err(row::missing(field, NOUN).into()),
    }
}

fn in_use(message: &str) -> Error {
    UserError::new(UserErrorCode::Conflict, "id", message).into()
}

fn name_taken(error: DbError) -> Error {
    let (rule, column) = ("tax_classes_name_key_key", "tax_classes.name_key");
    if violates_unique_constraint(&error, rule, column) {
        row::taken("name", NOUN).into()
    } else {
        error.into()
    }
}
