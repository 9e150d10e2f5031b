//! Many buyers and confirmations at once: nothing is sold twice, and the numbers of orders have no gaps.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};
use wares::sales::order::entity::Model;
use wares::sales::order::service::confirm;

use super::order_rows::insert_order;
use super::{errors, variant_of};
use crate::harness::{App, Backend, Client, fresh_database};

const BUYERS: usize = 500;
/// The units of the variant that every buyer wants.
const UNITS: i32 = 100;
/// Servers on one database share the secret, so that each accepts the other's tokens.
const SETTINGS: [&str; 4] = [
    "--jwt-secrets=a secret that all servers know 0123456789",
    "--limit-carts-client=100000/1m",
    "--manual-payments=Pay by bank transfer.",
    "--request-timeout=60s",
];

/// Creates variants that need no shipping: `UNITS` of the first, plenty of the others.
async fn shop(app: &App) -> Vec<String> {
    let admin = app.admin().await;
    let category = app.shop().root("things", 0).await;
    let mut ids = Vec::new();
    for (slug, units) in [("rare", UNITS), ("pan", 10_000), ("pot", 10_000)] {
        let shop = app.shop();
        let product = shop.product(slug, &category, |row| row.stock = units);
        let id = variant_of(&product.await);
        let input = json!({"id": id, "requiresShipping": false});
        let done = admin.run_mutation("updateVariant", input, "variant { id }");
        assert_eq!(errors(&done.await), []);
        ids.push(id);
    }
    ids
}

/// A guest whose cart is ready to order.
struct Buyer {
    client: Client,
    total: Value,
}

/// Fills a cart with the rare variant and up to two others, in an order that depends on the number.
async fn buyer(app: &App, ids: &[String], number: usize) -> Buyer {
    let mut lines: Vec<_> = ids.iter().take(1 + number % 3).collect();
    let count = lines.len();
    lines.rotate_left(number / 3 % count);
    let lines: Vec<_> = lines.iter().map(|id| json!({"variantId": id})).collect();
    let client = app.anonymous();
    let select = "cartToken";
    let payload = client.run_mutation("createCart", json!({"lines": lines}), select);
    let token = payload.await["cartToken"].as_str().unwrap().to_owned();
    let client = client.with_cart_token(&token);
    let input = json!({"email": format!("buyer{number}@example.com")});
    let select = "cart { readyToOrder totals { total { amount } } }";
    let payload = client.run_mutation("updateCart", input, select).await;
    assert_eq!(payload["cart"]["readyToOrder"], true, "{payload}");
    let total = payload["cart"]["totals"]["total"]["amount"].clone();
    Buyer { client, total }
}

/// Places the order on account. Returns its number, or the code of the user error. A server that is overloaded is asked
/// again, as clients do.
async fn place(buyer: &Buyer) -> Result<i64, String> {
    let input = json!({"expectedTotal": buyer.total, "payment": {"provider": "MANUAL"}});
    loop {
        let select = "order { number status }";
        let response = buyer
            .client
            .mutate("placeOrder", input.clone(), select)
            .await;
        if response.json.get("errors").is_some() {
            assert_eq!(response.code(), "SERVICE_UNAVAILABLE", "{}", response.text);
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        }
        let payload = &response.json["data"]["placeOrder"];
        return match payload["order"]["number"].as_i64() {
            Some(number) => Ok(number),
            None => Err(errors(payload)[0].0.to_owned()),
        };
    }
}

