//! Writes of products: what Wares stores, with its search index and its audit log.

use anyhow::{Context, Result, ensure};
use sea_orm::{QueryResult, Value};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::database::{Database, Transaction, find};
use super::reads::encode;
use crate::clock::now;

#[derive(Deserialize)]
struct Create {
    session: Uuid,
    name: String,
    slug: String,
    sku: String,
    description: String,
    price: i64,
    stock: i32,
    category: Uuid,
}

/// Creates a product.
pub async fn create(database: &Database, body: &[u8]) -> Result<Json> {
    let input: Create = serde_json::from_slice(body)?;
    let admin = authenticate(database, input.session).await?;
    let transaction = database.begin().await?;
    let (id, now) = (Uuid::now_v7(), now());
    let insert = "INSERT INTO products (id, name, name_key, slug, sku, description, price, stock, status, category_id,
        version, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'ACTIVE', ?, 1, ?, ?)";
    let values = vec![
        id.into(),
        input.name.clone().into(),
        input.name.to_lowercase().into(),
        input.slug.clone().into(),
        input.sku.clone().into(),
        input.description.clone().into(),
        input.price.into(),
        input.stock.into(),
        input.category.into(),
        now.into(),
        now.into(),
    ];
    transaction.execute(insert, values).await?;
    let link = "INSERT INTO product_categories (product_id, category_id) VALUES (?, ?)";
    let values = vec![id.into(), input.category.into()];
    transaction.execute(link, values).await?;
    let words = Words::new(&input.name, &input.sku, &input.description);
    index(&transaction, id, &words).await?;
    let former = "DELETE FROM product_slugs WHERE slug = ?";
    transaction
        .execute(former, vec![input.slug.clone().into()])
        .await?;
    let changes = json!([
        {"field": "name", "before": null, "after": input.name},
        {"field": "slug", "before": null, "after": input.slug},
        {"field": "sku", "before": null, "after": input.sku},
        {"field": "description", "before": null, "after": input.description},
        {"field": "price", "before": null, "after": input.price.to_string()},
        {"field": "stock", "before": null, "after": input.stock.to_string()},
        {"field": "status", "before": null, "after": "ACTIVE"},
        {"field": "categoryId", "before": null, "after": encode("cat", input.category)},
    ]);
    let entry = (id, input.name.as_str(), changes.to_string());
    finish(transaction, admin, "createProduct", vec![entry]).await?;
    Ok(encode("prod", id).into())
}

#[derive(Deserialize)]
struct Update {
    session: Uuid,
    id: Uuid,
    name: String,
}

/// Changes the name of a product, which is a part of the search index.
pub async fn update(database: &Database, body: &[u8]) -> Result<Json> {
    let input: Update = serde_json::from_slice(body)?;
    let admin = authenticate(database, input.session).await?;
    let transaction = database.begin().await?;
    let row = transaction.for_update("SELECT name, sku, description FROM products WHERE id = ?");
    let row = transaction.one(&row, vec![input.id.into()]).await?;
    let (before, sku): (String, Option<String>) =
        (row.try_get("", "name")?, row.try_get("", "sku")?);
    let description: String = row.try_get("", "description")?;
    let update = "UPDATE products SET name = ?, name_key = ?, version = version + 1, updated_at = ? WHERE id = ?";
    let values = vec![
        input.name.clone().into(),
        input.name.to_lowercase().into(),
        now().into(),
        input.id.into(),
    ];
    transaction.execute(update, values).await?;
    let words = Words::new(&input.name, &sku.unwrap_or_default(), &description);
    index(&transaction, input.id, &words).await?;
    let changes = json!([{"field": "name", "before": before, "after": input.name}]).to_string();
    let entry = (input.id, input.name.as_str(), changes);
    finish(transaction, admin, "updateProduct", vec![entry]).await?;
    Ok(encode("prod", input.id).into())
}

#[derive(Deserialize)]
struct AdjustStock {
    session: Uuid,
    id: Uuid,
    delta: i32,
}

