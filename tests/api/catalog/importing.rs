//! Importing products from CSV files: reports, dry runs, batches, concurrent and interrupted imports.

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::sync::watch;
use wares::catalog::import_export::service::{Event, Options, import_for_operator};
use wares::core::error::Error;

use crate::harness::csv_files::{counts, errors, import, import_with, lines, many, sorted_export};
use crate::harness::on_both_databases;

/// The options of `--dry-run` and `--all-or-nothing`.
pub const DRY_RUN: Options = Options {
    dry_run: true,
    all_or_nothing: false,
    columns: Vec::new(),
};
pub const ALL: Options = Options {
    dry_run: false,
    all_or_nothing: true,
    columns: Vec::new(),
};

#[tokio::test]
async fn an_import_creates_products_and_their_categories() {
    on_both_databases(async |app| {
        let file = "name,price,sku,slug,description,stock,categories,status\n\
            Mug,9.90,M-1,big-mug,\"Two\nlines, \"\"quoted\"\"\",3,Home > Kitchen | Sale,ACTIVE\n\
            Crème brûlée,5,,,,,Home>Food,\n";
        let report = import(app, file).await;
        assert_eq!((report.rows, counts(&report)), (2, [2, 0, 0, 0]));
        assert_eq!((report.categories_created, report.error_count, report.notice_count), (4, 0, 0));
        assert_eq!(
            sorted_export(app).await,
            [
                "Crème brûlée,5.00,,creme-brulee,,0,Home > Food,DRAFT",
                "Mug,9.90,M-1,big-mug,\"Two",
                "lines, \"\"quoted\"\"\",3,Home > Kitchen | Sale,ACTIVE",
            ]
        );
        let hidden = app.sql_number("SELECT count(*) FROM categories WHERE NOT visible OR NOT published");
        assert_eq!(hidden.await, 0);
        let placed = "SELECT count(*) FROM categories WHERE slug = 'food' AND position = 1 AND path = '00000001'";
        assert_eq!(app.sql_number(placed).await, 1);
    })
    .await;
}

