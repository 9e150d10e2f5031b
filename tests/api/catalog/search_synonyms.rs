//! Synonyms of search words: as admins edit them, in searches, and in files.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use serde_json::{Value, json};
use wares::catalog::synonym::service::{self as synonym, Export, ImportOptions};
use wares::platform::audit::service::Actor;

use super::search::{found, named};
use crate::harness::csv_files::lines;
use crate::harness::{App, Client, Form, on_both_databases, user_error};

const SYNONYM: &str = "searchSynonym { id terms from to version }";

async fn two_way(admin: &Client, terms: &[&str]) -> Value {
    let input = json!({ "terms": terms });
    let made = admin
        .run_mutation("createSearchSynonym", input, SYNONYM)
        .await;
    assert_eq!(made["userErrors"], json!([]), "{terms:?}");
    made["searchSynonym"].clone()
}

async fn one_way(admin: &Client, from: &[&str], to: &[&str]) -> Value {
    let input = json!({"from": from, "to": to});
    let made = admin
        .run_mutation("createSearchSynonym", input, SYNONYM)
        .await;
    assert_eq!(made["userErrors"], json!([]), "{from:?}");
    made["searchSynonym"].clone()
}

async fn sorted(app: &App, search: &str) -> Vec<String> {
    let mut found = found(app, search).await;
    found.sort();
    found
}

async fn products(app: &App, names: &[(&str, &str)]) {
    let all = app.shop().root("all", 0).await;
    for (slug, name) in names {
        named(app, &all, slug, name).await;
    }
}

#[tokio::test]
async fn admins_create_update_and_delete_synonyms() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let made = two_way(&admin, &[" sofa ", "couch"]).await;
        let id = made["id"].clone();
        let expected = json!({"id": id, "terms": ["sofa", "couch"], "from": [], "to": [], "version": 1});
        assert_eq!(made, expected);
        assert!(id.as_str().unwrap().starts_with("syn_"), "{id}");
        let same = json!({"id": id, "terms": ["sofa", "couch"]});
        let changed = admin.run_mutation("updateSearchSynonym", same, SYNONYM).await;
        assert_eq!(changed["searchSynonym"]["version"], 1);
        app.advance(Duration::from_secs(1));
        let change = json!({"id": id, "expectedVersion": 1, "from": ["Tablet"], "to": ["slate", "pad"]});
        let changed = admin.run_mutation("updateSearchSynonym", change, SYNONYM).await;
        let expected = json!({"id": id, "terms": [], "from": ["Tablet"], "to": ["slate", "pad"], "version": 2});
        assert_eq!(changed["searchSynonym"], expected);
        let stale = json!({"id": id, "expectedVersion": 1, "to": ["pad"]});
        let refused = admin.run_mutation("updateSearchSynonym", stale, SYNONYM).await;
        assert_eq!(user_error(&refused), "CONFLICT");
        let node = "query($id: ID!) { node(id: $id) { ... on SearchSynonym { from } } }";
        let read = admin.data(node, json!({"id": id})).await;
        assert_eq!(read["node"]["from"], json!(["Tablet"]));
        let read = app.customer().await.data(node, json!({"id": id})).await;
        assert_eq!(read["node"], Value::Null);
        let query = format!("{{ auditLog(first: 1, filter: {{subjectId: {id}}}) {{ nodes {{ action changes {{ field before after }} }} }} }}");
        let log = admin.data(&query, json!({})).await;
        let entry = &log["auditLog"]["nodes"][0];
        assert_eq!(entry["action"], "updateSearchSynonym");
        assert_eq!(entry["changes"][0], json!({"field": "terms", "before": "sofa, couch", "after": null}));
        let gone = admin
            .run_mutation("deleteSearchSynonym", json!({"id": id}), "searchSynonymId")
            .await;
        assert_eq!(gone["searchSynonymId"], id);
        let gone = admin.run_mutation("deleteSearchSynonym", json!({"id": id}), SYNONYM).await;
        assert_eq!(user_error(&gone), "NOT_FOUND");
    })
    .await;
}

