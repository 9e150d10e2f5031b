//! Importing products from CSV files.

use std::fmt::Write;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::sync::watch;
use wares::catalog::import_export::service::{Event, Export, Options, Report, import_for_operator};
use wares::core::error::{Code, Error};

use crate::harness::{App, Backend, on_both_databases};

/// The options of `--dry-run` and `--all-or-nothing`.
const DRY_RUN: Options = Options {
    dry_run: true,
    all_or_nothing: false,
    columns: Vec::new(),
};
const ALL: Options = Options {
    dry_run: false,
    all_or_nothing: true,
    columns: Vec::new(),
};

/// Imports a file in chunks of 7 bytes.
pub async fn try_import(app: &App, file: &[u8], options: Options) -> Result<Report, Error> {
    let chunks: Vec<_> = file
        .chunks(7)
        .map(|chunk| Ok(Bytes::copy_from_slice(chunk)))
        .collect();
    let (_running, stop) = watch::channel(false);
    import_for_operator(&app.state, stream::iter(chunks), options, stop, &mut |_| ()).await
}

pub async fn import_with(app: &App, file: &str, options: Options) -> Report {
    try_import(app, file.as_bytes(), options).await.unwrap()
}

pub async fn import(app: &App, file: &str) -> Report {
    import_with(app, file, Options::default()).await
}

/// Returns the numbers of created, updated, unchanged and failed rows.
pub fn counts(report: &Report) -> [u64; 4] {
    [
        report.created,
        report.updated,
        report.unchanged,
        report.failed,
    ]
}

/// Returns each error as a line: line number, column, message.
pub fn errors(report: &Report) -> Vec<String> {
    assert_eq!(report.errors.len() as u64, report.error_count);
    lines(&report.errors)
}

pub fn lines(issues: &[wares::catalog::import_export::service::RowIssue]) -> Vec<String> {
    let issues = issues.iter();
    issues
        .map(|issue| {
            let column = issue.column.as_deref().unwrap_or("-");
            format!("{} {column} {}", issue.line, issue.message)
        })
        .collect()
}

/// Exports the products without the header.
pub async fn export(app: &App) -> String {
    let mut export = Export::begin(&app.state).await.unwrap();
    let mut text = Vec::new();
    while let Some(piece) = export.next().await.unwrap() {
        text.extend_from_slice(&piece);
    }
    let text = String::from_utf8(text).unwrap();
    let (header, rows) = text.split_once("\r\n").unwrap();
    assert_eq!(
        header,
        "name,price,sku,slug,description,stock,categories,status"
    );
    rows.replace("\r\n", "\n")
}

pub async fn sorted_export(app: &App) -> Vec<String> {
    let mut lines: Vec<_> = export(app).await.lines().map(ToOwned::to_owned).collect();
    lines.sort();
    lines
}

