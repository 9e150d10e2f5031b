//! Variants in our own CSV files: several rows for one product.

use std::fmt::Write;

use serde_json::{Value, json};
use wares::catalog::import_export::service::ExportFormat;
use wares::core::id::TypedId;

use crate::catalog::importing::{ALL, DRY_RUN};
use crate::harness::csv_files::{
    counts, errors, export_file, import, import_with, lines, many, try_import,
};
use crate::harness::{App, on_both_databases};

/// Invented products: one with three options, a scheduled draft, and one that is not shipped.
const FILE: &str = include_str!("../files/own_variants.csv");
/// The columns of files with one option.
pub const SIZES: &str =
    "name,price,sku,slug,stock,categories,option1_name,option1_value,compare_at_price\n";

/// Returns the variants of a product as `S / Red SKU 19.00 12`.
pub async fn variants(app: &App, slug: &str) -> Vec<String> {
    let query = "query($slug: String!) { product(slug: $slug) { variants {
        sku price { amount } stock options { value } } } }";
    let data = app.admin().await.data(query, json!({"slug": slug})).await;
    let variants = data["product"]["variants"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let line = |variant: &Value| {
        let options = variant["options"].as_array().unwrap().iter();
        let values: Vec<_> = options.map(|option| text(&option["value"])).collect();
        let (sku, price) = (text(&variant["sku"]), text(&variant["price"]["amount"]));
        format!("{} {sku} {price} {}", values.join(" / "), variant["stock"])
    };
    variants.map(line).collect()
}

/// Imports an export, which must change nothing.
pub async fn assert_unchanged(app: &App, format: ExportFormat) {
    let numbers = async || {
        [
            app.sql_number("SELECT CAST(SUM(version) AS bigint) FROM products")
                .await,
            app.sql_number("SELECT CAST(SUM(version) AS bigint) FROM variants")
                .await,
            app.count("stock_movements").await,
            app.count("price_history").await,
            app.count("product_option_values").await,
            app.count("audit_log").await,
        ]
    };
    let (before, file) = (numbers().await, export_file(app, format).await);
    let report = import(app, &file).await;
    assert_eq!(errors(&report), Vec::<String>::new());
    assert_eq!(lines(&report.notices), Vec::<String>::new());
    let products = app.count("products").await;
    assert_eq!(counts(&report), [0, 0, u64::try_from(products).unwrap(), 0]);
    assert_eq!(numbers().await, before);
    assert_eq!(export_file(app, format).await, file);
}

#[tokio::test]
async fn a_file_with_three_options_is_imported_and_exported() {
    on_both_databases(async |app| {
        // Also as spreadsheets on Windows save it.
        for file in [FILE.to_owned(), FILE.replace('\n', "\r\n")] {
            let dry = import_with(app, &file, DRY_RUN).await;
            let report = import(app, &file).await;
            assert_eq!((errors(&report), lines(&report.notices)), (vec![], vec![]));
            assert_eq!((report.rows, counts(&dry)), (5, counts(&report)));
        }
        assert_eq!(
            variants(app, "trail-jacket").await,
            [
                "S / Rust / Fleece TJ-S-R 89.00 4",
                "M / Rust / Fleece TJ-M-R 89.00 0",
                "M / Slate / Plain TJ-M-S 94.00 7",
            ]
        );
        let file = export_file(app, ExportFormat::Wares).await;
        for row in [
            "Trail jacket,89.00,TJ-S-R,trail-jacket,,4,Clothing > Jackets,ACTIVE,,,,,,Size,S,Color,Rust,Lining,Fleece,\
             4012345678901,109.00,640,true,true,0,2,true,,,\"rain-cap, e-book-paths\"\r\n",
            ",89.00,TJ-M-R,trail-jacket,,0,,,,,,,,,M,,Rust,,Fleece,,,660,true,true,5,,true,,,\r\n",
            ",94.00,TJ-M-S,trail-jacket,,7,,,,,,,,,M,,Slate,,Plain,,,,true,true,0,,false,,,\r\n",
            "Rain cap,19.00,RC,rain-cap,,12,Clothing,DRAFT,,,,,,,,,,,,,,,true,true,0,,true,,2027-01-01T00:00:00.000000Z,\r\n",
            "E-book: Paths,7.50,EB,e-book-paths,,0,Books,ACTIVE,,,,,,,,,,,,,,,false,false,0,,true,,,\r\n",
        ] {
            assert!(file.contains(row), "{row}: {file}");
        }
        assert_unchanged(app, ExportFormat::Wares).await;
        assert_eq!(app.sql_number("SELECT max(version) FROM products").await, 1);
    })
    .await;
}

