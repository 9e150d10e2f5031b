//! Creating a product.

use super::batch::ProductBatch;
use super::rules::{explain, hold_categories, refuse_taken, slug_taken};
use super::{NewProduct, ProductInput, slugs};
use crate::catalog::product::entity::Model;
use crate::core::error::{Error, Result};
use crate::core::validation::Form;
use crate::core::viewer::Admin;
use crate::platform::audit::service::{self as audit, Actor};
use crate::state::State;

/// How many times a product is stored under another generated slug.
const TRIES: u32 = 5;

/// Creates a product. The slug is made from the name if it is absent.
pub async fn create(state: &State, admin: Admin, input: ProductInput) -> Result<Model> {
    let mut form = Form::default();
    let fields = input.check(&mut form, state.config.shop_currency);
    let new = NewProduct::from_fields(fields, state.clock.now());
    let Some(new) = new.filter(|_| form.is_fine()) else {
        return Err(form.refusal());
    };
    let mut tries = 0;
    loop {
        let stored = store(state, admin, new.clone()).await;
        tries += 1;
        // Another product took the generated slug meanwhile: the next one may be free.
        let lost_slug = new.slug.is_empty()
            && matches!(&stored, Err(Error::Refused(errors)) if errors == &[slug_taken()]);
        if !lost_slug || tries == TRIES {
            return stored;
        }
    }
}

async fn store(state: &State, admin: Admin, mut new: NewProduct) -> Result<Model> {
    let (now, currency) = (new.created_at, state.config.shop_currency);
    let transaction = state.db.begin().await?;
    let named = [
        ("categoryId", std::slice::from_ref(&new.category)),
        ("categoryIds", &new.further),
    ];
    hold_categories(&transaction, &named).await?;
    if new.slug.is_empty() {
        new.slug = slugs::make(&transaction, &new.name).await?;
    }
    let mut batch = ProductBatch::new(now);
    let index = batch.create(new);
    let product = batch.get(index).product.clone();
    refuse_taken(&transaction, &product).await?;
    let entries = batch.entries("createProduct", currency);
    batch.write(&transaction).await.map_err(explain)?;
    audit::record(&transaction, Actor::Admin(admin), entries, now).await?;
    transaction.commit().await?;
    Ok(product)
}
