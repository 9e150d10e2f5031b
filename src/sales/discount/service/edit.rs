//! Creates, updates and deletes discounts.

use super::fields::DiscountInput;
use super::{Discount, entry, with_targets};
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::validation::Validator;
use crate::core::viewer::Admin;
use crate::infra::database::{
    Database, DbError, Transaction, is_foreign_key_violation, violates_unique_constraint,
};
use crate::platform::audit::service::{self as audit, Actor};
use crate::sales::discount::entity::{DiscountId, Kind, Model, Target, target};
use crate::sales::discount::repository;
use crate::sales::row;
use crate::state::State;

const NOUN: &str = "discount";
/// The maximum number of discounts without a code, which are read for each cart.
const MAX_AUTOMATIC: u64 = 100;

/// Input of [`create`].
#[derive(Clone, Debug)]
pub struct CreateDiscount {
    pub fields: DiscountInput,
}

/// Input of [`update`].
#[derive(Clone, Debug)]
pub struct UpdateDiscount {
    pub id: String,
    pub expected_version: Option<i32>,
    pub fields: DiscountInput,
}

/// Creates a discount.
///
/// # Errors
/// Invalid fields, a code that is taken, unknown categories or products, too many automatic discounts.
pub async fn create(state: &State, admin: Admin, new: CreateDiscount) -> Result<Discount> {
    let (now, currency) = (state.clock.now(), state.config.shop_currency);
    let mut validator = Validator::default();
    let fields = new.fields.check(&mut validator, currency);
    let discount = fields.apply(&blank(now), &mut validator);
    validator.finish()?;
    let transaction = state.db.begin().await?;
    lock(&transaction).await?;
    check_automatic(&transaction, &discount.row).await?;
    insert(&transaction, &discount).await?;
    let change = (None, Some(&discount));
    let entries = [entry::entry("createDiscount", change, currency)];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(discount)
}

/// Inserts a discount.
///
/// # Errors
/// `CONFLICT` on `code` if another discount has it, `NOT_FOUND` on `categoryIds` or `productIds`.
pub async fn insert(transaction: &Transaction, discount: &Discount) -> Result<()> {
    let targets = target_rows(discount);
    let inserted = repository::insert(transaction, discount.row.clone(), targets).await;
    inserted.map_err(|error| write_error(error, discount))
}

/// Updates a discount. An update without effect changes nothing and is not audited.
///
/// # Errors
/// As [`create`]; also a version that is not the expected one, and a usage limit below the number of uses.
pub async fn update(state: &State, admin: Admin, change: UpdateDiscount) -> Result<Discount> {
    let (now, currency) = (state.clock.now(), state.config.shop_currency);
    let mut validator = Validator::default();
    let id: Option<DiscountId> = validator.id("id", &change.id);
    let fields = change.fields.check(&mut validator, currency);
    let (Some(id), true) = (id, validator.is_valid()) else {
        return Err(validator.refusal());
    };
    let transaction = state.db.begin().await?;
    lock(&transaction).await?;
    let before = find(&transaction, id, change.expected_version).await?;
    let mut after = fields.apply(&before, &mut validator);
    if after
        .row
        .usage_limit
        .is_some_and(|limit| limit < after.row.used)
    {
        let message = format!("{} orders use it already.", after.row.used);
        let error = UserError::new(UserErrorCode::Conflict, "usageLimit", message);
        validator.refuse(error);
    }
    validator.finish()?;
    if after == before {
        return Ok(before);
    }
    if before.row.code.is_some() {
        check_automatic(&transaction, &after.row).await?;
    }
    after.row.version += 1;
    after.row.updated_at = now;
    let updated = repository::update(&transaction, after.row.clone()).await;
    updated.map_err(|error| write_error(error, &after))?;
    if (&after.categories, &after.products) != (&before.categories, &before.products) {
        let targets = target_rows(&after);
        let replaced = repository::replace_targets(&transaction, id, targets).await;
        replaced.map_err(|error| write_error(error, &after))?;
    }
    let change = (Some(&before), Some(&after));
    let entries = [entry::entry("updateDiscount", change, currency)];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(after)
}

/// Deletes a discount. Orders that used it keep their prices.
///
/// # Errors
/// `NOT_FOUND`, or `CONFLICT` if the version is not the expected one.
pub async fn delete(
    state: &State,
    admin: Admin,
    id: DiscountId,
    expected_version: Option<i32>,
) -> Result<Discount> {
    let (now, currency) = (state.clock.now(), state.config.shop_currency);
    let transaction = state.db.begin().await?;
    lock(&transaction).await?;
    let discount = find(&transaction, id, expected_version).await?;
    repository::delete(&transaction, id).await?;
    let change = (Some(&discount), None);
    let entries = [entry::entry("deleteDiscount", change, currency)];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(discount)
}

/// Serializes the changes of discounts until the transaction ends.
async fn lock(transaction: &Transaction) -> Result<()> {
    Ok(Database::lock(transaction, "discounts").await?)
}

/// Returns a discount. Until the transaction ends, orders wait to use it.
async fn find(
    transaction: &Transaction,
    id: DiscountId,
    expected_version: Option<i32>,
) -> Result<Discount> {
    let found = repository::lock(transaction, id).await?;
    let found = row::expect(found, |row| row.version, expected_version, NOUN)?;
    let mut discounts = with_targets(transaction, vec![found]).await?;
    discounts
        .pop()
        .ok_or_else(|| row::missing("id", NOUN).into())
}

/// Refuses too many discounts without a code.
async fn check_automatic(transaction: &Transaction, row: &Model) -> Result<()> {
    if row.code.is_none() && repository::count_automatic(transaction).await? >= MAX_AUTOMATIC {
        let message = format!("A shop has at most {MAX_AUTOMATIC} discounts without a code.");
        return Err(UserError::new(UserErrorCode::Conflict, "code", message).into());
    }
    Ok(())
}

fn target_rows(discount: &Discount) -> Vec<target::Model> {
    let categories = discount.categories.iter().map(|id| (Some(*id), None));
    let products = discount.products.iter().map(|id| (None, Some(*id)));
    let targets = categories.chain(products).zip(0..);
    let row = |((category_id, product_id), position)| target::Model {
        discount_id: discount.row.id,
        position,
        category_id,
        product_id,
    };
    targets.map(row).collect()
}

/// Converts the error of a write. A discount has either categories or products, and its foreign keys refuse unknown ones.
fn write_error(error: DbError, discount: &Discount) -> Error {
    let (rule, column) = ("discounts_code_key_key", "discounts.code_key");
    if violates_unique_constraint(&error, rule, column) {
        return row::taken("code", NOUN).into();
    }
    if is_foreign_key_violation(&error) {
        return if discount.products.is_empty() {
            row::missing("categoryIds", "category").into()
        } else {
            row::missing("productIds", "product").into()
        };
    }
    error.into()
}

/// A discount before it gets its fields.
fn blank(now: Timestamp) -> Discount {
    Discount {
        row: Model {
            id: DiscountId::generate(now),
            code: None,
            code_key: None,
            name: String::new(),
            name_key: String::new(),
            kind: Kind::Percent,
            value: 0,
            target: Target::Order,
            min_amount: None,
            min_quantity: None,
            starts_at: None,
            ends_at: None,
            combinable: false,
            active: true,
            usage_limit: None,
            used: 0,
            per_customer_limit: None,
            version: 1,
            created_at: now,
            updated_at: now,
        },
        categories: Vec::new(),
        products: Vec::new(),
    }
}
