//! Personal data in orders: after the account is deleted, and after its retention period.

use std::time::Duration;

use serde_json::json;
use wares::core::id::uuid_v7;
use wares::sales::order::entity::event::{self, Kind};
use wares::sales::order::entity::{Model, OrderId, Status};
use wares::sales::order::service::{OrderEmail, erase_expired};

use super::order_rows::{ADDRESS, insert, insert_order, queue, read};
use super::{add, variants};
use crate::harness::{App, PASSWORD, on_both_databases};

const YEAR: Duration = Duration::from_hours(365 * 24);

async fn insert_event(app: &App, order: OrderId) {
    let now = app.state.clock.now();
    let row = event::Model {
        id: uuid_v7(now),
        order_id: order,
        kind: Kind::AddressUpdated,
        public: true,
        at: now,
        actor_id: None,
        data: "{}".to_owned(),
        old_address: Some(ADDRESS.to_owned()),
    };
    insert(app, row).await;
}

#[tokio::test]
async fn a_deleted_account_leaves_its_orders_with_their_addresses_and_nothing_else() {
    on_both_databases(async |app| {
        let variants = variants(app, &["pan"]).await;
        for by_admin in [false, true] {
            let client = app.customer().await;
            let me = client.data("{ me { id } }", json!({})).await["me"]["id"].clone();
            let user = wares::core::id::decode(me.as_str().unwrap()).unwrap().1;
            add(&client, &variants[0], 1).await;
            let address = json!({"name": "Ann", "street1": "Street 1", "postalCode": "10115",
                "city": "Berlin", "country": "DE"});
            let payload = client
                .run_mutation("createAddress", address, "address { id }")
                .await;
            assert_eq!(payload["userErrors"], json!([]), "{payload}");
            let order = insert_order(app, |order| order.user_id = Some(user.into())).await;
            let payload = if by_admin {
                let input = json!({"id": me});
                app.admin()
                    .await
                    .run_mutation("deleteUser", input, "userId")
                    .await
            } else {
                let input = json!({"password": PASSWORD});
                client.run_mutation("deleteMe", input, "userId").await
            };
            assert_eq!(payload["userErrors"], json!([]), "{payload}");
            for table in ["addresses", "carts", "cart_lines"] {
                assert_eq!(app.count(table).await, 0, "{table}");
            }
            // It is pending, and can still be paid or expire.
            let left = Model {
                user_id: None,
                ..order.clone()
            };
            assert_eq!(read(app, &order).await, left);
            let emails = app.emails().await;
            let last = emails.last().unwrap().text();
            assert!(last.contains("Orders that you placed are kept"), "{last}");
            // Its emails are still sent.
            queue(app, &left, OrderEmail::Expired).await;
            assert_eq!(app.emails().await.len(), 1);
        }
    })
    .await;
}

#[tokio::test]
async fn personal_data_of_orders_is_erased_after_the_retention_period() {
    on_both_databases(async |app| {
        let mut old = Vec::new();
        for number in 0..3 {
            let status = [Status::Canceled, Status::Expired, Status::Confirmed][number % 3];
            old.push(insert_order(app, |order| order.status = status).await);
        }
        let pending = insert_order(app, |_| ()).await;
        insert_event(app, old[0].id).await;
        insert_event(app, pending.id).await;
        app.advance(10 * YEAR);
        erase_expired(&app.state).await.unwrap();
        assert_eq!(read(app, &old[0]).await, old[0], "ten years have leap days");
        app.advance(Duration::from_hours(11 * 24));
        let young = insert_order(app, |order| order.status = Status::Canceled).await;
        for _ in 0..2 {
            erase_expired(&app.state).await.unwrap();
        }
        for order in &old {
            let erased = Model {
                email: String::new(),
                email_key: String::new(),
                name_key: String::new(),
                phone: None,
                note: None,
                shipping_address: None,
                billing_address: None,
                version: 2,
                ..order.clone()
            };
            assert_eq!(read(app, order).await, erased);
        }
        for order in [&pending, &young] {
            assert_eq!(read(app, order).await, *order);
        }
        let addresses = "SELECT count(*) FROM order_events WHERE old_address IS NOT NULL";
        assert_eq!(app.sql_number(addresses).await, 1);
        // An email that waited is not sent to nobody.
        queue(app, &old[0], OrderEmail::Canceled).await;
        assert_eq!(app.emails().await.len(), 0);
    })
    .await;
}
