//! `wares verify`: the stored statuses of orders, and their first number.

use std::collections::BTreeSet;

use wares::sales::order::entity::{FulfillmentStatus, Model, PaymentStatus, Status};
use wares::sales::order::repository::next_number;
use wares::sales::payment::entity::entry::Kind;

use super::order_rows::{confirmed, insert_line, insert_order, insert_payment, literal};
use super::verify::{assert_found, differences};
use crate::harness::{App, on_both_databases};

const PAYMENT_STATUS: &str = "orders.payment_status is that of the sums";
const FULFILLMENT_STATUS: &str = "orders.fulfillment_status is that of order_lines";
const FIRST_NUMBER: &str = "the first number of orders is that of an order";

/// Sets a column of an order by SQL.
async fn set(app: &App, order: &Model, column: &str, value: &str) {
    let id = literal(app, order.id);
    app.sql(&format!(
        "UPDATE orders SET {column} = '{value}' WHERE id = {id}"
    ))
    .await;
}

#[tokio::test]
async fn a_wrong_fulfillment_status_is_found() {
    on_both_databases(async |app| {
        let (order, [pan, coffee]) = confirmed(app, 1_001).await;
        // The units that are fulfilled and canceled of the lines of 2 and 1, and the right status.
        for (fulfilled, canceled, right) in [
            ((0, 0), (0, 0), "NONE"),
            ((0, 0), (2, 1), "NONE"),
            ((1, 0), (1, 0), "PARTIAL"),
            ((2, 0), (0, 0), "PARTIAL"),
            ((2, 0), (0, 1), "FULFILLED"),
            ((1, 1), (1, 0), "FULFILLED"),
        ] {
            for (line, fulfilled, canceled) in
                [(&pan, fulfilled.0, canceled.0), (&coffee, fulfilled.1, canceled.1)]
            {
                let id = literal(app, line.id);
                app.sql(&format!(
                    "UPDATE order_lines SET fulfilled = {fulfilled}, canceled = {canceled} WHERE id = {id}"
                ))
                .await;
            }
            for status in ["NONE", "PARTIAL", "FULFILLED"] {
                set(app, &order, "fulfillment_status", status).await;
                let all = differences(app).await;
                let is_found = all.iter().any(|one| one.check == FULFILLMENT_STATUS);
                assert_eq!(is_found, status != right, "{status} instead of {right}");
            }
        }
    })
    .await;
}

/// Inserts an order of 100 with one line of three units, of which some are canceled.
async fn order_with(
    app: &App,
    (status, canceled): (Status, i32),
    entries: &[(Kind, i64)],
) -> Model {
    let sum = |kind: Kind| {
        let own = entries.iter().filter(|entry| entry.0 == kind);
        own.map(|entry| entry.1).sum::<i64>()
    };
    let order = insert_order(app, |order| {
        (order.items, order.total, order.status) = (100, 100, status);
        (order.captured, order.refunded) = (sum(Kind::Captured), sum(Kind::Refunded));
        order.authorized = sum(Kind::Authorized);
        order.fulfillment_status = FulfillmentStatus::None;
    })
    .await;
    insert_line(app, &order, 0, |line| {
        (line.quantity, line.canceled) = (3, canceled);
        (line.unit_price, line.discount, line.total) = (34, 2, 100);
    })
    .await;
    order
}

#[tokio::test]
async fn a_wrong_payment_status_is_found() {
    on_both_databases(async |app| {
        // Total 100, of which a canceled unit costs 33: what it costs, its ledger, and the right status.
        for (status, canceled, entries, right) in [
            (Status::Pending, 0, &[][..], PaymentStatus::Unpaid),
            (
                Status::Confirmed,
                0,
                &[(Kind::Captured, 99)],
                PaymentStatus::Unpaid,
            ),
            (
                Status::Confirmed,
                0,
                &[(Kind::Captured, 100)],
                PaymentStatus::Paid,
            ),
            (
                Status::Confirmed,
                1,
                &[(Kind::Captured, 66)],
                PaymentStatus::Unpaid,
            ),
            (
                Status::Confirmed,
                1,
                &[(Kind::Captured, 67)],
                PaymentStatus::Paid,
            ),
            (Status::Confirmed, 3, &[], PaymentStatus::Unpaid),
            (
                Status::Confirmed,
                0,
                &[(Kind::Authorized, 100)],
                PaymentStatus::Authorized,
            ),
            (
                Status::Confirmed,
                0,
                &[(Kind::Captured, 50), (Kind::Refunded, 50)],
                PaymentStatus::Unpaid,
            ),
            (
                Status::Canceled,
                0,
                &[(Kind::Captured, 100), (Kind::Refunded, 100)],
                PaymentStatus::Refunded,
            ),
            (
                Status::Confirmed,
                0,
                &[(Kind::Captured, 100), (Kind::Refunded, 10)],
                PaymentStatus::PartiallyRefunded,
            ),
        ] {
            let order = order_with(app, (status, canceled), entries).await;
            insert_payment(app, &order, entries).await;
            let stored = [
                ("UNPAID", PaymentStatus::Unpaid),
                ("PROCESSING", PaymentStatus::Processing),
                ("AUTHORIZED", PaymentStatus::Authorized),
                ("PAID", PaymentStatus::Paid),
                ("PARTIALLY_REFUNDED", PaymentStatus::PartiallyRefunded),
                ("REFUNDED", PaymentStatus::Refunded),
            ];
            for (name, status) in stored {
                set(app, &order, "payment_status", name).await;
                let all = differences(app).await;
                let is_found = all.iter().any(|one| one.check == PAYMENT_STATUS);
                assert_eq!(
                    is_found,
                    status != right,
                    "{name} instead of {right:?}: {entries:?}"
                );
            }
            let id = literal(app, order.id);
            if right == PaymentStatus::Unpaid && status == Status::Pending {
                let processing =
                    format!("UPDATE payments SET status = 'PROCESSING' WHERE order_id = {id}");
                app.sql(&processing).await;
                set(app, &order, "payment_status", "PROCESSING").await;
                let all = differences(app).await;
                assert!(all.iter().all(|one| one.check != PAYMENT_STATUS), "{all:?}");
                continue;
            }
            let names = stored.iter().find(|(_, status)| *status == right);
            set(app, &order, "payment_status", names.unwrap().0).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_missing_first_number_is_found() {
    on_both_databases(async |app| {
        let mut found = BTreeSet::new();
        let transaction = app.state.db.begin().await.unwrap();
        for _ in 0..3 {
            next_number(&transaction, 1_001).await.unwrap();
        }
        transaction.commit().await.unwrap();
        let numbered = |number: i64| {
            move |order: &mut Model| {
                (order.number, order.confirmed_at) = (Some(number), Some(order.placed_at));
                order.status = Status::Canceled;
            }
        };
        for number in [1_002, 1_003] {
            insert_order(app, numbered(number)).await;
        }
        assert_found(app, &mut found, &[FIRST_NUMBER]).await;
        insert_order(app, numbered(1_001)).await;
        found.clear();
        assert_found(app, &mut found, &[]).await;
        // A server of an earlier version has counted the first order.
        app.sql("UPDATE counters SET first_number = NULL").await;
        assert_found(app, &mut found, &[]).await;
    })
    .await;
}