#[tokio::test]
async fn an_unchanged_row_writes_nothing() {
    on_both_databases(async |app| {
        let file = "name,price,sku,categories\nMug,9.90,M-1,Home\nCup,5,,Home > Kitchen\n";
        import(app, file).await;
        let statements = app.record_statements(async {
            assert_eq!(counts(&import(app, file).await), [0, 0, 2, 0]);
        });
        let writes = ["INSERT", "UPDATE ", "DELETE"];
        let statements = statements.await;
        let mut wrote = statements
            .iter()
            .filter(|statement| writes.iter().any(|write| statement.sql.starts_with(write)));
        assert!(wrote.next().is_none());
        assert_eq!(app.sql_number("SELECT max(version) FROM products").await, 1);
        assert_eq!(app.count("audit_log").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_dry_run_reports_and_changes_nothing() {
    on_both_databases(async |app| {
        let file = "name,price,sku,slug,categories\n\
            Mug,1,M-1,mug,Home > Kitchen\nMug,2,M-1,mug,Home\nBad,x,,,Home\nCup,1,C-1,mug,Home\nCup,1,C-1,,Home\n";
        let dry = import_with(app, file, DRY_RUN).await;
        assert!(dry.dry_run);
        for table in ["products", "categories", "audit_log", "product_categories"] {
            assert_eq!(app.count(table).await, 0, "{table}");
        }
        let wet = import(app, file).await;
        assert_eq!(counts(&dry), counts(&wet));
        assert_eq!((dry.rows, dry.categories_created), (wet.rows, wet.categories_created));
        assert_eq!((errors(&dry), dry.categories_created), (errors(&wet), 2));
        let again = import_with(app, file, DRY_RUN).await;
        assert_eq!((counts(&again), again.categories_created), ([0, 2, 1, 2], 0));
    })
    .await;
}

#[tokio::test]
async fn all_or_nothing_imports_everything_or_nothing() {
    on_both_databases(async |app| {
        let good = "name,price,sku,categories\nMug,1,M-1,Home\nCup,1,C-1,Home > Kitchen\n";
        let bad = format!("{good}Bowl,x,B-1,Home\n");
        let late = format!("{good}Mug,1,X-1,\n");
        for (file, error) in [
            (
                &bad,
                "4 price The price must be a decimal number such as 19.99.",
            ),
            (&late, "4 categories A new product requires a category."),
        ] {
            let report = import_with(app, file, ALL).await;
            assert_eq!((report.rows, counts(&report)), (3, [0, 0, 0, 1]));
            assert_eq!(
                (errors(&report), report.categories_created),
                (vec![error.to_owned()], 0)
            );
            for table in ["products", "categories", "audit_log"] {
                assert_eq!(app.count(table).await, 0, "{table}");
            }
        }
        assert_eq!(counts(&import_with(app, good, ALL).await), [2, 0, 0, 0]);
        assert_eq!(app.count("audit_log").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_batch_costs_as_many_statements_as_a_row() {
    on_both_databases(async |app| {
        let mut costs = Vec::new();
        for (first, count) in [(0, 1), (0, 1_000), (0, 1_000), (5_000, 2), (5_000, 1_000)] {
            let file = many(first + count);
            let (header, rows) = file.split_once('\n').unwrap();
            let rows: Vec<_> = rows.lines().skip(first).collect();
            let file = format!("{header}\n{}", rows.join("\n"));
            let statements = app.record_statements(import(app, &file)).await;
            costs.push(statements.len());
        }
        assert!(costs.iter().all(|cost| *cost <= 34), "{costs:?}");
    })
    .await;
}

#[tokio::test]
async fn an_import_of_many_batches_has_one_audit_entry() {
    on_both_databases(async |app| {
        let file = many(2_500);
        let report = import(app, &file).await;
        assert_eq!((counts(&report), report.categories_created), ([2_500, 0, 0, 0], 11));
        assert_eq!(counts(&import_with(app, &file, DRY_RUN).await), [0, 0, 2_500, 0]);
        let query = "{ auditLog { nodes { action actorId changes { field before after } } } }";
        let data = app.admin().await.data(query, serde_json::json!({})).await;
        let nodes = data["auditLog"]["nodes"].as_array().unwrap();
        let imports: Vec<_> = nodes.iter().filter(|node| node["action"] == "importProducts").collect();
        let change = |field: &str, after: &str| serde_json::json!({"field": field, "before": null, "after": after});
        assert_eq!(imports.len(), 1);
        assert_eq!(imports[0]["actorId"], serde_json::Value::Null);
        let expected = [change("productsCreated", "2500"), change("categoriesCreated", "11")];
        assert_eq!(imports[0]["changes"], serde_json::json!(expected));
    })
    .await;
}

#[tokio::test]
async fn concurrent_imports_of_a_file_lose_and_double_no_row() {
    on_both_databases(async |app| {
        let file = many(300);
        let mut backwards: Vec<_> = file.lines().skip(1).collect();
        backwards.reverse();
        let header = file.lines().next().unwrap();
        let other = format!("{header}\n{}", backwards.join("\n"));
        let reports = stream::iter(0..6)
            .map(|number| import(app, if number % 2 == 0 { &file } else { &other }))
            .buffer_unordered(6)
            .collect::<Vec<_>>()
            .await;
        let mut created = 0;
        for report in &reports {
            assert_eq!(errors(report), Vec::<String>::new());
            assert_eq!(report.created + report.unchanged + report.updated, 300);
            created += report.created;
        }
        assert_eq!(created, 300);
        assert_eq!(app.count("products").await, 300);
        assert_eq!(app.count("categories").await, 11);
        assert_eq!(app.count("product_categories").await, 300);
    })
    .await;
}

#[tokio::test]
async fn an_import_stops_between_batches_on_shutdown() {
    on_both_databases(async |app| {
        let file = many(3_000);
        let (stopper, stop) = watch::channel(false);
        let chunks = stream::iter(file.as_bytes().chunks(1_000))
            .map(|chunk| Ok(Bytes::copy_from_slice(chunk)));
        let mut observe = |event: Event<'_>| {
            if let Event::Progress(_) = event {
                stopper.send_replace(true);
            }
        };
        let options = Options::default();
        let report = import_for_operator(&app.state, chunks, options, stop, &mut observe).await;
        assert_eq!(counts(&report.unwrap()), [1_000, 0, 0, 0]);
        assert_eq!(app.count("products").await, 1_000);
    })
    .await;
}

#[tokio::test]
async fn a_truncated_file_imports_whole_batches() {
    on_both_databases(async |app| {
        let file = many(1_500);
        for (options, left) in [(ALL, 0), (Options::default(), 1_000)] {
            let broken = Err(Error::bad_input("file", "The client is gone."));
            let chunks = file
                .as_bytes()
                .chunks(1_000)
                .map(|chunk| Ok(Bytes::copy_from_slice(chunk)));
            let chunks = stream::iter(chunks.chain([broken]));
            let (_running, stop) = watch::channel(false);
            let done = import_for_operator(&app.state, chunks, options, stop, &mut |_| ()).await;
            assert_eq!(done.unwrap_err().message(), "The client is gone.");
            assert_eq!(app.count("products").await, left);
        }
    })
    .await;
}

#[tokio::test]
async fn image_addresses_are_validated_and_unknown_columns_reported() {
    on_both_databases(async |app| {
        let file = "name,price,categories,image_url,Farbe\nA,1,Home,https://x.example/a.png,red\n\
            B,1,Home,,\nC,1,Home,ftp://x.example/c.png,\n";
        let report = import(app, file).await;
        assert_eq!(counts(&report), [2, 0, 0, 1]);
        assert_eq!(
            lines(&report.notices),
            ["1 Farbe This column is unknown and is ignored."]
        );
        assert_eq!(
            lines(&report.errors),
            ["4 image_url The address must begin with https:// or http://."]
        );
        let mut file = "name,price,image_url\n".to_owned();
        for _ in 0..1_200 {
            file.push_str("A,x,https://x.example/a.png\n");
        }
        let report = import(app, &file).await;
        assert_eq!((report.errors.len(), report.error_count), (1_000, 1_200));
    })
    .await;
}
