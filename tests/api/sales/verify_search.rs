//! `wares verify` finds damage of the search index.

use std::collections::BTreeSet;

use wares::catalog::product::service::{maintain_search_index, request_rebuild};
use wares::core::id::TypedId;

use super::order_rows::literal;
use super::verify::{assert_found, differences};
use crate::harness::on_both_databases;

#[tokio::test]
async fn a_damaged_search_index_is_found() {
    on_both_databases(async |app| {
        let [unindexed, orphaned, differing] = [
            "products without product_index_words",
            "product_index_words without product",
            "product_index_words that differ from the words of the product",
        ];
        let all = app.shop().root("all", 0).await;
        let mut products = Vec::new();
        for slug in ["lamp", "spoon", "fork"] {
            products.push(app.shop().product(slug, &all, |_| {}).await);
        }
        request_rebuild(&app.state).await.unwrap();
        let mut found = BTreeSet::new();
        assert_found(app, &mut found, &[]).await;
        // One of its words is another, and one is gone.
        let id = literal(app, products[0].id);
        app.sql(&format!(
            "UPDATE products SET name = 'Lantern lantern', description = '' WHERE id = {id}"
        ))
        .await;
        assert_found(app, &mut found, &[differing]).await;
        let all_found = differences(app).await;
        assert_eq!(all_found.len(), 1, "{all_found:?}");
        assert_eq!(all_found[0].id, Some(products[0].id.encode()));
        assert!(all_found[0].found > 1, "{all_found:?}");
        // A product that waits is no difference.
        app.sql(&format!("INSERT INTO search_queue (product_id) VALUES ({id})"))
            .await;
        found.remove(differing);
        assert_found(app, &mut found, &[]).await;
        maintain_search_index(&app.state).await.unwrap();
        assert_eq!(app.count("search_queue").await, 0);
        assert_found(app, &mut found, &[]).await;
        // An index of another analysis waits for its rebuild.
        app.sql("UPDATE search_generation SET version = 'en-0'")
            .await;
        app.sql("UPDATE products SET name = 'Candle'").await;
        assert_found(app, &mut found, &[]).await;
        app.sql("UPDATE search_generation SET version = ''").await;
        assert_found(app, &mut found, &[differing]).await;
        assert_eq!(differences(app).await.len(), 3);

        app.sql("UPDATE product_index SET bucket = bucket + 1 WHERE seq = (SELECT max(seq) FROM product_index)")
            .await;
        assert_found(app, &mut found, &[orphaned]).await;
        app.sql("UPDATE product_index SET generation = 0").await;
        assert_found(app, &mut found, &[unindexed]).await;
    })
    .await;
}
