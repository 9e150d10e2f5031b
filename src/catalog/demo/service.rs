//! Inserts the demo catalog into an empty shop. Images follow: [`store_demo_images`].

use std::time::Duration;

use anyhow::{Context, anyhow};

pub use super::images::{DrawImages, store_demo_images};
use super::{CATEGORIES, PRODUCTS, attributes};
use crate::catalog::category::entity::{Model as Category, old_slug as category_slug};
use crate::catalog::category::service::NewCategory;
use crate::catalog::import_export::service::{self as import, csv_rows};
use crate::catalog::product::Status;
use crate::catalog::product::entity::{
    Model as Product, old_slug as product_slug, product_category,
};
use crate::catalog::product::service::{Details, NewProduct};
use crate::catalog::{category, product};
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
pub async fn insert(state: &State, transaction: &Transaction) -> Result<Option<Filled>> {
    if !is_empty(transaction).await? {
        return Ok(None);
    }
    let (now, currency) = (state.clock.now(), state.config.shop_currency);
    let rows = Rows::read(now, currency).await?;
    let filled = Filled {
        categories: rows.categories.len(),
        products: rows.products.len(),
    };
    rows.insert(transaction).await?;
    enqueue(transaction, [NewJob::new(&DrawImages {})?], now).await?;
    let entry = Entry::new("fillDemo")
        .change("categories", None, filled.categories.to_string())
        .change("products", None, filled.products.to_string());
    audit::record(transaction, Actor::Operator, [entry], now).await?;
    Ok(Some(filled))
}

/// Returns whether the shop has no categories and no products.
pub async fn is_empty(db: &impl Connection) -> Result<bool> {
    Ok(category::service::is_empty(db).await? && product::service::is_empty(db).await?)
}

/// The catalog as rows of the database.
#[derive(Default)]
struct Rows {
    categories: Vec<Category>,
    category_slugs: Vec<category_slug::Model>,
    products: Vec<Product>,
    product_slugs: Vec<product_slug::Model>,
    links: Vec<product_category::Model>,
    attributes: attributes::Rows,
}

impl Rows {
    async fn read(now: Timestamp, currency: Currency) -> Result<Self> {
        let mut rows = Self::default();
        for row in csv_rows(CATEGORIES).await? {
            rows.add_category(row, now)?;
        }
        for row in csv_rows(PRODUCTS).await? {
            rows.add_product(row, now, currency)?;
        }
        rows.attributes = attributes::Rows::read(&mut rows.products, now).await?;
        Ok(rows)
    }

    async fn insert(mut self, transaction: &Transaction) -> Result<()> {
        let (categories, old_slugs) = (self.categories, self.category_slugs);
        category::service::insert_catalog(transaction, categories, old_slugs).await?;
        self.attributes.insert_definitions(transaction).await?;
        let (products, links, old_slugs) = (self.products, self.links, self.product_slugs);
        product::service::insert_catalog(transaction, products, links, old_slugs).await?;
        self.attributes.insert_values(transaction).await
    }

    fn add_category(&mut self, row: [String; 6], now: Timestamp) -> Result<()> {
        let [parent, slug, name, description, published, old_slugs] = row;
        let parent = list(&parent).map(|slug| self.category(slug)).next();
        let parent = parent.transpose()?;
        let parent_id = parent.map(|parent| parent.id);
        let siblings = self.categories.iter();
        let siblings = siblings.filter(|category| category.parent_id == parent_id);
        let new = NewCategory {
            name,
            slug,
            description,
            published: published == "true",
            position: i32::try_from(siblings.count()).map_err(Error::internal)?,
        };
        let category = category::service::build(new, parent, now);
        let old_slug = |slug: &str| category_slug::Model {
            slug: slug.to_owned(),
            category_id: category.id,
            created_at: now,
        };
        self.category_slugs.extend(list(&old_slugs).map(old_slug));
        self.categories.push(category);
        Ok(())
    }

    fn add_product(&mut self, row: [String; 9], now: Timestamp, currency: Currency) -> Result<()> {
        let [
            slug,
            sku,
            name,
            description,
            price,
            stock,
            status,
            categories,
            old_slugs,
        ] = row;
        // Created one hour apart, so that an order by time is visible.
        let age = Duration::from_secs(3_600 * self.products.len() as u64);
        let (primary, additional) = categories.split_once('|').unwrap_or((&categories, ""));
        let additional = list(additional).map(|slug| Ok(self.category(slug)?.id));
        let status =
            import::status(&status).map_err(|message| Error::internal(anyhow!(message)))?;
        let new = NewProduct {
            category: self.category(primary)?.id,
            additional: additional.collect::<Result<_>>()?,
            price: minor_units(number(&price)?, currency),
            stock: number(&stock)?,
            status: status.unwrap_or(Status::Draft),
            sku: (!sku.is_empty()).then_some(sku),
            name,
            slug,
            description,
            created_at: now.before(age),
            details: Details::default(),
        };
        let (product, links) = product::service::build(new, now);
        let old_slug = |slug: &str| product_slug::Model {
            slug: slug.to_owned(),
            product_id: product.id,
            created_at: product.created_at,
        };
        self.product_slugs.extend(list(&old_slugs).map(old_slug));
        self.links.extend(links);
        self.products.push(product);
        Ok(())
    }

    fn category(&self, slug: &str) -> Result<&Category> {
        let mut categories = self.categories.iter();
        let found = categories.find(|category| category.slug == slug);
        found.ok_or_else(|| Error::internal(anyhow!("the demo has no category {slug:?}")))
    }
}

/// The parts of a cell.
fn list(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('|').filter(|part| !part.is_empty())
}

fn number<T: std::str::FromStr<Err = std::num::ParseIntError>>(cell: &str) -> Result<T> {
    let number = cell
        .parse()
        .with_context(|| format!("{cell:?} in the demo"));
    number.map_err(Error::internal)
}

/// A price in minor units: hundredths are plausible as yen too.
pub fn minor_units(hundredths: i64, currency: Currency) -> i64 {
    match currency.exponent() {
        0..=2 => hundredths,
        finer => hundredths * 10_i64.pow(finer - 2),
    }
}