pub async fn import_error(app: &App, file: &[u8]) -> String {
    let error = try_import(app, file, Options::default()).await.unwrap_err();
    assert_eq!(error.code(), Code::BadUserInput);
    let Error::Refused(errors) = error else {
        panic!("{error:?}")
    };
    assert_eq!(errors[0].field.as_deref(), Some("file"));
    errors[0].message.clone()
}

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
async fn invalid_rows_are_reported_and_the_others_imported() {
    on_both_databases(async |app| {
        let long = "x".repeat(201);
        let file = format!(
            "name,price,sku,slug,description,stock,categories,status\n\
             Good,1,,,,,Home,\n\
             A,-1,,,,,Home,\n\
             A,0.001,,,,,Home,\n\
             A,1e30,,,,,Home,\n\
             A,NaN,,,,,Home,\n\
             A,,,,,,Home,\n\
             A,9223372036854775808,,,,,Home,\n\
             A,99999999999.99,,,,,Home,\n\
             A,1,,,,-1,Home,\n\
             A,1,,,,2147483648,Home,\n\
             A,1,,,,+1,Home,\n\
             A\0B,1,,,,,Home,\n\
             A,1,,,a\0b,,Home,\n\
             A,1,a\0b,,,,Home,\n\
             A,1,,Not a slug,,,Home,\n\
             ,1,,,,,Home,\n\
             {long},1,,,,,Home,\n\
             A,1,,,,,Home,GONE\n\
             A,1,,,,,Home > > Kitchen,\n\
             A,1,,,,,1>2>3>4>5>6>7>8>9,\n\
             A,1,,,,,,\n\
             A,1\n\
             A,1,,,,,Home,,x\n\
             \"A\"B,1,,,,,Home,\n\
             ,x,,,,y,Home,\n\
             Good too,1,,,,,Home,\n\
             \"A,1,,,,,Home,\n"
        );
        let report = import(app, &file).await;
        assert_eq!((report.rows, counts(&report)), (27, [2, 0, 0, 25]));
        insta::allow_duplicates! { insta::assert_snapshot!(errors(&report).join("\n"), @r"
        3 price A price must not be negative.
        4 price An amount in this shop's currency has at most 2 decimals.
        5 price The price must be a decimal number such as 19.99.
        6 price The price must be a decimal number such as 19.99.
        7 price The price must be a decimal number such as 19.99.
        8 price The price must be a decimal number such as 19.99.
        9 price This amount is too large.
        10 stock The stock must be a whole number from 0 to 2147483647.
        11 stock The stock must be a whole number from 0 to 2147483647.
        12 stock The stock must be a whole number from 0 to 2147483647.
        13 name Control characters are not allowed.
        14 description Control characters are not allowed.
        15 sku Control characters are not allowed.
        16 slug A slug consists of lower-case letters and digits, with single hyphens between words.
        17 name This must not be empty.
        18 name At most 200 characters are allowed.
        19 status The status must be DRAFT, ACTIVE or ARCHIVED.
        20 categories Category name: This must not be empty.
        21 categories Categories can be nested at most 8 levels deep.
        22 categories A new product requires a category.
        23 categories A new product requires a category.
        24 - The row has 9 columns, the header has 8.
        25 - Text follows a closing quote. Double the quotes within a quoted field.
        26 name This must not be empty.
        26 price The price must be a decimal number such as 19.99.
        26 stock The stock must be a whole number from 0 to 2147483647.
        28 - A quoted field is not closed.
        "); }
        assert_eq!(report.categories_created, 1);
        assert_eq!(app.count("categories").await, 1);
        assert_eq!(app.count("products").await, 2);
    })
    .await;
}

#[tokio::test]
async fn csv_dialects_are_read_alike() {
    on_both_databases(async |app| {
        for (number, file) in [
            "name,price,description,categories\nA 0,1,\"b, c\",Home\n",
            "\u{feff}name,price,description,categories\nA 1,1,\"b, c\",Home\n",
            "name;price;description;categories\nA 2;1;b, c;Home\n",
            "name\tprice\tdescription\tcategories\nA 3\t1\tb, c\tHome\n",
            "name,price,description,categories\r\nA 4,1,\"b, c\",Home\r\n",
            "name,price,description,categories\rA 5,1,\"b, c\",Home\r",
            "name,price,description,categories\nA 6,1,\"b, c\",Home",
            "\n\r\nNAME , Price,\"Description\",CATEGORIES\n\n\n\"A 7\",\"1\",\"b, c\",\"Home\"\n\n,,,\n\n",
            "\u{feff}\"name\";\"price\";\"description\";\"categories\"\r\n\"A 8\";\"1\";\"b, c\";\"Home\"",
        ]
        .into_iter()
        .enumerate()
        {
            let report = import(app, file).await;
            assert_eq!((report.rows, counts(&report)), (1, [1, 0, 0, 0]), "{file:?}");
            assert_eq!(report.notice_count, 0);
            let line = format!("A {number},1.00,,a-{number},\"b, c\",0,Home,DRAFT");
            assert!(sorted_export(app).await.contains(&line), "{file:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn lines_are_counted_as_an_editor_does() {
    on_both_databases(async |app| {
        for end in ["\n", "\r\n", "\r"] {
            let lines = [
                "",
                "name,price,description",
                "A,x,\"one",
                "two",
                "",
                "four\"",
                "",
                "A,y,",
                "A,z,",
            ];
            let report = import(app, &lines.join(end)).await;
            let error_lines: Vec<_> = report.errors.iter().map(|issue| issue.line).collect();
            assert_eq!(error_lines, [3, 8, 9], "{end:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_file_that_is_not_csv_is_refused() {
    on_both_databases(async |app| {
        for (file, why) in [
            (b"".as_slice(), "It is empty."),
            (b"\n\r\n\n", "It is empty."),
            (b"\xef\xbb\xbf", "It is empty."),
            (b"price,sku\n1,2\n", "no column called name"),
            (b"name,sku\n1,2\n", "no column called price"),
            (b"name,price,Name\n1,2,3\n", "two columns called name"),
            (
                b"n\xe4me,price\n1,2\n",
                "Its columns are: n\u{e4}me, price.",
            ),
            (b"\xff\xfen\0a\0m\0e\0,\0", "no column called price"),
            (b"n\0a\0m\0e\0,\0p\0r\0i\0c\0\n\0", "no column called price"),
            (b"PK\x03\x04\x14\0\0\0\x08\0\n", "ZIP archive"),
            (b"\"name,price\nA,1\n", "quoted field is not closed"),
        ] {
            let message = import_error(app, file).await;
            assert!(message.contains(why), "{file:?}: {message}");
        }
        assert_eq!(app.count("products").await, 0);
    })
    .await;
}

#[tokio::test]
async fn an_unreadable_row_does_not_affect_the_others() {
    on_both_databases(async |app| {
        let mut file = "name,price,description,categories\nA,1,caf\u{e9},Home\n"
            .as_bytes()
            .to_vec();
        file.extend_from_slice(b"B,1,caf\xe9,Home\n");
        file.extend_from_slice(b"C,1,\"x\" y,Home\n");
        file.extend_from_slice(b"D,1,");
        file.extend(std::iter::repeat_n(b'x', 1_100_000));
        file.extend_from_slice(b",Home\nE,1,,Home\n");
        let report = try_import(app, &file, Options::default()).await.unwrap();
        assert_eq!(counts(&report), [2, 0, 0, 3]);
        insta::allow_duplicates! { insta::assert_snapshot!(errors(&report).join("\n"), @r"
        3 description The text is not valid in the encoding of the file: save it as CSV (UTF-8).
        4 - Text follows a closing quote. Double the quotes within a quoted field.
        5 - The row exceeds 1 MiB. A quoted field may be unclosed.
        "); }
    })
    .await;
}

#[tokio::test]
async fn a_too_long_row_is_not_split_into_rows() {
    on_both_databases(async |app| {
        let mut file = b"name,price,description,categories\n".to_vec();
        file.extend_from_slice(b"A,1,\"");
        for _ in 0..30_000 {
            file.extend_from_slice(b"Forged,0.01,\"\"like a row\"\",Home\n");
        }
        file.extend_from_slice(b"\",\"Home\"\nB,1,,Home\n");
        let report = try_import(app, &file, Options::default()).await.unwrap();
        assert_eq!((counts(&report), report.rows), ([1, 0, 0, 1], 2));
        assert_eq!(report.errors[0].line, 2);
        // An unclosed quote extends to the end of the file.
        let mut file = b"name,price,description,categories\nC,1,\"x,Home\n".to_vec();
        for number in 0..60_000 {
            file.extend_from_slice(format!("Swallowed {number},0.01,,Home\n").as_bytes());
        }
        let report = try_import(app, &file, Options::default()).await.unwrap();
        assert_eq!((counts(&report), report.rows), ([0, 0, 0, 1], 1));
        assert_eq!(app.count("products").await, 1);
    })
    .await;
}

#[tokio::test]
async fn products_are_matched_by_sku_then_slug_then_name() {
    on_both_databases(async |app| {
        let start = "name,price,sku,slug,categories\nMug,1,M-1,mug,Home\nCup,1,,cup,Home\nBowl,1,,bowl,Home\n";
        import(app, start).await;
        // Matched by SKU, with a new name and slug; by slug, with a new SKU; by name.
        let file = "name,price,sku,slug\nBig mug,1,M-1,big-mug\nTea cup,1,C-1,cup\nBowl,2,,\n";
        let report = import(app, file).await;
        assert_eq!((counts(&report), errors(&report)), ([0, 3, 0, 0], vec![]));
        assert_eq!(
            sorted_export(app).await,
            [
                "Big mug,1.00,M-1,big-mug,,0,Home,DRAFT",
                "Bowl,2.00,,bowl,,0,Home,DRAFT",
                "Tea cup,1.00,C-1,cup,,0,Home,DRAFT",
            ]
        );
        assert_eq!(app.sql_number("SELECT min(version) FROM products").await, 2);
        // The former slug still resolves, until another product takes it.
        let old = "SELECT count(*) FROM product_slugs WHERE slug = 'mug'";
        assert_eq!(app.sql_number(old).await, 1);
        let report = import(app, "name,price,slug,categories\nMug,1,mug,Home\n").await;
        assert_eq!(counts(&report), [1, 0, 0, 0]);
        assert_eq!(app.sql_number(old).await, 0);
    })
    .await;
}

#[tokio::test]
async fn rows_that_name_two_products_are_refused() {
    on_both_databases(async |app| {
        let start = "name,price,sku,slug,categories\nMug,1,M-1,mug,Home\nMug,1,M-2,mug-2,Home\n";
        import(app, start).await;
        let file = "name,price,sku,slug\nMug,2,M-1,mug-2\nMug,2,,\nMug,2,,mug\n";
        let report = import(app, file).await;
        insta::allow_duplicates! { insta::assert_snapshot!(errors(&report).join("\n"), @r"
        2 slug The product with this slug has another SKU.
        3 name Several products have this name. Identify the product by SKU or slug.
        "); }
        // The third row is matched by its slug, and its SKU is removed.
        assert_eq!(counts(&report), [0, 1, 0, 2]);
        assert_eq!(
            sorted_export(app).await,
            [
                "Mug,1.00,M-2,mug-2,,0,Home,DRAFT",
                "Mug,2.00,,mug,,0,Home,DRAFT"
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn absent_columns_leave_fields_unchanged() {
    on_both_databases(async |app| {
        let start = "name,price,sku,slug,description,stock,categories,status\n\
            Mug,1,M-1,mug,Fine,7,Home | Sale,ACTIVE\n";
        import(app, start).await;
        assert_eq!(
            counts(&import(app, "sku,name,price\nM-1,Mug,1.00\n").await),
            [0, 0, 1, 0]
        );
        let empty = "name,price,sku,slug,stock,categories,status\nMug,1,M-1,,,,\n";
        assert_eq!(counts(&import(app, empty).await), [0, 0, 1, 0]);
        // An empty description replaces the existing one.
        let report = import(app, "name,price,sku,description\nMug,1,M-1,\n").await;
        assert_eq!(counts(&report), [0, 1, 0, 0]);
        assert_eq!(
            export(app).await,
            "Mug,1.00,M-1,mug,,7,Home | Sale,ACTIVE\n"
        );
    })
    .await;
}

#[tokio::test]
async fn a_repeated_product_is_updated_again() {
    on_both_databases(async |app| {
        let file = "name,price,sku,slug,categories\n\
            Mug,1,M-1,mug,Home\nMug,2,M-1,big-mug,Home\nCup,1,,,Home\nCup,3,,,Home\nMug,1,X-1,mug,Home\n";
        let report = import(app, file).await;
        assert_eq!((counts(&report), errors(&report)), ([3, 2, 0, 0], vec![]));
        assert_eq!(
            sorted_export(app).await,
            [
                "Cup,3.00,,cup,,0,Home,DRAFT",
                "Mug,1.00,X-1,mug,,0,Home,DRAFT",
                "Mug,2.00,M-1,big-mug,,0,Home,DRAFT",
            ]
        );
        assert_eq!(app.count("product_slugs").await, 0);
    })
    .await;
}

#[tokio::test]
async fn an_sku_given_up_by_one_row_is_free_for_the_next() {
    on_both_databases(async |app| {
        let mut start = "name,price,sku,slug,categories\n".to_owned();
        let (mut file, mut expected) = (start.clone(), Vec::new());
        for number in 0..20 {
            writeln!(start, "A,1,S-{number},s-{number},Home").unwrap();
            // Each row takes the slug of the previous row. A single statement cannot do this in any order.
            let slug = if number == 0 { 99 } else { number - 1 };
            writeln!(file, "A,1,S-{number},s-{slug},Home").unwrap();
            expected.push(format!("A,1.00,S-{number},s-{slug},,0,Home,DRAFT"));
        }
        import(app, &start).await;
        for options in [DRY_RUN, ALL] {
            let report = import_with(app, &file, options).await;
            assert_eq!((counts(&report), errors(&report)), ([0, 20, 0, 0], vec![]));
        }
        expected.sort();
        assert_eq!(sorted_export(app).await, expected);
        assert_eq!(app.count("product_slugs").await, 1);
        // In reverse.
        assert_eq!(counts(&import(app, &start).await), [0, 1, 0, 19]);
    })
    .await;
}

#[tokio::test]
async fn generated_slugs_avoid_current_and_previous_ones() {
    on_both_databases(async |app| {
        let start = "name,price,sku,slug,categories\nX,1,S-0,mug,Home\nY,1,S-1,mug-2,Home\n";
        import(app, start).await;
        import(app, "name,price,sku,slug\nY,1,S-1,y\n").await;
        let mut file = "name,price,sku,categories\n".to_owned();
        for number in 0..40 {
            writeln!(file, "Mug,1,N-{number},Home").unwrap();
        }
        assert_eq!(counts(&import(app, &file).await), [40, 0, 0, 0]);
        assert_eq!(
            app.sql_number("SELECT count(*) FROM products WHERE slug LIKE 'mug%'")
                .await,
            41
        );
        assert_eq!(
            app.sql_number("SELECT count(*) FROM products WHERE slug = 'mug-2'")
                .await,
            0
        );
        assert_eq!(
            app.sql_number("SELECT count(*) FROM products WHERE slug = 'mug-3'")
                .await,
            1
        );
        assert_eq!(counts(&import(app, &file).await), [0, 0, 40, 0]);
    })
    .await;
}

#[tokio::test]
async fn categories_are_matched_by_name() {
    on_both_databases(async |app| {
        let shop = app.shop();
        let home = shop
            .category("home", None, 0, |new| new.name = "Home".to_owned())
            .await;
        let twin = shop
            .category("home-2", None, 1, |new| new.name = "Home".to_owned())
            .await;
        let kitchen = shop
            .category("kitchen", Some(&twin), 0, |new| {
                new.name = "Kitchen".to_owned();
            })
            .await;
        let secret = |new: &mut wares::catalog::category::service::NewCategory| {
            new.name = "Secret".to_owned();
            new.published = false;
        };
        let secret = shop.category("secret", None, 2, secret).await;
        shop.product("one", &twin, |_| ()).await;
        let file = "name,price,slug,categories\n\
            one,10,one,Home\n\
            two,1,two,HOME > kitchen\n\
            three,1,three,Home | home\n\
            four,1,four,Secret > Deep\n\
            five,1,five,A \\> B \\| \\\\C\\D >E\n";
        let report = import(app, file).await;
        assert_eq!(errors(&report), Vec::<String>::new());
        // The first product is assigned to the category of the same name; the second finds the kitchen below the
        // other one.
        assert_eq!(
            (counts(&report), report.categories_created),
            ([4, 0, 1, 0], 3)
        );
        for (slug, category) in [("two", kitchen.id), ("three", home.id)] {
            let id = category.0.simple();
            let literal = match app.backend {
                Backend::Sqlite => format!("x'{id}'"),
                Backend::Postgres => format!("'{id}'::uuid"),
            };
            let sql = format!(
                "SELECT count(*) FROM products WHERE slug = '{slug}' AND category_id = {literal}"
            );
            assert_eq!(app.sql_number(&sql).await, 1, "{slug}");
        }
        // Categories created below a hidden one are hidden.
        assert!(!secret.visible);
        let deep =
            "SELECT count(*) FROM categories WHERE name = 'Deep' AND NOT visible AND published";
        assert_eq!(app.sql_number(deep).await, 1);
        assert!(export(app).await.contains(",A \\> B \\| \\\\C\\\\D > E,"));
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

/// Returns a file with this number of products in 10 categories.
pub fn many(count: usize) -> String {
    let mut file = "name,price,sku,slug,description,stock,categories,status\n".to_owned();
    for number in 0..count {
        let category = number % 10;
        let price = number % 100;
        writeln!(file, "Thing {number},{price}.50,T-{number},thing-{number},Of use,{number},Shop > Shelf {category},ACTIVE").unwrap();
    }
    file
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
        assert!(costs.iter().all(|cost| *cost <= 20), "{costs:?}");
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
