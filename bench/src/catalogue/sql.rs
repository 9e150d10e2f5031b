//! The baseline for product pages: hand-written statements with sqlx, prepared once, with only the needed columns,
//! serialized directly to JSON.

use std::collections::HashMap;

use anyhow::{Context, Result};
use sea_orm::sqlx::postgres::{PgPool, PgPoolOptions};
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sea_orm::sqlx::{self, AssertSqlSafe};
use serde::Serialize;
use uuid::Uuid;

/// The same pool sizes as in Wares.
const SQLITE_READERS: u32 = 4;
const CONNECTIONS: u32 = 16;
/// Rows of a page, and one row more to detect the next page.
const ROWS: i32 = 21;
/// The count stops here.
const MOST: i32 = 10_001;
const VISIBLE: &str = "status = 'ACTIVE' AND category_id NOT IN
    (SELECT id FROM categories WHERE NOT visible)";

#[derive(Clone)]
pub enum Database {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// The sort key of the last product of the previous page.
pub struct Cursor {
    pub key: String,
    pub id: Uuid,
}

/// Id, name, slug, price, stock, category, sort key of the name.
type ProductRow = (Uuid, String, String, i64, i32, Uuid, String);
/// Id, name, slug.
type CategoryRow = (Uuid, String, String);
/// Product, object key, alternative text, width, height.
type ImageRow = (Uuid, String, String, i32, i32);
/// Id, name, slug, SKU, description, price, stock, creation time.
type Detail = (Uuid, String, String, Option<String>, String, i64, i32, i64);

/// Runs a statement with these values, prepared by the pool of either database.
macro_rules! fetch {
    ($database:expr, $how:ident, $row:ty, $sql:expr, $values:expr) => {
        match $database {
            Database::Sqlite(pool) => {
                let query = sqlx::query_as::<_, $row>(AssertSqlSafe($sql));
                let query = $values.into_iter().fold(query, |query, value| match value {
                    Value::Uuid(id) => query.bind(id),
                    Value::Text(text) => query.bind(text),
                });
                query.$how(pool).await?
            }
            Database::Postgres(pool) => {
                let query = sqlx::query_as::<_, $row>(AssertSqlSafe($sql));
                let query = $values.into_iter().fold(query, |query, value| match value {
                    Value::Uuid(id) => query.bind(id),
                    Value::Text(text) => query.bind(text),
                });
                query.$how(pool).await?
            }
        }
    };
}

enum Value {
    Uuid(Uuid),
    Text(String),
}

impl Database {
    pub async fn connect(url: &str) -> Result<Self> {
        if let Some(path) = url.strip_prefix("sqlite://") {
            let options = SqliteConnectOptions::new().filename(path).read_only(true);
            let pool = SqlitePoolOptions::new().max_connections(SQLITE_READERS);
            return Ok(Self::Sqlite(pool.connect_with(options).await?));
        }
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS);
        Ok(Self::Postgres(pool.connect(url).await?))
    }

