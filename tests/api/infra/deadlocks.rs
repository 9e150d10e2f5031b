//! Many concurrent changes of the same rows: they wait for each other, and none fails with a deadlock.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rand::RngExt;
use rand::seq::{IndexedRandom, SliceRandom};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};
use wares::accounts::user::Role;
use wares::catalog::product::ProductId;
use wares::core::id::TypedId;

use crate::harness::{App, Backend, Client, on_both_databases};

/// The timeout of each step of a test.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The number of concurrent clients.
const CLIENTS: usize = 10;
/// The duration in seconds; longer with `WARES_TEST_HUNT_SECONDS`.
const SECONDS: u64 = 5;
/// The number of changes that must have succeeded for the test to mean something.
const MIN_CHANGES: usize = 50;

/// The entities that are changed.
struct Things {
    categories: Vec<String>,
    products: Vec<String>,
    users: Vec<String>,
}

impl Things {
    async fn make(app: &App) -> Self {
        let (mut categories, mut products) = (Vec::new(), Vec::new());
        for number in 0..4 {
            let slug = format!("category-{number}");
            let category = app.shop().root(&slug, number).await;
            for product in 0..2 {
                let slug = format!("product-{number}-{product}");
                let product = app.shop().product(&slug, &category, |_| {}).await;
                products.push(product.id.encode());
            }
            categories.push(category.id.encode());
        }
        let mut users = Vec::new();
        for name in ["ann", "bob", "eve"] {
            let email = format!("{name}@example.com");
            let client = app.signed_in(&email, Role::Admin).await;
            let me = client.data("{ me { id } }", Value::Null).await;
            users.push(me["me"]["id"].as_str().unwrap().to_owned());
        }
        Self {
            categories,
            products,
            users,
        }
    }

    /// Returns some of them in random order.
    fn some(all: &[String]) -> Vec<&String> {
        let mut rng = rand::rng();
        let count = rng.random_range(1..=all.len());
        let mut some: Vec<_> = all.iter().collect();
        some.shuffle(&mut rng);
        some.truncate(count);
        some
    }

    /// Returns a random mutation and its input.
    fn pick(&self) -> (&'static str, Value) {
        let mut rng = rand::rng();
        let mut one = |all: &[String]| all.choose(&mut rng).unwrap().clone();
        let (product, category) = (one(&self.products), one(&self.categories));
        let (other, user) = (one(&self.categories), one(&self.users));
        let some = Self::some;
        let number = rng.random_range(0..1000);
        match number % 12 {
            0 => {
                let to = some(&self.categories);
                let input = json!({"id": product, "name": format!("Lamp {number}"), "categoryId": to[0], "categoryIds": to});
                ("updateProduct", input)
            }
            1 => {
                let input = json!({"ids": some(&self.products), "addCategoryIds": some(&self.categories), "pricePercent": "1"});
                ("updateProducts", input)
            }
            2 => {
                let input = json!({"ids": some(&self.products), "categoryId": category, "removeCategoryIds": [other], "errorPolicy": "REJECT_FAILED"});
                ("updateProducts", input)
            }
            3 => ("adjustStock", json!({"id": product, "delta": 1})),
            4 => (
                "moveCategory",
                json!({"id": category, "parentId": other, "position": 0}),
            ),
            5 => (
                "moveCategory",
                json!({"id": category, "parentId": null, "position": number % 3}),
            ),
            6 => (
                "updateCategory",
                json!({"id": category, "name": format!("Shelf {number}"), "slug": format!("shelf-{}", number % 5)}),
            ),
            7 => (
                "createCategory",
                json!({"name": "Sale", "parentId": category}),
            ),
            8 => {
                let input = json!({"name": "Chair", "price": "1", "categoryId": category, "categoryIds": some(&self.categories)});
                ("createProduct", input)
            }
            9 => {
                let filter = json!({"categoryIds": [category], "includeDescendants": true});
                let status = ["ACTIVE", "ARCHIVED"][number % 2];
                (
                    "updateProducts",
                    json!({"filter": filter, "status": status}),
                )
            }
            10 => (
                "updateUser",
                json!({"id": user, "disabled": number % 2 == 0}),
            ),
            _ => {
                let role = ["ADMIN", "CUSTOMER"][number % 2];
                ("updateUser", json!({"id": user, "role": role}))
            }
        }
    }
}

/// Runs a mutation. Returns whether it succeeded, and the id of the created object.
async fn mutate(admin: &Client, name: &str, input: Value) -> (bool, Value) {
    let told = format!("{name} {input}");
    let select = match name {
        "createCategory" => "category { id }",
        "createProduct" => "product { id }",
        _ => "__typename",
    };
    let response = admin.mutate(name, input, select).await;
    let payload = &response.json["data"][name];
    assert!(payload.is_object(), "{told}: {}", response.text);
    assert!(
        response.json.get("errors").is_none(),
        "{told}: {}",
        response.text
    );
    let made = [&payload["category"]["id"], &payload["product"]["id"]];
    let made = made.into_iter().find(|id| id.is_string());
    (
        payload["userErrors"] == json!([]),
        made.cloned().unwrap_or_default(),
    )
}

