//! Creating, updating and deleting products.

use futures_util::future::join_all;
use serde_json::{Value, json};
use wares::core::id::TypedId;

use crate::harness::{App, Client, on_both_databases, user_error};

/// The selected fields of a changed product.
pub const PRODUCT: &str =
    "product { id name slug sku description price { amount } stock status version
    category { slug } categories { slug } }";

/// Returns the code and field of each user error.
pub fn user_errors(payload: &Value) -> Vec<(String, String)> {
    let errors = payload["userErrors"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    errors
        .map(|error| (text(&error["code"]), text(&error["field"])))
        .collect()
}

pub fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = pairs
        .iter()
        .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()));
    owned.collect()
}

pub async fn category(app: &App, slug: &str) -> String {
    let roots = app.count("categories").await;
    let position = i32::try_from(roots).unwrap();
    app.shop().root(slug, position).await.id.encode()
}

pub async fn create(admin: &Client, input: Value) -> Value {
    admin.run_mutation("createProduct", input, PRODUCT).await
}

pub async fn update(admin: &Client, input: Value) -> Value {
    let select = format!("{PRODUCT} userErrors {{ currentVersion }}");
    admin.run_mutation("updateProduct", input, &select).await
}

#[tokio::test]
async fn an_admin_creates_a_product() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let (home, kitchen) = (category(app, "home").await, category(app, "kitchen").await);
        let payload = create(
            &admin,
            json!({"name": "  Crème brûlée Set ", "price": "19.99", "categoryId": home}),
        )
        .await;
        let product = &payload["product"];
        assert_eq!(payload["userErrors"], json!([]));
        assert_eq!(
            (&product["name"], &product["slug"], &product["status"]),
            (&json!("Crème brûlée Set"), &json!("creme-brulee-set"), &json!("DRAFT"))
        );
        assert_eq!(
            (&product["price"]["amount"], &product["stock"], &product["version"]),
            (&json!("19.99"), &json!(0), &json!(1))
        );

        let input = json!({"name": "Pan", "slug": "the-pan", "sku": " P-1 ", "description": "Iron.\r\nHeavy.",
            "price": 5, "stock": 7, "status": "ACTIVE", "categoryId": home, "categoryIds": [kitchen, home]});
        let product = create(&admin, input).await["product"].clone();
        assert_eq!(product["sku"], "P-1");
        assert_eq!(product["description"], "Iron.\nHeavy.");
        assert_eq!(product["price"]["amount"], "5.00");
        assert_eq!(product["categories"], json!([{"slug": "home"}, {"slug": "kitchen"}]));
        let seen = app
            .anonymous()
            .data("{ product(slug: \"the-pan\") { name stock } }", json!({}))
            .await;
        assert_eq!(seen["product"], json!({"name": "Pan", "stock": 7}));
    })
    .await;
}

#[tokio::test]
async fn all_invalid_product_fields_are_reported_at_once() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let home = category(app, "home").await;
        let input = json!({"name": " \u{301} ", "slug": "Not A Slug", "sku": "", "description": "a\u{0}b",
            "price": "-1", "stock": -1, "categoryId": "x", "categoryIds": ["prod_00000000000000000000000000"]});
        let payload = create(&admin, input).await;
        let fields: Vec<_> = user_errors(&payload).into_iter().map(|(_, field)| field).collect();
        assert_eq!(
            fields,
            ["name", "slug", "sku", "description", "price", "stock", "categoryId", "categoryIds"]
        );
        assert!(user_errors(&payload).iter().all(|(code, _)| code == "BAD_USER_INPUT"));
        assert_eq!(payload["product"], Value::Null);

        let name = |letters: usize| "x".repeat(letters);
        for (price, name, is_valid) in [
            ("0", name(1), true),
            ("9999999999.99", name(200), true),
            ("10000000000.00", "rim".to_owned(), true),
            ("10000000000.01", "a".to_owned(), false),
            ("99999999999.99", "a".to_owned(), false),
            ("0.001", "a".to_owned(), false),
            ("1", name(201), false),
            ("1", "x".repeat(1_000_000), false),
            ("1", "a\r\nb".to_owned(), true),
            ("1", "a\u{202e}b".to_owned(), true),
            ("1", "a\u{61c}b".to_owned(), true),
            ("1", "\u{61c}\u{202e}".to_owned(), false),
            ("1", "a\u{0}b".to_owned(), false),
        ] {
            let input = json!({"name": name, "price": price, "categoryId": home});
            let response = admin.mutate("createProduct", input, PRODUCT).await;
            if response.status == 413 {
                assert!(!is_valid);
                continue;
            }
            let payload = &response.json["data"]["createProduct"];
            assert_eq!(payload["product"].is_object(), is_valid, "{price}: {}", response.text);
            assert!(is_valid || user_error(payload) == "BAD_USER_INPUT", "{price}");
        }
        for price in [
            json!("1e30"),
            json!("NaN"),
            json!("9223372036854775808"),
            json!(""),
            json!("1,5"),
            json!(1.5),
            json!(true),
        ] {
            let input = json!({"name": "", "price": price, "categoryId": home});
            let payload = create(&admin, input).await;
            let invalid = [("BAD_USER_INPUT", "name"), ("BAD_USER_INPUT", "price")];
            assert_eq!(user_errors(&payload), pairs(&invalid), "{price}");
        }
        let absent = json!({"name": "a", "price": "1", "categoryId": "cat_00000000000000000000000000",
            "categoryIds": [home, "cat_00000000000000000000000001"]});
        let payload = create(&admin, absent).await;
        assert_eq!(
            user_errors(&payload),
            pairs(&[("NOT_FOUND", "categoryId"), ("NOT_FOUND", "categoryIds")])
        );
        assert_eq!(app.count("products").await, 6);
        assert_eq!(app.count("audit_log").await, 6);
    })
    .await;
}

