//! What products are found by beside their own texts: categories and those above them, option values, tags.

use serde_json::{Value, json};
use wares::catalog::product::service::{maintain_search_index, request_rebuild};
use wares::core::id::TypedId;

use super::search::{found, named};
use crate::harness::csv_files::import;
use crate::harness::{App, on_both_databases};

async fn maintain(app: &App) {
    // As a server does when it starts: names the version of the index.
    request_rebuild(&app.state).await.unwrap();
    maintain_search_index(&app.state).await.unwrap();
    assert_eq!(app.count("search_queue").await, 0);
}

#[tokio::test]
async fn products_are_found_by_their_categories_and_those_above() {
    on_both_databases(async |app| {
        let shop = app.shop();
        let admin = app.admin().await;
        let kitchen = shop.root("kitchen", 0).await;
        let knives = shop.category("cutlery", Some(&kitchen), 0, |_| ()).await;
        let garden = shop
            .category("garden", None, 1, |new| new.published = false)
            .await;
        let made = named(app, &knives, "sabatier", "Sabatier").await;
        named(app, &kitchen, "spoon", "Spoon").await;
        assert_eq!(found(app, "kitchen").await, ["sabatier", "spoon"]);
        assert_eq!(found(app, "cutlery").await, ["sabatier"]);
        assert_eq!(found(app, "sabatier kitchen").await, ["sabatier"]);

        // Renamed: in the background, because there may be many products.
        let input = json!({"id": kitchen.id.encode(), "name": "Scullery"});
        admin
            .run_mutation("updateCategory", input, "category { id }")
            .await;
        assert_eq!(app.count("search_queue").await, 2);
        maintain(app).await;
        assert_eq!(found(app, "scullery").await, ["sabatier", "spoon"]);
        assert_eq!(found(app, "kitchen").await, [""; 0]);

        // Moved below another one, which is not published: it does not matter to staff.
        let input = json!({"id": knives.id.encode(), "parentId": garden.id.encode()});
        admin
            .run_mutation("moveCategory", input, "category { id }")
            .await;
        maintain(app).await;
        assert_eq!(found(app, "scullery").await, ["spoon"]);
        let query = "{ products(search: \"garden\") { nodes { slug } } }";
        let data = admin.data(query, json!({})).await;
        assert_eq!(data["products"]["nodes"], json!([{"slug": "sabatier"}]));

        // A position among the siblings is no reason to index.
        let input = json!({"id": kitchen.id.encode(), "position": 1});
        admin
            .run_mutation("moveCategory", input, "category { id }")
            .await;
        assert_eq!(app.count("search_queue").await, 0);

        // In the transaction: the product gets other categories.
        let input = json!({"id": made.id.encode(), "categoryId": kitchen.id.encode()});
        let payload = admin
            .run_mutation("updateProduct", input, "product { id }")
            .await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        assert_eq!(found(app, "scullery").await, ["sabatier", "spoon"]);
        assert_eq!(found(app, "cutlery").await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn imported_products_are_found_by_category_and_tag() {
    on_both_databases(async |app| {
        let file = "name,price,slug,stock,categories,tags,status\n\
            Lantern,9.50,lantern,3,Home > Light,outdoor,ACTIVE\n\
            Spade,19.50,spade,3,Yard,,ACTIVE\n";
        import(app, file).await;
        assert_eq!(found(app, "home").await, ["lantern"]);
        assert_eq!(found(app, "outdoor lantern").await, ["lantern"]);
        import(app, &file.replace("Yard", "Home")).await;
        assert_eq!(found(app, "home").await, ["lantern", "spade"]);
        assert_eq!(found(app, "yard").await, [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn products_are_found_by_their_option_values() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let category = app.shop().root("all", 0).await;
        let variant = |color: &str| json!({"options": [{"name": "Color", "value": color}]});
        let input = json!({
            "name": "Mug", "slug": "mug", "status": "ACTIVE", "price": "8.00", "categoryId": category.id.encode(),
            "options": [{"name": "Color", "values": ["Crimson", "Navy"]}],
            "variants": [variant("Crimson"), variant("Navy")],
        });
        let fields = "product { id options { id values { id name } } }";
        let payload = admin.run_mutation("createProduct", input, fields).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        assert_eq!(found(app, "crimson mug").await, ["mug"]);
        let option = &payload["product"]["options"][0];
        let value = |index: usize, name: &str| -> Value {
            json!({"id": option["values"][index]["id"], "name": name})
        };
        let options = json!([{"id": option["id"], "name": "Color", "values": [value(0, "Scarlet"), value(1, "Navy")]}]);
        let input = json!({"productId": payload["product"]["id"], "options": options});
        let payload = admin
            .run_mutation("updateProductOptions", input, fields)
            .await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        assert_eq!(found(app, "scarlet").await, ["mug"]);
        assert_eq!(found(app, "crimson").await, [""; 0]);
    })
    .await;
}