async fn change(things: Arc<Things>, admin: Client, until: Instant, done: Arc<AtomicUsize>) {
    // On a busy machine it takes longer until enough was changed.
    let too_few = || done.load(Ordering::Relaxed) <= MIN_CHANGES;
    let latest = until + Duration::from_mins(1);
    while Instant::now() < until || (too_few() && Instant::now() < latest) {
        let (name, input) = things.pick();
        let (is_done, made) = mutate(&admin, name, input).await;
        done.fetch_add(is_done.into(), Ordering::Relaxed);
        if made.is_string() {
            let delete = name.replace("create", "delete");
            mutate(&admin, &delete, json!({ "id": made })).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_changes_of_the_same_rows_do_not_deadlock() {
    on_both_databases(async |app| {
        let things = Arc::new(Things::make(app).await);
        let seconds = std::env::var("WARES_TEST_HUNT_SECONDS");
        let seconds = seconds.map_or(SECONDS, |seconds| seconds.parse().unwrap());
        let until = Instant::now() + Duration::from_secs(seconds);
        let done = Arc::new(AtomicUsize::new(0));
        let mut changing = tokio::task::JoinSet::new();
        for number in 0..CLIENTS {
            let email = format!("changer-{number}@example.com");
            let admin = app.signed_in(&email, Role::Admin).await;
            changing.spawn(change(things.clone(), admin, until, done.clone()));
        }
        while let Some(ended) = changing.join_next().await {
            ended.unwrap();
        }
        let done = done.load(Ordering::Relaxed);
        println!("{done} changes");
        assert!(done > MIN_CHANGES, "only {done} changes were made");
    })
    .await;
}

/// Returns the statement that locks a product.
fn lock(product: ProductId) -> Statement {
    let lock = "SELECT id FROM products WHERE id = $1 FOR UPDATE";
    Statement::from_sql_and_values(DbBackend::Postgres, lock, [product.into()])
}

/// Runs a change while another transaction holds the lock of `last` and then waits for the lock of `first`.
async fn with_crossed_locks<F: Future>(
    app: &App,
    [first, last]: [ProductId; 2],
    change: F,
) -> F::Output {
    let transaction = app.state.db.begin().await.unwrap();
    transaction.execute_raw(lock(last)).await.unwrap();
    let cross = async {
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let begun = Instant::now();
        while app.sql_number(waiting).await == 0 {
            assert!(begun.elapsed() < TIMEOUT, "nobody waits");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        transaction.execute_raw(lock(first)).await.unwrap();
        transaction.rollback().await.unwrap();
    };
    tokio::join!(change, cross).0
}

/// Waits until PostgreSQL has counted this many deadlocks.
async fn wait_for_deadlocks(app: &App, count: i64) {
    let told = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    let begun = Instant::now();
    while app.sql_number(told).await != count {
        assert!(begun.elapsed() < TIMEOUT, "there were others than {count}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn deadlocked_mutation_is_retried() {
    let app = App::start(Backend::Postgres, &[]).await;
    let home = app.shop().root("home", 0).await;
    let shop = app.shop();
    let mut ids = [
        shop.product("a", &home, |_| {}).await.id,
        shop.product("b", &home, |_| {}).await.id,
    ];
    // In the order of locking.
    ids.sort();
    let admin = app.admin().await;
    let input = json!({"ids": ids.map(TypedId::encode), "pricePercent": "100"});
    let change = admin.run_mutation(
        "updateProducts",
        input.clone(),
        "results { product { version } }",
    );
    let payload = with_crossed_locks(&app, ids, change).await;
    let changed = json!([{"product": {"version": 2}}, {"product": {"version": 2}}]);
    assert_eq!(payload["results"], changed, "{payload}");
    wait_for_deadlocks(&app, 1).await;
    // A change that may be half done is not retried.
    let query = "mutation($input: UpdateProductsInput!) { one: updateProducts(input: $input) { results { id } } two: updateProducts(input: $input) { results { id } } }";
    let change = admin.send(query, json!({ "input": input }));
    let response = with_crossed_locks(&app, ids, change).await;
    assert_eq!(response.code(), "SERVICE_UNAVAILABLE");
    let told = &response.json["errors"][0]["extensions"]["retryAfterSeconds"];
    assert_eq!(told, 1, "{}", response.text);
    wait_for_deadlocks(&app, 2).await;
    app.stop().await;
}
