//! Limits of imports.

use std::fmt::Write;
use std::time::{Duration, Instant};

use futures_util::stream;
use serde_json::json;
use tokio::sync::watch;
use wares::catalog::import_export::service::{Event, Options, import_for_operator};
use wares::core::error::Error;

use crate::harness::csv_files::{counts, errors, export, import, import_error, lines, many};
use crate::harness::{Form, on_both_databases, products, sqlite_app};

#[tokio::test]
async fn a_column_name_is_truncated_in_messages() {
    on_both_databases(async |app| {
        let name = "x\u{7}".repeat(450_000);
        for known in ["name,price", "Handle,Title,Variant Price"] {
            let mut file = format!("\u{feff}{known},{name}\n").into_bytes();
            let commas = known.matches(',').count() + 1;
            for _ in 0..500 {
                file.extend(std::iter::repeat_n(b',', commas));
                file.extend_from_slice(b"caf\xe9\n");
            }
            let (_running, stop) = watch::channel(false);
            let chunks = stream::iter([Ok(bytes::Bytes::from(file))]);
            let options = Options::default();
            let report = import_for_operator(&app.state, chunks, options, stop, &mut |_| ()).await;
            let report = report.unwrap();
            assert_eq!(report.error_count, 500, "{known}");
            for issue in report.errors.iter().chain(&report.notices) {
                let column = issue.column.as_deref().unwrap();
                assert_eq!(column, "x".repeat(60));
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_file_has_at_most_1000_columns() {
    on_both_databases(async |app| {
        let header = |count: usize| format!("name,price{}\n", ",x".repeat(count - 2));
        assert_eq!(counts(&import(app, &header(1_000)).await), [0; 4]);
        let message = import_error(app, header(1_001).as_bytes()).await;
        assert!(message.contains("more than 1,000 columns"), "{message}");
    })
    .await;
}

#[tokio::test]
async fn a_quote_within_a_column_name_is_literal() {
    on_both_databases(async |app| {
        for (file, column) in [
            ("name;price;categories;15\" wide\nA;1;Home;x\n", "15\" wide"),
            (
                "name,price,categories,\"15\"\" wide\"\nA,1,Home,x\n",
                "15\" wide",
            ),
            (
                "name,price,categories,\"a;b;c;d;e\nf\"\nA,1,Home,x\n",
                "a;b;c;d;e f",
            ),
        ] {
            let report = import(app, file).await;
            assert_eq!((report.rows, report.error_count), (1, 0), "{file}");
            let expected = format!("1 {column} This column is unknown and is ignored.");
            assert_eq!(lines(&report.notices), [expected]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_long_first_line_in_many_chunks_is_read_once() {
    let app = sqlite_app().await;
    let file = format!("name,price,{}\nPan,1,x\n", "x".repeat(1_000_000));
    let pieces = file.as_bytes().chunks(256);
    let pieces: Vec<_> = pieces.map(bytes::Bytes::copy_from_slice).map(Ok).collect();
    let (_running, stop) = watch::channel(false);
    let (options, begun) = (Options::default(), Instant::now());
    let file = stream::iter(pieces);
    let report = import_for_operator(&app.state, file, options, stop, &mut |_| ()).await;
    assert_eq!(report.unwrap().rows, 1);
    // With a repeated scan for each chunk, this takes a minute.
    let taken = begun.elapsed();
    assert!(taken < Duration::from_secs(10), "{taken:?}");
}

#[tokio::test]
async fn all_or_nothing_imports_are_limited_to_one_window() {
    let app = sqlite_app().await;
    let admin = app.admin().await;
    let query = "mutation($file: Upload!) { importProducts(file: $file, allOrNothing: true) {
        report { rows failed } userErrors { code field message } } }";
    let operations = json!({"query": query, "variables": {"file": null}});
    for (count, is_refused) in [(50_000, false), (50_001, true)] {
        // Rows without categories fail.
        let form = Form::new(&operations, &json!({"0": ["variables.file"]}));
        let body = form.file("0", &products(count)).end();
        let response = admin.upload(body).await;
        let payload = &response.json["data"]["importProducts"];
        if is_refused {
            assert_eq!(payload["report"], json!(null), "{}", response.text);
            let import_error = &payload["userErrors"][0];
            assert_eq!(
                (&import_error["code"], &import_error["field"]),
                (&json!("BAD_USER_INPUT"), &json!("file"))
            );
            assert!(
                import_error["message"]
                    .as_str()
                    .unwrap()
                    .contains("50,000 rows or 32 MiB")
            );
        } else {
            assert_eq!(payload["report"], json!({"rows": count, "failed": count}));
        }
    }
    assert_eq!(app.count("audit_log").await, 0);
}

#[tokio::test]
async fn a_failed_all_or_nothing_import_releases_its_locks() {
    on_both_databases(async |app| {
        let mut file = "name,price,slug,categories\nBad,x,,Home\n".to_owned();
        for number in 0..50_000 {
            writeln!(file, "A,x,a-{number},Home").unwrap();
        }
        // Another transaction writes before the second window is complete.
        let first = bytes::Bytes::from(file);
        let others = async {
            app.admin().await;
            Ok::<_, Error>(bytes::Bytes::from_static(b"Bad,x,,Home\n"))
        };
        let chunks = Box::pin(futures_util::StreamExt::chain(
            stream::iter([Ok(first)]),
            stream::once(others),
        ));
        let options = Options {
            all_or_nothing: true,
            ..Options::default()
        };
        let (_running, stop) = watch::channel(false);
        let report = import_for_operator(&app.state, chunks, options, stop, &mut |_| ()).await;
        assert_eq!(report.unwrap().failed, 50_002);
    })
    .await;
}

#[tokio::test]
async fn an_aborted_import_reports_its_progress() {
    on_both_databases(async |app| {
        let file = bytes::Bytes::from(many(1_500));
        let broken = Err(Error::bad_input("file", "The client is gone."));
        let chunks = stream::iter([Ok(file), broken]);
        let (_running, stop) = watch::channel(false);
        let mut created = 0;
        let mut observe = |event: Event<'_>| {
            if let Event::Progress(counts) = event {
                created = counts.created;
            }
        };
        let options = Options::default();
        let done = import_for_operator(&app.state, chunks, options, stop, &mut observe).await;
        done.unwrap_err();
        assert_eq!(created, 1_000);
    })
    .await;
}

#[tokio::test]
async fn an_all_or_nothing_import_stops_within_one_window() {
    on_both_databases(async |app| {
        let (stopper, stop) = watch::channel(false);
        let chunks = stream::iter([Ok(bytes::Bytes::from(many(3_000)))]);
        let mut observe = |event: Event<'_>| {
            if let Event::Progress(_) = event {
                stopper.send_replace(true);
            }
        };
        let options = Options {
            all_or_nothing: true,
            ..Options::default()
        };
        let report = import_for_operator(&app.state, chunks, options, stop, &mut observe).await;
        assert_eq!(report.unwrap().rows, 1_000);
        assert_eq!(app.count("products").await, 0);
    })
    .await;
}

#[tokio::test]
async fn categories_are_not_created_when_positions_run_out() {
    on_both_databases(async |app| {
        app.shop().category("last", None, 65_534, |_| ()).await;
        let head = "name,price,categories\n";
        let report = import(app, &format!("{head}A,1,One > Deep | Two\n")).await;
        assert_eq!(
            errors(&report),
            ["2 categories The parent category already has the maximum number of children."]
        );
        assert_eq!(
            (app.count("categories").await, report.categories_created),
            (1, 0)
        );
        // There is room for one category. Its name is compared without case.
        let report = import(app, &format!("{head}A,1,One | ONE > Deep\nB,1,Two\n")).await;
        assert_eq!(
            (counts(&report), report.categories_created),
            ([1, 0, 0, 1], 2)
        );
        assert!(
            export(app)
                .await
                .starts_with("A,1.00,,a,,0,One | One > Deep,")
        );
    })
    .await;
}
