//! Discount codes are never used beyond their limits.

use futures_util::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;
use wares::core::id::TypedId;
use wares::sales::discount::DiscountId;
use wares::sales::discount::service::{claim, give_back};

use super::discounts::discount;
use super::placed_orders::order;
use crate::harness::{App, Client, on_both_databases};

/// Uses a discount for an order, if its limits allow it. Returns whether they do.
async fn use_code(
    app: &App,
    id: DiscountId,
    per_customer: Option<i32>,
    order: Uuid,
    customer: &str,
) -> bool {
    let transaction = app.state.db.begin().await.unwrap();
    let now = app.state.clock.now();
    let claims = [(id, per_customer)];
    let refused = claim(&transaction, &claims, order, customer, now)
        .await
        .unwrap();
    if refused.is_empty() {
        transaction.commit().await.unwrap();
    } else {
        assert_eq!(refused, [id]);
        transaction.rollback().await.unwrap();
    }
    refused.is_empty()
}

/// Stores orders, and returns their ids.
async fn orders(app: &App, count: usize) -> Vec<Uuid> {
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(order(app, Vec::new(), |_| ()).await.order.id.0);
    }
    ids
}

async fn used(admin: &Client) -> Value {
    let query = "{ discounts { nodes { used } } }";
    let found = admin.data(query, json!({})).await;
    found["discounts"]["nodes"][0]["used"].clone()
}

fn id(text: &Value) -> DiscountId {
    DiscountId::parse(text.as_str().unwrap(), "id").unwrap()
}

#[tokio::test]
async fn a_code_with_a_limit_of_10_is_used_10_times_by_100_orders_at_once() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let input =
            json!({"name": "First ten", "code": "TEN", "kind": "FREE_SHIPPING", "usageLimit": 10});
        let id = id(&discount(&admin, input).await);
        let later = orders(app, 2).await;
        let orders = orders(app, 100).await;
        let uses = orders
            .iter()
            .map(|order| use_code(app, id, None, *order, "ann"));
        let done = join_all(uses).await;
        assert_eq!(done.iter().filter(|done| **done).count(), 10);
        assert_eq!(used(&admin).await, 10);
        // A use that is given back is available again, once.
        let winner = orders[done.iter().position(|done| *done).unwrap()];
        for _ in 0..2 {
            let transaction = app.state.db.begin().await.unwrap();
            give_back(&transaction, winner).await.unwrap();
            transaction.commit().await.unwrap();
            assert_eq!(used(&admin).await, 9);
        }
        assert!(use_code(app, id, None, later[0], "bob").await);
        assert!(!use_code(app, id, None, later[1], "bob").await);
        assert_eq!(used(&admin).await, 10);
        // The limit can't be lowered below the uses.
        let refused = json!({"id": id.encode(), "usageLimit": 9});
        let refused = admin
            .run_mutation("updateDiscount", refused, "discount { id }")
            .await;
        assert_eq!(refused["userErrors"][0]["field"], "usageLimit");
        let raised = json!({"id": id.encode(), "usageLimit": 11});
        let raised = admin
            .run_mutation("updateDiscount", raised, "discount { used }")
            .await;
        assert_eq!(raised["discount"]["used"], 10);
    })
    .await;
}

#[tokio::test]
async fn a_code_has_a_limit_for_each_customer() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let input = json!({"name": "Twice", "code": "TWICE", "kind": "FREE_SHIPPING", "perCustomerLimit": 2});
        let id = id(&discount(&admin, input).await);
        let orders = orders(app, 21).await;
        let uses = orders[1..].iter();
        let uses = uses.map(|order| use_code(app, id, Some(2), *order, "ann"));
        let done = join_all(uses).await;
        assert_eq!(done.iter().filter(|done| **done).count(), 2);
        assert!(use_code(app, id, Some(2), orders[0], "bob").await);
        assert_eq!(used(&admin).await, 3);
    })
    .await;
}

#[tokio::test]
async fn the_database_refuses_uses_beyond_the_limit() {
    use sea_orm::ConnectionTrait;
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let input = json!({"name": "One", "code": "ONE", "kind": "FREE_SHIPPING", "usageLimit": 1});
        discount(&admin, input).await;
        for sql in [
            "UPDATE discounts SET used = 2",
            "UPDATE discounts SET used = -1",
            "UPDATE discounts SET value = 1",
            "UPDATE discounts SET kind = 'PERCENT', value = 1000001",
            "UPDATE discounts SET target = 'ALL'",
        ] {
            let transaction = app.state.db.begin().await.unwrap();
            let done = transaction.execute_unprepared(sql).await;
            assert!(done.is_err(), "{sql}");
            transaction.rollback().await.unwrap();
        }
    })
    .await;
}
