//! The order of search results: each tier before the next, then popularity, availability and creation.

use std::collections::HashMap;

use serde_json::json;
use wares::catalog::product::entity::Model as Product;
use wares::catalog::product::repository;
use wares::catalog::product::service::refresh_popularity;
use wares::catalog::search::{Required, Search, Term};
use wares::core::viewer::Audience;

use super::search::{found, named, product};
use crate::harness::{App, Client, on_both_databases};

fn term(word: &str) -> Term {
    Term {
        word: word.to_owned(),
        ..Term::default()
    }
}

fn search(terms: Vec<Term>) -> Search {
    Search {
        terms,
        ..Search::default()
    }
}

/// Returns the slugs of the products whose names match, best first.
async fn names_found(app: &App, search: &Search) -> Vec<String> {
    let db = app.state.db.reader();
    let found = repository::find_by_name_prefix(db, Audience::Public, search, 100).await;
    found.unwrap().into_iter().map(|row| row.slug).collect()
}

#[tokio::test]
async fn each_kind_of_match_precedes_the_next() {
    on_both_databases(async |app| {
        let all = app.shop().root("all", 0).await;
        for (slug, name) in [
            ("4-typo", "Lanp"),
            ("3-start", "Lampion"),
            ("2-phrase", "Light for tables"),
            ("2-form", "Lux"),
            ("1-word", "Old lamp"),
            ("0-exact", "Wholename"),
            ("none", "Spoon"),
        ] {
            named(app, &all, slug, name).await;
        }
        let lamp = Term {
            forms: vec!["lux".to_owned()],
            phrases: vec![vec!["light".to_owned(), "tables".to_owned()]],
            corrections: vec!["lanp".to_owned()],
            ..term("lamp")
        };
        let mut search = search(vec![lamp]);
        search.exact = Some("wholename".to_owned());
        let expected = [
            "0-exact", "1-word", "2-phrase", "2-form", "3-start", "4-typo",
        ];
        assert_eq!(names_found(app, &search).await, expected);
        // Without forms and corrections there are fewer tiers, in the same order.
        search.terms = vec![term("lamp")];
        let expected = ["0-exact", "1-word", "3-start"];
        assert_eq!(names_found(app, &search).await, expected);
    })
    .await;
}

#[tokio::test]
async fn names_precede_codes_and_codes_precede_texts() {
    on_both_databases(async |app| {
        let all = app.shop().root("all", 0).await;
        product(app, &all, "2-text", ["Holder", "", "For a zebra"]).await;
        product(app, &all, "1-code", ["Tealight", "ZEBRA-7", ""]).await;
        product(app, &all, "0-name", ["Zebra", "", ""]).await;
        assert_eq!(found(app, "zebra").await, ["0-name", "1-code", "2-text"]);
    })
    .await;
}

#[tokio::test]
async fn a_number_of_the_terms_suffices_if_the_search_says_so() {
    on_both_databases(async |app| {
        let all = app.shop().root("all", 0).await;
        for (slug, name) in [
            ("one", "Red"),
            ("two", "Red lamp"),
            ("other", "Lamp of oak"),
            ("none", "Spoon"),
        ] {
            named(app, &all, slug, name).await;
        }
        let mut search = search(vec![term("red"), term("lamp"), term("oak")]);
        assert_eq!(names_found(app, &search).await, [""; 0]);
        search.required = Required::AtLeast(2);
        assert_eq!(names_found(app, &search).await, ["two", "other"]);
        search.required = Required::AtLeast(1);
        assert_eq!(names_found(app, &search).await, ["one", "two", "other"]);
        // Stop words do not count, unless there is nothing else.
        search.required = Required::All;
        search.terms[2].is_stop_word = true;
        assert_eq!(names_found(app, &search).await, ["two"]);
        search.terms = vec![Term {
            is_stop_word: true,
            ..term("oak")
        }];
        assert_eq!(names_found(app, &search).await, ["other"]);
    })
    .await;
}

