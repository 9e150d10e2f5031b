//! Changing one or many variants.

use std::collections::{HashMap, HashSet};

use super::batch::{VariantBatch, taken};
use super::choices::MAX_VARIANTS;
use super::fields::{VariantFields, VariantInput};
use super::set::VariantSet;
use super::{images, missing_variant, tax_classes};
use crate::catalog::product::ProductId;
use crate::catalog::product::entity::Model;
use crate::catalog::product::entity::variant::{TaxClassId, VariantId};
use crate::catalog::product::repository::variants as repository;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::validation::Validator;
use crate::core::viewer::{Admin, Audience};
use crate::platform::media::ImageId;
use crate::state::State;

/// A variant and its new fields, as a client sends them.
#[derive(Clone, Debug)]
pub struct VariantUpdate {
    pub id: String,
    pub expected_version: Option<i32>,
    pub fields: VariantInput,
}

/// A variant in its new state.
#[derive(Clone, Debug)]
pub struct UpdatedVariant {
    pub id: VariantId,
    pub product: Model,
    pub set: VariantSet,
}

/// The result of one variant of a bulk update.
#[derive(Clone, Debug)]
pub struct UpdateRow {
    /// Its id as the client has sent it.
    pub id: String,
    /// None if there are errors, its own or those of others.
    pub updated: Option<UpdatedVariant>,
    pub errors: Vec<UserError>,
}

/// The result of a bulk update.
#[derive(Clone, Debug)]
pub struct UpdateOutcome {
    pub rows: Vec<UpdateRow>,
    /// The reasons why nothing was changed.
    pub errors: Vec<UserError>,
}

/// Updates a variant. An update that changes nothing doesn't increase its version.
pub async fn update(state: &State, admin: Admin, update: VariantUpdate) -> Result<UpdatedVariant> {
    let mut outcome = update_rows(state, admin, "updateVariant", vec![update], true).await?;
    let row = outcome.rows.pop();
    match row {
        Some(UpdateRow {
            updated: Some(updated),
            ..
        }) => Ok(updated),
        Some(row) => Err(Error::Refused(row.errors)),
        None => Err(missing_variant("id").into()),
    }
}

/// Updates many variants in one transaction: all that can be updated, or all or none.
pub async fn update_many(
    state: &State,
    admin: Admin,
    updates: Vec<VariantUpdate>,
    reject_all: bool,
) -> Result<UpdateOutcome> {
    let distinct: HashSet<_> = updates.iter().map(|update| &update.id).collect();
    if updates.is_empty() || updates.len() > MAX_VARIANTS {
        let message = "Give 1 to 1,000 variants.";
        return Err(UserError::new(UserErrorCode::BadUserInput, "variants", message).into());
    }
    if distinct.len() < updates.len() {
        let message = "The ids contain duplicates. List each variant once.";
        return Err(UserError::new(UserErrorCode::BadUserInput, "variants", message).into());
    }
    update_rows(state, admin, "updateVariants", updates, reject_all).await
}

/// The existing objects that the new values refer to.
struct References {
    /// The products of the images.
    galleries: HashMap<ImageId, ProductId>,
    /// The tax classes that exist.
    tax_classes: HashSet<TaxClassId>,
}

struct CheckedUpdate {
    text: String,
    /// The id, the expected version and the fields; the errors if they are invalid.
    checked: Result<(VariantId, Option<i32>, VariantFields), Vec<UserError>>,
}

