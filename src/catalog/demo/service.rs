//! Inserts the demo catalog into an empty shop. Images follow: [`fill_pictures`].

use std::collections::HashMap;
use std::time::Duration;

use super::catalogue::{CATEGORIES, DemoCategory, DemoProduct, PRODUCTS};
pub use super::pictures::{DrawImages, fill_pictures};
use crate::catalog::category::entity::{Model as Category, old_slug as category_slug};
use crate::catalog::category::service::NewCategory;
use crate::catalog::category::{self, CategoryId};
use crate::catalog::product;
use crate::catalog::product::entity::{
    Model as Product, old_slug as product_slug, product_category,
};
use crate::catalog::product::service::NewProduct;
use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::money::Currency;
use crate::infra::database::{Connection, Transaction};
use crate::platform::audit::service::{self as audit, Actor, Entry};
use crate::platform::jobs::service::{NewJob, enqueue};
use crate::state::State;

/// Number of inserted categories and products.
#[derive(Clone, Copy, Debug)]
pub struct Filled {
    pub categories: usize,
    pub products: usize,
}

/// Inserts the demo catalog if the shop has no categories and no products. Otherwise returns `None`.
pub async fn fill(state: &State) -> Result<Option<Filled>> {
    if !is_empty(state.db.reader()).await? {
        return Ok(None);
    }
    let (now, currency) = (state.clock.now(), state.config.shop_currency);
    let rows = Rows::build(now, currency)?;
    let filled = Filled {
        categories: rows.categories.len(),
        products: rows.products.len(),
    };
    let transaction = state.db.begin_exclusive().await?;
    // Checked again: another server may have filled the shop meanwhile.
    if !is_empty(&transaction).await? {
        return Ok(None);
    }
    rows.insert(&transaction).await?;
    enqueue(&transaction, [NewJob::new(&DrawImages {})?], now).await?;
    let entry = Entry::new("fillDemo")
        .change("categories", None, filled.categories.to_string())
        .change("products", None, filled.products.to_string());
    audit::record(&transaction, Actor::Operator, [entry], now).await?;
    transaction.commit().await?;
    Ok(Some(filled))
}

async fn is_empty(db: &impl Connection) -> Result<bool> {
    Ok(category::service::is_empty(db).await? && product::service::is_empty(db).await?)
}

/// The rows of the demo catalog.
struct Rows {
    now: Timestamp,
    currency: Currency,
    ids: HashMap<&'static str, CategoryId>,
    categories: Vec<Category>,
    category_slugs: Vec<category_slug::Model>,
    products: Vec<Product>,
    product_slugs: Vec<product_slug::Model>,
    links: Vec<product_category::Model>,
}

impl Rows {
    fn build(now: Timestamp, currency: Currency) -> Result<Self> {
        let mut rows = Self {
            now,
            currency,
            ids: HashMap::new(),
            categories: Vec::new(),
            category_slugs: Vec::new(),
            products: Vec::new(),
            product_slugs: Vec::new(),
            links: Vec::new(),
        };
        rows.add_categories(CATEGORIES, None);
        for product in PRODUCTS.iter().copied().flatten() {
            rows.add_product(product)?;
        }
        Ok(rows)
    }

    async fn insert(self, transaction: &Transaction) -> Result<()> {
        let (categories, old_slugs) = (self.categories, self.category_slugs);
        category::service::insert_catalogue(transaction, categories, old_slugs).await?;
        let (products, links, old_slugs) = (self.products, self.links, self.product_slugs);
        product::service::insert_catalogue(transaction, products, links, old_slugs).await
    }

    fn add_categories(&mut self, siblings: &'static [DemoCategory], parent: Option<&Category>) {
        for (demo, position) in siblings.iter().zip(0..) {
            let new = NewCategory {
                name: demo.name.to_owned(),
                slug: demo.slug.to_owned(),
                description: demo.description.to_owned(),
                published: demo.published,
                position,
            };
            let category = category::service::build(new, parent, self.now);
            self.ids.insert(demo.slug, category.id);
            let old_slug = |slug: &&str| category_slug::Model {
                slug: (*slug).to_owned(),
                category_id: category.id,
                created_at: self.now,
            };
            self.category_slugs
                .extend(demo.old_slugs.iter().map(old_slug));
            self.categories.push(category.clone());
            self.add_categories(demo.children, Some(&category));
        }
    }

    fn add_product(&mut self, demo: &DemoProduct) -> Result<()> {
        let unknown = |slug| Error::internal(anyhow::anyhow!("the demo has no category {slug}"));
        let category = |slug| self.ids.get(slug).copied().ok_or_else(|| unknown(slug));
        // One hour between products, so that sorting by time is visible.
        let age = Duration::from_secs(3_600 * self.products.len() as u64);
        let new = NewProduct {
            name: demo.name.to_owned(),
            slug: demo.slug.to_owned(),
            sku: demo.sku.map(ToOwned::to_owned),
            description: demo.description.to_owned(),
            price: price(demo.price, self.currency),
            stock: demo.stock,
            status: demo.status,
            category: category(demo.category)?,
            further: demo
                .also_in
                .iter()
                .copied()
                .map(category)
                .collect::<Result<_>>()?,
            created_at: self.now.before(age),
        };
        let (product, links) = product::service::build(new, self.now);
        let old_slug = |slug: &&str| product_slug::Model {
            slug: (*slug).to_owned(),
            product_id: product.id,
            created_at: product.created_at,
        };
        self.product_slugs
            .extend(demo.old_slugs.iter().map(old_slug));
        self.links.extend(links);
        self.products.push(product);
        Ok(())
    }
}

/// Converts a price to the shop's currency. The catalog uses hundredths, which are plausible amounts in yen too.
fn price(hundredths: i64, currency: Currency) -> i64 {
    match currency.exponent() {
        0..=2 => hundredths,
        finer => hundredths * 10_i64.pow(finer - 2),
    }
}
