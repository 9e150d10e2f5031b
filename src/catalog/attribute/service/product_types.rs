//! Creates, updates and deletes product types.

use std::collections::HashSet;

use super::attributes::lock;
use super::row::{self, check_name};
use super::{MAX_TYPE_ATTRIBUTES, MAX_TYPES, entry, type_rows};
use crate::catalog::attribute::entity::product_type::Model;
use crate::catalog::attribute::entity::{AttributeId, ProductTypeId};
use crate::catalog::attribute::repository;
use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::patch::Patch;
use crate::core::validation::Validator;
use crate::core::viewer::Admin;
use crate::core::{slug, text};
use crate::infra::database::{
    DbError, Transaction, is_foreign_key_violation, violates_unique_constraint,
};
use crate::platform::audit::service::{self as audit, Actor};
use crate::state::State;

const NOUN: &str = "product type";

/// The fields of a product type as a client sends them.
#[derive(Clone, Debug, Default)]
pub struct TypeInput {
    pub name: Patch<String>,
    pub slug: Patch<String>,
    /// The ids of all attributes, in their order.
    pub attributes: Patch<Vec<String>>,
}

struct Checked {
    name: Option<String>,
    slug: Option<String>,
    attributes: Option<Vec<AttributeId>>,
}

impl TypeInput {
    fn check(self, validator: &mut Validator) -> Checked {
        let name = validator.required("name", self.name);
        let name = name.and_then(|name| validator.check("name", check_name(&name)));
        let slug = validator.required("slug", self.slug);
        let slug = slug.and_then(|slug| validator.check("slug", slug::check(&slug)));
        let attributes = match self.attributes {
            Patch::Keep => None,
            Patch::Clear => Some(Vec::new()),
            Patch::Set(ids) => Some(check_ids(validator, &ids)),
        };
        Checked {
            name,
            slug,
            attributes,
        }
    }
}

fn check_ids(validator: &mut Validator, ids: &[String]) -> Vec<AttributeId> {
    const FIELD: &str = "attributeIds";
    if ids.len() > MAX_TYPE_ATTRIBUTES {
        let message = format!("A product type has at most {MAX_TYPE_ATTRIBUTES} attributes.");
        validator.check::<()>(FIELD, Err(message));
        return Vec::new();
    }
    let parsed: Vec<_> = ids
        .iter()
        .filter_map(|id| validator.id(FIELD, id))
        .collect();
    let distinct: HashSet<_> = parsed.iter().collect();
    if distinct.len() < parsed.len() {
        validator.check::<()>(FIELD, Err("An attribute is listed twice."));
    }
    parsed
}

/// Creates a product type with its attributes.
///
/// # Errors
/// Invalid fields, a name or a slug that is taken, an unknown attribute, too many product types.
pub async fn create_type(state: &State, admin: Admin, input: TypeInput) -> Result<Model> {
    let mut validator = Validator::default();
    let checked = input.check(&mut validator);
    let (Some(name), true) = (checked.name, validator.is_valid()) else {
        return Err(validator.refusal());
    };
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    lock(&transaction).await?;
    let others = repository::count_types(&transaction).await?;
    if others >= MAX_TYPES as u64 {
        let message = format!("A shop has at most {MAX_TYPES} product types.");
        return Err(row::full(message).into());
    }
    let slug = match checked.slug {
        Some(slug) => slug,
        None => derive_slug(&transaction, &name).await?,
    };
    let row = Model {
        id: ProductTypeId::generate(now),
        name_key: text::sort_key(&name),
        name,
        slug,
        version: 1,
        created_at: now,
        updated_at: now,
    };
    let attributes = checked.attributes.unwrap_or_default();
    check_attributes(&transaction, &attributes).await?;
    let links = type_rows(row.id, &attributes);
    let inserted = repository::insert_type(&transaction, row.clone(), links).await;
    inserted.map_err(map_taken)?;
    let change = (None, Some((&row, attributes.as_slice())));
    let entries = [entry::of_type("createProductType", change)];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(row)
}

