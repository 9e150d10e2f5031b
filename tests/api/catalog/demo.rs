//! The demo catalogue.

use serde_json::json;

use crate::harness::{App, Backend, on_both_databases};

#[tokio::test]
async fn the_demo_shop_covers_every_feature() {
    on_both_databases(async |app| {
        app.create_demo_catalog().await;
        let query = "{
            all: products { totalCount }
            drafts: products(filter: {status: [DRAFT]}) { totalCount }
            archived: products(filter: {status: [ARCHIVED]}) { totalCount }
            soldOut: products(filter: {inStock: false}) { totalCount }
            cheap: products(filter: {price: {lte: \"0.99\"}}) { totalCount }
            dear: products(filter: {price: {gte: \"1000\"}}) { totalCount }
            roots: categories(filter: {level: 0}) { totalCount }
            leaves: categories(filter: {level: 2}) { totalCount }
            tooDeep: categories(filter: {level: 3}) { totalCount }
            byOldSlug: product(slug: \"iron-frying-pan-24\") { slug }
            categoryByOldSlug: category(slug: \"kitchenware\") { slug }
        }";
        let data = app.admin().await.data(query, json!({})).await;
        let total = |name: &str| data[name]["totalCount"].as_i64().unwrap();
        assert!(total("all") >= 60);
        for some in [
            "drafts", "archived", "soldOut", "cheap", "dear", "roots", "leaves",
        ] {
            assert!(total(some) > 0, "{some}");
        }
        assert_eq!(total("tooDeep"), 0);
        assert_eq!(data["byOldSlug"]["slug"], "cast-iron-skillet-24");
        assert_eq!(data["categoryByOldSlug"]["slug"], "kitchen");
    })
    .await;
}

#[tokio::test]
async fn the_demo_shop_has_facets_of_attributes() {
    on_both_databases(async |app| {
        app.create_demo_catalog().await;
        let query = "query($filter: ProductFilter) { products(filter: $filter) { totalCount facets { attributes {
            attribute { code name unit } choices { count choice { code swatch } } boolean { trueCount } number { min max } } } } }";
        let ceramic = json!({"attributes": [{"code": "material", "choices": ["ceramic"]}, {"code": "dishwasher-safe", "boolean": true}]});
        let data = app.anonymous().data(query, json!({"filter": ceramic})).await;
        assert_eq!(data["products"]["totalCount"], 3);
        let facets = &data["products"]["facets"]["attributes"];
        assert_eq!(facets[0]["attribute"]["code"], "material");
        assert!(facets[0]["choices"].as_array().unwrap().len() >= 3);
        assert_eq!(facets[2]["number"], json!({"min": "350", "max": "350"}));
        assert_eq!(facets[2]["attribute"]["unit"], "ml");
    })
    .await;
}

#[tokio::test]
async fn every_demo_product_can_be_selected() {
    on_both_databases(async |app| {
        app.create_demo_catalog().await;
        wares::catalog::demo::service::store_demo_images(&app.state)
            .await
            .unwrap();
        let query = "{ products(first: 100) { nodes {
            slug name price { amount } category { ancestors { slug } }
            images { url alt width height bytes contentType placeholder }
        } } }";
        let data = app.anonymous().data(query, json!({})).await;
        let products = data["products"]["nodes"].as_array().unwrap();
        let mut foreign = 0;
        for product in products {
            let name = product["name"].as_str().unwrap();
            foreign += usize::from(name.chars().any(|letter| letter as u32 > 0x2ff));
            let images = product["images"].as_array().unwrap();
            assert!(matches!(images.len(), 2 | 3), "{name}");
            for image in images {
                assert!(image["url"].as_str().unwrap().contains(".png"));
                assert_eq!(image["contentType"], "image/png");
                assert!(image["bytes"].as_i64().unwrap() > 100);
                assert!(!image["alt"].as_str().unwrap().is_empty());
                let placeholder = image["placeholder"].as_str().unwrap();
                assert!(placeholder.starts_with("data:image/webp;base64,"));
                assert!(placeholder.len() < 400);
            }
        }
        assert!(foreign >= 5, "names in other alphabets: {foreign}");
    })
    .await;
}

#[tokio::test]
async fn the_demo_is_created_once() {
    on_both_databases(async |app| {
        app.create_demo_catalog().await;
        let again = wares::sales::demo::service::fill(&app.state).await.unwrap();
        assert!(again.is_none());
    })
    .await;
}

#[tokio::test]
async fn demo_prices_are_plausible_in_every_currency() {
    for (currency, expected) in [("USD", "54.90"), ("JPY", "5490"), ("KWD", "54.900")] {
        let currency = format!("--shop-currency={currency}");
        let app = App::start(Backend::Sqlite, &[&currency]).await;
        app.create_demo_catalog().await;
        let query = "{ product(slug: \"cast-iron-skillet-24\") { price { amount } } }";
        let data = app.anonymous().data(query, json!({})).await;
        assert_eq!(data["product"]["price"]["amount"], expected);
    }
}