#[tokio::test]
async fn slugs_and_skus_belong_to_one_product() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let home = category(app, "home").await;
        let input = json!({"name": "Lamp", "sku": "L", "price": "1", "categoryId": home});
        let lamp = create(&admin, input).await["product"].clone();
        let rival =
            json!({"name": "Other", "slug": "lamp", "sku": "L", "price": "1", "categoryId": home});
        let payload = create(&admin, rival).await;
        assert_eq!(
            user_errors(&payload),
            pairs(&[("CONFLICT", "slug"), ("CONFLICT", "sku")])
        );
        // Without a requested slug, the next free one is generated. Slugs that resolve to another product are not
        // free.
        let input = json!({"name": "Lamp!", "price": "1", "categoryId": home});
        let second = create(&admin, input.clone()).await["product"].clone();
        assert_eq!(second["slug"], "lamp-2");
        let renamed = update(&admin, json!({"id": second["id"], "slug": "light"})).await;
        assert_eq!(renamed["product"]["slug"], "light");
        assert_eq!(create(&admin, input).await["product"]["slug"], "lamp-3");
        let find = async |slug: &str| {
            let query = "query($slug: String!) { product(slug: $slug) { id slug } }";
            admin.data(query, json!({"slug": slug})).await["product"].clone()
        };
        assert_eq!(
            find("lamp-2").await,
            json!({"id": second["id"], "slug": "light"})
        );
        // A former slug can be taken explicitly.
        let input = json!({"id": lamp["id"], "slug": "lamp-2"});
        assert_eq!(update(&admin, input).await["userErrors"], json!([]));
        assert_eq!(find("lamp-2").await["id"], lamp["id"]);
        assert_eq!(find("lamp").await["id"], lamp["id"]);
        // A restored slug is not stored twice.
        update(&admin, json!({"id": lamp["id"], "slug": "lamp"})).await;
        assert_eq!(find("lamp").await["slug"], "lamp");
        assert_eq!(find("lamp-2").await["slug"], "lamp");
        assert_eq!(app.count("product_slugs").await, 1);

        // Both slugs are free after the deletion.
        let deleted = admin
            .run_mutation(
                "deleteProduct",
                json!({"id": lamp["id"]}),
                "product { name }",
            )
            .await;
        assert_eq!(deleted["product"]["name"], "Lamp");
        assert_eq!(find("lamp-2").await, Value::Null);
        let input =
            json!({"name": "New", "slug": "lamp", "sku": "L", "price": "1", "categoryId": home});
        assert_eq!(create(&admin, input).await["userErrors"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn absent_fields_stay_and_null_clears_optional_ones() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let (home, kitchen, garden) = (
            category(app, "home").await,
            category(app, "kitchen").await,
            category(app, "garden").await,
        );
        let input = json!({"name": "Pan", "sku": "P", "description": "Iron.", "price": "5", "stock": 3,
            "status": "ACTIVE", "categoryId": home, "categoryIds": [kitchen]});
        let before = create(&admin, input).await["product"].clone();
        let id = &before["id"];
        assert_eq!(update(&admin, json!({"id": id})).await["product"], before);
        assert_eq!(update(&admin, json!({"id": id, "name": "Pan", "stock": 3})).await["product"], before);

        let after = update(&admin, json!({"id": id, "sku": null, "description": null, "categoryIds": null})).await;
        let after = after["product"].clone();
        assert_eq!((&after["sku"], &after["description"]), (&Value::Null, &json!("")));
        assert_eq!(after["categories"], json!([{"slug": "home"}]));
        assert_eq!((&after["version"], &after["price"], &after["name"]), (&json!(2), &before["price"], &json!("Pan")));

        let payload = update(
            &admin,
            json!({"id": id, "name": null, "slug": null, "price": null, "stock": null, "status": null, "categoryId": null}),
        )
        .await;
        let fields = ["name", "slug", "price", "stock", "status", "categoryId"];
        assert_eq!(user_errors(&payload), pairs(&fields.map(|field| ("BAD_USER_INPUT", field))));

        // The previous primary category is removed, the additional ones are kept.
        update(&admin, json!({"id": id, "categoryIds": [kitchen]})).await;
        let moved = update(&admin, json!({"id": id, "categoryId": garden})).await;
        assert_eq!(moved["product"]["category"]["slug"], "garden");
        assert_eq!(moved["product"]["categories"], json!([{"slug": "garden"}, {"slug": "kitchen"}]));
        let payload = update(&admin, json!({"id": "prod_00000000000000000000000000", "name": "x"})).await;
        assert_eq!(user_errors(&payload), pairs(&[("NOT_FOUND", "id")]));
        let payload = update(&admin, json!({"id": home, "name": "x"})).await;
        assert_eq!(user_errors(&payload), pairs(&[("BAD_USER_INPUT", "id")]));
    })
    .await;
}

