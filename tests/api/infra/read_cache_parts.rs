//! The read cache: a change ends the responses that depend on the changed part of the catalog, and no others.

use serde_json::{Value, json};
use uuid::Uuid;
use wares::api::catalog_fields;
use wares::catalog::product::entity::Model as Product;
use wares::core::id::TypedId;
use wares::infra::database::{Catalog, ChangedParts, StockChange};

use crate::harness::cached_responses::kept;
use crate::harness::{App, Backend, Client, on_both_databases, on_both_databases_with};

const LIST: &str = "{ products { totalCount nodes { name price { amount } availability inStock category { name } image { url } } facets { price { min { amount } } stock { inStock } } } }";
const PAGE: &str = "{ product(slug: \"lamp\") { name price { amount } availability categories { name } images { url } } }";
const OTHER_PAGE: &str = "{ product(slug: \"chair\") { name stock version } }";
const PAGE_STOCK: &str =
    "{ product(slug: \"lamp\") { ...F } } fragment F on Product { name stock }";
const MENU: &str = "{ categories { nodes { name children { name } } } }";
/// Queries that a change of the stock alone ends.
const STOCK_QUERIES: [&str; 6] = [
    PAGE_STOCK,
    "{ product(slug: \"lamp\") { updatedAt } }",
    "{ products { nodes { name ... on Product { version } } } }",
    "{ products(sort: {field: UPDATED_AT, direction: DESC}) { nodes { name } } }",
    "{ products(filter: {updatedAt: {gte: \"2020-01-01T00:00:00Z\"}}) { totalCount } }",
    "{ category(slug: \"root\") { products { nodes { stock } } } }",
];

/// Creates a lamp, a chair and a menu, and starts the watcher.
async fn open(app: &App) -> Product {
    let root = app.shop().root("root", 0).await;
    let many = |product: &mut Product| product.stock = 1_000;
    let lamp = app.shop().product("lamp", &root, many).await;
    app.shop().image(&lamp, 0).await;
    app.shop().product("chair", &root, many).await;
    app.start_change_watcher();
    lamp
}

/// Whether the next request is answered from the cache.
async fn is_cached(app: &App, client: &Client, query: &str) -> bool {
    let ask = async { _ = client.send(query, json!({})).await };
    app.record_statements(ask).await.is_empty()
}

/// Asserts that a change does not end the response to a query. A busy machine, on which the cache is disabled for a
/// moment, gets several attempts.
async fn assert_survives(app: &App, query: &str, change: impl AsyncFn()) {
    let client = app.anonymous();
    for _ in 0..20 {
        kept(app, async || client.send(query, json!({})).await).await;
        change().await;
        if is_cached(app, &client, query).await {
            return;
        }
    }
    panic!("each change ends {query}");
}

/// Asserts that a change ends the response to a query.
async fn assert_ended(app: &App, query: &str, change: impl AsyncFn()) {
    let client = app.anonymous();
    kept(app, async || client.send(query, json!({})).await).await;
    change().await;
    assert!(!is_cached(app, &client, query).await, "{query}");
}

async fn adjust(admin: &Client, product: &Product, delta: i32) {
    let input = json!({"id": product.id.encode(), "delta": delta});
    let done = admin
        .run_mutation("adjustStock", input, "product { id }")
        .await;
    assert_eq!(done["userErrors"], json!([]));
}

async fn update(admin: &Client, input: Value) {
    let done = admin
        .run_mutation("updateProduct", input, "product { id }")
        .await;
    assert_eq!(done["userErrors"], json!([]));
}