    /// Returns a page of products with categories, images and count, using four statements.
    pub async fn page(&self, after: Option<Cursor>) -> Result<Vec<u8>> {
        let columns = "id, name, slug, price, stock, category_id, name_key";
        let mut values = Vec::new();
        let mut from = String::new();
        if let Some(place) = after {
            "AND (name_key, id) > ($1, $2)".clone_into(&mut from);
            values.extend([Value::Text(place.key), Value::Uuid(place.id)]);
        }
        let sql = format!(
            "SELECT {columns} FROM products WHERE {VISIBLE} {from} ORDER BY name_key, id LIMIT {ROWS}"
        );
        let mut rows = fetch!(self, fetch_all, ProductRow, sql, values);
        let more = rows.len() == usize::try_from(ROWS)?;
        rows.truncate(20);
        let mut categories: Vec<_> = rows.iter().map(|row| row.5).collect();
        categories.sort_unstable();
        categories.dedup();
        let sql = format!(
            "SELECT id, name, slug FROM categories WHERE visible AND id IN ({})",
            places(categories.len())
        );
        let found = fetch!(self, fetch_all, CategoryRow, sql, uuids(categories));
        let found = found.into_iter();
        let found: HashMap<_, _> = found
            .map(|(id, name, slug)| (id, Category { id, name, slug }))
            .collect();
        let sql = format!(
            "SELECT product_id, object_key, alt, width, height FROM product_images WHERE product_id IN ({}) \
             ORDER BY product_id, position",
            places(rows.len())
        );
        let ids = rows.iter().map(|row| row.0).collect();
        let mut images: HashMap<Uuid, Vec<Image>> = HashMap::new();
        for (product, key, alt, width, height) in fetch!(self, fetch_all, ImageRow, sql, uuids(ids))
        {
            let image = Image {
                url: format!("https://pictures.example/{key}"),
                alt,
                width,
                height,
            };
            images.entry(product).or_default().push(image);
        }
        let sql = format!(
            "SELECT count(*) FROM (SELECT 1 FROM products WHERE {VISIBLE} LIMIT {MOST}) AS counted"
        );
        let (total,) = fetch!(self, fetch_one, (i64,), sql, Vec::new());
        let end = rows.last().map(|row| format!("{}{}", row.6, row.0));
        let nodes = rows
            .into_iter()
            .map(|(id, name, slug, price, stock, category, _)| Node {
                id,
                name,
                slug,
                price: money(price),
                in_stock: stock > 0,
                category: found.get(&category).cloned(),
                images: images.remove(&id).unwrap_or_default(),
            });
        let products = Products {
            nodes: nodes.collect(),
            page_info: PageInfo {
                has_next_page: more,
                end_cursor: end,
            },
            total_count: total,
        };
        Ok(serde_json::to_vec(&GraphQlResponse {
            data: PageData { products },
        })?)
    }

    /// Returns a product by its slug.
    pub async fn product(&self, slug: &str) -> Result<Vec<u8>> {
        let columns = "id, name, slug, sku, description, price, stock, created_at";
        let sql = format!("SELECT {columns} FROM products WHERE slug = $1 AND {VISIBLE}");
        let values = vec![Value::Text(slug.to_owned())];
        let row = fetch!(self, fetch_optional, Detail, sql, values);
        let row = row.context("no such product")?;
        let (id, name, slug, sku, description, price, stock, created_at) = row;
        let product = Product {
            id,
            name,
            slug,
            sku,
            description,
            price: money(price),
            stock,
            in_stock: stock > 0,
            created_at,
        };
        Ok(serde_json::to_vec(&GraphQlResponse {
            data: ProductData { product },
        })?)
    }
}

fn places(count: usize) -> String {
    let places: Vec<_> = (1..=count).map(|number| format!("${number}")).collect();
    places.join(",")
}

fn uuids(ids: Vec<Uuid>) -> Vec<Value> {
    ids.into_iter().map(Value::Uuid).collect()
}

fn money(minor: i64) -> Money {
    Money {
        amount: format!("{}.{:02}", minor / 100, minor % 100),
        currency: "USD",
    }
}

#[derive(Serialize)]
struct GraphQlResponse<T> {
    data: T,
}

#[derive(Serialize)]
struct PageData {
    products: Products,
}

#[derive(Serialize)]
struct ProductData {
    product: Product,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Products {
    nodes: Vec<Node>,
    page_info: PageInfo,
    total_count: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    id: Uuid,
    name: String,
    slug: String,
    price: Money,
    in_stock: bool,
    category: Option<Category>,
    images: Vec<Image>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Product {
    id: Uuid,
    name: String,
    slug: String,
    sku: Option<String>,
    description: String,
    price: Money,
    stock: i32,
    in_stock: bool,
    created_at: i64,
}

#[derive(Serialize)]
struct Money {
    amount: String,
    currency: &'static str,
}

#[derive(Clone, Serialize)]
struct Category {
    id: Uuid,
    name: String,
    slug: String,
}

#[derive(Serialize)]
struct Image {
    url: String,
    alt: String,
    width: i32,
    height: i32,
}