/// Adds units to the stock of a product.
pub async fn adjust_stock(database: &Database, body: &[u8]) -> Result<Json> {
    let input: AdjustStock = serde_json::from_slice(body)?;
    let admin = authenticate(database, input.session).await?;
    let transaction = database.begin().await?;
    let update =
        "UPDATE products SET stock = stock + ?, version = version + 1, updated_at = ? WHERE id = ?
        RETURNING name, stock";
    let values = vec![input.delta.into(), now().into(), input.id.into()];
    let row = transaction.one(update, values).await?;
    let (name, stock): (String, i32) = (row.try_get("", "name")?, row.try_get("", "stock")?);
    let before = (stock - input.delta).to_string();
    let changes = json!([{"field": "stock", "before": before, "after": stock.to_string()}]);
    let entry = (input.id, name.as_str(), changes.to_string());
    finish(transaction, admin, "adjustStock", vec![entry]).await?;
    Ok(stock.into())
}

#[derive(Deserialize)]
struct ChangePrices {
    session: Uuid,
    ids: Vec<Uuid>,
    percent: i64,
}

/// Changes the prices of several products.
pub async fn change_prices(database: &Database, body: &[u8]) -> Result<Json> {
    let input: ChangePrices = serde_json::from_slice(body)?;
    let admin = authenticate(database, input.session).await?;
    let transaction = database.begin().await?;
    let places = vec!["?"; input.ids.len()].join(", ");
    let ids = || input.ids.iter().map(|id| Value::from(*id));
    // Locks in one order, so that concurrent changes do not deadlock.
    let rows = format!("SELECT id, name, price FROM products WHERE id IN ({places}) ORDER BY id");
    let rows = transaction.for_update(&rows);
    let rows = transaction.all(&rows, ids().collect()).await?;
    ensure!(rows.len() == input.ids.len(), "a product is missing");
    let new_price = |row: &QueryResult| -> Result<(Uuid, String, i64, i64)> {
        let price: i64 = row.try_get("", "price")?;
        let after = (price * (100 + input.percent) + 50) / 100;
        Ok((
            row.try_get("", "id")?,
            row.try_get("", "name")?,
            price,
            after,
        ))
    };
    let changed: Vec<_> = rows.iter().map(new_price).collect::<Result<_>>()?;
    let update = format!(
        "UPDATE products SET price = (price * ? + 50) / 100, version = version + 1, updated_at = ?
        WHERE id IN ({places})"
    );
    let mut values = vec![(100 + input.percent).into(), now().into()];
    values.extend(ids());
    transaction.execute(&update, values).await?;
    let entry = |(id, name, before, after): &(Uuid, String, i64, i64)| {
        let (before, after) = (before.to_string(), after.to_string());
        let price = json!([{"field": "price", "before": before, "after": after}]);
        (*id, name.clone(), price.to_string())
    };
    let entries: Vec<_> = changed.iter().map(entry).collect();
    let entries = entries
        .iter()
        .map(|(id, name, changes)| (*id, name.as_str(), changes.clone()));
    finish(transaction, admin, "updateProducts", entries.collect()).await?;
    Ok(changed.len().into())
}

/// Returns the user of a session.
async fn authenticate(database: &Database, session: Uuid) -> Result<Uuid> {
    let sql = "SELECT users.id FROM sessions JOIN users ON users.id = sessions.user_id
        WHERE sessions.id = ? AND users.role = 'ADMIN' AND users.disabled_at IS NULL";
    let row = find(database, sql, vec![session.into()]).await?;
    Ok(row.context("no such session")?.try_get("", "id")?)
}

