//! Creates products.

use super::entry::{entry, with_categories};
use super::rules::{
    check_categories, check_stock, explain, hold_categories, refuse_taken, slug_taken,
};
use super::{NewProduct, build, repository, slugs};
use crate::catalog::product::entity::{Model, Status};
use crate::core::error::{Error, Result};
use crate::core::money::Decimal;
use crate::core::validation::Form;
use crate::core::viewer::Admin;
use crate::core::{slug, text};
use crate::platform::audit::service::{self as audit, Actor};
use crate::state::State;

/// Maximum number of attempts with derived slugs.
const TRIES: u32 = 5;

/// Input of [`create`], not validated.
#[derive(Clone, Debug)]
pub struct ProductDraft {
    pub name: String,
    /// Derived from the name if absent.
    pub slug: Option<String>,
    pub sku: Option<String>,
    pub description: Option<String>,
    pub price: Decimal,
    pub stock: Option<i32>,
    pub status: Option<Status>,
    /// ID of the primary category.
    pub category: String,
    /// IDs of the additional categories.
    pub further: Vec<String>,
}

/// Creates a product.
pub async fn create(state: &State, admin: Admin, draft: ProductDraft) -> Result<Model> {
    let new = check(state, draft)?;
    let mut tries = 0;
    loop {
        let stored = store(state, admin, new.clone()).await;
        tries += 1;
        // A concurrent transaction took the derived slug: retry with the next one.
        let is_overtaken = new.slug.is_empty()
            && matches!(&stored, Err(Error::Refused(errors)) if errors == &[slug_taken()]);
        if !is_overtaken || tries == TRIES {
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
    let further = new.further.clone();
    let (product, links) = build(new, now);
    refuse_taken(&transaction, &product).await?;
    let stored = repository::insert_many(&transaction, vec![product.clone()]).await;
    stored.map_err(explain)?;
    repository::insert_categories(&transaction, links).await?;
    slugs::settle(&transaction, &product, None, now).await?;
    let entry = entry("createProduct", None, Some(&product), currency);
    let entry = with_categories(entry, None, Some((&product, &further)));
    audit::record(&transaction, Actor::Admin(admin), [entry], now).await?;
    transaction.commit().await?;
    Ok(product)
}

/// Validates the input. The slug is empty if it is to be derived.
fn check(state: &State, draft: ProductDraft) -> Result<NewProduct> {
    let mut form = Form::default();
    let name = form.check("name", text::check_name(&draft.name));
    let slug = draft.slug.map(|slug| slug::check(&slug)).transpose();
    let slug = form.check("slug", slug);
    let sku = draft.sku.map(|sku| text::check_sku(&sku)).transpose();
    let sku = form.check("sku", sku);
    let description = text::check_description(&draft.description.unwrap_or_default());
    let description = form.check("description", description);
    let price = form.check("price", draft.price.to_price(state.config.shop_currency));
    let stock = form.check("stock", check_stock(draft.stock.unwrap_or_default()));
    let category = form.id("categoryId", &draft.category);
    let further = check_categories(&mut form, "categoryIds", &draft.further);
    match (name, slug, sku, description, price, stock, category) {
        (
            Some(name),
            Some(slug),
            Some(sku),
            Some(description),
            Some(price),
            Some(stock),
            Some(category),
        ) if form.is_fine() => Ok(NewProduct {
            name,
            slug: slug.unwrap_or_default(),
            sku,
            description,
            price,
            stock,
            status: draft.status.unwrap_or(Status::Draft),
            category,
            further,
            created_at: state.clock.now(),
        }),
        _ => Err(form.refusal()),
    }
}
