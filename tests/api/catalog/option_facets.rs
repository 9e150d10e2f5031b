//! Facet by option values: each count is the number of products that the filter with this value would return.

use serde_json::{Value, json};
use wares::core::id::TypedId;

use crate::catalog::query_cost::large_shop;
use crate::harness::{App, Backend, Client, on_both_databases};

const FACET: &str = "query($filter: ProductFilter) { products(filter: $filter) { facets { options { name isExact values { name count } } } } }";

/// Creates a product with these variants: size, color, and whether it is active.
async fn create(app: &App, admin: &Client, name: &str, variants: &[(&str, &str, bool)]) {
    let category = if app.count("categories").await == 0 {
        app.shop().root("clothes", 0).await.id.encode()
    } else {
        let data = admin
            .data("{ category(slug: \"clothes\") { id } }", json!({}))
            .await;
        data["category"]["id"].as_str().unwrap().to_owned()
    };
    let variants = variants.iter().map(|(size, color, active)| {
        let options = [("Size", size), ("Color", color)];
        let options = options.map(|(name, value)| json!({"name": name, "value": value}));
        json!({"options": options, "active": active})
    });
    let variants: Vec<_> = variants.collect();
    let first = &variants[0]["options"];
    let options = json!([
        {"name": "Size", "values": [first[0]["value"]]}, {"name": "Color", "values": [first[1]["value"]]},
    ]);
    let input = json!({"name": name, "price": "10", "status": "ACTIVE", "categoryId": category,
        "options": options, "variants": variants});
    let payload = admin
        .run_mutation("createProduct", input, "product { id }")
        .await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
}

/// Creates shirts of different sizes and colors, a product without options, and variants that are not for sale.
async fn fill(app: &App) -> Client {
    let admin = app.admin().await;
    create(
        app,
        &admin,
        "a",
        &[("S", "Red", true), ("M", "Red", true), ("M", "Blue", true)],
    )
    .await;
    create(
        app,
        &admin,
        "b",
        &[("S", "red", true), ("L", "Blue", false)],
    )
    .await;
    create(
        app,
        &admin,
        "c",
        &[("M", "Red", true), ("s", "Green", true)],
    )
    .await;
    let category = admin
        .data("{ category(slug: \"clothes\") { id } }", json!({}))
        .await;
    let simple = json!({"name": "d", "price": "5", "status": "ACTIVE", "categoryId": category["category"]["id"]});
    admin
        .run_mutation("createProduct", simple, "product { id }")
        .await;
    admin
}

async fn facet(client: &Client, filter: &Value) -> Value {
    let data = client.data(FACET, json!({"filter": filter})).await;
    data["products"]["facets"]["options"].clone()
}

fn counts(facet: &Value) -> Vec<String> {
    let options = facet.as_array().unwrap().iter();
    let text = |option: &Value| {
        let values = option["values"].as_array().unwrap().iter();
        let values =
            values.map(|value| format!("{} {}", value["name"].as_str().unwrap(), value["count"]));
        format!(
            "{}: {}",
            option["name"].as_str().unwrap(),
            values.collect::<Vec<_>>().join(", ")
        )
    };
    options.map(text).collect()
}

#[tokio::test]
async fn option_values_are_counted_as_the_filter_would() {
    on_both_databases(async |app| {
        fill(app).await;
        let client = app.anonymous();
        let options = |options: &[(&str, &[&str])]| {
            let options = options
                .iter()
                .map(|(name, values)| json!({"name": name, "values": values}));
            options.collect::<Vec<_>>()
        };
        let all = facet(&client, &json!({})).await;
        assert_eq!(
            counts(&all),
            ["Color: Red 3, Blue 1, Green 1", "Size: S 3, M 2"]
        );
        assert_eq!(all[0]["isExact"], true);
        for filter in [
            json!({}),
            json!({"options": options(&[("Size", &["m"])])}),
            json!({"options": options(&[("size", &["S"]), ("Color", &["Red", "Blue"])])}),
            json!({"options": options(&[("Size", &["L"])])}),
            json!({"options": options(&[("Size", &["S"]), ("Size", &["M"])])}),
            json!({"price": {"gte": "20"}}),
        ] {
            for option in facet(&client, &filter).await.as_array().unwrap() {
                let name = option["name"].as_str().unwrap();
                for value in option["values"].as_array().unwrap() {
                    // The value replaces the condition on its own option.
                    let given = filter["options"].as_array().cloned().unwrap_or_default();
                    let is_other = |other: &Value| {
                        other["name"].as_str().unwrap().to_lowercase() != name.to_lowercase()
                    };
                    let mut narrowed: Vec<_> = given.into_iter().filter(is_other).collect();
                    narrowed.push(json!({"name": name, "values": [value["name"]]}));
                    let mut with_value = filter.clone();
                    with_value["options"] = json!(narrowed);
                    let query = "query($f: ProductFilter) { products(filter: $f) { totalCount } }";
                    let found = client.data(query, json!({"f": with_value})).await;
                    assert_eq!(
                        value["count"], found["products"]["totalCount"],
                        "{value} beside {filter}"
                    );
                }
            }
        }
        // Spelled as the only product. Size M is not green.
        let green = facet(
            &client,
            &json!({"options": options(&[("Color", &["Green"])])}),
        )
        .await;
        assert_eq!(
            counts(&green),
            ["Color: Red 3, Blue 1, Green 1", "Size: s 1"]
        );
    })
    .await;
}

