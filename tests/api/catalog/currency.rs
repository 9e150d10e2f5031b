//! The currency of prices is stored in the database. Processes with another `SHOP_CURRENCY` cannot read or write
//! prices.

use std::path::Path;
use std::process::{Output, Stdio};

use axum::http::Method;
use sea_orm::ConnectionTrait;
use serde_json::json;
use wares::catalog::product::service::{Details, NewProduct, build, insert_catalog};
use wares::catalog::product::{self, Status};
use wares::core::id::TypedId;
use wares::infra::database::{Address, Catalog, Database, currency};

use crate::harness::{
    App, Backend, Process, database_flag, error_line, fresh_database, on_both_databases_with,
};

const FILE: &str = "name,price,sku,categories,status\nMug,1500,M1,Home,ACTIVE\n";
const CURRENCY_JPY: &str = "--shop-currency=JPY";
const CURRENCY_USD: &str = "--shop-currency=USD";

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

async fn sql(address: &Address, sql: &str) {
    let db = Database::connect(address, 1).await.unwrap();
    let transaction = db.begin().await.unwrap();
    transaction.touch(Catalog::All);
    transaction.execute_unprepared(sql).await.unwrap();
    transaction.commit().await.unwrap();
    db.close().await.unwrap();
}

/// Creates a shop in yen with one product. Returns its address, the database flag, and the imported file.
async fn yen_shop(backend: Backend, folder: &Path) -> (Address, String, String) {
    let address = fresh_database(backend, folder).await;
    let flag = database_flag(&address);
    let file = folder.join("products.csv");
    std::fs::write(&file, FILE).unwrap();
    let file = file.to_str().unwrap().to_owned();
    let imported = text(&Process::run(
        folder,
        &[CURRENCY_JPY, &flag, "import", &file],
    ));
    assert!(imported.contains("1 products created"), "{imported}");
    (address, flag, file)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_with_another_currency_is_refused_and_changes_nothing() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let folder = tempfile::tempdir().unwrap();
        let (_, flag, file) = yen_shop(backend, folder.path()).await;
        let before = text(&Process::run(
            folder.path(),
            &[CURRENCY_JPY, &flag, "export"],
        ));
        assert!(before.contains("Mug,1500,"), "{before}");
        let copy = folder.path().join("copy.db");
        for command in [
            ["import", &file].as_slice(),
            &["import", &file, "--dry-run"],
            &["export"],
            &["backup", copy.to_str().unwrap()],
            &["demo"],
            &["admin", "create", "--email=boss@example.com"],
            &["migrate", "up"],
            &["migrate", "down"],
            &["migrate", "status"],
            &["serve", "--listen=127.0.0.1:0"],
            &["serve", "--listen=127.0.0.1:0", "--migrate=off"],
        ] {
            // The default currency is USD.
            for currency in [None, Some("--shop-currency=EUR")] {
                let code = if currency.is_some() { "EUR" } else { "USD" };
                let arguments = currency.into_iter().chain([flag.as_str()]);
                let arguments: Vec<_> = arguments.chain(command.iter().copied()).collect();
                let line = error_line(&Process::run(folder.path(), &arguments));
                for word in ["JPY", code, "SHOP_CURRENCY"] {
                    assert!(line.contains(word), "{command:?}: {line}");
                }
            }
        }
        let check = Process::run(folder.path(), &["check", &flag]);
        let output = String::from_utf8(check.stdout).unwrap();
        let line = output
            .lines()
            .find(|line| line.starts_with("FAILED database"));
        assert!(
            line.is_some_and(|line| line.contains("JPY") && line.contains("USD")),
            "{output}"
        );
        assert!(!copy.exists());
        let after = text(&Process::run(
            folder.path(),
            &[CURRENCY_JPY, &flag, "export"],
        ));
        assert_eq!(before, after);
        let output = text(&Process::run(
            folder.path(),
            &["check", CURRENCY_JPY, &flag],
        ));
        assert!(output.contains("prices in JPY"), "{output}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_without_products_may_change_its_currency() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let folder = tempfile::tempdir().unwrap();
        let (address, flag, file) = yen_shop(backend, folder.path()).await;
        sql(&address, "DELETE FROM products").await;
        // Commands that only read do not change the currency.
        text(&Process::run(
            folder.path(),
            &[CURRENCY_USD, &flag, "export"],
        ));
        text(&Process::run(
            folder.path(),
            &[CURRENCY_USD, &flag, "import", &file, "--dry-run"],
        ));
        let db = Database::connect(&address, 1).await.unwrap();
        assert_eq!(currency::stored(&db).await.unwrap().as_deref(), Some("JPY"));
        text(&Process::run(
            folder.path(),
            &[CURRENCY_USD, &flag, "import", &file],
        ));
        assert_eq!(currency::stored(&db).await.unwrap().as_deref(), Some("USD"));
        db.close().await.unwrap();
        let exported = text(&Process::run(
            folder.path(),
            &[CURRENCY_USD, &flag, "export"],
        ));
        assert!(exported.contains("Mug,1500.00,"), "{exported}");
        error_line(&Process::run(
            folder.path(),
            &[CURRENCY_JPY, &flag, "export"],
        ));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn products_from_before_the_currency_was_stored_take_the_configured_one() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let folder = tempfile::tempdir().unwrap();
        let (address, flag, _) = yen_shop(backend, folder.path()).await;
        sql(&address, "DELETE FROM shop").await;
        let output = Process::run(folder.path(), &[CURRENCY_JPY, &flag, "migrate", "up"]);
        let log = String::from_utf8(output.stderr.clone()).unwrap();
        text(&output);
        assert!(
            log.contains("stored SHOP_CURRENCY") && log.contains("JPY"),
            "{log}"
        );
        error_line(&Process::run(
            folder.path(),
            &[CURRENCY_USD, &flag, "migrate", "up"],
        ));
    }
}

