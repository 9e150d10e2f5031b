//! PostgreSQL reads the matches of a search in several ways, by the size of the index: the results are the same.

use super::search_ranking::read_by_pages;
use crate::harness::{App, Backend};

/// The number of products.
const PRODUCTS: usize = 2_000;
/// Beginnings, words, and typos beside words and beginnings; frequent, rare and missing ones.
const SEARCHES: [&str; 8] = [
    "lam",
    "lamp",
    "lamp oa",
    "lammp oak",
    "lammp oa",
    "tabel candle",
    "candel unusual", // No product has both.
    "unusaul",
];

/// Fills the shop with products whose names and descriptions consist of few words.
async fn fill(app: &App) {
    let all = app.shop().root("all", 0).await;
    app.shop().product("first", &all, |_| {}).await;
    let columns = "price, stock, status, category_id, version, updated_at, in_stock, variant_count";
    app.sql(&format!(
        "INSERT INTO products (id, slug, name, name_key, description, created_at, {columns}) \
         SELECT gen_random_uuid(), 'product-' || n, words[1 + n % 10] || ' ' || words[1 + n / 10 % 10], 'key', \
         words[1 + n * 7 % 10] || CASE WHEN n % 400 = 0 THEN ' unusual' ELSE '' END, n, {columns} \
         FROM generate_series(1, {PRODUCTS}) n, products, (SELECT ARRAY['lamp', 'lampshade', 'lamppost', 'oak', 'oaken', \
         'brass', 'table', 'chair', 'rug', 'candle'] AS words) AS vocabulary WHERE slug = 'first'"
    ))
    .await;
    wares::server::index_missing(&app.state.db).await.unwrap();
}

#[tokio::test]
async fn results_do_not_depend_on_the_size_of_the_index() {
    let app = App::start(Backend::Postgres, &[]).await;
    fill(&app).await;
    // Its responses are not cached.
    let client = app.admin().await;
    let mut expected: Vec<Vec<String>> = Vec::new();
    for rows in [0, 1_000_000, 100_000_000] {
        app.sql(&format!(
            "UPDATE pg_class SET reltuples = {rows} WHERE oid = 'product_index_words'::regclass"
        ))
        .await;
        for (number, search) in SEARCHES.iter().enumerate() {
            let forward = read_by_pages(&client, search, 100, false).await;
            let backward = read_by_pages(&client, search, 100, true).await;
            assert_eq!(forward, backward, "{search} of {rows} rows");
            match expected.get(number) {
                None => expected.push(forward),
                Some(known) => assert_eq!(forward, *known, "{search} of {rows} rows"),
            }
        }
    }
    let counts: Vec<_> = expected.iter().map(Vec::len).collect();
    assert_eq!(counts, [1300, 1300, 640, 120, 120, 80, 565, 5]);
    app.stop().await;
}
