//! `wares verify`: finds each kind of damage, and nothing in a sound database.

use std::collections::BTreeSet;

use wares::core::id::{TypedId, decode, uuid_v7};
use wares::sales::order::entity::fulfillment::{self, FulfillmentId};
use wares::sales::order::entity::{Model, PaymentStatus, Status, line};
use wares::sales::payment::entity::entry::Kind;
use wares::sales::verify::service::{Difference, names, verify};

use super::order_rows::{confirmed, insert, insert_line, insert_order, insert_payment, literal};
use crate::harness::{App, Backend, Process, on_both_databases};

pub async fn differences(app: &App) -> Vec<Difference> {
    let mut found = Vec::new();
    let report = |outcome: wares::sales::verify::service::Outcome| {
        found.extend(outcome.differences);
        Ok(())
    };
    verify(&app.state.db, report).await.unwrap();
    found
}

/// Fails unless exactly these checks find differences.
pub async fn assert_found(
    app: &App,
    found: &mut BTreeSet<&'static str>,
    expected: &[&'static str],
) {
    found.extend(expected);
    let now: BTreeSet<_> = differences(app)
        .await
        .into_iter()
        .map(|one| one.check)
        .collect();
    assert_eq!(now, *found);
}

#[tokio::test]
async fn nothing_is_found_in_the_demo_shop_with_an_order() {
    on_both_databases(async |app| {
        app.create_demo_catalog().await;
        assert_eq!(differences(app).await, []);
        confirmed(app, 1_001).await;
        let order = insert_order(app, |order| {
            (order.number, order.confirmed_at) = (Some(1_002), Some(order.placed_at));
            order.status = Status::Canceled;
        });
        order.await;
        app.sql("UPDATE counters SET value = 1002").await;
        assert_eq!(differences(app).await, []);
    })
    .await;
}

#[tokio::test]
async fn damaged_stock_is_found() {
    on_both_databases(async |app| {
        let variants = super::variants(app, &["pan", "pot"]).await;
        let mut found = BTreeSet::new();
        assert_found(app, &mut found, &[]).await;
        app.sql("UPDATE stock_levels SET on_hand = on_hand + 1, backorder_limit = 100")
            .await;
        let [of_movements, of_products] = [
            "stock_levels.on_hand is the sum of stock_movements",
            "products.stock is the sum of stock_levels.on_hand",
        ];
        assert_found(app, &mut found, &[of_movements, of_products]).await;
        let all = differences(app).await;
        assert_eq!(all.len(), 4, "{all:?}");
        let first = &all[0];
        assert!(
            first.id.as_deref().unwrap().starts_with("var_"),
            "{first:?}"
        );
        assert_eq!((first.found, first.expected), (6, 5));
        let pan = decode(&variants[0]).unwrap().1;
        let by_pan = literal(app, pan);
        let sql = format!("UPDATE stock_levels SET reserved = 2 WHERE variant_id = {by_pan}");
        app.sql(&sql).await;
        let [of_movements, of_orders] = [
            "stock_levels.reserved is the sum of stock_movements",
            "stock_levels.reserved is the sum of open units of orders",
        ];
        assert_found(app, &mut found, &[of_movements, of_orders]).await;
        // Units of an open order are counted, those of a closed one are not.
        let order = insert_order(app, |_| ()).await;
        insert_line(app, &order, 0, |line| {
            line.variant_id = pan.into();
            (line.quantity, line.canceled, line.tracked) = (3, 1, true);
        })
        .await;
        found.remove(of_orders);
        assert_found(app, &mut found, &[]).await;
        app.sql("UPDATE orders SET status = 'EXPIRED'").await;
        assert_found(app, &mut found, &[of_orders]).await;
    })
    .await;
}

/// Rows of orders can't be changed, so that the damage is in rows that are inserted.
#[tokio::test]
async fn damaged_orders_are_found() {
    on_both_databases(async |app| {
        let mut found = BTreeSet::new();
        let (order, [pan, _]) = confirmed(app, 1_001).await;
        assert_found(app, &mut found, &[]).await;
        insert_order(app, |order| (order.items, order.total) = (100, 100)).await;
        assert_found(app, &mut found, &["orders.items is the sum of order_lines"]).await;
        insert_order(app, |order| {
            (order.shipping, order.discount, order.shipping_discount) = (100, 100, 0);
        })
        .await;
        let discounts = [
            "orders.discount is the sum of order_lines and shipping",
            "orders.discount is the sum of order_discounts",
        ];
        assert_found(app, &mut found, &discounts).await;
        insert_order(app, |order| order.tax = 10).await;
        let taxes = [
            "orders.tax is the sum of order_lines and shipping",
            "orders.tax is the sum of order_taxes",
        ];
        assert_found(app, &mut found, &taxes).await;

        app.sql("UPDATE counters SET value = 1005").await;
        assert_found(
            app,
            &mut found,
            &["counters.value of orders is the last number"],
        )
        .await;
        insert_order(app, |order| {
            (order.number, order.confirmed_at) = (Some(1_005), Some(order.placed_at));
            order.status = Status::Canceled;
        })
        .await;
        found.remove("counters.value of orders is the last number");
        assert_found(app, &mut found, &["orders.number has no gap before it"]).await;

        let sql = format!(
            "UPDATE order_lines SET fulfilled = 1 WHERE id = {}",
            literal(app, pan.id)
        );
        app.sql(&sql).await;
        let sql = format!(
            "UPDATE orders SET fulfillment_status = 'PARTIAL' WHERE id = {}",
            literal(app, order.id)
        );
        app.sql(&sql).await;
        let fulfilled = "order_lines.fulfilled is the sum of fulfillment_lines";
        assert_found(app, &mut found, &[fulfilled]).await;
        ship(app, &order, &pan, true).await;
        assert_found(app, &mut found, &[]).await;
        ship(app, &order, &pan, false).await;
        found.remove(fulfilled);
        assert_found(app, &mut found, &[]).await;
        app.sql("UPDATE orders SET status = 'CONFIRMED' WHERE number IS NULL AND total = 0")
            .await;
        let number = "a confirmed order has a number, other open ones have none";
        assert_found(app, &mut found, &[number]).await;
        violate_checks(app, &mut found).await;
    })
    .await;
}

async fn ship(app: &App, order: &Model, pan: &line::Model, is_canceled: bool) {
    let now = app.state.clock.now();
    let id = FulfillmentId::generate(now);
    let row = fulfillment::Model {
        id,
        order_id: order.id,
        tracking_company: None,
        tracking_number: None,
        tracking_url: None,
        actor_id: None,
        created_at: now,
        updated_at: now,
        canceled_at: is_canceled.then_some(now),
    };
    insert(app, row).await;
    let units = fulfillment::line::Model {
        fulfillment_id: id,
        line_id: pan.id,
        quantity: 1,
    };
    insert(app, units).await;
}

/// Damage that constraints prevent.
async fn violate_checks(app: &App, found: &mut BTreeSet<&'static str>) {
    let constraints = [
        ("orders", "orders_total_check"),
        ("order_lines", "order_lines_total_check"),
        ("order_lines", "order_lines_units_check"),
    ];
    match app.backend {
        Backend::Sqlite => app.sql("PRAGMA ignore_check_constraints = ON").await,
        Backend::Postgres => {
            for (table, name) in constraints {
                app.sql(&format!("ALTER TABLE {table} DROP CONSTRAINT {name}"))
                    .await;
            }
        }
    }
    insert_order(app, |order| order.total = 1).await;
    assert_found(app, found, &["orders.total is the sum of its parts"]).await;
    let order = insert_order(app, |_| ()).await;
    insert_line(app, &order, 0, |line| line.total = 1).await;
    assert_found(app, found, &["order_lines.total is the sum of its parts"]).await;
    insert_line(app, &order, 1, |line| line.canceled = 2).await;
    let canceled = "order_lines.fulfilled and canceled are at most the quantity";
    assert_found(app, found, &[canceled]).await;
    insert_line(app, &order, 2, |line| line.returned = 1).await;
    assert_found(app, found, &["order_lines.returned is at most fulfilled"]).await;
}

#[tokio::test]
async fn damaged_payments_are_found() {
    on_both_databases(async |app| {
        let mut found = BTreeSet::new();
        let paid = |amount: i64| {
            move |order: &mut Model| {
                (order.shipping, order.total, order.captured) = (amount, amount, amount);
                order.payment_status = PaymentStatus::Paid;
            }
        };
        let order = insert_order(app, paid(100)).await;
        insert_payment(app, &order, &[(Kind::Captured, 60), (Kind::Captured, 40)]).await;
        assert_found(app, &mut found, &[]).await;
        let damaged = insert_order(app, paid(100)).await;
        insert_payment(app, &damaged, &[(Kind::Captured, 60)]).await;
        assert_found(
            app,
            &mut found,
            &["orders.captured is the sum of payment_entries"],
        )
        .await;
        let open = insert_payment(app, &order, &[(Kind::Authorized, 5)]).await;
        let authorized = "orders.authorized is the sum of payment_entries that are not captured";
        let empty = "a captured payment has captured an amount";
        assert_found(app, &mut found, &[authorized, empty]).await;
        // An authorization ends with the cancelation and with the capture.
        found.remove(authorized);
        let entries = [(Kind::Authorized, 7), (Kind::Captured, 7)];
        let captured = insert_order(app, paid(7)).await;
        insert_payment(app, &captured, &entries).await;
        app.sql(&format!(
            "INSERT INTO payment_entries (id, payment_id, kind, amount, provider_key, at)
             VALUES ({0}, {0}, 'CANCELED', 0, 'canceled', 1)",
            literal(app, open)
        ))
        .await;
        assert_found(app, &mut found, &[]).await;
        insert_payment(app, &order, &[(Kind::Captured, 1), (Kind::Refunded, 2)]).await;
        let refunded = "orders.refunded is the sum of payment_entries";
        let excess = "a payment refunds at most what it captured";
        assert_found(app, &mut found, &[refunded, excess]).await;
        insert_payment(app, &order, &[(Kind::Captured, 101)]).await;
        assert_found(app, &mut found, &["a payment captures at most its amount"]).await;
        let sql = format!(
            "UPDATE orders SET refund_pending = 1 WHERE id = {}",
            literal(app, order.id)
        );
        app.sql(&sql).await;
        let pending = "orders.refund_pending is the sum of pending refunds";
        assert_found(app, &mut found, &[pending]).await;

        let unpaid = insert_order(app, |order| {
            (order.shipping, order.total) = (100, 100);
            (order.number, order.confirmed_at) = (Some(1), Some(order.placed_at));
            order.status = Status::Confirmed;
        })
        .await;
        let counter = "counters.value of orders is the last number";
        let confirmed = "a confirmed order was paid or authorized, or is on account";
        assert_found(app, &mut found, &[counter, confirmed]).await;
        app.sql("INSERT INTO counters (name, value) VALUES ('orders', 1)")
            .await;
        insert_payment(app, &unpaid, &[]).await;
        app.sql(&format!(
            "UPDATE payments SET provider = 'MANUAL', status = 'PENDING' WHERE order_id = {}",
            literal(app, unpaid.id)
        ))
        .await;
        found.remove(counter);
        found.remove(confirmed);
        assert_found(app, &mut found, &[]).await;

        let closed = insert_order(app, paid(50)).await;
        insert_payment(app, &closed, &[(Kind::Captured, 50)]).await;
        let sql = format!(
            "UPDATE orders SET status = 'EXPIRED' WHERE id = {}",
            literal(app, closed.id)
        );
        app.sql(&sql).await;
        assert_found(
            app,
            &mut found,
            &["a closed order keeps no money: captured is refunded, unless its refund failed"],
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn damaged_uses_of_discounts_are_found() {
    on_both_databases(async |app| {
        app.create_demo_catalog().await;
        let mut found = BTreeSet::new();
        app.sql("UPDATE discounts SET used = used + 2 WHERE usage_limit IS NULL").await;
        let used = "discounts.used is the number of discount_uses";
        assert_found(app, &mut found, &[used]).await;
        let order = insert_order(app, |_| ()).await;
        let id = uuid_v7(app.state.clock.now());
        app.sql(&format!(
            "INSERT INTO discount_uses (id, discount_id, order_id, customer_key, created_at)
             SELECT {}, id, {}, 'ann@home.example', 1 FROM discounts WHERE usage_limit IS NULL LIMIT 1",
            literal(app, id),
            literal(app, order.id)
        ))
        .await;
        app.sql("UPDATE orders SET status = 'EXPIRED'").await;
        assert_found(app, &mut found, &["an order that was closed unpaid uses no discount"]).await;
    })
    .await;
}

#[test]
fn every_check_is_tested() {
    let source = concat!(
        include_str!("verify.rs"),
        include_str!("verify_statuses.rs"),
        include_str!("verify_search.rs")
    );
    for name in names() {
        assert!(
            source.contains(&format!("\"{name}\"")),
            "{name} is not tested"
        );
    }
}

#[tokio::test]
async fn the_command_prints_each_difference_and_fails() {
    let app = App::start(Backend::Sqlite, &[]).await;
    let folder = tempfile::tempdir().unwrap();
    let wares::infra::database::Address::Sqlite(path) = &app.address else {
        unreachable!("it is SQLite");
    };
    let url = format!("--database-url=sqlite://{}", path.display());
    let run = || Process::run(folder.path(), &["verify", &url]);
    let output = run();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.starts_with("ok: ") && text.lines().count() == 1,
        "{text}"
    );
    for _ in 0..101 {
        insert_order(&app, |order| (order.items, order.total) = (100, 100)).await;
    }
    let output = run();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 101, "{text}");
    let first = "orders.items is the sum of order_lines: order_";
    assert!(
        lines[0].starts_with(first) && lines[0].ends_with(" is 100, expected 0"),
        "{text}"
    );
    assert_eq!(
        lines[100],
        "orders.items is the sum of order_lines: there are more differences"
    );
    assert_eq!(output.stderr, b"");
}
