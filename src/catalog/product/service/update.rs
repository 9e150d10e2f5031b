//! Updates products.

use super::entry::{category_set, entry, with_categories};
use super::rules::{
    check_categories, check_stock, explain, hold_categories, links, lock, refuse_taken,
};
use super::search::is_reworded;
use super::{repository, slugs};
use crate::catalog::category::CategoryId;
use crate::catalog::product::entity::{Model, ProductId, Status};
use crate::core::error::{Result, UserError};
use crate::core::money::{Currency, Decimal};
use crate::core::patch::Patch;
use crate::core::validation::Form;
use crate::core::viewer::Admin;
use crate::core::{slug, text};
use crate::infra::database::Transaction;
use crate::platform::audit::service::{self as audit, Actor};
use crate::state::State;

/// Input of [`update`], not validated.
#[derive(Clone, Debug)]
pub struct ProductChange {
    pub id: ProductId,
    pub expected_version: Option<i32>,
    pub expected_stock: Option<i32>,
    pub name: Patch<String>,
    pub slug: Patch<String>,
    pub sku: Patch<String>,
    pub description: Patch<String>,
    pub price: Patch<Decimal>,
    pub stock: Patch<i32>,
    pub status: Patch<Status>,
    /// ID of the primary category.
    pub category: Patch<String>,
    /// IDs of all additional categories.
    pub further: Patch<Vec<String>>,
}

/// A validated change. Absent fields stay unchanged.
struct Checked {
    name: Option<String>,
    slug: Option<String>,
    sku: Patch<String>,
    description: Patch<String>,
    price: Option<i64>,
    stock: Option<i32>,
    status: Option<Status>,
    category: Option<CategoryId>,
    further: Option<Vec<CategoryId>>,
}

/// Updates a product. An update without effect does not change its version.
pub async fn update(state: &State, admin: Admin, change: ProductChange) -> Result<Model> {
    let (id, expected) = (change.id, change.expected_version);
    let expected_stock = change.expected_stock;
    let currency = state.config.shop_currency;
    let checked = check(currency, change)?;
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    let before = lock(&transaction, id, expected).await?;
    // The row is locked: the compared stock is the one that is replaced.
    if expected_stock.is_some_and(|stock| stock != before.stock) {
        return Err(UserError::stale_stock(before.stock).into());
    }
    let held = further_now(&transaction, &before).await?;
    let named = [
        ("categoryId", checked.category.as_slice()),
        (
            "categoryIds",
            checked.further.as_deref().unwrap_or_default(),
        ),
    ];
    hold_categories(&transaction, &named).await?;
    let further = checked.further.clone().unwrap_or_else(|| held.clone());
    let mut product = checked.apply(before.clone());
    let moved = category_set(&product, &further) != category_set(&before, &held);
    if product == before && !moved {
        return Ok(before);
    }
    product.version += 1;
    product.updated_at = now;
    refuse_taken(&transaction, &product).await?;
    let stored = repository::save_many(&transaction, vec![product.clone()]).await;
    stored.map_err(explain)?;
    if is_reworded(&before, &product) {
        repository::index_many(&transaction, std::slice::from_ref(&product)).await?;
    }
    if moved {
        repository::delete_categories(&transaction, &[id]).await?;
        repository::insert_categories(&transaction, links(&product, &further)).await?;
    }
    slugs::settle(&transaction, &product, Some(&before), now).await?;
    let entry = entry("updateProduct", Some(&before), Some(&product), currency);
    let entry = with_categories(entry, Some((&before, &held)), Some((&product, &further)));
    audit::record(&transaction, Actor::Admin(admin), [entry], now).await?;
    transaction.commit().await?;
    Ok(product)
}

fn check(currency: Currency, change: ProductChange) -> Result<Checked> {
    let mut form = Form::default();
    let name = form.required("name", change.name);
    let name = name.and_then(|name| form.check("name", text::check_name(&name)));
    let slug = form.required("slug", change.slug);
    let slug = slug.and_then(|slug| form.check("slug", slug::check(&slug)));
    let sku = form.patch("sku", change.sku, |sku| text::check_sku(&sku));
    let description = form.patch("description", change.description, |text| {
        text::check_description(&text)
    });
    let price = form.required("price", change.price);
    let price = price.and_then(|price| form.check("price", price.to_price(currency)));
    let stock = form.required("stock", change.stock);
    let stock = stock.and_then(|stock| form.check("stock", check_stock(stock)));
    if let Some(expected) = change.expected_stock {
        form.check("expectedStock", check_stock(expected));
    }
    let status = form.required("status", change.status);
    let category = form.required("categoryId", change.category);
    let category = category.and_then(|id| form.id("categoryId", &id));
    let further = match change.further {
        Patch::Keep => None,
        Patch::Clear => Some(Vec::new()),
        Patch::Set(ids) => Some(check_categories(&mut form, "categoryIds", &ids)),
    };
    form.finish()?;
    Ok(Checked {
        name,
        slug,
        sku,
        description,
        price,
        stock,
        status,
        category,
        further,
    })
}

impl Checked {
    fn apply(self, mut product: Model) -> Model {
        if let Some(name) = self.name {
            product.name_key = text::sort_key(&name);
            product.name = name;
        }
        product.slug = self.slug.unwrap_or(product.slug);
        product.sku = self.sku.over(product.sku);
        product.description = self
            .description
            .over(Some(product.description))
            .unwrap_or_default();
        product.price = self.price.unwrap_or(product.price);
        product.stock = self.stock.unwrap_or(product.stock);
        product.status = self.status.unwrap_or(product.status);
        product.category_id = self.category.unwrap_or(product.category_id);
        product
    }
}

/// Returns the additional categories of a product.
pub(super) async fn further_now(
    transaction: &Transaction,
    product: &Model,
) -> Result<Vec<CategoryId>> {
    let links = repository::links_of(transaction, &[product.id]).await?;
    let ids = links.into_iter().map(|link| link.category_id);
    Ok(ids.filter(|id| *id != product.category_id).collect())
}