#[tokio::test]
async fn rows_change_and_add_variants_and_leave_the_others() {
    on_both_databases(async |app| {
        let start = format!(
            "{SIZES}Cap,10,C-S,cap,1,Home,Size,S,\n,11,C-M,cap,2,,,M,\n,12,C-L,cap,3,,,L,15\n"
        );
        assert_eq!(counts(&import(app, &start).await), [1, 0, 0, 0]);
        // By its values in other case; by its SKU with another value; a new one. The second is not in the file.
        let file = format!(
            "{SIZES}Cap,9,C-S,cap,5,,SIZE,s,\n,12,C-L,cap,3,,,Large,15\n,13,C-XL,cap,7,,,XL,\n"
        );
        let report = import(app, &file).await;
        assert_eq!((counts(&report), errors(&report)), ([0, 1, 0, 0], vec![]));
        let expected = [
            "S C-S 9.00 5",
            "M C-M 11.00 2",
            "Large C-L 12.00 3",
            "XL C-XL 13.00 7",
        ];
        assert_eq!(variants(app, "cap").await, expected);
        assert_eq!(app.sql_number("SELECT version FROM products").await, 2);
        // S was lowered, and XL is new.
        assert_eq!(app.count("price_history").await, 5);
        let moved = "SELECT CAST(SUM(on_hand_delta) AS bigint) FROM stock_movements";
        assert_eq!(app.sql_number(moved).await, 5 + 2 + 3 + 7);
        let query = "{ products(search: \"C-XL\") { totalCount } }";
        let found = app.admin().await.data(query, json!({})).await;
        assert_eq!(found["products"]["totalCount"], 1);
        // SKUs are exchanged, and a row without options changes the variant with its SKU.
        let file = format!("{SIZES}Cap,9,C-M,cap,5,,Size,S,\n,11,C-S,cap,2,,,M,\n");
        assert_eq!(counts(&import(app, &file).await), [0, 1, 0, 0]);
        let report = import(app, "name,price,sku\nCap,14,C-XL\n").await;
        assert_eq!((counts(&report), errors(&report)), ([0, 1, 0, 0], vec![]));
        let expected = [
            "S C-M 9.00 5",
            "M C-S 11.00 2",
            "Large C-L 12.00 3",
            "XL C-XL 14.00 7",
        ];
        assert_eq!(variants(app, "cap").await, expected);
        assert_unchanged(app, ExportFormat::Wares).await;
    })
    .await;
}

#[tokio::test]
async fn options_are_added_to_existing_products() {
    on_both_databases(async |app| {
        import(
            app,
            "name,price,sku,slug,stock,categories\nCap,10,C-1,cap,4,Home\n",
        )
        .await;
        // The only variant is the one with its SKU.
        let file = format!("{SIZES}Cap,10,C-0,cap,1,,Size,S,\n,10,C-1,cap,4,,,M,\n");
        assert_eq!(counts(&import(app, &file).await), [0, 1, 0, 0]);
        let expected = ["M C-1 10.00 4", "S C-0 10.00 1"];
        assert_eq!(variants(app, "cap").await, expected);
        // A second option: variants get the values of their rows, others that of the first row.
        let file = "name,price,sku,slug,option1_name,option1_value,option2_name,option2_value\n\
            Cap,10,C-9,cap,Color,Red,Size,M\n,10,C-8,cap,,Blue,,M\n,10,C-7,cap,,Blue,,L\n";
        let report = import(app, file).await;
        assert_eq!((counts(&report), errors(&report)), ([0, 1, 0, 0], vec![]));
        assert_eq!(
            variants(app, "cap").await,
            [
                "M / Red C-9 10.00 4",
                "S / Red C-0 10.00 1",
                "M / Blue C-8 10.00 0",
                "L / Blue C-7 10.00 0",
            ]
        );
        assert_unchanged(app, ExportFormat::Wares).await;
    })
    .await;
}

