//! Pagination: each item occurs once, forward and backward, despite changes between pages.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use wares::catalog::product::entity::Model as Product;

use crate::harness::{App, on_both_databases};

const PAGE: &str =
    "query($first: Int, $after: String, $last: Int, $before: String, $sort: ProductSort) {
    products(first: $first, after: $after, last: $last, before: $before, sort: $sort) {
        edges { cursor node { slug } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
}";

/// Creates products of which many have equal prices and names.
async fn products_with_ties(app: &App, count: i64) {
    let category = app.shop().root("all", 0).await;
    for number in 0..count {
        app.shop()
            .product(
                &format!("p{number:02}"),
                &category,
                |product: &mut Product| {
                    product.price = 100 * (number % 3);
                    product.name = format!("name {}", number % 4);
                },
            )
            .await;
    }
}

async fn page(app: &App, variables: Value) -> Value {
    let data = app.anonymous().data(PAGE, variables).await;
    data["products"].clone()
}

fn slugs(page: &Value) -> Vec<String> {
    let edges = page["edges"].as_array().unwrap().iter();
    let slug = |edge: &Value| edge["node"]["slug"].as_str().unwrap().to_owned();
    edges.map(slug).collect()
}

const SORTS: [(&str, &str); 8] = [
    ("NAME", "ASC"),
    ("NAME", "DESC"),
    ("PRICE", "ASC"),
    ("PRICE", "DESC"),
    ("CREATED_AT", "ASC"),
    ("CREATED_AT", "DESC"),
    ("UPDATED_AT", "ASC"),
    ("UPDATED_AT", "DESC"),
];

#[tokio::test]
async fn backward_paging_mirrors_forward_paging_in_every_order() {
    on_both_databases(async |app| {
        products_with_ties(app, 11).await;
        for (field, direction) in SORTS {
            let sort = json!({"field": field, "direction": direction});
            let whole = slugs(&page(app, json!({"first": 100, "sort": sort})).await);
            assert_eq!(whole.len(), 11);

            let (mut forward, mut after) = (Vec::new(), Value::Null);
            loop {
                let page = page(app, json!({"first": 4, "after": after, "sort": sort})).await;
                forward.extend(slugs(&page));
                let info = &page["pageInfo"];
                assert_eq!(info["hasPreviousPage"], json!(!after.is_null()));
                assert_eq!(info["startCursor"], page["edges"][0]["cursor"]);
                after = info["endCursor"].clone();
                if info["hasNextPage"] == false {
                    break;
                }
            }
            assert_eq!(forward, whole, "{field} {direction} forward");

            let (mut backward, mut before) = (Vec::new(), Value::Null);
            loop {
                let page = page(app, json!({"last": 4, "before": before, "sort": sort})).await;
                let mut slugs = slugs(&page);
                slugs.append(&mut backward);
                backward = slugs;
                let info = &page["pageInfo"];
                assert_eq!(info["hasNextPage"], json!(!before.is_null()));
                before = info["startCursor"].clone();
                if info["hasPreviousPage"] == false {
                    break;
                }
            }
            assert_eq!(backward, whole, "{field} {direction} backward");
        }
    })
    .await;
}

#[tokio::test]
async fn a_window_between_two_cursors_is_read_from_both_ends() {
    on_both_databases(async |app| {
        products_with_ties(app, 9).await;
        let sort = json!({"field": "PRICE", "direction": "DESC"});
        let whole = page(app, json!({"first": 9, "sort": sort})).await;
        let cursor = |index: usize| whole["edges"][index]["cursor"].clone();
        let window = json!({"after": cursor(1), "before": cursor(7), "sort": sort});
        let ask = |size: Value| {
            let mut variables = window.clone();
            let (name, count) = size.as_object().unwrap().iter().next().unwrap();
            variables[name] = count.clone();
            variables
        };
        let whole = slugs(&whole);
        assert_eq!(
            slugs(&page(app, ask(json!({"first": 100}))).await),
            whole[2..7]
        );
        assert_eq!(
            slugs(&page(app, ask(json!({"first": 2}))).await),
            whole[2..4]
        );
        assert_eq!(
            slugs(&page(app, ask(json!({"last": 2}))).await),
            whole[5..7]
        );
    })
    .await;
}

#[tokio::test]
async fn a_cursor_outside_of_a_range_is_handled() {
    on_both_databases(async |app| {
        let category = app.shop().root("all", 0).await;
        for price in 0..10 {
            app.shop()
                .product(&format!("p{price}"), &category, |product| {
                    product.price = price * 100;
                })
                .await;
        }
        for direction in ["ASC", "DESC"] {
            let sort = json!({"field": "PRICE", "direction": direction});
            let whole = page(app, json!({"first": 10, "sort": sort})).await;
            let query = PAGE
                .replace(
                    "$sort: ProductSort",
                    "$sort: ProductSort, $filter: ProductFilter",
                )
                .replace("sort: $sort", "sort: $sort, filter: $filter");
            let filter = json!({"price": {"gte": "3", "lte": "6"}});
            let within = |slug: &String| ("p3".."p7").contains(&slug.as_str());
            for (index, edge) in whole["edges"].as_array().unwrap().iter().enumerate() {
                for (name, expected) in [
                    ("after", &slugs(&whole)[index + 1..]),
                    ("before", &slugs(&whole)[..index]),
                ] {
                    let mut variables = json!({"sort": sort, "filter": filter});
                    variables[name] = edge["cursor"].clone();
                    let data = app.anonymous().data(&query, variables).await;
                    let expected: Vec<_> = expected
                        .iter()
                        .filter(|slug| within(slug))
                        .cloned()
                        .collect();
                    assert_eq!(
                        slugs(&data["products"]),
                        expected,
                        "{direction} {name} {index}"
                    );
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn pages_are_stable_under_concurrent_changes() {
    on_both_databases(async |app| {
        let shop = app.shop();
        let category = shop.root("all", 0).await;
        for number in (10..40).step_by(3) {
            shop.product(&format!("p{number}"), &category, |_| ()).await;
        }
        let first = page(app, json!({"first": 4})).await;
        assert_eq!(slugs(&first), ["p10", "p13", "p16", "p19"]);
        // Inserts before, at and after the end of the first page, and deletes the row of the cursor itself.
        for slug in ["p11", "p18", "p20", "p30"] {
            shop.product(slug, &category, |_| ()).await;
        }
        for slug in ["p13", "p19", "p25"] {
            app.sql(&format!("DELETE FROM products WHERE slug = '{slug}'"))
                .await;
        }
        let after = &first["pageInfo"]["endCursor"];
        let second = page(app, json!({"first": 100, "after": after})).await;
        assert_eq!(
            slugs(&second),
            ["p20", "p22", "p28", "p30", "p31", "p34", "p37"]
        );
    })
    .await;
}

#[tokio::test]
async fn categories_page_by_tree_and_name_too() {
    on_both_databases(async |app| {
        for number in 0..7 {
            let root = app.shop().root(&format!("c{number}"), number).await;
            app.shop().category(&format!("d{number}"), Some(&root), 0, |_| ()).await;
        }
        for sort in ["TREE", "NAME", "CREATED_AT", "UPDATED_AT"] {
            let query = format!(
                "query($first: Int, $after: String) {{ categories(first: $first, after: $after, sort: {{field: {sort}}}) {{
                    nodes {{ slug }} pageInfo {{ endCursor hasNextPage }} }} }}"
            );
            let whole = app.anonymous().data(&query, json!({"first": 100})).await;
            let whole = whole["categories"]["nodes"].as_array().unwrap().clone();
            let (mut found, mut after) = (Vec::new(), Value::Null);
            loop {
                let data = app.anonymous().data(&query, json!({"first": 3, "after": after})).await;
                let page = &data["categories"];
                found.extend(page["nodes"].as_array().unwrap().clone());
                after = page["pageInfo"]["endCursor"].clone();
                if page["pageInfo"]["hasNextPage"] == false {
                    break;
                }
            }
            assert_eq!(found, whole, "{sort}");
            assert_eq!(whole.len(), 14);
        }
    })
    .await;
}

#[tokio::test]
async fn a_page_has_20_items_by_default_and_at_most_100() {
    on_both_databases(async |app| {
        let category = app.shop().root("all", 0).await;
        for number in 0..101 {
            app.shop()
                .product(&format!("p{number}"), &category, |_| ())
                .await;
        }
        for (variables, expected) in [
            (json!({}), 20),
            (json!({"first": null}), 20),
            (json!({"first": 1}), 1),
            (json!({"first": 100}), 100),
            (json!({"last": 100}), 100),
        ] {
            let page = page(app, variables.clone()).await;
            assert_eq!(slugs(&page).len(), expected, "{variables}");
        }
        for (variables, field) in [
            (json!({"first": 0}), "first"),
            (json!({"first": -1}), "first"),
            (json!({"first": 101}), "first"),
            (json!({"first": i32::MAX}), "first"),
            (json!({"last": 0}), "last"),
            (json!({"last": -1}), "last"),
            (json!({"last": 101}), "last"),
            (json!({"first": 1, "last": 1}), "last"),
        ] {
            let response = app.anonymous().send(PAGE, variables.clone()).await;
            assert_eq!(
                (response.code(), response.field()),
                ("BAD_USER_INPUT", field),
                "{variables}"
            );
        }
        let response = app
            .anonymous()
            .send(PAGE, json!({"first": 2_147_483_648_i64}))
            .await;
        assert!(response.text.contains("errors"), "{}", response.text);
        assert_ne!(response.code(), "INTERNAL_SERVER_ERROR");
    })
    .await;
}

#[tokio::test]
async fn a_cursor_of_another_list_or_an_altered_one_is_refused() {
    on_both_databases(async |app| {
        products_with_ties(app, 3).await;
        let by_name = json!({"field": "NAME", "direction": "ASC"});
        let whole = page(app, json!({"first": 1, "sort": by_name})).await;
        let cursor = whole["pageInfo"]["endCursor"].as_str().unwrap();

        // The same cursor with another order and another list.
        for (field, direction) in SORTS {
            let sort = json!({"field": field, "direction": direction});
            let response = app.anonymous().send(PAGE, json!({"after": cursor, "sort": sort})).await;
            if (field, direction) == ("NAME", "ASC") {
                assert_eq!(response.json["errors"], Value::Null);
            } else {
                assert_eq!(response.code(), "BAD_USER_INPUT", "{field} {direction}");
            }
        }
        let query = "query($after: String) { categories(sort: {field: NAME}, after: $after) { totalCount } }";
        let response = app.anonymous().send(query, json!({"after": cursor})).await;
        assert_eq!((response.code(), response.field()), ("BAD_USER_INPUT", "after"));

        // Changes each character, and truncates at each position.
        for index in 0..cursor.len() {
            let mut altered = cursor.to_owned();
            let other = if &cursor[index..=index] == "A" { "B" } else { "A" };
            altered.replace_range(index..=index, other);
            for altered in [altered.as_str(), &cursor[..index]] {
                let response = app.anonymous().send(PAGE, json!({"before": altered, "sort": by_name})).await;
                assert_eq!((response.code(), response.field()), ("BAD_USER_INPUT", "before"), "{altered}");
            }
        }
        // Forged cursors of a valid form, with a key of the wrong type or values that must not reach the
        // database.
        for (kind, key, field) in [
            (2, b"text".as_slice(), "PRICE"),
            (2, b"text", "CREATED_AT"),
            (1, &[0; 8], "NAME"),
            (1, &[0; 7], "PRICE"),
            (2, b"a\0b", "NAME"),
            (2, &[0xff, 0xfe], "NAME"),
            (2, &[b'x'; 500], "NAME"),
            (3, b"text", "NAME"),
        ] {
            let name = match field {
                "CREATED_AT" => "products by createdAt ascending".to_owned(),
                other => format!("products by {} ascending", other.to_lowercase()),
            };
            let mut bytes = [&[kind], key, &[7; 16]].concat();
            let mut sum = crc32fast::Hasher::new();
            sum.update(name.as_bytes());
            sum.update(&bytes);
            bytes.extend(sum.finalize().to_be_bytes());
            let forged = URL_SAFE_NO_PAD.encode(bytes);
            let sort = json!({"field": field, "direction": "ASC"});
            let response = app.anonymous().send(PAGE, json!({"after": forged, "sort": sort})).await;
            assert_eq!((response.code(), response.field()), ("BAD_USER_INPUT", "after"), "{kind} {field}");
        }
        for nonsense in ["", "x", "💥", "AAAA", "' OR 1=1", &"A".repeat(100_000)] {
            let response = app.anonymous().send(PAGE, json!({"after": nonsense})).await;
            assert_eq!(response.code(), "BAD_USER_INPUT");
        }
    })
    .await;
}
