//! Publication times of products, and scheduled publication.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use wares::catalog::product::service::publish_due;

use super::product_editing::{category, user_errors};
use crate::harness::cached_responses::kept;
use crate::harness::{App, Backend, Client, fresh_database, on_both_databases};

const TIMES: &str = "product { id status version publishedAt availableFrom }";

async fn create(app: &App, admin: &Client, input: Value) -> Value {
    let slug = format!("home-{}", app.count("categories").await);
    let home = category(app, &slug).await;
    let mut all = json!({"name": "Mug", "price": "1", "categoryId": home});
    let given = input.as_object().unwrap().clone();
    all.as_object_mut().unwrap().extend(given);
    admin.run_mutation("createProduct", all, TIMES).await
}

async fn update(admin: &Client, input: Value) -> Value {
    admin.run_mutation("updateProduct", input, TIMES).await
}

fn times(payload: &Value) -> [Value; 3] {
    let product = &payload["product"];
    ["status", "publishedAt", "availableFrom"].map(|field| product[field].clone())
}

async fn run(app: &App) {
    publish_due(&app.state).await.unwrap();
}

#[tokio::test]
async fn the_first_publication_is_recorded() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let draft = create(app, &admin, json!({})).await;
        assert_eq!(times(&draft), [json!("DRAFT"), Value::Null, Value::Null]);
        let id = &draft["product"]["id"];
        app.advance(Duration::from_mins(1));
        let first = json!("2026-01-01T00:01:00.000000Z");
        for status in ["ACTIVE", "ARCHIVED", "DRAFT", "ACTIVE"] {
            let changed = update(&admin, json!({"id": id, "status": status})).await;
            assert_eq!(times(&changed), [json!(status), first.clone(), Value::Null]);
            app.advance(Duration::from_mins(1));
        }
        let active = create(app, &admin, json!({"status": "ACTIVE"})).await;
        assert_eq!(
            active["product"]["publishedAt"],
            "2026-01-01T00:05:00.000000Z"
        );
        let other = create(app, &admin, json!({})).await["product"]["id"].clone();
        let bulk = json!({"ids": [other], "status": "ACTIVE"});
        let done = admin
            .run_mutation(
                "updateProducts",
                bulk,
                "results { product { publishedAt } }",
            )
            .await;
        assert_eq!(
            done["results"][0]["product"]["publishedAt"],
            "2026-01-01T00:05:00.000000Z"
        );
    })
    .await;
}

#[tokio::test]
async fn a_scheduled_draft_is_published_at_its_time() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let input = json!({"availableFrom": "2026-01-01T01:10:00+01:00"});
        let draft = create(app, &admin, input).await;
        let at = json!("2026-01-01T00:10:00.000000Z");
        assert_eq!(times(&draft), [json!("DRAFT"), Value::Null, at.clone()]);
        let other = create(app, &admin, json!({})).await["product"].clone();
        app.advance(Duration::from_secs(599));
        run(app).await;
        let query = "{ products { nodes { slug publishedAt availableFrom version } } }";
        assert_eq!(app.anonymous().data(query, json!({})).await["products"]["nodes"], json!([]));
        app.advance(Duration::from_secs(2));
        run(app).await;
        run(app).await;
        let seen = app.anonymous().data(query, json!({})).await;
        let published = json!([{"slug": "mug", "publishedAt": "2026-01-01T00:10:01.000000Z", "availableFrom": null, "version": 2}]);
        assert_eq!(seen["products"]["nodes"], published);
        let query = "{ auditLog(filter: {actions: [\"publishProduct\"]}) { nodes { actor { id } actorId subjectId changes { field before after } } } }";
        let entries = admin.data(query, json!({})).await["auditLog"]["nodes"].clone();
        assert_eq!(
            entries,
            json!([{"actor": null, "actorId": null, "subjectId": draft["product"]["id"], "changes": [
                {"field": "status", "before": "DRAFT", "after": "ACTIVE"},
                {"field": "availableFrom", "before": at, "after": null},
            ]}])
        );
        // A past time is due at once.
        let input = json!({"id": other["id"], "availableFrom": "2020-01-01T00:00:00Z"});
        assert_eq!(update(&admin, input).await["product"]["status"], "DRAFT");
        run(app).await;
        let query = "{ products { totalCount } }";
        assert_eq!(app.anonymous().data(query, json!({})).await["products"]["totalCount"], 2);
    })
    .await;
}