async fn five_hundred_buyers(servers: &[App]) {
    let ids = shop(&servers[0]).await;
    let mut buyers = Vec::new();
    for first in (0..BUYERS).step_by(50) {
        let some = (first..first + 50).map(|number| {
            let server = &servers[number % servers.len()];
            buyer(server, &ids, number)
        });
        buyers.extend(join_all(some).await);
    }
    let done = join_all(buyers.iter().map(place)).await;
    let mut numbers: Vec<_> = done.iter().filter_map(|one| one.clone().ok()).collect();
    numbers.sort_unstable();
    let expected: Vec<_> = (1_001..1_001 + i64::from(UNITS)).collect();
    assert_eq!(numbers, expected);
    let refused: Vec<_> = done.into_iter().filter_map(Result::err).collect();
    assert!(
        refused.iter().all(|code| code == "OUT_OF_STOCK"),
        "{refused:?}"
    );
    let reserved = "SELECT CAST(sum(reserved) AS bigint) FROM stock_levels
        JOIN products ON products.id = stock_levels.product_id WHERE products.slug = 'rare'";
    assert_eq!(servers[0].sql_number(reserved).await, i64::from(UNITS));
    assert_eq!(servers[0].count("orders").await, i64::from(UNITS));
    super::order_kills::assert_consistent(&servers[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_units_are_sold_to_a_hundred_of_500_buyers() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let app = App::start(backend, &SETTINGS).await;
        let apps = [app];
        five_hundred_buyers(&apps).await;
        let [app] = apps;
        app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_units_are_sold_to_a_hundred_of_500_buyers_of_two_servers() {
    let folder = tempfile::tempdir().unwrap();
    let address = fresh_database(Backend::Postgres, folder.path()).await;
    let first = App::on_database(Backend::Postgres, address.clone(), &SETTINGS).await;
    let second = App::on_database(Backend::Postgres, address, &SETTINGS).await;
    let apps = [first, second];
    five_hundred_buyers(&apps).await;
    for app in apps {
        app.stop().await;
    }
}

/// Confirms an order in a transaction that is rolled back or committed. Returns the number.
async fn confirm_one(server: &App, order: &Model, is_rolled_back: bool) -> i64 {
    let transaction = server.state.db.begin().await.unwrap();
    let confirmed = confirm(&transaction, &server.state, order.clone()).await;
    let number = confirmed.unwrap().number.unwrap();
    if is_rolled_back {
        transaction.rollback().await.unwrap();
    } else {
        transaction.commit().await.unwrap();
    }
    number
}

/// Confirms 300 orders at once. The transactions of a third are rolled back at first.
async fn three_hundred_confirmations(servers: &[App]) {
    let mut orders = Vec::new();
    for _ in 0..300 {
        orders.push(insert_order(&servers[0], |_| ()).await);
    }
    let is_rolled_back = |index: usize| index.is_multiple_of(3);
    let server = |index: usize| &servers[index % servers.len()];
    let first = orders.iter().enumerate();
    let first =
        first.map(|(index, order)| confirm_one(server(index), order, is_rolled_back(index)));
    let numbers = join_all(first).await;
    let mut numbers: Vec<_> = numbers
        .into_iter()
        .enumerate()
        .filter_map(|(index, number)| (!is_rolled_back(index)).then_some(number))
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1_001..1_201).collect::<Vec<_>>());
    let again = orders.iter().enumerate();
    let again = again.filter(|(index, _)| is_rolled_back(*index));
    // By the other server, where there are two.
    let again = again.map(|(index, order)| confirm_one(server(index + 1), order, false));
    numbers.extend(join_all(again).await);
    numbers.sort_unstable();
    assert_eq!(numbers, (1_001..1_301).collect::<Vec<_>>());
    let stored = "SELECT count(DISTINCT number) FROM orders WHERE number BETWEEN 1001 AND 1300";
    assert_eq!(servers[0].sql_number(stored).await, 300);
    super::order_kills::assert_consistent(&servers[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_have_no_gaps_when_a_third_of_300_confirmations_is_rolled_back() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let apps = [App::start(backend, &SETTINGS).await];
        three_hundred_confirmations(&apps).await;
        let [app] = apps;
        app.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_two_servers_have_no_gaps_when_a_third_of_300_confirmations_is_rolled_back() {
    let folder = tempfile::tempdir().unwrap();
    let address = fresh_database(Backend::Postgres, folder.path()).await;
    let first = App::on_database(Backend::Postgres, address.clone(), &SETTINGS).await;
    let second = App::on_database(Backend::Postgres, address, &SETTINGS).await;
    let apps = [first, second];
    three_hundred_confirmations(&apps).await;
    for app in apps {
        app.stop().await;
    }
}
