//! Updates of the search index, and search suggestions.

use serde_json::{Value, json};
use wares::catalog::category::entity::Model as Category;
use wares::catalog::product::Status;
use wares::server;

use crate::harness::csv_files::import;
use crate::harness::{App, Backend, Client, on_both_databases};

/// Returns the slugs that a search in a list finds, in order.
async fn found_in(client: &Client, list: &str, search: &str) -> Vec<String> {
    let query =
        format!("query($search: String!) {{ {list}(search: $search) {{ nodes {{ slug }} }} }}");
    let data = client.data(&query, json!({"search": search})).await;
    let nodes = data[list]["nodes"].as_array().unwrap().iter();
    nodes
        .map(|node| node["slug"].as_str().unwrap().to_owned())
        .collect()
}

async fn found(app: &App, search: &str) -> Vec<String> {
    found_in(&app.anonymous(), "products", search).await
}

/// Creates a published category and returns its ID.
async fn category(admin: &Client, name: &str) -> Value {
    let input = json!({"name": name, "published": true});
    admin
        .run_mutation("createCategory", input, "category { id }")
        .await["category"]["id"]
        .clone()
}

/// A list of pending entries would be read by each search.
#[tokio::test]
async fn writers_leave_no_pending_entries_in_the_gin_index() {
    on_both_databases(async |app| {
        if app.backend != Backend::Postgres {
            return;
        }
        let pages = async || {
            let merge = "SELECT gin_clean_pending_list('product_index_words_idx')";
            app.sql_number(merge).await
        };
        let file = "name,price,categories,status\nMug,1,Home,ACTIVE\nPan,2,Home,ACTIVE\n";
        assert_eq!(import(app, file).await.created, 2);
        assert_eq!(pages().await, 0);
        let admin = app.admin().await;
        let data = admin.data("{ product(slug: \"mug\") { id } }", json!({}));
        let rename = json!({"id": data.await["product"]["id"], "name": "Cup"});
        admin
            .run_mutation("updateProduct", rename, "product { id }")
            .await;
        assert_eq!(pages().await, 0);
        // The list is in use.
        let add = "UPDATE product_index_words SET name = name || 'new'::tsvector";
        app.sql(add).await;
        assert!(pages().await > 0);
    })
    .await;
}

#[tokio::test]
async fn the_search_index_follows_each_change_immediately() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let home = category(&admin, "Home").await;
        let input = json!({
            "name": "Copper kettle", "sku": "KET-1", "description": "For tea", "price": "30.00",
            "categoryId": home, "status": "ACTIVE",
        });
        let made = admin
            .run_mutation("createProduct", input, "product { id }")
            .await;
        let id = &made["product"]["id"];
        for word in ["copper", "ket1", "tea", "cooper"] {
            assert_eq!(found(app, word).await, ["copper-kettle"], "{word}");
        }
        for (change, gone, new) in [
            (json!({"name": "Iron kettle"}), "copper", "iron"),
            (json!({"sku": "POT-2"}), "ket1", "pot2"),
            (json!({"description": "For coffee"}), "tea", "coffee"),
        ] {
            let mut input = change;
            input["id"] = id.clone();
            admin
                .run_mutation("updateProduct", input, "product { id }")
                .await;
            assert_eq!(found(app, new).await, ["copper-kettle"], "{new}");
            assert!(found(app, gone).await.is_empty(), "{gone}");
        }
        let rows = app.count("product_index").await;
        admin
            .run_mutation("deleteProduct", json!({"id": id}), "product { id }")
            .await;
        assert!(found(app, "iron").await.is_empty());
        assert_eq!(app.count("product_index").await, rows - 1);

        let input = json!({"id": home, "name": "Household", "description": "Brooms"});
        admin
            .run_mutation("updateCategory", input, "category { id }")
            .await;
        let client = app.anonymous();
        assert_eq!(found_in(&client, "categories", "broom").await, ["home"]);
        assert!(found_in(&client, "categories", "home").await.is_empty());
        admin
            .run_mutation("deleteCategory", json!({"id": home}), "category { id }")
            .await;
        assert!(found_in(&client, "categories", "broom").await.is_empty());
        assert_eq!(app.count("category_index").await, 0);
    })
    .await;
}

#[tokio::test]
async fn imported_products_are_found() {
    on_both_databases(async |app| {
        let file = "name,price,sku,slug,description,stock,categories,status\n\
            Blue lantern,9.50,LAN-1,lantern,Burns oil,3,Home > Light,ACTIVE\n\
            Spade,19.50,SPA-1,spade,Digs,3,Garden,ACTIVE\n";
        import(app, file).await;
        assert_eq!(found(app, "lanetrn").await, ["lantern"]);
        assert_eq!(
            found_in(&app.anonymous(), "categories", "light").await,
            ["light"]
        );
        import(app, &file.replace("Blue lantern", "Green torch")).await;
        assert!(found(app, "lantern").await.is_empty());
        assert_eq!(found(app, "torch").await, ["lantern"]);
        assert_eq!(found(app, "spade").await, ["spade"]);
        assert_eq!(app.count("product_index").await, 2);
    })
    .await;
}

/// Creates a category of 1,203 products with distinct words.
async fn shop_with_many_words(app: &App) -> Category {
    let shop = app.shop();
    let home = shop.root("home", 0).await;
    for number in 0..1_203 {
        shop.product(&format!("thing-{number}"), &home, |product| {
            product.name = format!("Thing number{number}");
        })
        .await;
    }
    home
}

