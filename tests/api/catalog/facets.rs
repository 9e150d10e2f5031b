//! Facets: each count is the number of products that the filter would return.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wares::catalog::category::entity::Model as Category;
use wares::catalog::product::Status;
use wares::core::id::TypedId;

use crate::harness::{App, Client, on_both_databases};

/// The expected properties of a product.
struct Item {
    price: i64,
    stock: i32,
    status: Status,
    /// Indexes in the list of categories, the primary one first.
    categories: Vec<usize>,
}

/// Creates a tree with a hidden branch, and products in it, many of them in several categories.
async fn varied_shop(app: &App) -> (Vec<Category>, Vec<Item>) {
    let shop = app.shop();
    let mut tree: Vec<Category> = Vec::new();
    for (slug, parent, position) in [
        ("home", None, 0),
        ("kitchen", Some(0), 0),
        ("pots", Some(1), 0),
        ("pans", Some(1), 1),
        ("garden", None, 1),
        ("tools", Some(4), 0),
        ("hidden", None, 2),
        ("below-hidden", Some(6), 0),
    ] {
        let parent: Option<usize> = parent;
        let parent = parent.map(|index| &tree[index]);
        let made = shop.category(slug, parent, position, |new| {
            new.published = slug != "hidden";
        });
        let made = made.await;
        tree.push(made);
    }
    let mut items = Vec::new();
    let mut chance: usize = 7;
    let mut next = |below: usize| {
        chance = chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (chance >> 33) % below
    };
    for number in 0..90 {
        let mut categories = vec![next(8)];
        for _ in 0..next(4) {
            let further = next(8);
            if !categories.contains(&further) {
                categories.push(further);
            }
        }
        let item = Item {
            price: [
                0, 1, 9, 10, 99, 100, 999, 1_000, 1_999, 2_000, 5_050, 123_456,
            ][next(12)]
                + i64::try_from(next(3)).unwrap(),
            stock: i32::try_from(next(3)).unwrap(),
            status: [
                Status::Active,
                Status::Active,
                Status::Draft,
                Status::Archived,
            ][next(4)],
            categories,
        };
        let own_categories: Vec<_> = item.categories.iter().map(|index| &tree[*index]).collect();
        shop.product_in(&format!("p{number}"), &own_categories, |product| {
            product.price = item.price;
            product.stock = item.stock;
            product.status = item.status;
        })
        .await;
        items.push(item);
    }
    (tree, items)
}

/// Returns the expected counts of the categories of these items and of their ancestors.
fn by_category(tree: &[Category], items: &[&Item], admin: bool) -> BTreeMap<String, i64> {
    let mut counts = BTreeMap::new();
    for category in tree.iter().filter(|category| admin || category.visible) {
        let within = |index: &usize| tree[*index].path.starts_with(&category.path);
        let count = items
            .iter()
            .filter(|item| item.categories.iter().any(within))
            .count();
        if count > 0 {
            counts.insert(category.slug.clone(), i64::try_from(count).unwrap());
        }
    }
    counts
}

fn seen(tree: &[Category], item: &Item, admin: bool) -> bool {
    admin || item.status == Status::Active && tree[item.categories[0]].visible
}

const FACETS: &str = "facets {
    categories(first: 100) { values { category { id slug } count } isExact }
    price { min { amount } max { amount } buckets { from { amount } to { amount } count } isExact }
    stock { inStock outOfStock isExact }
    statuses { values { status count } isExact }
}";

pub async fn facets(client: &Client, filter: &Value) -> Value {
    let query =
        format!("query($filter: ProductFilter) {{ products(filter: $filter) {{ {FACETS} }} }}");
    let data = client.data(&query, json!({"filter": filter})).await;
    data["products"]["facets"].clone()
}

/// Returns the number of products for a filter with this additional part.
async fn count_narrowed(client: &Client, filter: &Value, part: &str, value: Value) -> i64 {
    let mut filter = filter.clone();
    filter[part] = value;
    let query = "query($filter: ProductFilter) { products(filter: $filter) { totalCount } }";
    let data = client.data(query, json!({"filter": filter})).await;
    data["products"]["totalCount"].as_i64().unwrap()
}

pub fn category_counts(facets: &Value) -> BTreeMap<String, i64> {
    let values = facets["categories"]["values"].as_array().unwrap().iter();
    let value = |value: &Value| {
        let slug = value["category"]["slug"].as_str().unwrap().to_owned();
        (slug, value["count"].as_i64().unwrap())
    };
    values.map(value).collect()
}

