//! Carts and orders: what Wares stores for a signed-in customer who orders digital items on account.

use anyhow::{Context, Result, ensure};
use sea_orm::{QueryResult, Value};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::database::{Database, Transaction, find};
use super::reads::encode;
use crate::clock::now;

const DAY: i64 = 24 * 60 * 60 * 1_000_000;
const HALF_HOUR: i64 = 30 * 60 * 1_000_000;
/// The country of the shop, whose tax the prices include.
pub const COUNTRY: &str = "DE";

#[derive(Deserialize)]
struct Add {
    session: Uuid,
    variant: Uuid,
}

/// Adds a unit of a variant to the cart of a customer. Returns the total of the cart in minor units.
pub async fn add(database: &Database, body: &[u8]) -> Result<Json> {
    let Add { session, variant } = serde_json::from_slice(body)?;
    let (user, _) = authenticate(database, session).await?;
    let transaction = database.begin().await?;
    let now = now();
    let insert =
        "INSERT INTO carts (id, user_id, line_count, version, created_at, updated_at, expires_at)
        VALUES (?, ?, 0, 0, ?, ?, ?)
        ON CONFLICT (user_id) DO UPDATE SET updated_at = excluded.updated_at RETURNING id";
    let values = vec![
        Uuid::now_v7().into(),
        user.into(),
        now.into(),
        now.into(),
        (now + 30 * DAY).into(),
    ];
    let cart: Uuid = transaction.one(insert, values).await?.try_get("", "id")?;
    let sold = "SELECT variants.price FROM variants
        JOIN products ON products.id = variants.product_id AND products.status = 'ACTIVE'
        JOIN categories ON categories.id = products.category_id AND categories.visible
        JOIN stock_levels ON stock_levels.variant_id = variants.id
        WHERE variants.id = ? AND variants.active";
    let row = transaction.one(sold, vec![variant.into()]).await?;
    let price: i64 = row.try_get("", "price")?;
    let upsert = "INSERT INTO cart_lines (id, cart_id, variant_id, quantity, attributes, attributes_hash, seen_price, position)
        VALUES (?, ?, ?, 1, '[]', ?, ?, (SELECT count(*) FROM cart_lines WHERE cart_id = ?))
        ON CONFLICT (cart_id, variant_id, attributes_hash)
        DO UPDATE SET quantity = cart_lines.quantity + 1, seen_price = excluded.seen_price";
    let values = vec![
        Uuid::now_v7().into(),
        cart.into(),
        variant.into(),
        Vec::<u8>::new().into(),
        price.into(),
        cart.into(),
    ];
    transaction.execute(upsert, values).await?;
    let update = "UPDATE carts SET version = version + 1, expires_at = ?,
        line_count = (SELECT count(*) FROM cart_lines WHERE cart_id = ?) WHERE id = ?";
    let values = vec![(now + 30 * DAY).into(), cart.into(), cart.into()];
    transaction.execute(update, values).await?;
    let total = "SELECT CAST(sum(quantity * seen_price) AS bigint) AS total FROM cart_lines WHERE cart_id = ?";
    let row = transaction.one(total, vec![cart.into()]).await?;
    let total: i64 = row.try_get("", "total")?;
    transaction.commit().await?;
    Ok(total.into())
}

#[derive(Deserialize)]
struct Place {
    session: Uuid,
    total: i64,
}

/// A line of the cart that is ordered.
struct Line {
    variant: Uuid,
    product: Uuid,
    name: String,
    sku: Option<String>,
    image: Option<Uuid>,
    price: i64,
    quantity: i32,
    tax: i64,
}

/// The tax of the shop.
struct Tax {
    name: String,
    ppm: i32,
}

impl Tax {
    /// Returns the tax that an amount includes, rounded half up.
    fn included(&self, amount: i64) -> i64 {
        let ppm = i64::from(self.ppm);
        (2 * amount * ppm + 1_000_000 + ppm) / (2 * (1_000_000 + ppm))
    }
}