/// Updates a product type. An update without effect changes nothing and is not audited.
///
/// # Errors
/// As [`create_type`]; also a version that is not the expected one.
pub async fn update_type(
    state: &State,
    admin: Admin,
    (id, expected_version): (ProductTypeId, Option<i32>),
    input: TypeInput,
) -> Result<Model> {
    let mut validator = Validator::default();
    let checked = input.check(&mut validator);
    validator.finish()?;
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    lock(&transaction).await?;
    let found = repository::find_types(&transaction, &[id]).await?.pop();
    let before = row::expect(found, |row| row.version, expected_version, NOUN)?;
    let old = attribute_ids(&transaction, id).await?;
    let mut after = before.clone();
    after.name = checked.name.unwrap_or(after.name);
    after.name_key = text::sort_key(&after.name);
    after.slug = checked.slug.unwrap_or(after.slug);
    let new = checked.attributes.unwrap_or_else(|| old.clone());
    if after == before && new == old {
        return Ok(before);
    }
    check_attributes(&transaction, &new).await?;
    after.version += 1;
    after.updated_at = now;
    let updated = repository::update_type(&transaction, after.clone(), type_rows(id, &new)).await;
    updated.map_err(map_taken)?;
    let change = (
        Some((&before, old.as_slice())),
        Some((&after, new.as_slice())),
    );
    let entries = [entry::of_type("updateProductType", change)];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(after)
}

/// Deletes a product type that no product has.
///
/// # Errors
/// `NOT_FOUND`, or `CONFLICT` if products have it or the version is not the expected one.
pub async fn delete_type(
    state: &State,
    admin: Admin,
    id: ProductTypeId,
    expected_version: Option<i32>,
) -> Result<Model> {
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    lock(&transaction).await?;
    let found = repository::find_types(&transaction, &[id]).await?.pop();
    let row = row::expect(found, |row| row.version, expected_version, NOUN)?;
    let products = repository::count_products(&transaction, id).await?;
    if products > 0 {
        return Err(in_use(&format!(
            "{products} products have this product type."
        )));
    }
    let old = attribute_ids(&transaction, id).await?;
    let deleted = repository::delete_type(&transaction, id).await;
    deleted.map_err(|error| {
        if is_foreign_key_violation(&error) {
            in_use("A product has this product type.")
        } else {
            error.into()
        }
    })?;
    let change = (Some((&row, old.as_slice())), None);
    let entries = [entry::of_type("deleteProductType", change)];
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(row)
}

/// Checks that the product type in a field exists, and prevents its deletion until the transaction ends.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn lock_type(
    transaction: &Transaction,
    id: Option<ProductTypeId>,
    field: &str,
) -> Result<()> {
    let Some(id) = id else { return Ok(()) };
    match repository::lock_type_shared(transaction, id).await? {
        Some(_) => Ok(()),
        None => Err(row::missing(field, NOUN).into()),
    }
}

async fn attribute_ids(transaction: &Transaction, id: ProductTypeId) -> Result<Vec<AttributeId>> {
    let links = repository::attributes_of_types(transaction, &[id]).await?;
    Ok(links.into_iter().map(|link| link.attribute_id).collect())
}

async fn check_attributes(transaction: &Transaction, ids: &[AttributeId]) -> Result<()> {
    if repository::find_attributes(transaction, ids).await?.len() < ids.len() {
        return Err(row::missing("attributeIds", "attribute").into());
    }
    Ok(())
}

async fn derive_slug(transaction: &Transaction, name: &str) -> Result<String> {
    let mut candidates = slug::candidates(&slug::from_name(name, "type"));
    let taken = repository::find_types_by_slugs(transaction, &candidates).await?;
    candidates.retain(|slug| !taken.iter().any(|other| other.slug == *slug));
    Ok(candidates.swap_remove(0))
}

fn in_use(message: &str) -> Error {
    UserError::new(UserErrorCode::Conflict, "id", message).into()
}

fn map_taken(error: DbError) -> Error {
    let name = ("product_types_name_key_key", "product_types.name_key");
    let slug = ("product_types_slug_key", "product_types.slug");
    if violates_unique_constraint(&error, name.0, name.1) {
        row::taken("name", NOUN).into()
    } else if violates_unique_constraint(&error, slug.0, slug.1) {
        row::taken("slug", NOUN).into()
    } else {
        error.into()
    }
}