#[tokio::test]
async fn a_product_of_1000_variants_is_not_cut() {
    on_both_databases(async |app| {
        let mut file = format!("{SIZES}First,1,F-1,first,1,Home,,,\n");
        for number in 0..700 {
            writeln!(file, "Thing {number},1,T-{number},thing-{number},1,Home,,,").unwrap();
        }
        for number in 0..1_000 {
            let (name, option) = if number == 0 {
                ("Rope", "Length")
            } else {
                ("", "")
            };
            writeln!(file, "{name},2,R-{number},rope,1,Home,{option},{number} m,").unwrap();
        }
        file.push_str("Last,1,L-1,last,1,Home,,,\n");
        let statements = app.record_statements(async {
            let report = import_with(app, &file, ALL).await;
            assert_eq!((report.rows, counts(&report)), (1_702, [703, 0, 0, 0]));
        });
        let count = statements.await.len();
        assert!(count <= 80, "{count}");
        assert_eq!(app.count("variants").await, 1_702);
        let statements = app
            .record_statements(assert_unchanged(app, ExportFormat::Wares))
            .await;
        assert!(statements.len() <= 90, "{}", statements.len());
        // One more is an error of its line, and nothing of the product changes.
        file = file.replace("\nRope,2,", "\nRope,3,");
        file.insert_str(
            file.find("Last,").unwrap(),
            ",2,R-X,rope,1,,,1 km,\n,2,R-Y,rope,1,,,2 km,\n",
        );
        let report = import(app, &file).await;
        assert_eq!(counts(&report), [0, 0, 702, 1]);
        assert_eq!(
            errors(&report),
            ["1703 option1_value A product has at most 1,000 variants."]
        );
        let more = format!("{SIZES}Rope,3,R-0,rope,1,,Length,0 m,\n,2,R-X,rope,1,,,1 km,\n");
        let report = import(app, &more).await;
        assert_eq!(
            errors(&report),
            ["3 option1_value The option \"Length\" would have more than 1,000 values."]
        );
        assert_eq!(app.sql_number("SELECT max(version) FROM products").await, 1);
    })
    .await;
}

#[tokio::test]
async fn products_with_variants_cost_statements_by_batch() {
    on_both_databases(async |app| {
        let mut costs = Vec::new();
        for price in ["1", "1", "2"] {
            let mut file = SIZES.to_owned();
            for product in 0..300 {
                for size in ["S", "M", "L"] {
                    let (name, option) = if size == "S" {
                        ("Tee", "Size")
                    } else {
                        ("", "")
                    };
                    let sku = format!("{product}-{size}");
                    writeln!(
                        file,
                        "{name},{price},{sku},tee-{product},{product},Home,{option},{size},"
                    )
                    .unwrap();
                }
            }
            let statements = app.record_statements(import(app, &file)).await;
            costs.push(statements.len());
        }
        assert!(costs.iter().all(|cost| *cost <= 40), "{costs:?}");
        assert_eq!(app.sql_number("SELECT min(version) FROM variants").await, 2);
        assert_eq!(app.count("variants").await, 900);
    })
    .await;
}