async fn update_rows(
    state: &State,
    admin: Admin,
    action: &'static str,
    updates: Vec<VariantUpdate>,
    reject_all: bool,
) -> Result<UpdateOutcome> {
    let currency = state.config.shop_currency;
    let checked = updates.into_iter().map(|update| {
        let mut validator = Validator::default();
        let id = validator.id::<VariantId>("id", &update.id);
        let fields = update.fields.check(&mut validator, "", currency);
        let checked = match (id, validator.finish()) {
            (Some(id), Ok(())) => Ok((id, update.expected_version, fields)),
            (_, Err(Error::Refused(errors))) => Err(errors),
            _ => Err(vec![missing_variant("id")]),
        };
        CheckedUpdate {
            text: update.id,
            checked,
        }
    });
    let checked: Vec<_> = checked.collect();
    let valid = || checked.iter().filter_map(|row| row.checked.as_ref().ok());
    let ids: Vec<_> = valid().map(|(id, ..)| *id).collect();
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let found = repository::find_many(&transaction, Audience::Staff, &ids).await?;
    let products: HashSet<_> = found.iter().map(|(row, _)| row.product_id).collect();
    let products: Vec<_> = products.into_iter().collect();
    let mut batch = VariantBatch::lock(&transaction, &products, now).await?;
    let shown = valid().filter_map(|(_, _, fields)| fields.image());
    let classes = valid().filter_map(|(_, _, fields)| fields.tax_class());
    let classes: Vec<_> = classes.collect();
    let references = References {
        galleries: images::galleries(&transaction, shown).await?,
        tax_classes: tax_classes::lock(&transaction, &classes).await?,
    };
    let mut failed = Failures::new();
    let rows = loop {
        let rows = apply(&mut batch, &checked, &failed, &references, now);
        let taken_skus = batch.taken_skus(&transaction).await?;
        let known = failed.len();
        for (number, (_, applied)) in rows.iter().enumerate() {
            match applied {
                Err(errors) => _ = failed.insert(number, errors.clone()),
                Ok(id) if taken_skus.contains(id) => {
                    _ = failed.insert(number, vec![taken("")]);
                }
                Ok(_) => {}
            }
        }
        // Without a failed row, another one may fail.
        if failed.len() == known {
            break rows;
        }
    };
    if failed.len() == rows.len() || (reject_all && !failed.is_empty()) {
        return Ok(rejected(rows, failed.len()));
    }
    let written = batch.write(&transaction, (admin, action, currency)).await?;
    transaction.commit().await?;
    Ok(outcome(rows, &written))
}

type AppliedRow = (String, Result<VariantId, Vec<UserError>>);
/// The errors of rows that can't be applied, by their number.
type Failures = HashMap<usize, Vec<UserError>>;

/// Applies all rows but the failed ones to the stored variants.
fn apply(
    batch: &mut VariantBatch,
    rows: &[CheckedUpdate],
    failed: &Failures,
    references: &References,
    now: Timestamp,
) -> Vec<AppliedRow> {
    for draft in &mut batch.drafts {
        draft.after.clone_from(&draft.before);
    }
    let mut apply_row = |number: usize, row: &CheckedUpdate| {
        if let Some(errors) = failed.get(&number) {
            return Err(errors.clone());
        }
        let (id, expected, fields) = row.checked.as_ref().map_err(Clone::clone)?;
        let Some((draft, index)) = batch.find(*id) else {
            return Err(vec![missing_variant("id")]);
        };
        let version = draft.after.variants[index].0.version;
        if expected.is_some_and(|expected| expected != version) {
            return Err(vec![UserError::stale(version)]);
        }
        if let Some(image) = fields.image()
            && references.galleries.get(&image) != Some(&draft.product.id)
        {
            return Err(vec![images::missing("imageId")]);
        }
        if let Some(class) = fields.tax_class()
            && !references.tax_classes.contains(&class)
        {
            return Err(vec![tax_classes::missing("taxClassId")]);
        }
        let updated = fields.clone().update(&mut draft.after, index, "", now);
        updated.map_err(|error| vec![error])?;
        Ok(*id)
    };
    let rows = rows.iter().enumerate();
    rows.map(|(number, row)| (row.text.clone(), apply_row(number, row)))
        .collect()
}

fn rejected(rows: Vec<AppliedRow>, failed: usize) -> UpdateOutcome {
    let message = format!(
        "No variant was updated: {failed} of {} variants have errors.",
        rows.len()
    );
    let rows = rows.into_iter().map(|(id, applied)| UpdateRow {
        id,
        updated: None,
        errors: applied.err().unwrap_or_default(),
    });
    UpdateOutcome {
        rows: rows.collect(),
        errors: vec![UserError::new(UserErrorCode::Conflict, None, message)],
    }
}

fn outcome(rows: Vec<AppliedRow>, written: &[(Model, VariantSet)]) -> UpdateOutcome {
    let find = |id: VariantId| {
        let mut written = written.iter();
        let found = written.find(|(_, set)| set.variants.iter().any(|(row, _)| row.id == id));
        found.map(|(product, set)| UpdatedVariant {
            id,
            product: product.clone(),
            set: set.clone(),
        })
    };
    let rows = rows.into_iter().map(|(id, applied)| match applied {
        Ok(found) => UpdateRow {
            id,
            updated: find(found),
            errors: Vec::new(),
        },
        Err(errors) => UpdateRow {
            id,
            updated: None,
            errors,
        },
    });
    UpdateOutcome {
        rows: rows.collect(),
        errors: Vec::new(),
    }
}