/// Writes the audit entries (product, name, changes) and commits.
async fn finish(
    transaction: Transaction,
    admin: Uuid,
    action: &str,
    entries: Vec<(Uuid, &str, String)>,
) -> Result<()> {
    let rows = vec!["(?, ?, ?, ?, ?, ?, ?)"; entries.len()].join(", ");
    let sql = format!(
        "INSERT INTO audit_log (id, at, actor_id, action, subject_id, subject_name, changes) VALUES {rows}"
    );
    let now = now();
    let mut values: Vec<Value> = Vec::new();
    for (id, name, changes) in entries {
        values.extend([
            Uuid::now_v7().into(),
            now.into(),
            admin.into(),
            action.into(),
            encode("prod", id).into(),
            name.into(),
            changes.into(),
        ]);
    }
    transaction.execute(&sql, values).await?;
    if !transaction.is_sqlite {
        transaction
            .execute("NOTIFY wares_catalogue", Vec::new())
            .await?;
    }
    transaction.commit().await
}

/// The words of a product in the search index.
struct Words {
    name: String,
    sku: String,
    description: String,
}

impl Words {
    fn new(name: &str, sku: &str, description: &str) -> Self {
        let words = |text: &str| {
            let text = text.to_lowercase();
            let words = text.split(|letter: char| !letter.is_alphanumeric());
            words.collect::<Vec<_>>().join(" ")
        };
        Self {
            name: words(name),
            sku: words(sku),
            description: words(description),
        }
    }
}

/// Writes the entry of the search index, with the names of the categories. The words are known already, so that the
/// lexicon is only read.
async fn index(transaction: &Transaction, id: Uuid, words: &Words) -> Result<()> {
    let Words {
        name,
        sku,
        description,
    } = words;
    let lock = if transaction.is_sqlite {
        ""
    } else {
        " FOR SHARE"
    };
    let generation = format!("SELECT active FROM search_generation{lock}");
    let row = transaction.one(&generation, Vec::new()).await?;
    let generation: i32 = row.try_get("", "active")?;
    let categories =
        "SELECT above.name FROM product_categories JOIN categories ON categories.id = product_categories.category_id
        JOIN categories above ON substr(categories.path, 1, length(above.path)) = above.path
        WHERE product_categories.product_id = ?";
    let mut keys = sku.clone();
    for row in transaction.all(categories, vec![id.into()]).await? {
        let name: String = row.try_get("", "name")?;
        keys = format!("{keys} {}", name.to_lowercase());
    }
    let position = "INSERT INTO product_index (product_id, bucket, generation) VALUES (?, 6, ?)
        ON CONFLICT (product_id) DO UPDATE SET generation = excluded.generation RETURNING seq, bucket";
    let row = transaction
        .one(position, vec![id.into(), generation.into()])
        .await?;
    let (seq, bucket): (i64, i32) = (row.try_get("", "seq")?, row.try_get("", "bucket")?);
    let position = (i64::from(bucket) << 44) + seq;
    if transaction.is_sqlite {
        let insert = "INSERT OR REPLACE INTO product_index_words (rowid, name, keys, description) VALUES (?, ?, ?, ?)";
        let values = vec![
            ((i64::from(generation) << 48) + position).into(),
            name.clone().into(),
            keys.into(),
            description.clone().into(),
        ];
        transaction.execute(insert, values).await?;
    } else {
        let insert = "INSERT INTO product_index_words (generation, position, product_id, name, name_keys, everything)
            VALUES (?, ?, ?, ?::text::tsvector, ?::text::tsvector, ?::text::tsvector)
            ON CONFLICT (product_id, generation) DO UPDATE SET position = excluded.position,
            name = excluded.name, name_keys = excluded.name_keys, everything = excluded.everything";
        let values = vec![
            generation.into(),
            position.into(),
            id.into(),
            name.clone().into(),
            format!("{name} {keys}").into(),
            format!("{name} {keys} {description}").into(),
        ];
        transaction.execute(insert, values).await?;
    }
    let all = format!("{name} {description}");
    let mut distinct: Vec<_> = all.split(' ').filter(|word| word.len() > 3).collect();
    distinct.sort_unstable();
    distinct.dedup();
    let known = format!(
        "SELECT word FROM search_variants WHERE variant IN ({}) AND variant = word",
        vec!["?"; distinct.len()].join(", ")
    );
    let values = distinct.into_iter().map(Value::from).collect();
    transaction.all(&known, values).await?;
    Ok(())
}