#[tokio::test]
async fn stock_change_ends_only_responses_with_the_stock() {
    on_both_databases(async |app| {
        let lamp = open(app).await;
        let admin = app.admin().await;
        let stock = async || adjust(&admin, &lamp, 1).await;
        for query in [LIST, PAGE, OTHER_PAGE, MENU] {
            assert_survives(app, query, stock).await;
        }
        for query in STOCK_QUERIES {
            assert_ended(app, query, stock).await;
        }
        // By the other mutations.
        let id = lamp.id.encode();
        let next = std::sync::atomic::AtomicI32::new(2_000);
        let next = || next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let single = async || update(&admin, json!({"id": id, "stock": next()})).await;
        assert_survives(app, LIST, single).await;
        assert_ended(app, PAGE_STOCK, single).await;
        // Together with anything else it is a change of the product.
        let both = async || {
            let stock = next();
            update(
                &admin,
                json!({"id": id, "stock": stock, "name": format!("Lamp {stock}")}),
            )
            .await;
        };
        assert_ended(app, LIST, both).await;
        assert_ended(app, PAGE, both).await;
    })
    .await;
}

#[tokio::test]
async fn stock_change_of_the_availability_ends_the_product() {
    on_both_databases_with(&["--shop-low-stock=5"], async |app| {
        let lamp = open(app).await;
        let admin = app.admin().await;
        // To the threshold, to 0, and back above the threshold.
        for delta in [-995, -5, 1_000] {
            for query in [LIST, PAGE] {
                assert_ended(app, query, async || adjust(&admin, &lamp, delta).await).await;
                adjust(&admin, &lamp, -delta).await;
            }
            adjust(&admin, &lamp, delta).await;
        }
        assert_survives(app, OTHER_PAGE, async || {
            adjust(&admin, &lamp, -1_000).await;
            adjust(&admin, &lamp, 1_000).await;
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn product_change_ends_lists_and_its_own_page() {
    on_both_databases(async |app| {
        let lamp = open(app).await;
        let admin = app.admin().await;
        let price = std::sync::atomic::AtomicI32::new(10);
        let reprice = async || {
            let price = price.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            update(
                &admin,
                json!({"id": lamp.id.encode(), "price": format!("{price}.00")}),
            )
            .await;
        };
        let nothing = "{ product(slug: \"nothing\") { name } }";
        let both = "{ a: product(slug: \"chair\") { name } b: product(slug: \"lamp\") { name } }";
        let listed = "{ product(slug: \"chair\") { category { products { totalCount } } } }";
        let search = "{ categories(search: \"root\") { nodes { name } } }";
        for query in [OTHER_PAGE, MENU, "{ shop { name } }"] {
            assert_survives(app, query, reprice).await;
        }
        for query in [LIST, PAGE, PAGE_STOCK, nothing, both, listed, search] {
            assert_ended(app, query, reprice).await;
        }
        // A former slug may get another owner.
        update(&admin, json!({"id": lamp.id.encode(), "slug": "lantern"})).await;
        let chair = OTHER_PAGE.replace("chair", "lantern");
        assert_ended(app, &chair, reprice).await;
        let input = json!({"name": "Lamp", "slug": "lamp", "price": "1.00", "status": "ACTIVE",
            "categoryId": lamp.category_id.encode()});
        assert_ended(app, PAGE, async || {
            let done = admin
                .run_mutation("createProduct", input.clone(), "product { id }")
                .await;
            assert_eq!(done["userErrors"], json!([]));
        })
        .await;
        // Pages show categories.
        let category = json!({"id": lamp.category_id.encode(), "name": "Other"});
        assert_ended(app, OTHER_PAGE, async || {
            let done = admin
                .run_mutation("updateCategory", category.clone(), "category { id }")
                .await;
            assert_eq!(done["userErrors"], json!([]));
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn another_server_ends_only_what_it_has_changed() {
    let app = App::start(Backend::Postgres, &[]).await;
    let lamp = open(&app).await;
    let other = App::on_database(app.backend, app.address.clone(), &[]).await;
    let admin = other.admin().await;
    let stock = async || {
        let before = app.state.db.changes().sequence();
        adjust(&admin, &lamp, 1).await;
        while app.state.db.changes().sequence() == before {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    for query in [LIST, PAGE, OTHER_PAGE] {
        assert_survives(&app, query, stock).await;
    }
    assert_ended(&app, PAGE_STOCK, stock).await;
    other.stop().await;
    app.stop().await;
}

#[tokio::test]
async fn own_writes_are_not_taken_for_those_of_another_process() {
    on_both_databases(async |app| {
        let lamp = open(app).await;
        let admin = app.admin().await;
        let client = app.anonymous();
        let change = async || {
            // A session and a stock, and then at least one check of the watcher.
            app.customer().await;
            adjust(&admin, &lamp, 1).await;
            tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        };
        assert_survives(app, LIST, change).await;
        // Another program that changes the file by hand, or the table with a row by hand.
        let ask = async || client.send(PAGE, json!({})).await;
        kept(app, ask).await;
        let other = App::on_database(app.backend, app.address.clone(), &[]).await;
        other
            .sql("UPDATE products SET name = 'By hand' WHERE slug = 'lamp'")
            .await;
        if app.backend == Backend::Postgres {
            other
                .sql("INSERT INTO catalog_changes DEFAULT VALUES")
                .await;
        }
        // The lease is shorter than this.
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        assert_eq!(ask().await.json["data"]["product"]["name"], "By hand");
        other.stop().await;
    })
    .await;
}

#[test]
fn texts_name_the_changed_parts() {
    let ids: Vec<_> = (0..300).map(|_| Uuid::now_v7()).collect();
    let stock = StockChange {
        before: 7,
        after: 3,
    };
    let read = |parts: &ChangedParts| {
        let text = parts.to_text();
        assert!(text.len() < 8_000);
        ChangedParts::of_text(&text)
    };
    let mut parts = ChangedParts::default();
    assert_eq!(read(&parts), parts);
    parts.add(Catalog::Category(ids[0]));
    parts.add(Catalog::Product(ids[1]));
    parts.add(Catalog::Stock(ids[2], stock));
    assert_eq!(read(&parts), parts);
    // Several changes of a product are a change of everything of it.
    parts.add(Catalog::Product(ids[2]));
    assert!(parts.products().all(|(_, stock)| stock.is_none()));
    for id in ids {
        parts.add(Catalog::Product(id));
    }
    assert_eq!(read(&parts), ChangedParts::all());
    for unreadable in ["", "2 c", "1 ", "1 x", "1 q:1", "1 p:1", "1 c s:1:2"] {
        assert_eq!(ChangedParts::of_text(unreadable), ChangedParts::all());
    }
}

#[tokio::test]
async fn every_public_field_states_what_it_reads() {
    let app = App::start(Backend::Sqlite, &[]).await;
    let query = "{ __schema { types { name fields { name type { ...T ofType { ...T ofType { ...T ofType { ...T } } } } } } } }
        fragment T on __Type { name }";
    let data = app.anonymous().data(query, json!({})).await;
    let types = data["__schema"]["types"].as_array().unwrap();
    let fields_of = |name: &str| {
        let kind = types.iter().find(|kind| kind["name"] == name);
        kind.and_then(|kind| kind["fields"].as_array())
            .cloned()
            .unwrap_or_default()
    };
    let roots = [
        "category",
        "categories",
        "product",
        "products",
        "searchSuggestions",
        "shop",
    ];
    let mut open = vec!["Query".to_owned()];
    let (mut seen, mut unknown) = (vec![], vec![]);
    while let Some(parent) = open.pop() {
        for field in fields_of(&parent) {
            let name = field["name"].as_str().unwrap();
            if parent == "Query" && !roots.contains(&name) {
                continue;
            }
            // Only for admins, whose responses are not cached.
            if parent == "Variant" && ["inventory", "stockMovements"].contains(&name) {
                continue;
            }
            if catalog_fields::reads(&parent, name).is_none() {
                unknown.push(format!("{parent}.{name}"));
            }
            let mut output = &field["type"];
            while output["name"].is_null() {
                output = &output["ofType"];
            }
            let output = output["name"].as_str().unwrap().to_owned();
            if !seen.contains(&output) {
                seen.push(output.clone());
                open.push(output);
            }
        }
    }
    assert!(seen.len() > 20, "{seen:?}");
    // A new field is read as a part of everything. Add it to `catalog_fields::reads`: does a change of the stock alone
    // alter it, or a change of another product?
    assert!(unknown.is_empty(), "{unknown:?}");
    app.stop().await;
}
