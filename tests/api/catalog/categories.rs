//! Reading the category tree.

use serde_json::{Value, json};
use wares::catalog::category::entity::Model as Category;
use wares::core::id::TypedId;

use crate::harness::{App, on_both_databases};

/// home (kitchen (jugs, bowls), garden), office
async fn tree(app: &App) -> [Category; 6] {
    let shop = app.shop();
    // Created in an order other than that of their positions.
    let office = shop.root("office", 1).await;
    let home = shop.root("home", 0).await;
    let garden = shop.category("garden", Some(&home), 1, |_| ()).await;
    let kitchen = shop.category("kitchen", Some(&home), 0, |_| ()).await;
    let bowls = shop.category("bowls", Some(&kitchen), 1, |_| ()).await;
    let jugs = shop.category("jugs", Some(&kitchen), 0, |_| ()).await;
    [home, kitchen, jugs, bowls, garden, office]
}

fn slugs(nodes: &Value) -> Vec<&str> {
    let nodes = nodes.as_array().unwrap().iter();
    nodes.map(|node| node["slug"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_category_tree_is_returned_in_menu_order() {
    on_both_databases(async |app| {
        tree(app).await;
        let query = "{ categories(filter: {level: 0}) { nodes { slug level position parent { slug }
            children { slug level position parent { slug } children { slug level ancestors { slug } children { slug } } } } } }";
        let data = app.anonymous().data(query, json!({})).await;
        let roots = &data["categories"]["nodes"];
        assert_eq!(slugs(roots), ["home", "office"]);
        assert_eq!(roots[0]["parent"], Value::Null);
        assert_eq!(slugs(&roots[0]["children"]), ["kitchen", "garden"]);
        let kitchen = &roots[0]["children"][0];
        assert_eq!(kitchen["parent"]["slug"], "home");
        assert_eq!((&kitchen["level"], &kitchen["position"]), (&json!(1), &json!(0)));
        assert_eq!(slugs(&kitchen["children"]), ["jugs", "bowls"]);
        let jugs = &kitchen["children"][0];
        assert_eq!(slugs(&jugs["ancestors"]), ["home", "kitchen"]);
        assert_eq!(jugs["children"], json!([]));
        assert_eq!(roots[1]["children"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn the_list_is_ordered_by_tree_name_and_time_and_filtered() {
    on_both_databases(async |app| {
        let [home, kitchen, ..] = tree(app).await;
        let cases = [
            (
                "",
                vec!["home", "kitchen", "jugs", "bowls", "garden", "office"],
            ),
            (
                "sort: {field: TREE, direction: DESC}",
                vec!["office", "garden", "bowls", "jugs", "kitchen", "home"],
            ),
            (
                "sort: {field: NAME}",
                vec!["bowls", "garden", "home", "jugs", "kitchen", "office"],
            ),
            (
                "filter: {level: 2}, sort: {field: NAME, direction: DESC}",
                vec!["jugs", "bowls"],
            ),
            ("filter: {level: 7}", vec![]),
        ];
        for (arguments, expected) in cases {
            let arguments = if arguments.is_empty() {
                String::new()
            } else {
                format!("({arguments})")
            };
            let query = format!("{{ categories{arguments} {{ totalCount nodes {{ slug }} }} }}");
            let data = app.anonymous().data(&query, json!({})).await;
            assert_eq!(slugs(&data["categories"]["nodes"]), expected, "{arguments}");
            assert_eq!(data["categories"]["totalCount"], expected.len());
        }
        let query = "query($id: ID!) { categories(filter: {parentId: $id}) { nodes { slug } } }";
        let data = app
            .anonymous()
            .data(query, json!({"id": home.id.encode()}))
            .await;
        assert_eq!(slugs(&data["categories"]["nodes"]), ["kitchen", "garden"]);
        let data = app
            .anonymous()
            .data(query, json!({"id": kitchen.id.encode()}))
            .await;
        assert_eq!(slugs(&data["categories"]["nodes"]), ["jugs", "bowls"]);
    })
    .await;
}

#[tokio::test]
async fn a_level_out_of_bounds_is_refused() {
    on_both_databases(async |app| {
        for level in [-1, 8, i32::MAX] {
            let query =
                "query($level: Int!) { categories(filter: {level: $level}) { totalCount } }";
            let response = app.anonymous().send(query, json!({"level": level})).await;
            assert_eq!(
                (response.code(), response.field()),
                ("BAD_USER_INPUT", "filter.level")
            );
        }
    })
    .await;
}

#[tokio::test]
async fn category_products_can_include_descendants() {
    on_both_databases(async |app| {
        let [home, kitchen, jugs, ..] = tree(app).await;
        let shop = app.shop();
        shop.product("a-sofa", &home, |_| ()).await;
        shop.product("b-spoon", &kitchen, |_| ()).await;
        shop.product("c-jug", &jugs, |_| ()).await;
        // In two of the three categories, but counted once.
        shop.product_in("d-carafe", &[&jugs, &kitchen], |_| ())
            .await;
        let query = "{ categories(filter: {level: 0}) { nodes { slug
            all: products { totalCount nodes { slug } }
            own: products(includeDescendants: false) { totalCount nodes { slug } }
            first: products(first: 1) { nodes { slug } pageInfo { hasNextPage } }
        } } }";
        let data = app.anonymous().data(query, json!({})).await;
        let [home, office] = data["categories"]["nodes"].as_array().unwrap().as_slice() else {
            panic!("two roots: {data}");
        };
        assert_eq!(
            slugs(&home["all"]["nodes"]),
            ["a-sofa", "b-spoon", "c-jug", "d-carafe"]
        );
        assert_eq!(home["all"]["totalCount"], 4);
        assert_eq!(slugs(&home["own"]["nodes"]), ["a-sofa"]);
        assert_eq!(home["own"]["totalCount"], 1);
        assert_eq!(slugs(&home["first"]["nodes"]), ["a-sofa"]);
        assert_eq!(home["first"]["pageInfo"]["hasNextPage"], true);
        assert_eq!(office["all"], json!({"totalCount": 0, "nodes": []}));
    })
    .await;
}