#[tokio::test]
async fn stock_is_adjusted_and_never_negative() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let home = category(app, "home").await;
        let input = json!({"name": "Pan", "price": "5", "stock": 30, "categoryId": home});
        let product = create(&admin, input).await["product"].clone();
        let id = &product["id"];
        let adjust = async |delta: i64| {
            let input = json!({"id": id, "delta": delta});
            admin
                .run_mutation("adjustStock", input, "product { stock }")
                .await
        };
        assert_eq!(adjust(0).await["product"]["stock"], 30);
        let taken = join_all((0..50).map(|_| adjust(-1))).await;
        let refused: Vec<_> = taken
            .iter()
            .filter(|payload| user_error(payload) == "CONFLICT")
            .collect();
        assert_eq!(refused.len(), 20);
        assert_eq!(refused[0]["userErrors"][0]["field"], "delta");
        assert_eq!(adjust(3).await["product"]["stock"], 3);
        assert_eq!(
            user_error(&adjust(i64::from(i32::MAX)).await),
            "BAD_USER_INPUT"
        );
        assert_eq!(user_error(&adjust(-4).await), "CONFLICT");
        for delta in [json!(2_147_483_648_i64), json!(-2_147_483_649_i64)] {
            let input = json!({"id": id, "delta": delta});
            let response = admin
                .mutate("adjustStock", input, "product { stock }")
                .await;
            assert_eq!(response.code(), "BAD_USER_INPUT");
        }
        assert_eq!(app.sql_number("SELECT stock FROM products").await, 3);
        // The audit log contains all changes, but no errors.
        assert_eq!(
            app.sql_number("SELECT count(*) FROM audit_log WHERE action = 'adjustStock'")
                .await,
            31
        );
    })
    .await;
}

#[tokio::test]
async fn a_deleted_product_leaves_no_rows() {
    on_both_databases(async |app| {
        app.create_demo_catalog().await;
        let admin = app.admin().await;
        let query = "{ products(first: 100) { nodes { id } } }";
        let data = admin.data(query, json!({})).await;
        let products = data["products"]["nodes"].as_array().unwrap().clone();
        assert_eq!(products.len(), 62);
        let remove = async |id: Value| {
            admin
                .run_mutation(
                    "deleteProduct",
                    json!({"id": id}),
                    "product { id images { id } }",
                )
                .await
        };
        // Of two concurrent deletions one succeeds.
        let ids = products.iter().flat_map(|product| [&product["id"]; 2]);
        let done = join_all(ids.map(|id| remove(id.clone()))).await;
        let removed = done
            .iter()
            .filter(|payload| payload["product"].is_object())
            .count();
        assert_eq!(removed, 62);
        assert_eq!(
            done.iter()
                .filter(|payload| user_error(payload) == "NOT_FOUND")
                .count(),
            62
        );
        for table in [
            "products",
            "product_categories",
            "product_slugs",
            "product_images",
        ] {
            assert_eq!(app.count(table).await, 0, "{table}");
        }
    })
    .await;
}
