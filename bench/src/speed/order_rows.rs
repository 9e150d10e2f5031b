//! The rows that an order is stored in: the same by Wares and by hand.

use anyhow::{Context, Result, ensure};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use super::orders::{ADD_AND_PRICE, PLACE, item, line, order};
use super::shops::Shop;
use crate::by_hand::ByHand;
use crate::http::Client;
use crate::loading;
use crate::server::Server;

/// The tables that an order is stored in.
const TABLES: [&str; 10] = [
    "carts",
    "cart_lines",
    "orders",
    "order_lines",
    "order_taxes",
    "order_events",
    "payments",
    "payment_entries",
    "stock_movements",
    "outbox",
];
/// Columns that must be equal in the rows of Wares and of the server by hand.
const EQUAL: [(&str, &str); 5] = [
    (
        "orders",
        "status, payment_status, fulfillment_status, currency, items, discount, shipping, tax, total, captured, version",
    ),
    (
        "order_lines",
        "position, name, variant_name, sku, options, image_id IS NULL, attributes, quantity, unit_price, total, tax_name,
         tax_ppm, tax, requires_shipping, tracked",
    ),
    ("order_taxes", "name, ppm, base, amount"),
    ("order_events", "kind, public"),
    ("payments", "provider, amount, status, look_at"),
];

/// Fails unless both servers store the same rows for an order of the same item.
pub fn ensure_equal(
    shop: &Shop,
    (server, token): (&Server, &str),
    (by_hand, session): (&ByHand, &str),
) -> Result<()> {
    let read = || shop.runtime.block_on(rows(shop));
    let before = read()?;
    let mut client = Client::connect(&server.address)?;
    let added = client.query_as(token, ADD_AND_PRICE, &line(0))?;
    let total = &added["data"]["addCartLines"]["cart"]["totals"]["total"]["amount"];
    let placed = client.query_as(token, PLACE, &order(total))?;
    let number = &placed["data"]["placeOrder"]["order"]["number"];
    ensure!(number.is_number(), "ordering failed: {added} {placed}");
    let ours = read()?;
    let mut client = Client::connect(&by_hand.address)?;
    let body = json!({"session": session, "variant": item(0)});
    let added = client
        .send(&ByHand::request("/write/cart", &body))?
        .json()?;
    let body = json!({"session": session, "total": added["data"]["done"]});
    let placed = client
        .send(&ByHand::request("/write/order", &body))?
        .json()?;
    ensure!(
        placed["data"]["done"].as_i64() == number.as_i64().map(|number| number + 1),
        "ordering by hand failed: {placed}"
    );
    let hand = read()?;
    for (index, table) in TABLES.iter().enumerate() {
        let [of_ours, of_hand] = [
            ours.counts[index] - before.counts[index],
            hand.counts[index] - ours.counts[index],
        ];
        // Wares deletes an email that it has sent.
        let is_sent = *table == "outbox" && of_ours <= of_hand;
        ensure!(
            of_ours == of_hand || is_sent,
            "{table} has {of_ours} more rows of Wares and {of_hand} by hand"
        );
    }
    for ((table, _), (ours, hand)) in EQUAL.iter().zip(ours.last.iter().zip(&hand.last)) {
        ensure!(ours == hand, "{table} differs: {ours}, by hand {hand}");
    }
    println!("  the rows of an order are the same");
    Ok(())
}

/// The numbers of rows of [`TABLES`], and the rows of the last order in the tables of [`EQUAL`].
struct Rows {
    counts: Vec<i64>,
    last: Vec<String>,
}

async fn rows(shop: &Shop) -> Result<Rows> {
    let db = loading::connect(&shop.url).await?;
    let mut counts = Vec::new();
    for table in TABLES {
        let row = one(&db, &format!("SELECT count(*) AS value FROM {table}")).await?;
        counts.push(row.context("no count")?.try_get("", "value")?);
    }
    let mut last = Vec::new();
    for (table, columns) in EQUAL {
        let columns: Vec<_> = columns.split(',').map(str::trim).collect();
        let texts: Vec<_> = columns
            .iter()
            .map(|column| format!("COALESCE(CAST({column} AS text), '-')"))
            .collect();
        let key = if table == "orders" { "id" } else { "order_id" };
        let sql = format!(
            "SELECT {} AS value FROM {table} WHERE {key} = (SELECT id FROM orders WHERE number IS NOT NULL
             ORDER BY number DESC LIMIT 1) ORDER BY value",
            texts.join(" || ' ' || ")
        );
        let statement = Statement::from_string(db.get_database_backend(), sql);
        let found = db.query_all_raw(statement).await?;
        let values = found.iter().map(|row| row.try_get::<String>("", "value"));
        last.push(values.collect::<Result<Vec<_>, _>>()?.join("; "));
    }
    db.close().await?;
    Ok(Rows { counts, last })
}

async fn one(db: &sea_orm::DatabaseConnection, sql: &str) -> Result<Option<sea_orm::QueryResult>> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    Ok(db.query_one_raw(statement).await?)
}