#[tokio::test]
async fn invalid_synonyms_are_refused() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let long = "x".repeat(101);
        let many: Vec<_> = (0..21).map(|number| format!("word{number}")).collect();
        for (input, field) in [
            (json!({}), "terms"),
            (json!({"terms": ["sofa"]}), "terms"),
            (json!({"terms": ["sofa", "SOFA"]}), "terms"),
            (json!({"terms": ["sofa", " - "]}), "terms"),
            (json!({"terms": ["sofa", ""]}), "terms"),
            (json!({"terms": ["sofa", "a, b"]}), "terms"),
            (
                json!({"terms": ["sofa", "one two three four five"]}),
                "terms",
            ),
            (json!({"terms": ["sofa", long]}), "terms"),
            (json!({ "terms": many }), "terms"),
            (
                json!({"terms": ["sofa", "couch"], "from": ["bed"], "to": ["bunk"]}),
                "terms",
            ),
            (json!({"from": ["bed"]}), "to"),
            (json!({"to": ["bed"]}), "from"),
            (json!({"from": ["bed", "bunk"], "to": ["Bunk"]}), "to"),
        ] {
            let refused = admin
                .run_mutation("createSearchSynonym", input.clone(), SYNONYM)
                .await;
            let error = &refused["userErrors"][0];
            assert_eq!(
                (&error["code"], &error["field"]),
                (&json!("BAD_USER_INPUT"), &json!(field)),
                "{input}"
            );
        }
        assert_eq!(app.count("search_synonyms").await, 0);
    })
    .await;
}

#[tokio::test]
async fn synonyms_find_each_other_from_the_moment_they_are_stored() {
    on_both_databases(async |app| {
        let names = [
            ("couch", "Red couch"),
            ("sofa", "Blue sofa"),
            ("futon", "Futon"),
            ("bed", "Sofa bed"),
            ("other", "Bed"),
        ];
        products(app, &names).await;
        let admin = app.admin().await;
        assert_eq!(sorted(app, "couch").await, ["couch"]);
        let made = two_way(&admin, &["sofa", "couch"]).await;
        assert_eq!(sorted(app, "couch").await, ["bed", "couch", "sofa"]);
        assert_eq!(sorted(app, "red SOFA").await, ["couch"]);
        // Of several words, on both sides.
        two_way(&admin, &["sofa bed", "futon"]).await;
        assert_eq!(sorted(app, "sofa bed").await, ["bed", "futon"]);
        assert_eq!(sorted(app, "futon").await, ["bed", "futon"]);
        // The words as typed come first.
        assert_eq!(found(app, "couch").await[0], "couch");
        admin
            .run_mutation(
                "deleteSearchSynonym",
                json!({"id": made["id"]}),
                "searchSynonymId",
            )
            .await;
        assert_eq!(sorted(app, "couch").await, ["couch"]);
        let client = app.anonymous();
        let query =
            "{ products(search: \"futon\") { totalCount searchInfo { matched corrected } } }";
        let found = client.data(query, json!({})).await;
        let info = json!({"matched": "ALL", "corrected": null});
        assert_eq!(
            found["products"],
            json!({"totalCount": 2, "searchInfo": info})
        );
    })
    .await;
}

#[tokio::test]
async fn one_way_synonyms_are_not_found_the_other_way() {
    on_both_databases(async |app| {
        let names = [
            ("jar", "Jar"),
            ("bottle", "Bottle of glass"),
            ("vessel", "Vessel"),
        ];
        products(app, &names).await;
        let admin = app.admin().await;
        one_way(&admin, &["vessel", "container"], &["jar", "glass bottle"]).await;
        assert_eq!(sorted(app, "vessel").await, ["bottle", "jar", "vessel"]);
        assert_eq!(sorted(app, "container").await, ["bottle", "jar"]);
        assert_eq!(sorted(app, "jar").await, ["jar"]);
        let query = "{ categories(search: \"container\") { nodes { slug } } }";
        app.shop()
            .category("jars", None, 5, |new| new.name = "Jar".to_owned())
            .await;
        let found = app.anonymous().data(query, json!({})).await;
        assert_eq!(found["categories"]["nodes"], json!([{"slug": "jars"}]));
    })
    .await;
}

#[tokio::test]
async fn admins_list_synonyms() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        two_way(&admin, &["sofa", "couch"]).await;
        app.advance(Duration::from_secs(1));
        two_way(&admin, &["Jar", "pot"]).await;
        app.advance(Duration::from_secs(1));
        one_way(&admin, &["vessel"], &["jar_100%"]).await;
        let list = async |arguments: &str| {
            let query = format!(
                "{{ searchSynonyms({arguments}) {{ totalCount nodes {{ terms from to }} }} }}"
            );
            let data = admin.data(&query, json!({})).await;
            let nodes = data["searchSynonyms"]["nodes"].as_array().unwrap();
            assert!(nodes.len() as u64 <= data["searchSynonyms"]["totalCount"].as_u64().unwrap());
            let first = |node: &Value| {
                let terms = node["terms"].as_array().unwrap().first();
                terms
                    .unwrap_or(&node["from"][0])
                    .as_str()
                    .unwrap()
                    .to_owned()
            };
            nodes.iter().map(first).collect::<Vec<_>>()
        };
        assert_eq!(list("first: 10").await, ["sofa", "Jar", "vessel"]);
        assert_eq!(list("first: 2, sort: {field: TERM}").await, ["Jar", "sofa"]);
        assert_eq!(list("search: \" JAR\"").await, ["Jar", "vessel"]);
        assert_eq!(list("search: \"r_1\"").await, ["vessel"]);
        assert_eq!(list("filter: {oneWay: false}").await, ["sofa", "Jar"]);
    })
    .await;
}

