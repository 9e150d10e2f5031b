//! Reads: one prepared statement for each response, with only the needed columns and no count, serialized to the JSON
//! of Wares.

use anyhow::{Context, Result};
use sea_orm::sqlx::{self, AssertSqlSafe};
use serde::Serialize;
use uuid::Uuid;

use super::database::Reader;

/// Products of a page.
const PAGE: usize = 20;
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const VISIBLE: &str = "p.status = 'ACTIVE' AND p.category_id NOT IN
    (SELECT id FROM categories WHERE NOT visible)";

/// Id, name, slug, price, stock, sort key; category: id, name, slug; image: key, text, width, height.
type ListRow = (
    Uuid,
    String,
    String,
    i64,
    i32,
    String,
    Option<Uuid>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<i32>,
    Option<i32>,
);
/// Id, name, slug, SKU, description, price, stock.
type ProductRow = (Uuid, String, String, Option<String>, String, i64, i32);

/// Runs a statement with these parameters on either database.
macro_rules! fetch {
    ($reader:expr, $how:ident, $row:ty, $sql:expr $(, $value:expr)*) => {
        match $reader {
            Reader::Sqlite(pool) => {
                sqlx::query_as::<_, $row>(AssertSqlSafe($sql))$(.bind($value))*.$how(pool).await?
            }
            Reader::Postgres(pool) => {
                sqlx::query_as::<_, $row>(AssertSqlSafe($sql))$(.bind($value))*.$how(pool).await?
            }
        }
    };
}

/// Returns the page of products after a sort key, with their categories and images: the product that has a row for
/// each of its images.
pub async fn list(reader: &Reader, after: Option<(String, Uuid)>) -> Result<Vec<u8>> {
    let from = if after.is_some() {
        "AND (p.name_key, p.id) > ($1, $2)"
    } else {
        ""
    };
    let sql = format!(
        "SELECT p.id, p.name, p.slug, p.price, p.stock, p.name_key, c.id, c.name, c.slug, i.object_key, i.alt,
            i.width, i.height
        FROM (SELECT p.id, p.name, p.slug, p.price, p.stock, p.name_key, p.category_id FROM products p
            WHERE {VISIBLE} {from} ORDER BY p.name_key, p.id LIMIT {}) AS p
        LEFT JOIN categories c ON c.id = p.category_id AND c.visible
        LEFT JOIN product_images i ON i.product_id = p.id
        ORDER BY p.name_key, p.id, i.position",
        PAGE + 1
    );
    let rows = match after {
        Some((key, id)) => fetch!(reader, fetch_all, ListRow, sql, key, id),
        None => fetch!(reader, fetch_all, ListRow, sql),
    };
    let mut nodes: Vec<Node> = Vec::with_capacity(PAGE);
    let (mut last, mut end_cursor, mut has_next_page) = (None, None, false);
    for row in rows {
        let (id, name, slug, price, stock, key, category, category_name, category_slug, ..) = row;
        if last != Some(id) {
            if nodes.len() == PAGE {
                has_next_page = true;
                break;
            }
            last = Some(id);
            end_cursor = Some(format!("{key}{id}"));
            let category = category.zip(category_name).zip(category_slug);
            nodes.push(Node {
                id: encode("prod", id),
                name,
                slug,
                price: money(price),
                in_stock: stock > 0,
                category: category.map(|((id, name), slug)| Category {
                    id: encode("cat", id),
                    name,
                    slug,
                }),
                images: Vec::new(),
            });
        }
        if let (Some(key), Some(node)) = (row.9, nodes.last_mut()) {
            node.images.push(Image {
                url: format!("https://pictures.example/{key}"),
                alt: row.10.unwrap_or_default(),
                width: row.11.unwrap_or_default(),
                height: row.12.unwrap_or_default(),
            });
        }
    }
    let page_info = PageInfo {
        has_next_page,
        end_cursor,
    };
    to_json(PageData {
        products: Products { nodes, page_info },
    })
}

/// Returns a product by its id.
pub async fn by_id(reader: &Reader, id: Uuid) -> Result<Vec<u8>> {
    product(fetch!(
        reader,
        fetch_optional,
        ProductRow,
        product_sql("id"),
        id
    ))
}

/// Returns a product by its slug.
pub async fn by_slug(reader: &Reader, slug: String) -> Result<Vec<u8>> {
    product(fetch!(
        reader,
        fetch_optional,
        ProductRow,
        product_sql("slug"),
        slug
    ))
}

fn product_sql(column: &str) -> String {
    let columns = "p.id, p.name, p.slug, p.sku, p.description, p.price, p.stock";
    format!("SELECT {columns} FROM products p WHERE p.{column} = $1 AND {VISIBLE}")
}

fn product(row: Option<ProductRow>) -> Result<Vec<u8>> {
    let (id, name, slug, sku, description, price, stock) = row.context("no such product")?;
    to_json(ProductData {
        product: Product {
            id: encode("prod", id),
            name,
            slug,
            sku,
            description,
            price: money(price),
            stock,
            in_stock: stock > 0,
        },
    })
}

fn to_json(data: impl Serialize) -> Result<Vec<u8>> {
    Ok(serde_json::to_vec(&Response { data })?)
}

/// Encodes an id as Wares does: a prefix, and the bits in base 32.
pub fn encode(prefix: &str, id: Uuid) -> String {
    let mut bits = id.as_u128();
    let mut digits = [0; 26];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[usize::from(bits.to_le_bytes()[0] & 31)];
        bits >>= 5;
    }
    format!("{prefix}_{}", String::from_utf8_lossy(&digits))
}

fn money(minor: i64) -> Money {
    Money {
        amount: format!("{}.{:02}", minor / 100, minor % 100),
        currency: "USD",
    }
}

#[derive(Serialize)]
struct Response<T> {
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
    id: String,
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
    id: String,
    name: String,
    slug: String,
    sku: Option<String>,
    description: String,
    price: Money,
    stock: i32,
    in_stock: bool,
}

#[derive(Serialize)]
struct Money {
    amount: String,
    currency: &'static str,
}

#[derive(Serialize)]
struct Category {
    id: String,
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
