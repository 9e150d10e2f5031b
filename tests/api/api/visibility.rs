//! Visibility: anonymous clients see only active products of published categories, by any path.

use serde_json::{Value, json};
use wares::catalog::category::entity::Model as Category;
use wares::catalog::category::service::NewCategory;
use wares::catalog::product::Status;
use wares::catalog::product::entity::Model as Product;
use wares::core::id::TypedId;

use crate::harness::{App, on_both_databases};

/// A shop with one visible product and several hidden ones.
struct Hidden {
    open: Category,
    visible: Product,
    secrets: Vec<Product>,
    closed: [Category; 3],
}

async fn shop(app: &App) -> Hidden {
    let shop = app.shop();
    let open = shop.root("open", 0).await;
    let closed = shop
        .category("closed", None, 1, |category| category.published = false)
        .await;
    let below_closed = shop.category("below", Some(&closed), 0, |_| ()).await;
    let hide = |category: &mut NewCategory| category.published = false;
    let closed_child = shop.category("closed-child", Some(&open), 0, hide).await;
    shop.category("open-child", Some(&open), 1, |_| ()).await;
    for category in [&closed, &below_closed, &closed_child] {
        shop.old_category_slug(category, &format!("old-{}", category.slug))
            .await;
    }
    // It is also in a hidden category, which must not be listed.
    let visible = shop.product_in("visible", &[&open, &closed], |_| ()).await;
    let mut secrets = Vec::new();
    for (slug, category, status) in [
        ("draft", &open, Status::Draft),
        ("archived", &open, Status::Archived),
        ("in-closed", &closed, Status::Active),
        ("in-below", &below_closed, Status::Active),
        ("in-child", &closed_child, Status::Active),
    ] {
        let change = |product: &mut Product| product.status = status;
        secrets.push(shop.product(slug, category, change).await);
    }
    // Its additional category is visible, but the primary one is hidden.
    let categories = [&closed, &open];
    secrets.push(shop.product_in("closed-first", &categories, |_| ()).await);
    for product in &secrets {
        shop.old_product_slug(product, &format!("old-{}", product.slug))
            .await;
        shop.image(product, 0).await;
    }
    Hidden {
        open,
        visible,
        secrets,
        closed: [closed, below_closed, closed_child],
    }
}

#[tokio::test]
async fn anonymous_clients_see_published_products_and_admins_all() {
    on_both_databases(async |app| {
        shop(app).await;
        let query =
            "{ products { totalCount nodes { slug } } categories { totalCount nodes { slug } } }";
        for client in [app.anonymous(), app.customer().await] {
            let data = client.data(query, json!({})).await;
            let expected = json!({
                "products": {"totalCount": 1, "nodes": [{"slug": "visible"}]},
                "categories": {"totalCount": 2, "nodes": [{"slug": "open"}, {"slug": "open-child"}]},
            });
            assert_eq!(data, expected);
        }
        let data = app.admin().await.data(query, json!({})).await;
        assert_eq!(data["products"]["totalCount"], 7);
        assert_eq!(data["categories"]["totalCount"], 5);
    })
    .await;
}

#[tokio::test]
async fn no_path_leads_an_anonymous_client_to_a_hidden_product() {
    on_both_databases(async |app| {
        let hidden = shop(app).await;
        let anonymous_client = app.anonymous();
        for product in &hidden.secrets {
            let id = product.id.encode();
            let query = "query($id: ID!, $slug: String!, $old: String!) {
                byId: product(id: $id) { slug }
                bySlug: product(slug: $slug) { slug }
                byOldSlug: product(slug: $old) { slug }
                node(id: $id) { id }
                nodes(ids: [$id]) { id }
            }";
            let old = format!("old-{}", product.slug);
            let variables = json!({"id": id, "slug": product.slug, "old": old});
            let data = anonymous_client.data(query, variables.clone()).await;
            let expected = json!({"byId": null, "bySlug": null, "byOldSlug": null, "node": null, "nodes": [null]});
            assert_eq!(data, expected, "{}", product.slug);

            let data = app.admin().await.data(query, variables).await;
            assert_eq!(data["byId"]["slug"], product.slug);
            assert_eq!(data["byOldSlug"]["slug"], product.slug);
            assert_eq!(data["node"]["id"], id);
        }
    })
    .await;
}

#[tokio::test]
async fn no_path_leads_an_anonymous_client_to_a_hidden_category() {
    on_both_databases(async |app| {
        let hidden = shop(app).await;
        let anonymous_client = app.anonymous();
        for category in &hidden.closed {
            let query = "query($id: ID!, $slug: String!, $old: String!) {
                byId: category(id: $id) { slug }
                bySlug: category(slug: $slug) { slug }
                byOldSlug: category(slug: $old) { slug }
                node(id: $id) { id }
                nodes(ids: [$id]) { id }
                categories(filter: {parentId: $id}) { totalCount }
                products(filter: {categoryIds: [$id]}) { totalCount nodes { slug } }
                own: products(filter: {categoryIds: [$id], includeDescendants: false}) { totalCount }
            }";
            let old = format!("old-{}", category.slug);
            let variables = json!({"id": category.id.encode(), "slug": category.slug, "old": old});
            let data = anonymous_client.data(query, variables.clone()).await;
            let expected = json!({
                "byId": null, "bySlug": null, "byOldSlug": null, "node": null, "nodes": [null],
                "categories": {"totalCount": 0},
                "products": {"totalCount": 0, "nodes": []},
                "own": {"totalCount": 0},
            });
            assert_eq!(data, expected, "{}", category.slug);
            let data = app.admin().await.data(query, variables).await;
            assert_eq!(data["byOldSlug"]["slug"], category.slug);
            assert_ne!(data["own"]["totalCount"], 0);
        }
    })
    .await;
}