/// Words have no such characters. If they had, they would not become operators.
#[tokio::test]
async fn operators_in_words_match_nothing_more() {
    on_both_databases(async |app| {
        let all = app.shop().root("all", 0).await;
        named(app, &all, "lamp", "Lamp").await;
        for word in ["x' | 'lamp", "x\" OR \"lamp", "\\", "'", "lamp' --"] {
            let search = search(vec![term("spoon"), term(word)]);
            let db = app.state.db.reader();
            let found = repository::find_by_name_prefix(db, Audience::Public, &search, 10).await;
            // FTS5 refuses phrases.
            assert!(found.map_or(true, |found| found.is_empty()), "{word}");
        }
        assert_eq!(found(app, "lamp").await, ["lamp"]);
    })
    .await;
}

#[tokio::test]
async fn the_outcome_of_a_search_is_its_best_match() {
    on_both_databases(async |app| {
        let all = app.shop().root("all", 0).await;
        named(app, &all, "a", "Red lamp").await;
        named(app, &all, "b", "Lamp of oak").await;
        let outcome = async |terms: Vec<Term>| {
            let (db, search) = (app.state.db.reader(), search(terms));
            let unmatched = repository::unmatched_terms(db, Audience::Public, &search).await;
            let unmatched = unmatched.unwrap()?;
            let best = repository::best_count(db, Audience::Public, &search, &unmatched).await;
            Some((unmatched, best.unwrap()))
        };
        let corrected = |word: &str, correction: &str| Term {
            corrections: vec![correction.to_owned()],
            ..term(word)
        };
        let (red, lamp, oak, zebra) = (term("red"), term("lam"), term("oak"), term("zebra"));
        assert_eq!(outcome(vec![red.clone(), lamp.clone()]).await, None);
        let misspelled = vec![corrected("rde", "red"), lamp.clone()];
        assert_eq!(outcome(misspelled).await, None);
        let three = vec![red.clone(), lamp.clone(), oak.clone()];
        assert_eq!(outcome(three).await, Some((vec![], 2)));
        let unknown = vec![zebra.clone(), red.clone(), lamp.clone(), oak.clone()];
        assert_eq!(outcome(unknown).await, Some((vec![0], 2)));
        let misspelled = vec![zebra.clone(), corrected("rde", "red")];
        assert_eq!(outcome(misspelled).await, Some((vec![0], 1)));
        assert_eq!(outcome(vec![zebra.clone()]).await, Some((vec![0], 0)));
        let statements = app
            .record_statements(outcome(vec![red.clone(), lamp.clone()]))
            .await;
        assert_eq!(statements.len(), 1, "{statements:#?}");
        let statements = app.record_statements(outcome(vec![red, zebra])).await;
        assert!(statements.len() <= 3, "{statements:#?}");
        // A hidden product is no match.
        app.sql("UPDATE products SET status = 'DRAFT' WHERE slug = 'b'")
            .await;
        assert_eq!(outcome(vec![lamp, oak]).await, Some((vec![1], 1)));
    })
    .await;
}

#[tokio::test]
async fn what_sells_and_is_in_stock_comes_first_among_equal_matches() {
    on_both_databases(async |app| {
        let all = app.shop().root("all", 0).await;
        let mut products: Vec<Product> = Vec::new();
        for slug in ["first", "second", "third", "fourth"] {
            products.push(named(app, &all, slug, "Lamp").await);
        }
        named(app, &all, "better", "Lamp").await;
        product(app, &all, "worse", ["Box", "", "lamp"]).await;
        let by_creation = ["first", "second", "third", "fourth", "better", "worse"];
        assert_eq!(found(app, "lamp").await, by_creation);
        app.sql("UPDATE products SET in_stock = FALSE WHERE slug IN ('first', 'fourth')")
            .await;
        let units = HashMap::from([(products[2].id, 12), (products[3].id, 3)]);
        let refresh = async |units: &HashMap<_, _>| refresh_popularity(&app.state, units).await;
        assert_eq!(refresh(&units).await.unwrap(), 3);
        let by_sales = ["third", "fourth", "second", "better", "first", "worse"];
        assert_eq!(found(app, "lamp").await, by_sales);
        assert_eq!(refresh(&units).await.unwrap(), 0, "nothing has changed");
        // A change of the words keeps the place.
        let admin = app.admin().await;
        let input = json!({"id": wares::core::id::TypedId::encode(products[2].id), "description": "Bright"});
        admin
            .run_mutation("updateProduct", input, "product { id }")
            .await;
        assert_eq!(found(app, "lamp").await, by_sales);
        assert_eq!(found(app, "bright").await, ["third"]);
        app.sql("UPDATE products SET in_stock = TRUE").await;
        assert_eq!(refresh(&HashMap::new()).await.unwrap(), 3);
        assert_eq!(found(app, "lamp").await, by_creation);
        assert_eq!(
            app.count("product_index_words").await,
            6,
            "moved entries leave nothing behind"
        );
    })
    .await;
}