/// Orders the cart of a customer on account. Returns the number of the order.
pub async fn place(database: &Database, body: &[u8]) -> Result<Json> {
    let Place { session, total } = serde_json::from_slice(body)?;
    let (user, email) = authenticate(database, session).await?;
    let transaction = database.begin().await?;
    let cart = transaction.for_update("SELECT id, version FROM carts WHERE user_id = ?");
    let cart = transaction.one(&cart, vec![user.into()]).await?;
    let tax = "SELECT tax_rates.name, ppm FROM tax_rates JOIN tax_classes ON tax_classes.id = tax_class_id AND is_default
        WHERE country = ? AND region = ''";
    let tax = transaction.one(tax, vec![COUNTRY.into()]).await?;
    let tax = Tax {
        name: tax.try_get("", "name")?,
        ppm: tax.try_get("", "ppm")?,
    };
    let lines = lines(&transaction, cart.try_get("", "id")?, &tax).await?;
    let items: i64 = lines
        .iter()
        .map(|line| line.price * i64::from(line.quantity))
        .sum();
    ensure!(items == total, "the total has changed to {items}");
    // Each line is rounded, as in Wares: the tax of an order is the sum of those of its lines.
    let amount = lines.iter().map(|line| line.tax).sum();
    let order = insert_order(&transaction, &cart, (user, &email), (items, amount)).await?;
    insert_lines(&transaction, order, &lines, &tax).await?;
    let row = "INSERT INTO order_taxes (id, order_id, position, name, ppm, base, amount) VALUES (?, ?, 0, ?, ?, ?, ?)";
    let values = vec![
        Uuid::now_v7().into(),
        order.into(),
        tax.name.clone().into(),
        tax.ppm.into(),
        (items - amount).into(),
        amount.into(),
    ];
    transaction.execute(row, values).await?;
    let now = now();
    let payment = "INSERT INTO payments (id, order_id, provider, amount, status, cancel_requested, capture_requested,
        attempts, created_at, updated_at) VALUES (?, ?, 'MANUAL', ?, 'PENDING', ?, ?, 0, ?, ?)";
    let values = vec![
        Uuid::now_v7().into(),
        order.into(),
        items.into(),
        false.into(),
        false.into(),
        now.into(),
        now.into(),
    ];
    transaction.execute(payment, values).await?;
    reserve(&transaction, order, &lines).await?;
    let delete = "DELETE FROM carts WHERE id = ?";
    let cart: Uuid = cart.try_get("", "id")?;
    transaction.execute(delete, vec![cart.into()]).await?;
    let number = confirm(&transaction, order, user).await?;
    transaction.commit().await?;
    Ok(number.into())
}

async fn lines(transaction: &Transaction, cart: Uuid, tax: &Tax) -> Result<Vec<Line>> {
    let rows = "SELECT cart_lines.quantity, variants.id, variants.product_id, variants.price, variants.sku, products.name,
            (SELECT product_images.id FROM product_images WHERE product_images.product_id = products.id
                ORDER BY product_images.position LIMIT 1) AS image
        FROM cart_lines JOIN variants ON variants.id = cart_lines.variant_id AND variants.active
        JOIN products ON products.id = variants.product_id AND products.status = 'ACTIVE'
        JOIN categories ON categories.id = products.category_id AND categories.visible
        WHERE cart_id = ? ORDER BY cart_lines.position";
    let rows = transaction.all(rows, vec![cart.into()]).await?;
    ensure!(!rows.is_empty(), "the cart is empty");
    let line = |row: &QueryResult| -> Result<Line> {
        let (price, quantity): (i64, i32) =
            (row.try_get("", "price")?, row.try_get("", "quantity")?);
        Ok(Line {
            variant: row.try_get("", "id")?,
            product: row.try_get("", "product_id")?,
            name: row.try_get("", "name")?,
            sku: row.try_get("", "sku")?,
            image: row.try_get("", "image")?,
            tax: tax.included(price * i64::from(quantity)),
            price,
            quantity,
        })
    };
    rows.iter().map(line).collect()
}

/// Inserts the order. Returns its id.
async fn insert_order(
    transaction: &Transaction,
    cart: &QueryResult,
    (user, email): (Uuid, &str),
    (items, tax): (i64, i64),
) -> Result<Uuid> {
    let (order, now) = (Uuid::now_v7(), now());
    let insert = "INSERT INTO orders (id, cart_id, cart_version, user_id, token_hash, email, email_key, name_key, status,
        payment_status, fulfillment_status, disputed, currency, prices_include_tax, items, discount, shipping,
        shipping_discount, shipping_tax, tax, total, authorized, captured, refunded, refund_pending, version, placed_at,
        pay_until, updated_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, '', 'PENDING', 'UNPAID', 'NONE', ?, 'USD', ?, ?, 0, 0, 0, 0, ?, ?, 0, 0, 0, 0, 1, ?, ?, ?)";
    let (id, version): (Uuid, i32) = (cart.try_get("", "id")?, cart.try_get("", "version")?);
    let values = vec![
        order.into(),
        id.into(),
        version.into(),
        user.into(),
        order.as_bytes().repeat(2).into(),
        email.into(),
        email.into(),
        false.into(),
        true.into(),
        items.into(),
        tax.into(),
        items.into(),
        now.into(),
        (now + HALF_HOUR).into(),
        now.into(),
    ];
    transaction.execute(insert, values).await?;
    Ok(order)
}