#[tokio::test]
async fn the_most_frequent_options_and_values_come_first() {
    on_both_databases(async |app| {
        fill(app).await;
        let client = app.anonymous();
        let facet = async |arguments: &str| {
            let query = format!("{{ products {{ facets {{ options{arguments} }} }} }}");
            client.data(&query, json!({})).await["products"]["facets"]["options"].clone()
        };
        assert_eq!(
            facet("(first: 1) { name values(first: 1) { name } }").await,
            json!([{"name": "Color", "values": [{"name": "Red"}]}]),
            "equally frequent options are ordered by name"
        );
        for arguments in [
            "(first: 0) { name }",
            "(first: 21) { name }",
            "{ values(first: 101) { name } }",
        ] {
            let query = format!("{{ products {{ facets {{ options{arguments} }} }} }}");
            let response = client.send(&query, json!({})).await;
            assert_eq!(
                (response.code(), response.field()),
                ("BAD_USER_INPUT", "first"),
                "{arguments}"
            );
        }
        let empty = client
            .data(FACET, json!({"filter": {"inStock": true}}))
            .await;
        assert_eq!(empty["products"]["facets"]["options"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn option_facets_are_cached_until_a_variant_changes() {
    on_both_databases(async |app| {
        let admin = fill(app).await;
        app.start_change_watcher();
        let before = facet(&app.anonymous(), &json!({})).await;
        let data = admin
            .data(
                "{ products(search: \"b\") { nodes { variants { id active } } } }",
                json!({}),
            )
            .await;
        let variants = data["products"]["nodes"][0]["variants"].as_array().unwrap();
        let hidden = variants
            .iter()
            .find(|variant| variant["active"] == false)
            .unwrap();
        admin
            .run_mutation(
                "updateVariant",
                json!({"id": hidden["id"], "active": true}),
                "variant { id }",
            )
            .await;
        let after = facet(&app.anonymous(), &json!({})).await;
        assert_ne!(before, after);
        assert_eq!(
            counts(&after),
            ["Color: Red 3, Blue 2, Green 1", "Size: S 3, M 2, L 1"]
        );
    })
    .await;
}

#[tokio::test]
async fn counting_option_values_reads_no_whole_table() {
    on_both_databases(async |app| {
        large_shop(app).await;
        // Each product has an option with a value and a variant of its own.
        let columns = "id, product_id, position, price, requires_shipping, tracked, active, combination, version, created_at, updated_at";
        for statement in [
            "INSERT INTO product_options (id, product_id, name, name_key, position) SELECT id, id, 'Size', 'size', 0 FROM products",
            "INSERT INTO product_option_values (id, option_id, name, name_key, position) SELECT id, id, 'M', 'm', 0 FROM products",
            &format!("INSERT INTO variants ({columns}) SELECT id, id, 0, price, TRUE, TRUE, TRUE, '', 1, 1, 1 FROM products"),
            "INSERT INTO variant_values (variant_id, option_id, value_id) SELECT id, id, id FROM products",
            "ANALYZE",
        ] {
            app.sql(statement).await;
        }
        let filter = json!({"price": {"lte": "0.10"}, "options": [{"name": "Color", "values": ["Red"]}]});
        for filter in [json!({"price": {"lte": "0.10"}}), filter] {
            let client = app.anonymous();
            let statements = app.record_statements(client.data(FACET, json!({"filter": filter}))).await;
            let statement = statements.into_iter().find(|statement| statement.sql.starts_with("WITH")).unwrap();
            let explain = match app.backend {
                Backend::Sqlite => "EXPLAIN QUERY PLAN",
                Backend::Postgres => "EXPLAIN",
            };
            let sql = format!("{explain} {}", statement.sql);
            let plan = app.query_plan_lines(sea_orm::Statement { sql, ..statement }).await.join("\n");
            for table in ["product_options", "product_option_values", "variants", "variant_values"] {
                let scans = match app.backend {
                    Backend::Sqlite => plan.lines().any(|line| line.trim() == format!("SCAN {table}")),
                    Backend::Postgres => plan.contains(&format!("Seq Scan on {table}")),
                };
                assert!(!scans, "{table} is read as a whole:\n{plan}");
            }
            assert!(plan.contains("variant_values_value_id_idx"), "{plan}");
        }
    })
    .await;
}