#[tokio::test]
async fn a_schedule_is_changed_cancelled_and_only_for_drafts() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let soon = "2026-01-01T00:01:00Z";
        let id = create(app, &admin, json!({"availableFrom": soon})).await["product"]["id"].clone();
        let invalid = vec![("BAD_USER_INPUT".to_owned(), "availableFrom".to_owned())];
        for status in ["ACTIVE", "ARCHIVED"] {
            let both = json!({"status": status, "availableFrom": soon});
            assert_eq!(user_errors(&create(app, &admin, both).await), invalid);
            let both = json!({"id": id, "status": status, "availableFrom": soon});
            assert_eq!(user_errors(&update(&admin, both).await), invalid);
        }
        // Another status ends the schedule, also if the product becomes a draft again.
        for status in ["ARCHIVED", "ACTIVE"] {
            let changed = update(&admin, json!({"id": id, "status": status})).await;
            assert_eq!(changed["product"]["availableFrom"], Value::Null);
            let refused = update(&admin, json!({"id": id, "availableFrom": soon})).await;
            assert_eq!(user_errors(&refused), invalid);
            // Null is no schedule.
            let cleared = update(&admin, json!({"id": id, "availableFrom": null})).await;
            assert_eq!(user_errors(&cleared), vec![]);
            let again = json!({"id": id, "status": "DRAFT", "availableFrom": soon});
            assert_eq!(update(&admin, again).await["userErrors"], json!([]));
        }
        // Other fields and the same status keep it; null cancels it.
        let input = json!({"id": id, "name": "Cup", "status": "DRAFT"});
        assert_eq!(
            update(&admin, input).await["product"]["availableFrom"],
            "2026-01-01T00:01:00.000000Z"
        );
        update(&admin, json!({"id": id, "availableFrom": null})).await;
        app.advance(Duration::from_mins(2));
        run(app).await;
        assert_eq!(
            update(&admin, json!({"id": id})).await["product"]["status"],
            "DRAFT"
        );
        let input = json!({"id": id, "availableFrom": "2026-01-01T00:03:00Z"});
        update(&admin, input).await;
        let bulk = json!({"ids": [id], "status": "ARCHIVED"});
        admin
            .run_mutation("updateProducts", bulk, "results { id }")
            .await;
        app.advance(Duration::from_mins(2));
        run(app).await;
        assert_eq!(
            update(&admin, json!({"id": id})).await["product"]["status"],
            "ARCHIVED"
        );
    })
    .await;
}

#[tokio::test]
async fn a_publication_ends_cached_responses() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        create(
            app,
            &admin,
            json!({"availableFrom": "2026-01-01T00:10:00Z"}),
        )
        .await;
        app.start_change_watcher();
        let client = app.anonymous();
        let query = "{ products { totalCount } product(slug: \"mug\") { name } }";
        kept(app, async || client.send(query, json!({})).await).await;
        app.advance(Duration::from_mins(10));
        run(app).await;
        let data = client.data(query, json!({})).await;
        assert_eq!(
            data,
            json!({"products": {"totalCount": 1}, "product": {"name": "Mug"}})
        );
    })
    .await;
}

#[tokio::test]
async fn two_servers_publish_each_product_once() {
    let folder = tempfile::tempdir().unwrap();
    let address = fresh_database(Backend::Postgres, folder.path()).await;
    let first = App::on_database(Backend::Postgres, address.clone(), &[]).await;
    let second = App::on_database(Backend::Postgres, address, &[]).await;
    let home = first.shop().root("home", 0).await;
    for number in 0..600 {
        let slug = format!("p{number}");
        let shop = first.shop();
        let product = shop.product(&slug, &home, |product| {
            product.status = wares::catalog::product::Status::Draft;
            product.available_from = Some(first.state.clock.now());
        });
        product.await;
    }
    let runs = join_all([&first, &second, &first, &second].map(|app| publish_due(&app.state)));
    for run in runs.await {
        run.unwrap();
    }
    // Products that the other server had locked.
    run(&first).await;
    let published = "SELECT count(*) FROM products WHERE status = 'ACTIVE' AND version = 2";
    assert_eq!(first.sql_number(published).await, 600);
    let entries =
        "SELECT count(DISTINCT subject_id) FROM audit_log WHERE action = 'publishProduct'";
    assert_eq!(first.sql_number(entries).await, 600);
    assert_eq!(first.count("audit_log").await, 600);
    first.stop().await;
    second.stop().await;
}