#[tokio::test]
async fn the_categories_of_a_visible_product_leave_hidden_ones_out() {
    on_both_databases(async |app| {
        let hidden = shop(app).await;
        let query =
            "query($id: ID!) { product(id: $id) { category { slug } categories { slug } } }";
        let variables = json!({"id": hidden.visible.id.encode()});
        let data = app.anonymous().data(query, variables.clone()).await;
        let open = json!({"slug": "open"});
        let expected = json!({"product": {"category": open, "categories": [open]}});
        assert_eq!(data, expected);
        let data = app.admin().await.data(query, variables).await;
        let expected = json!([open, {"slug": "closed"}]);
        assert_eq!(data["product"]["categories"], expected);
    })
    .await;
}

#[tokio::test]
async fn the_children_of_a_visible_category_leave_hidden_ones_out() {
    on_both_databases(async |app| {
        let hidden = shop(app).await;
        let query = "query($id: ID!) { category(id: $id) { children { slug } } }";
        let variables = json!({"id": hidden.open.id.encode()});
        let data = app.anonymous().data(query, variables.clone()).await;
        assert_eq!(
            data["category"]["children"],
            json!([{"slug": "open-child"}])
        );
        let data = app.admin().await.data(query, variables).await;
        let expected = json!([{"slug": "closed-child"}, {"slug": "open-child"}]);
        assert_eq!(data["category"]["children"], expected);
    })
    .await;
}

#[tokio::test]
async fn breadcrumbs_follow_the_parents_when_the_tree_was_moved() {
    on_both_databases(async |app| {
        let shop = app.shop();
        let home = shop.root("home", 0).await;
        let kitchen = shop.category("kitchen", Some(&home), 0, |_| ()).await;
        let query = "query($id: ID!) { category(id: $id) { ancestors { slug } } }";
        let variables = json!({"id": kitchen.id.encode()});
        let data = app.anonymous().data(query, variables.clone()).await;
        assert_eq!(data["category"]["ancestors"], json!([{"slug": "home"}]));
        // As seen by a request that read the category before it was moved and its ancestors afterwards.
        app.sql("UPDATE categories SET path = '0009' WHERE slug = 'home'")
            .await;
        let change = |category: &mut NewCategory| category.published = false;
        shop.category("secret", None, 0, change).await;
        for client in [app.anonymous(), app.admin().await] {
            let data = client.data(query, variables.clone()).await;
            assert_eq!(data["category"]["ancestors"], json!([]));
        }
    })
    .await;
}

#[tokio::test]
async fn the_products_of_a_category_leave_hidden_ones_out() {
    on_both_databases(async |app| {
        let hidden = shop(app).await;
        let query =
            "query($id: ID!) { category(id: $id) { products { totalCount nodes { slug } } } }";
        let variables = json!({"id": hidden.open.id.encode()});
        let data = app.anonymous().data(query, variables.clone()).await;
        let expected = json!({"totalCount": 1, "nodes": [{"slug": "visible"}]});
        assert_eq!(data["category"]["products"], expected);
        let data = app.admin().await.data(query, variables).await;
        assert_eq!(data["category"]["products"]["totalCount"], 5);
    })
    .await;
}

#[tokio::test]
async fn a_hidden_products_images_are_hidden() {
    on_both_databases(async |app| {
        let hidden = shop(app).await;
        let shown = app.shop().image(&hidden.visible, 0).await;
        let query = "query($id: ID!) { node(id: $id) { id } }";
        let secret = app.shop().image(&hidden.secrets[0], 1).await.id.encode();
        let data = app.anonymous().data(query, json!({"id": secret})).await;
        assert_eq!(data["node"], Value::Null);
        let data = app.admin().await.data(query, json!({"id": secret})).await;
        assert_eq!(data["node"]["id"], secret);
        let id = shown.id.encode();
        let data = app.anonymous().data(query, json!({"id": id})).await;
        assert_eq!(data["node"]["id"], id);
    })
    .await;
}

#[tokio::test]
async fn the_status_filter_is_for_admins() {
    on_both_databases(async |app| {
        shop(app).await;
        let query = "{ products(filter: {status: [DRAFT, ARCHIVED]}) { nodes { slug status } } }";
        let response = app.anonymous().send(query, json!({})).await;
        assert_eq!(response.code(), "UNAUTHENTICATED");
        let response = app.customer().await.send(query, json!({})).await;
        assert_eq!(response.code(), "FORBIDDEN");
        let none = "{ products(filter: {status: []}) { totalCount } }";
        assert_eq!(
            app.anonymous().send(none, json!({})).await.code(),
            "UNAUTHENTICATED"
        );
        let data = app.admin().await.data(none, json!({})).await;
        assert_eq!(data["products"]["totalCount"], 0);
        // Authorization is checked before the rest of the filter is validated.
        let invalid =
            "{ products(filter: {status: [DRAFT], categoryIds: [\"x\"]}) { totalCount } }";
        assert_eq!(
            app.customer().await.send(invalid, json!({})).await.code(),
            "FORBIDDEN"
        );
        let data = app.admin().await.data(query, json!({})).await;
        let expected = json!([
            {"slug": "archived", "status": "ARCHIVED"},
            {"slug": "draft", "status": "DRAFT"},
        ]);
        assert_eq!(data["products"]["nodes"], expected);
    })
    .await;
}