/// Returns all results in order, read by pages of this size, forward or backward.
pub async fn read_by_pages(
    client: &Client,
    search: &str,
    size: usize,
    is_backward: bool,
) -> Vec<String> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let count = if is_backward { "last" } else { "first" };
        let query = format!(
            "{{ products(search: \"{search}\", {count}: {size} {cursor}) {{ nodes {{ slug }} pageInfo \
             {{ startCursor endCursor hasNextPage hasPreviousPage }} }} }}"
        );
        let data = client.data(&query, json!({})).await;
        let (nodes, info) = (&data["products"]["nodes"], &data["products"]["pageInfo"]);
        let slugs = nodes.as_array().unwrap().iter();
        let mut slugs: Vec<_> = slugs
            .map(|node| node["slug"].as_str().unwrap().to_owned())
            .collect();
        if is_backward {
            slugs.reverse();
        }
        all.extend(slugs);
        let (more, next) = if is_backward {
            (
                "hasPreviousPage",
                format!("before: {}", info["startCursor"]),
            )
        } else {
            ("hasNextPage", format!("after: {}", info["endCursor"]))
        };
        if info[more] == false {
            break;
        }
        cursor = next;
    }
    if is_backward {
        all.reverse();
    }
    all
}

/// PostgreSQL sorts few matches and reads the index in its order if there are many: the results are the same.
#[tokio::test]
async fn many_matches_are_ranked_like_few() {
    on_both_databases(async |app| {
        let all = app.shop().root("all", 0).await;
        named(app, &all, "start", "Lampshade").await;
        let of_few = named(app, &all, "of-few", "Lamp").await;
        product(app, &all, "text", ["Box", "", "lamp"]).await;
        named(app, &all, "name", "Lamp").await;
        let client = app.anonymous();
        let expected = ["of-few", "name", "text", "start"];
        assert_eq!(found(app, "lamp").await, expected);
        // Rows like those of a product, with the words of the index that one has.
        let (uuid, now) = match app.state.db.backend() {
            sea_orm::DbBackend::Postgres => ("gen_random_uuid()", "0"),
            _ => ("randomblob(16)", "0"),
        };
        let numbers = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 2100)";
        let columns = "name, description, price, stock, status, category_id, version, updated_at, in_stock, variant_count";
        app.sql(&format!(
            "INSERT INTO products (id, slug, name_key, created_at, {columns}) {numbers} \
             SELECT {uuid}, 'many-' || n, 'lamp', {now}, {columns} FROM numbers, products WHERE slug = 'text'"
        ))
        .await;
        wares::server::index_missing(&app.state.db).await.unwrap();
        for (size, is_backward) in [(100, false), (100, true)] {
            let read = read_by_pages(&client, "lamp", size, is_backward).await;
            assert_eq!(read.len(), 2_104);
            assert_eq!(read[..3], ["of-few", "name", "text"]);
            assert_eq!(read.last().unwrap(), "start");
            let distinct: std::collections::HashSet<_> = read.iter().collect();
            assert_eq!(distinct.len(), read.len());
        }
        let units = HashMap::from([(of_few.id, 1)]);
        refresh_popularity(&app.state, &units).await.unwrap();
        let read = read_by_pages(&client, "lamp", 100, false).await;
        assert_eq!((read[0].as_str(), read.len()), ("of-few", 2_104));
    })
    .await;
}