async fn insert_lines(
    transaction: &Transaction,
    order: Uuid,
    lines: &[Line],
    tax: &Tax,
) -> Result<()> {
    let row = "(?, ?, ?, ?, ?, ?, '', ?, '[]', ?, '[]', ?, ?, 0, ?, ?, ?, ?, ?, ?, 0, 0, 0)";
    let sql = format!(
        "INSERT INTO order_lines (id, order_id, position, variant_id, product_id, name, variant_name, sku, options, image_id,
        attributes, quantity, unit_price, discount, total, tax_name, tax_ppm, tax, requires_shipping, tracked, canceled,
        fulfilled, returned) VALUES {}",
        vec![row; lines.len()].join(", ")
    );
    let mut values: Vec<Value> = Vec::new();
    for (line, position) in lines.iter().zip(0_i32..) {
        values.extend([
            Uuid::now_v7().into(),
            order.into(),
            position.into(),
            line.variant.into(),
            line.product.into(),
            line.name.clone().into(),
            line.sku.clone().into(),
            line.image.into(),
            line.quantity.into(),
            line.price.into(),
            (line.price * i64::from(line.quantity)).into(),
            tax.name.clone().into(),
            tax.ppm.into(),
            line.tax.into(),
            false.into(),
            true.into(),
        ]);
    }
    transaction.execute(&sql, values).await
}

/// Reserves the stock, in the order of the variants, so that concurrent orders do not deadlock.
async fn reserve(transaction: &Transaction, order: Uuid, lines: &[Line]) -> Result<()> {
    let mut units: Vec<_> = lines
        .iter()
        .map(|line| (line.variant, i64::from(line.quantity)))
        .collect();
    units.sort_unstable();
    for (variant, units) in &units {
        let update = "UPDATE stock_levels SET reserved = reserved + ?
            WHERE variant_id = ? AND reserved + ? <= on_hand + backorder_limit RETURNING variant_id";
        let values = vec![(*units).into(), (*variant).into(), (*units).into()];
        let reserved = transaction.find(update, values).await?;
        reserved.context("out of stock")?;
    }
    let row = "(?, ?, 'RESERVED', 0, ?, ?, ?)";
    let sql = format!(
        "INSERT INTO stock_movements (id, variant_id, kind, on_hand_delta, reserved_delta, order_id, at) VALUES {}",
        vec![row; units.len()].join(", ")
    );
    let mut values: Vec<Value> = Vec::new();
    for (variant, units) in units {
        values.extend([
            Uuid::now_v7().into(),
            variant.into(),
            units.into(),
            order.into(),
            now().into(),
        ]);
    }
    transaction.execute(&sql, values).await
}

/// Gives an order its number, with its events and the email. Returns the number.
async fn confirm(transaction: &Transaction, order: Uuid, user: Uuid) -> Result<i64> {
    let now = now();
    let count = "INSERT INTO counters (name, value, first_number) VALUES ('orders', 1001, 1001)
        ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value";
    let number: i64 = transaction
        .one(count, Vec::new())
        .await?
        .try_get("", "value")?;
    let update = "UPDATE orders SET number = ?, status = 'CONFIRMED', confirmed_at = ?, updated_at = ?, version = 2
        WHERE id = ?";
    let values = vec![number.into(), now.into(), now.into(), order.into()];
    transaction.execute(update, values).await?;
    let events = "INSERT INTO order_events (id, order_id, kind, public, at, actor_id, data) VALUES
        (?, ?, 'PLACED', ?, ?, ?, '{}'), (?, ?, 'CONFIRMED', ?, ?, ?, ?)";
    let values = vec![
        Uuid::now_v7().into(),
        order.into(),
        true.into(),
        now.into(),
        user.into(),
        Uuid::now_v7().into(),
        order.into(),
        true.into(),
        now.into(),
        None::<Uuid>.into(),
        json!({"number": number}).to_string().into(),
    ];
    transaction.execute(events, values).await?;
    // Due in a day, so that Wares does not send it meanwhile.
    let insert = "INSERT INTO outbox (id, kind, recipient, subject, body, nonce, attempts, created_at, due_at,
        expires_at, payload, failed_at, last_error) VALUES (?, 'order.email', NULL, ?, '', NULL, 0, ?, ?, ?, ?, NULL, NULL)";
    let id = encode("order", order);
    let payload = json!({"order": id, "email": "confirmed"}).to_string();
    let values = vec![
        Uuid::now_v7().into(),
        id.into(),
        now.into(),
        (now + DAY).into(),
        (now + 3 * DAY).into(),
        payload.into(),
    ];
    transaction.execute(insert, values).await?;
    Ok(number)
}

/// Returns the user of a session, and the email address.
async fn authenticate(database: &Database, session: Uuid) -> Result<(Uuid, String)> {
    let sql = "SELECT users.id, users.email FROM sessions JOIN users ON users.id = sessions.user_id
        WHERE sessions.id = ? AND users.disabled_at IS NULL";
    let row = find(database, sql, vec![session.into()]).await?;
    let row = row.context("no such session")?;
    Ok((row.try_get("", "id")?, row.try_get("", "email")?))
}
