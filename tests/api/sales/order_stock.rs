//! The stock of orders: units are promised, sent, taken back, and put back.

use serde_json::json;
use uuid::Uuid;
use wares::catalog::product::entity::variant::VariantId;
use wares::catalog::product::service::variants::{
    OutOfStock, put_back, release, reserve, ship, unship,
};
use wares::core::id::TypedId;

use super::variants;
use crate::harness::{App, on_both_databases};

/// Returns the units in the warehouse, the promised units, and the units in the row of the product.
async fn units(app: &App) -> [i64; 3] {
    [
        app.sql_number("SELECT on_hand FROM stock_levels").await,
        app.sql_number("SELECT reserved FROM stock_levels").await,
        app.sql_number("SELECT stock FROM products").await,
    ]
}

async fn in_stock(app: &App) -> bool {
    let sql = "SELECT count(*) FROM products WHERE in_stock";
    app.sql_number(sql).await == 1
}

#[tokio::test]
async fn units_are_promised_sent_and_put_back() {
    on_both_databases(async |app| {
        // The stock is 5.
        let ids = variants(app, &["pan"]).await;
        let variant = VariantId::parse(&ids[0], "id").unwrap();
        let order = Uuid::now_v7();
        let state = &app.state;
        let begin = async || state.db.begin().await.unwrap();

        // Two lines with the same variant.
        let transaction = begin().await;
        let lines = [(variant, 2), (variant, 3)];
        let missing = reserve(&transaction, state, order, &lines, &[])
            .await
            .unwrap();
        assert_eq!(missing, []);
        transaction.commit().await.unwrap();
        assert_eq!((units(app).await, in_stock(app).await), ([5, 5, 5], false));

        let transaction = begin().await;
        let one = [(variant, 1)];
        let missing = reserve(&transaction, state, order, &one, &[])
            .await
            .unwrap();
        assert_eq!(missing, [OutOfStock { variant, left: 0 }]);
        transaction.rollback().await.unwrap();

        let transaction = begin().await;
        ship(&transaction, state, order, &[(variant, 3)])
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        assert_eq!((units(app).await, in_stock(app).await), ([2, 2, 2], false));

        let transaction = begin().await;
        unship(&transaction, state, order, &one).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!((units(app).await, in_stock(app).await), ([3, 3, 3], false));

        let transaction = begin().await;
        put_back(&transaction, state, order, None, &one)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        assert_eq!((units(app).await, in_stock(app).await), ([4, 3, 4], true));

        let transaction = begin().await;
        release(&transaction, state, order, &[(variant, 3)])
            .await
            .unwrap();
        // One that was deleted is skipped.
        let gone = [(VariantId(Uuid::now_v7()), 1)];
        release(&transaction, state, order, &gone).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!((units(app).await, in_stock(app).await), ([4, 0, 4], true));

        let sums = "SELECT count(*) FROM stock_movements WHERE order_id IS NOT NULL";
        assert_eq!(app.sql_number(sums).await, 5);
        let version = "SELECT version FROM products";
        assert_eq!(app.sql_number(version).await, 1, "orders do not count");
        let query = "{ product(slug: \"pan\") { stock availability } }";
        let shown = app.anonymous().data(query, json!({})).await;
        let expected = json!({"stock": 4, "availability": "LOW_STOCK"});
        assert_eq!(shown["product"], expected);
    })
    .await;
}