/// Starts another server on the same database.
async fn other_server(app: &App, currency: &str) -> App {
    App::on_database(app.backend, app.address.clone(), &[currency]).await
}

fn new_product(
    category: &wares::catalog::category::entity::Model,
    name: &str,
) -> serde_json::Value {
    json!({"name": name, "price": "15", "categoryId": category.id.encode()})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_with_another_currency_writes_no_prices_and_is_not_ready() {
    on_both_databases_with(&[CURRENCY_USD], async |app| {
        let (dollars, yen) = (app.admin().await, other_server(app, CURRENCY_JPY).await);
        let category = app.shop().root("all", 0).await;
        let create = |name: &str| {
            dollars.mutate(
                "createProduct",
                new_product(&category, name),
                "product { id }",
            )
        };
        let id = create("first").await.json["data"]["createProduct"]["product"]["id"].clone();
        let refused = currency::store(&yen.state.db, "JPY".parse().unwrap()).await;
        let refused = refused.unwrap_err().to_string();
        assert!(
            refused.contains("USD") && refused.contains("JPY"),
            "{refused}"
        );

        // All products are deleted, and another process stores the first product in its currency.
        dollars
            .run_mutation("deleteProduct", json!({"id": id}), "__typename")
            .await;
        currency::store(&yen.state.db, "JPY".parse().unwrap())
            .await
            .unwrap();
        let product = yen.shop().product("mug", &category, |_| ()).await;
        let id = product.id.encode();
        assert_eq!(create("second").await.code(), "SERVICE_UNAVAILABLE");
        let update = json!({"id": id, "price": "20"});
        let updated = dollars
            .mutate("updateProduct", update, "product { id }")
            .await;
        assert_eq!(updated.code(), "SERVICE_UNAVAILABLE");
        assert_eq!(app.count("products").await, 1);
        assert_eq!(
            app.sql_number("SELECT price FROM products").await,
            product.price
        );
        let ready = app
            .anonymous()
            .request(Method::GET, "/health/ready", &[], "")
            .await;
        assert_eq!(ready.status, 503);
        assert!(
            ready.text.contains("JPY") && ready.text.contains("USD"),
            "{}",
            ready.text
        );
        let ready = yen
            .anonymous()
            .request(Method::GET, "/health/ready", &[], "")
            .await;
        assert_eq!(ready.status, 200);
        yen.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_products_of_many_servers_are_all_in_one_currency() {
    on_both_databases_with(&[CURRENCY_USD], async |app| {
        let other = other_server(app, CURRENCY_JPY).await;
        let category = app.shop().root("all", 0).await;
        let clients = [app.admin().await, other.admin().await];
        let create = async |number: usize| {
            let input = new_product(&category, &format!("product {number}"));
            let response = clients[number % 2]
                .mutate("createProduct", input, "product { id }")
                .await;
            response.json["data"]["createProduct"]["product"]["id"].is_string()
        };
        let done = futures_util::future::join_all((0..8).map(create)).await;
        let made = |server: usize| {
            done.iter()
                .skip(server)
                .step_by(2)
                .filter(|made| **made)
                .count()
        };
        let stored = currency::stored(&app.state.db).await.unwrap().unwrap();
        let expected = if stored == "USD" {
            (made(0), 0)
        } else {
            (0, made(1))
        };
        assert_eq!((made(0), made(1)), expected, "{stored}");
        assert!(made(0) + made(1) > 0);
        assert_eq!(
            app.count("products").await,
            i64::try_from(made(0) + made(1)).unwrap()
        );
        other.stop().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_currency_during_the_first_write_wins_over_it() {
    // On SQLite the second transaction waits for the first.
    let app = App::start(Backend::Postgres, &[CURRENCY_USD]).await;
    let yen = other_server(&app, CURRENCY_JPY).await;
    let category = app.shop().root("all", 0).await;
    currency::store(&app.state.db, "USD".parse().unwrap())
        .await
        .unwrap();
    let now = app.state.clock.now();
    let new = NewProduct {
        name: "mug".to_owned(),
        slug: "mug".to_owned(),
        sku: None,
        description: String::new(),
        price: 1_500,
        stock: 1,
        status: Status::Active,
        category: category.id,
        additional: Vec::new(),
        created_at: now,
        details: Details::default(),
    };
    let (product, links) = build(new, now);
    let transaction = app.state.db.begin().await.unwrap();
    let stored = insert_catalog(&transaction, vec![product], links, vec![]).await;
    stored.unwrap();
    currency::store(&yen.state.db, "JPY".parse().unwrap())
        .await
        .unwrap();
    let refused = transaction.commit().await.unwrap_err().to_string();
    assert!(
        refused.contains("USD") && refused.contains("JPY"),
        "{refused}"
    );
    assert!(
        product::service::is_empty(app.state.db.reader())
            .await
            .unwrap()
    );
    yen.stop().await;
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_that_fill_an_empty_shop_one_succeeds_in_its_currency() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let folder = tempfile::tempdir().unwrap();
        let address = fresh_database(backend, folder.path()).await;
        let flag = database_flag(&address);
        let fill = |currency: &str| {
            let mut command = Process::command(folder.path(), &[currency, &flag, "demo"]);
            let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().unwrap()
        };
        let filling = [("JPY", fill(CURRENCY_JPY)), ("USD", fill(CURRENCY_USD))];
        let outputs = filling.map(|(code, child)| (code, child.wait_with_output().unwrap()));
        let filled = outputs.iter().filter(|(_, output)| output.status.success());
        let filled: Vec<_> = filled.map(|(code, _)| *code).collect();
        assert_eq!(filled.len(), 1, "{outputs:?}");
        let db = Database::connect(&address, 1).await.unwrap();
        let stored = currency::stored(&db).await.unwrap();
        assert_eq!(stored.as_deref(), Some(filled[0]));
        db.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_running_server_ends_when_its_empty_shop_takes_another_currency() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let folder = tempfile::tempdir().unwrap();
        let address = fresh_database(backend, folder.path()).await;
        let flag = database_flag(&address);
        let mut server = Process::serve(folder.path(), &[CURRENCY_JPY, &flag, "--demo=off"]);
        text(&Process::run(folder.path(), &[CURRENCY_USD, &flag, "demo"]));
        assert!(!server.wait(), "{}", server.log());
        let log = server.log();
        assert!(
            log.contains("USD") && log.contains("SHOP_CURRENCY is JPY"),
            "{log}"
        );
    }
}
