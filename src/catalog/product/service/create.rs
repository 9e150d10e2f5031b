//! Creating a product.

use super::attributes::AttributeValues;
use super::batch::ProductBatch;
use super::publication::check_schedule;
use super::relations::lock_related;
use super::rules::{check_unique, lock_categories, map_unique_violation, slug_taken};
use super::variants::changes::Reason;
use super::variants::{NewVariants, VariantSet, check_skus, check_tax_classes};
use super::{NewProduct, ProductInput, slugs};
use crate::catalog::attribute::service::{ValueInput, lock_type};
use crate::catalog::product::entity::{Model, Status};
use crate::core::error::{Error, Result};
use crate::core::validation::Validator;
use crate::core::viewer::Admin;
use crate::platform::audit::service::{self as audit, Actor};
use crate::state::State;

/// The maximum number of attempts with another generated slug.
const MAX_ATTEMPTS: u32 = 5;

/// Creates a product with its variants; with one variant if `variants` is absent. The slug is made from the name if it is
/// absent.
pub async fn create(
    state: &State,
    admin: Admin,
    mut input: ProductInput,
    variants: Option<NewVariants>,
) -> Result<Model> {
    let mut validator = Validator::default();
    let (currency, now) = (state.config.shop_currency, state.clock.now());
    let attributes = std::mem::take(&mut input.attributes);
    let mut fields = input.check(&mut validator, currency);
    if let Err(error) = check_schedule(&fields, Status::Draft) {
        validator.refuse(error);
    }
    let set = variants.and_then(|new| new.build(&mut validator, &mut fields, currency, now));
    if fields.price.is_none() && validator.is_valid() {
        validator.check::<()>(
            "price",
            Err("A price is required: here, or of each variant."),
        );
    }
    let new = NewProduct::from_fields(fields, now);
    let Some(new) = new.filter(|_| validator.is_valid()) else {
        return Err(validator.refusal());
    };
    let mut attempts = 0;
    loop {
        let stored = store(state, admin, new.clone(), (set.clone(), attributes.clone())).await;
        attempts += 1;
        // Another product took the generated slug meanwhile: the next one may be free.
        let lost_slug = new.slug.is_empty()
            && matches!(&stored, Err(Error::Refused(errors)) if errors == &[slug_taken()]);
        if !lost_slug || attempts == MAX_ATTEMPTS {
            return stored;
        }
    }
}

async fn store(
    state: &State,
    admin: Admin,
    mut new: NewProduct,
    (set, attributes): (Option<VariantSet>, Vec<ValueInput>),
) -> Result<Model> {
    let (now, currency) = (new.created_at, state.config.shop_currency);
    let transaction = state.db.begin().await?;
    lock_type(&transaction, new.details.product_type(), "productTypeId").await?;
    lock_related(&transaction, &new.details, None).await?;
    let named = [
        ("categoryId", std::slice::from_ref(&new.category)),
        ("categoryIds", &new.additional),
    ];
    lock_categories(&transaction, &named).await?;
    if new.slug.is_empty() {
        new.slug = slugs::derive(&transaction, &new.name).await?;
    }
    let mut batch = ProductBatch::new(now, Reason::counted(Some(admin.user())));
    let index = batch.create(new);
    if let Some(mut set) = set {
        set.assign_to(batch.get(index).product.id);
        check_skus(&transaction, &set).await?;
        check_tax_classes(&transaction, &set).await?;
        batch.set_variants(index, VariantSet::default(), set);
    }
    batch.complete(&transaction).await?;
    let product = batch.get(index).product.clone();
    check_unique(&transaction, &product).await?;
    let values = AttributeValues::prepare(&transaction, &product, attributes).await?;
    let entries = batch.entries("createProduct", currency);
    let entries = values.describe(&transaction, entries).await?;
    batch
        .write(&transaction)
        .await
        .map_err(map_unique_violation)?;
    values.write(&transaction, &product, now).await?;
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(product)
}