#[tokio::test]
async fn products_without_index_entries_are_indexed_at_startup() {
    on_both_databases(async |app| {
        shop_with_many_words(app).await;
        app.sql("DELETE FROM product_index").await;
        app.sql("DELETE FROM category_index").await;
        app.sql("DELETE FROM search_variants").await;
        assert!(found(app, "number1202").await.is_empty());
        assert_eq!(server::index_missing(&app.state.db).await.unwrap(), 1_204);
        for search in ["number1202", "number0", "thnig number777"] {
            assert_eq!(found(app, search).await.len(), 1, "{search}");
        }
        assert_eq!(
            found_in(&app.anonymous(), "categories", "home").await,
            ["home"]
        );
        assert_eq!(server::index_missing(&app.state.db).await.unwrap(), 0);
    })
    .await;
}

/// Returns the suggested texts and the type of each.
async fn suggested(client: &Client, prefix: &str) -> Vec<(String, &'static str)> {
    let query = "query($prefix: String!) { searchSuggestions(prefix: $prefix) \
                 { text product { name } category { name } } }";
    let data = client.data(query, json!({"prefix": prefix})).await;
    let given = data["searchSuggestions"].as_array().unwrap().iter();
    given
        .map(|suggestion| {
            let (text, product) = (&suggestion["text"], &suggestion["product"]);
            let (of, kind) = if product.is_null() {
                (&suggestion["category"], "category")
            } else {
                (product, "product")
            };
            assert_eq!(text, &of["name"]);
            (text.as_str().unwrap().to_owned(), kind)
        })
        .collect()
}

#[tokio::test]
async fn search_suggestions_return_names_with_the_prefix() {
    on_both_databases(async |app| {
        let shop = app.shop();
        let mut categories = Vec::new();
        for (slug, name, published) in [
            ("lamps", "Lamps", true),
            ("secret", "Lamp secrets", false),
            ("a", "Lampshades", true),
            ("b", "Lamp oil", true),
            ("c", "Old lamps", true),
        ] {
            let made = shop.category(slug, None, 0, |new| {
                new.name = name.to_owned();
                new.published = published;
            });
            categories.push(made.await);
        }
        for (slug, name, status, index) in [
            ("p0", "Lampion", Status::Active, 0),
            ("p1", "Table Lamp", Status::Active, 0),
            ("p2", "LAMPION", Status::Active, 0),
            ("p3", "Lamp of the future", Status::Draft, 0),
            ("p4", "Lamp in hiding", Status::Active, 1),
            ("p5", "Clamp", Status::Active, 0),
            ("p6", "Spoon", Status::Active, 0),
        ] {
            shop.product(slug, &categories[index], |product| {
                product.name = name.to_owned();
                product.status = status;
                product.description = "lamp".to_owned();
            })
            .await;
        }
        let client = app.anonymous();
        let expected_suggestions = |texts: [&str; 3], products: &[&str]| -> Vec<(String, &str)> {
            let texts = texts.iter().map(|text| ((*text).to_owned(), "category"));
            let products = products.iter();
            let products = products.map(|text| ((*text).to_owned(), "product"));
            texts.chain(products).collect()
        };
        let expected = expected_suggestions(
            ["Lamp oil", "Lamps", "Old lamps"],
            &["Table Lamp", "Lampion"],
        );
        assert_eq!(suggested(&client, " Lamp").await, expected);
        let expected = expected_suggestions(
            ["Lamp secrets", "Lamp oil", "Lamps"],
            &[
                "Table Lamp",
                "Lamp of the future",
                "Lamp in hiding",
                "Lampion",
            ],
        );
        assert_eq!(suggested(&app.admin().await, "LAMP").await, expected);
        let spoon = [("Spoon".to_owned(), "product")];
        assert_eq!(suggested(&client, "s").await.last(), Some(&spoon[0]));
        assert_eq!(suggested(&client, "table la").await[0].0, "Table Lamp");
        for nothing in ["", "  ", "'\"%_;--", "zebra", "spoonn", "a\u{0}b"] {
            assert!(suggested(&client, nothing).await.is_empty(), "{nothing}");
        }
        let asked = "{ searchSuggestions(prefix: \"lamp\", first: 2) { text } }";
        let data = client.data(asked, json!({})).await;
        assert_eq!(data["searchSuggestions"].as_array().unwrap().len(), 2);
        for (arguments, field) in [
            (json!({"prefix": "a", "first": 0}), "first"),
            (json!({"prefix": "a", "first": 21}), "first"),
        ] {
            let query = "query($prefix: String!, $first: Int! = 8) \
                         { searchSuggestions(prefix: $prefix, first: $first) { text } }";
            let response = client.send(query, arguments).await;
            assert_eq!(
                (response.code(), response.field()),
                ("BAD_USER_INPUT", field)
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_search_and_its_suggestions_cost_few_statements() {
    on_both_databases(async |app| {
        app.create_demo_catalog().await;
        let client = app.anonymous();
        for (query, maximum) in [
            (
                "{ products(search: \"beewax candel\") { totalCount nodes { name } } }",
                4,
            ),
            ("{ searchSuggestions(prefix: \"co\") { text } }", 2),
        ] {
            let statements = app.record_statements(client.data(query, json!({}))).await;
            assert!(statements.len() <= maximum, "{query}: {statements:#?}");
        }
    })
    .await;
}