fn amount(money: &Value) -> i64 {
    money["amount"]
        .as_str()
        .unwrap()
        .replace('.', "")
        .parse()
        .unwrap()
}

/// Fails unless each value of each facet, added to the filter, returns the number of products in its count.
pub async fn assert_values(client: &Client, filter: &Value, facets: &Value, admin: bool) {
    for value in facets["categories"]["values"].as_array().unwrap() {
        let found = count_narrowed(
            client,
            filter,
            "categoryIds",
            json!([value["category"]["id"]]),
        )
        .await;
        assert_eq!(value["count"], found, "{value} beside {filter}");
    }
    let buckets = facets["price"]["buckets"].as_array().unwrap();
    assert!(buckets.len() <= 10, "{buckets:?}");
    for bucket in buckets {
        let range = json!({"gte": bucket["from"]["amount"], "lte": bucket["to"]["amount"]});
        let found = count_narrowed(client, filter, "price", range).await;
        assert_eq!(bucket["count"], found, "{bucket} beside {filter}");
    }
    for pair in buckets.windows(2) {
        assert_eq!(
            amount(&pair[0]["to"]) + 1,
            amount(&pair[1]["from"]),
            "{buckets:?}"
        );
    }
    for (name, in_stock) in [("inStock", true), ("outOfStock", false)] {
        let found = count_narrowed(client, filter, "inStock", json!(in_stock)).await;
        assert_eq!(facets["stock"][name], found, "{name} beside {filter}");
    }
    let statuses = facets["statuses"]["values"].as_array().unwrap();
    for value in statuses {
        let (part, expected_value) = if admin {
            ("status", json!([value["status"]]))
        } else {
            ("inStock", filter["inStock"].clone())
        };
        let found = count_narrowed(client, filter, part, expected_value).await;
        assert_eq!(value["count"], found, "{value} beside {filter}");
    }
    for facet in ["categories", "price", "stock", "statuses"] {
        assert_eq!(facets[facet]["isExact"], true);
    }
}

