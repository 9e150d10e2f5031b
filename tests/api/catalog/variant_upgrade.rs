//! Servers of the previous version, which know no variants, write to the same database while servers are replaced.

use serde_json::{Value, json};
use uuid::Uuid;
use wares::core::id::TypedId;

use crate::harness::{App, Backend, on_both_databases};

/// Returns a UUID as a literal of the database.
fn literal(app: &App, id: Uuid) -> String {
    match app.backend {
        Backend::Sqlite => format!("X'{}'", id.simple()),
        Backend::Postgres => format!("'{id}'"),
    }
}

const PAGE: &str = "{ product(slug: \"old\") { stock inStock price { amount } sku priorPrice { amount } priceRange { max { amount } }
    variants { sku stock price { amount } priorPrice { amount } } } }";

async fn page(app: &App) -> Value {
    app.anonymous().data(PAGE, json!({})).await["product"].clone()
}

#[tokio::test]
async fn what_the_previous_version_writes_reaches_the_variant() {
    on_both_databases(async |app| {
        let category = app.shop().root("things", 0).await;
        let id = Uuid::now_v7();
        let (product, category) = (literal(app, id), literal(app, category.id.0));
        app.sql(&format!(
            "INSERT INTO products (id, name, name_key, slug, sku, description, price, stock, status, category_id, version,
                created_at, updated_at) VALUES ({product}, 'Old', 'old', 'old', 'A', '', 500, 0, 'ACTIVE', {category}, 1, 5, 5)"
        ))
        .await;
        let created = page(app).await;
        assert_eq!((&created["stock"], &created["inStock"]), (&json!(0), &json!(false)));
        assert_eq!(created["variants"][0], json!({"sku": "A", "stock": 0, "price": {"amount": "5.00"}, "priorPrice": null}));

        // Adjusted and changed by a form: all columns, as the previous version writes them.
        app.sql(&format!("UPDATE products SET stock = 4, version = 2, updated_at = 6 WHERE id = {product}")).await;
        app.sql(&format!(
            "UPDATE products SET name = 'Older', sku = 'B', price = 700, stock = 4, version = 3, updated_at = 7 WHERE id = {product}"
        ))
        .await;
        let changed = page(app).await;
        assert_eq!((&changed["stock"], &changed["inStock"]), (&json!(4), &json!(true)));
        assert_eq!(changed["variants"][0]["sku"], "B");
        assert_eq!(changed["variants"][0]["price"]["amount"], "7.00");
        assert_eq!(app.count("price_history").await, 2);
        assert_eq!(app.sql_number("SELECT CAST(SUM(on_hand_delta) AS bigint) FROM stock_movements").await, 4);

        // Between changes of this version, none is lost or counted twice.
        let admin = app.admin().await;
        let adjust = json!({"id": wares::catalog::product::ProductId(id).encode(), "delta": 3});
        let payload = admin.run_mutation("adjustStock", adjust.clone(), "product { stock } variant { stock }").await;
        assert_eq!((&payload["product"]["stock"], &payload["variant"]["stock"]), (&json!(7), &json!(7)));
        app.sql(&format!("UPDATE products SET stock = stock - 1 WHERE id = {product}")).await;
        let payload = admin.run_mutation("adjustStock", adjust, "product { stock } variant { stock }").await;
        assert_eq!((&payload["product"]["stock"], &payload["variant"]["stock"]), (&json!(9), &json!(9)));
        assert_eq!(app.sql_number("SELECT CAST(SUM(on_hand_delta) AS bigint) FROM stock_movements").await, 9);

        // A new price is also the highest one, and no reduction of an earlier price.
        let input = json!({"id": wares::catalog::product::ProductId(id).encode(), "price": "6"});
        admin.run_mutation("updateProduct", input, "product { id }").await;
        assert_eq!(page(app).await["variants"][0]["priorPrice"]["amount"], "7.00");
        app.sql(&format!("UPDATE products SET price = 900 WHERE id = {product}")).await;
        let changed = page(app).await;
        assert_eq!(changed["priceRange"]["max"]["amount"], "9.00");
        assert_eq!((&changed["priorPrice"], &changed["variants"][0]["priorPrice"]), (&Value::Null, &Value::Null));
        app.sql(&format!("DELETE FROM products WHERE id = {product}")).await;
        for table in ["variants", "stock_levels", "price_history"] {
            assert_eq!(app.count(table).await, 0, "{table}");
        }
    })
    .await;
}