async fn import(app: &App, file: &str, options: ImportOptions) -> synonym::Report {
    let file = stream::iter([Ok(Bytes::copy_from_slice(file.as_bytes()))]);
    synonym::import(&app.state, Actor::Operator, file, options)
        .await
        .unwrap()
}

async fn export(app: &App) -> String {
    let mut export = Export::begin(&app.state).await.unwrap();
    let mut text = Vec::new();
    while let Some(piece) = export.next().await.unwrap() {
        text.extend_from_slice(&piece);
    }
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn exported_synonyms_can_be_imported() {
    on_both_databases(async |app| {
        let file = "terms,from,to\r\n\"sofa, couch\",,\r\n,vessel,\"jar, glass bottle\"\r\n";
        let report = import(app, file, ImportOptions::default()).await;
        assert_eq!((report.rows, report.created, report.unchanged), (2, 2, 0));
        assert_eq!(export(app).await, file);
        let report = import(app, file, ImportOptions::default()).await;
        assert_eq!(
            (report.created, report.unchanged, report.deleted),
            (0, 2, 0)
        );
        app.advance(Duration::from_secs(1));
        // In another order, and with another one. Semicolons separate the columns.
        let other = "From;Terms;To\n;couch, Sofa;\nlamp;;light\n;sofa, couch;\n";
        let replace = ImportOptions {
            replace: true,
            dry_run: true,
        };
        let report = import(app, other, replace).await;
        assert_eq!(
            (
                report.rows,
                report.created,
                report.unchanged,
                report.deleted
            ),
            (3, 1, 2, 1)
        );
        assert_eq!(export(app).await, file);
        import(
            app,
            other,
            ImportOptions {
                replace: true,
                dry_run: false,
            },
        )
        .await;
        assert_eq!(
            export(app).await,
            "terms,from,to\r\n\"sofa, couch\",,\r\n,lamp,light\r\n"
        );
    })
    .await;
}

#[tokio::test]
async fn a_file_with_an_invalid_row_imports_nothing() {
    on_both_databases(async |app| {
        let file = "terms,from,to\n\"sofa, couch\",,\nsofa,,\n,vessel,\n";
        let report = import(app, file, ImportOptions::default()).await;
        assert_eq!((report.rows, report.created, report.error_count), (3, 0, 2));
        let expected = ["3 terms 2 to 20 terms are required.", "4 to 1 to 20 terms are required."];
        assert_eq!(lines(&report.errors), expected);
        assert_eq!(app.count("search_synonyms").await, 0);
        let admin = app.admin().await;
        let query = "mutation($file: Upload!) { importSearchSynonyms(file: $file) { report { created errors { line } } userErrors { code field } } }";
        let operations = json!({"query": query, "variables": {"file": null}});
        for (file, expected) in [
            (&b"terms\n\"sofa, couch\"\n"[..], json!({"report": {"created": 1, "errors": []}, "userErrors": []})),
            (b"name,from\na,b\n", json!({"report": null, "userErrors": [{"code": "BAD_USER_INPUT", "field": "file"}]})),
        ] {
            let form = Form::new(&operations, &json!({"0": ["variables.file"]}));
            let done = admin.upload(form.file("0", file).end()).await;
            assert_eq!(done.json["data"]["importSearchSynonyms"], expected);
        }
    })
    .await;
}

#[tokio::test]
async fn keys_of_another_analyzer_are_replaced_at_the_start() {
    on_both_databases(async |app| {
        products(app, &[("couch", "Couch")]).await;
        two_way(&app.admin().await, &["sofa", "couch"]).await;
        app.sql("UPDATE search_synonyms SET analysis = 'old'").await;
        app.sql("UPDATE search_synonym_terms SET key = 'x' || key")
            .await;
        assert_eq!(synonym::rebuild_keys(&app.state.db).await.unwrap(), 1);
        assert_eq!(found(app, "sofa").await, ["couch"]);
        assert_eq!(synonym::rebuild_keys(&app.state.db).await.unwrap(), 0);
    })
    .await;
}