#[tokio::test]
async fn each_facet_applies_all_other_filters() {
    on_both_databases(async |app| {
        let (tree, items) = varied_shop(app).await;
        let kitchen = tree[1].id.encode();
        for admin in [false, true] {
            let client = if admin { app.admin().await } else { app.anonymous() };
            for filter in [
                json!({}),
                json!({"inStock": true}),
                json!({"inStock": false, "price": {"gte": "0.09", "lte": "20.00"}}),
                json!({"categoryIds": [kitchen]}),
                json!({"categoryIds": [kitchen], "includeDescendants": true, "inStock": true, "price": {"lte": "10.00"}}),
            ] {
                let found = facets(&client, &filter).await;
                assert_values(&client, &filter, &found, admin).await;

                let (gte, lte) = (&filter["price"]["gte"], &filter["price"]["lte"]);
                let minor = |end: &Value, open| match end {
                    Value::Null => open,
                    end => amount(&json!({"amount": end})),
                };
                let range = minor(gte, 0)..=minor(lte, i64::MAX);
                let in_stock = filter["inStock"].as_bool();
                let seen: Vec<&Item> = items.iter().filter(|item| seen(&tree, item, admin)).collect();
                let of_price = |item: &&&Item| range.contains(&item.price);
                let of_stock = |item: &&&Item| in_stock.is_none_or(|expected_value| expected_value == (item.stock > 0));
                let of_category = |item: &&&Item| {
                    let below = |index: &usize| (1..=3).contains(index);
                    filter["categoryIds"].is_null() || item.categories.iter().any(below)
                };
                let left: Vec<&Item> = seen.iter().filter(of_price).filter(of_stock).copied().collect();
                assert_eq!(category_counts(&found), by_category(&tree, &left, admin), "{filter}");
                let left: Vec<_> = seen.iter().filter(of_category).filter(of_stock).collect();
                let prices = left.iter().map(|item| item.price);
                assert_eq!(amount(&found["price"]["min"]), prices.clone().min().unwrap());
                assert_eq!(amount(&found["price"]["max"]), prices.max().unwrap());
                let buckets = found["price"]["buckets"].as_array().unwrap().iter();
                let counted: i64 = buckets.map(|bucket| bucket["count"].as_i64().unwrap()).sum();
                assert_eq!(counted, i64::try_from(left.len()).unwrap());
                let left: Vec<_> = seen.iter().filter(of_category).filter(of_price).collect();
                let some = left.iter().filter(|item| item.stock > 0).count();
                assert_eq!(found["stock"]["inStock"], some);
                assert_eq!(found["stock"]["outOfStock"], left.len() - some);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn facets_for_customers_exclude_drafts_and_hidden_categories() {
    on_both_databases(async |app| {
        let (tree, items) = varied_shop(app).await;
        let found = facets(&app.anonymous(), &json!({})).await;
        let slugs: Vec<_> = category_counts(&found).into_keys().collect();
        assert!(
            !slugs.is_empty() && slugs.iter().all(|slug| !slug.contains("hidden")),
            "{slugs:?}"
        );
        let active = items.iter().filter(|item| seen(&tree, item, false)).count();
        assert_eq!(
            found["statuses"]["values"],
            json!([{"status": "ACTIVE", "count": active}])
        );

        let found = facets(&app.admin().await, &json!({"status": ["DRAFT"]})).await;
        assert!(category_counts(&found).contains_key("below-hidden"));
        let statuses = found["statuses"]["values"].as_array().unwrap();
        let names: Vec<_> = statuses
            .iter()
            .map(|value| value["status"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["DRAFT", "ACTIVE", "ARCHIVED"]);
    })
    .await;
}

#[tokio::test]
async fn category_facets_are_ordered_by_count_then_by_tree() {
    on_both_databases(async |app| {
        let shop = app.shop();
        let late = shop.root("late", 2).await;
        let early = shop.root("early", 1).await;
        let child = shop.category("child", Some(&late), 0, |_| ()).await;
        let many = shop.root("many", 3).await;
        shop.product("a", &early, |_| ()).await;
        shop.product("b", &child, |_| ()).await;
        shop.product_in("c", &[&many, &early, &child], |_| ()).await;
        shop.product("d", &many, |_| ()).await;
        shop.product_in("e", &[&many, &late], |_| ()).await;
        let slugs = async |first: &str| {
            let query = format!(
                "{{ products {{ facets {{ categories{first} {{ values {{ category {{ slug }} count }} }} }} }} }}"
            );
            let data = app.anonymous().data(&query, json!({})).await;
            let values = data["products"]["facets"]["categories"]["values"].clone();
            let values = values.as_array().unwrap().iter();
            let text = |value: &Value| format!("{} {}", value["category"]["slug"].as_str().unwrap(), value["count"]);
            values.map(text).collect::<Vec<_>>()
        };
        let all = ["late 3", "many 3", "early 2", "child 2"];
        assert_eq!(slugs("").await, all);
        assert_eq!(slugs("(first: 2)").await, all[..2]);
        for first in [0, -1, 101] {
            let query = format!("{{ products {{ facets {{ categories(first: {first}) {{ isExact }} }} }} }}");
            let response = app.anonymous().send(&query, json!({})).await;
            assert_eq!((response.code(), response.field()), ("BAD_USER_INPUT", "first"));
        }
    })
    .await;
}

#[tokio::test]
async fn category_facets_within_a_category_stay_within_it() {
    on_both_databases(async |app| {
        let (tree, items) = varied_shop(app).await;
        let query = format!(
            "query($id: ID!, $filter: ProductFilter, $below: Boolean) {{
                category(id: $id) {{ products(filter: $filter, includeDescendants: $below) {{ totalCount {FACETS} }} }} }}"
        );
        for (below, indexes) in [(true, vec![0, 1, 2, 3]), (false, vec![0])] {
            let pots = tree[2].id.encode();
            let variables = json!({"id": tree[0].id.encode(), "filter": {"categoryIds": [pots]}, "below": below});
            let data = app.anonymous().data(&query, variables).await;
            let list = &data["category"]["products"];
            let of_list = |item: &&Item| {
                seen(&tree, item, false) && item.categories.iter().any(|index| indexes.contains(index))
            };
            let left: Vec<&Item> = items.iter().filter(of_list).collect();
            let counts = category_counts(&list["facets"]);
            assert_eq!(counts, by_category(&tree, &left, false));
            assert_eq!(counts["home"], i64::try_from(left.len()).unwrap());
            assert_eq!(list["totalCount"], counts["pots"]);
            // The other facets apply the category of the filter.
            let stock = &list["facets"]["stock"];
            let both = stock["inStock"].as_i64().unwrap() + stock["outOfStock"].as_i64().unwrap();
            assert_eq!(both, counts["pots"]);
        }
    })
    .await;
}