#[tokio::test]
async fn quoted_line_ends_and_other_columns_between_rows_of_a_product() {
    on_both_databases(async |app| {
        let file = "slug;option1_value;name;option1_name;price;description;categories\r\n\
            rug;\"1 x\r\n2 m\";Rug;Size;10,50;\"Two\r\nlines; \"\"quoted\"\"\";Home\r\n\
            rug;2 x 3 m;;;20,50;;\r\n\
            mat;;Mat;;5,00;;Home\r\n";
        let report = import(app, file).await;
        assert_eq!((counts(&report), errors(&report)), ([2, 0, 0, 0], vec![]));
        assert_eq!(
            variants(app, "rug").await,
            ["1 x 2 m - 10.50 0", "2 x 3 m - 20.50 0"]
        );
        assert_unchanged(app, ExportFormat::Wares).await;
    })
    .await;
}

#[tokio::test]
async fn a_later_product_can_be_related_after_a_second_import() {
    on_both_databases(async |app| {
        let mut file = "name,price,slug,categories,related_products\nFirst,1,first,Home,last\n".to_owned();
        for number in 0..1_200 {
            writeln!(file, "Thing,1,thing-{number},Home,").unwrap();
        }
        file.push_str("Last,1,last,Home,\"first, thing-7, last, gone\"\n");
        let report = import(app, &file).await;
        assert_eq!(counts(&report), [1_202, 0, 0, 0]);
        let missing = |line: u64, slug: &str| {
            format!(
                "{line} related_products No other product has the slug {slug} yet: it is not related. Import the file again \
                 after that product."
            )
        };
        assert_eq!(
            lines(&report.notices),
            [missing(2, "last"), missing(1_203, "last"), missing(1_203, "gone")]
        );
        let report = import(app, &file).await;
        assert_eq!(counts(&report), [0, 1, 1_201, 0]);
        assert_eq!(app.count("product_relations").await, 3);
        assert_eq!(app.sql_number("SELECT max(version) FROM products").await, 2);
        assert_unchanged(app, ExportFormat::Wares).await;
    })
    .await;
}

#[tokio::test]
async fn simple_products_cost_as_much_as_without_options() {
    on_both_databases(async |app| {
        let plain = app.record_statements(import(app, &many(1_000))).await.len();
        app.sql("DELETE FROM products").await;
        let header =
            "name,price,sku,slug,description,stock,categories,status,option1_name,option1_value\n";
        let rows = many(1_000);
        let rows = rows.split_once('\n').unwrap().1;
        let file = format!("{header}{rows}");
        let done = app.record_statements(async {
            let report = try_import(app, file.as_bytes(), ALL).await.unwrap();
            assert_eq!(counts(&report), [1_000, 0, 0, 0]);
        });
        assert!(done.await.len() <= 2 * plain + 10);
    })
    .await;
}

#[tokio::test]
async fn images_of_variants_are_recognized_by_their_addresses() {
    on_both_databases(async |app| {
        let shop = app.shop();
        let home = shop.root("home", 0).await;
        let pan = shop.product("pan", &home, |_| ()).await;
        let image = shop.image(&pan, 0).await.id.encode();
        let shown = async || {
            let query = "{ product(slug: \"pan\") { variants { image { id } } } }";
            let data = app.admin().await.data(query, json!({})).await;
            data["product"]["variants"][0]["image"]["id"].clone()
        };
        // The signature and the host of the address of an uploaded image may change.
        let url = format!("https://images.example/bucket/products/{image}.png?signature=1");
        for (url, updated, expected) in [
            (url.as_str(), 1, json!(image)),
            ("https://images.example/new.png", 0, json!(image)),
            ("", 1, Value::Null),
            (&url, 1, json!(image)),
        ] {
            let file = format!("name,price,slug,variant_image\npan,10,pan,{url}\n");
            let report = import(app, &file).await;
            assert_eq!(
                (report.updated, errors(&report)),
                (updated, vec![]),
                "{url}"
            );
            assert_eq!(shown().await, expected, "{url}");
        }
        assert_unchanged(app, ExportFormat::Wares).await;
        assert_unchanged(app, ExportFormat::Shopify).await;
        let report = import(app, "name,price,slug,variant_image\npan,10,pan,a.png\n").await;
        let message = "2 variant_image This is not an address such as https://host/a.jpg.";
        assert_eq!(errors(&report), [message]);
    })
    .await;
}
