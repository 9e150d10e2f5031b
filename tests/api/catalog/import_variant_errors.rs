//! Invalid rows of products with variants: each is reported with its line and column, and nothing of its product
//! changes.

use wares::catalog::import_export::service::ExportFormat;

use super::import_variants::{SIZES, variants};
use crate::catalog::importing::ALL;
use crate::harness::csv_files::{counts, errors, export_file, import, import_with};
use crate::harness::on_both_databases;

const OPTIONS: &str = "name,price,sku,slug,categories,option1_name,option1_value,option2_name,option2_value,option3_name,\
    option3_value,compare_at_price,weight,tracked,low_stock_at,available_from\n";

/// Rows of a product with one option, and the error of one of them.
const INVALID: [(&str, &str); 19] = [
    // Twice the same values.
    (
        "Cap,1,,cap,,Size,S,,,,,,,,,\n,1,,cap,,,s,,,,,,,,,\n",
        "3 option1_value Line 2 has the same option values.",
    ),
    (
        "Cap,1,,cap,,Size,S,Color,Red,,,,,,,\n,1,,cap,,,M,,,,,,,,,\n",
        "3 option2_value A value of the option \"Color\" is required.",
    ),
    // The product has another option.
    (
        "Cap,1,,cap,,Color,Red,,,,,,,,,\n,1,,cap,,,Blue,,,,,,,,,\n",
        "2 option1_value A value of the option \"Size\" is required.",
    ),
    (
        "Cap,1,,cap,,A,1,B,2,C,3,,,,,\n",
        "2 option1_value Together with those of the product these are more than 3 options.",
    ),
    (
        "Cap,1,,cap,,Size,S,size,M,,,,,,,\n",
        "2 option1_name Two options have the same name.",
    ),
    (
        "Cap,1,,cap,,,S,,,,,,,,,\n",
        "2 option1_name The name of the option is required.",
    ),
    (
        "Cap,1,,cap,,Size,S,,,,,,,,,\n,1,,cap,,Color,M,,,,,,,,,\n",
        "3 option1_name The first row of the product has the option \"Size\" here.",
    ),
    (
        "Cap,1,,cap,,Size,S,,,,,,,,,\n,1,,cap,,,M,,Red,,,,,,,\n",
        "3 option2_value The first row of the product has no such option.",
    ),
    (
        "Cap,1,,cap,,Size,S,,,,,1.00,,,,\n",
        "2 compare_at_price The compare-at price must be greater than the price.",
    ),
    (
        "Cap,1,,cap,,Size,S,,,,,,,,,\n,x,,cap,,,M,,,,,,,,,\n",
        "3 price The price must be a decimal number such as 19.99.",
    ),
    (
        "Cap,1,,cap,,Size,S,,,,,,,,,\n,,,cap,,,XL,,,,,,,,,\n",
        "3 price A new variant requires a price.",
    ),
    (
        "Cap,1,,cap,,Size,S,,,,,,,,,\n,1,,cap,,,M,,,,,,heavy,,,\n",
        "3 weight The weight must be a whole number of grams from 0 to 1000000000.",
    ),
    (
        "Cap,1,,cap,,Size,S,,,,,,,,,\n,1,,cap,,,M,,,,,,,maybe,,\n",
        "3 tracked Write true or false.",
    ),
    (
        "Cap,1,,cap,,Size,S,,,,,,,,-1,\n",
        "2 low_stock_at This must be a whole number from 0 to 2147483647.",
    ),
    (
        "Cap,1,,cap,,Size,S,,,,,,,,,soon\n",
        "2 available_from Write the date and time as 2026-03-01T12:00:00Z.",
    ),
    (
        "Cap,1,C-S,cap,,Size,S,,,,,,,,,\n,1,M-1,cap,,,M,,,,,,,,,\n",
        "3 sku Another product has this SKU.",
    ),
    (
        "Cap,1,C-M,cap,,Size,S,,,,,,,,,\n,1,X,cap,,,L,,,,,,,,,\n",
        "2 sku Another variant of the product has this SKU.",
    ),
    (
        "Cap,1,X,cap,,Size,S,,,,,,,,,\n,1,X,cap,,,M,,,,,,,,,\n",
        "2 sku Another variant of the product has this SKU.",
    ),
    (
        "Cap,1,,,,Size,S,,,,,,,,,\n",
        "2 slug A row with options requires a slug.",
    ),
];

#[tokio::test]
async fn an_invalid_row_refuses_its_product() {
    on_both_databases(async |app| {
        let start = format!(
            "{SIZES}Cap,10,C-S,cap,1,Home,Size,S,\n,11,C-M,cap,2,,,M,\nMug,5,M-1,mug,3,Home,,,\n"
        );
        import(app, &start).await;
        let before = export_file(app, ExportFormat::Wares).await;
        for (rows, expected) in INVALID {
            let rows = format!("{OPTIONS}{rows}Mug,5,M-1,mug,,,,,,,,,,,,\n");
            let report = import(app, &rows).await;
            assert_eq!(errors(&report), [expected]);
            assert_eq!(counts(&report), [0, 0, 1, 1], "{expected}");
            let report = import_with(app, &rows, ALL).await;
            assert_eq!(counts(&report), [0, 0, 0, 1], "{expected}");
            assert_eq!(
                export_file(app, ExportFormat::Wares).await,
                before,
                "{expected}"
            );
        }
        // A new category of a refused product is not made either.
        let rows = format!("{SIZES}Cap,1,C-M,cap,1,New,Size,S,\n");
        assert_eq!(import(app, &rows).await.categories_created, 0);
        assert_eq!(app.count("categories").await, 1);
    })
    .await;
}

#[tokio::test]
async fn a_broken_row_refuses_the_product_around_it() {
    on_both_databases(async |app| {
        let rows = [
            "Cap,1,A,cap,1,Home,Size,S,\n,1,\"B\" x,cap,1,,,M,\n,1,C,cap,1,,,L,\n",
            "\"Cap\" x,1,A,cap,1,Home,Size,S,\n,1,C,cap,1,,,L,\n",
        ];
        for rows in rows {
            let report = import(app, &format!("{SIZES}{rows}Mug,5,M-1,mug,3,Home,,,\n")).await;
            let line = if rows.starts_with("Cap") { 3 } else { 2 };
            let expected = format!(
                "{line} - Text follows a closing quote. Double the quotes within a quoted field."
            );
            assert_eq!((errors(&report), report.failed), (vec![expected], 1));
            assert_eq!(app.count("products").await, 1);
        }
    })
    .await;
}

#[tokio::test]
async fn stock_below_promised_units_is_an_error_of_the_row() {
    on_both_databases(async |app| {
        let start = format!(
            "{SIZES}Mug,5,M-1,mug,5,Home,,,\nCap,10,C-S,cap,4,Home,Size,S,\n,11,C-M,cap,4,,,M,\nPan,5,P-1,pan,9,Home,,,\n"
        );
        import(app, &start).await;
        // The stock that is shown is without the promised units.
        app.sql("UPDATE stock_levels SET reserved = 3").await;
        let file = "name,price,sku,stock\nMug,5,M-1,2\nPan,6,P-1,3\n";
        let report = import(app, file).await;
        assert_eq!(counts(&report), [0, 1, 0, 1]);
        assert_eq!(errors(&report), ["2 stock 3 units are promised to orders."]);
        let file = format!("{SIZES}Cap,1,C-S,cap,3,,Size,S,\n,1,C-M,cap,2,,,M,\n");
        let report = import(app, &file).await;
        assert_eq!(errors(&report), ["3 stock 3 units are promised to orders."]);
        assert_eq!(variants(app, "cap").await, ["S C-S 10.00 1", "M C-M 11.00 1"]);
        assert_eq!(variants(app, "pan").await, [" P-1 6.00 0"]);
    })
    .await;
}

#[tokio::test]
async fn a_row_without_options_cannot_change_several_variants() {
    on_both_databases(async |app| {
        let start = format!("{SIZES}Cap,10,C-S,cap,1,Home,Size,S,\n,11,C-M,cap,2,,,M,\n");
        import(app, &start).await;
        let message =
            "The product has several variants: give the option values of the one to change.";
        for (row, column) in [
            ("Cap,9,,3", "price"),
            ("Cap,10,,4", "stock"),
            ("Cap,10,X-1,3", "sku"),
        ] {
            let report = import(app, &format!("name,price,sku,stock,slug\n{row},cap\n")).await;
            assert_eq!(errors(&report), [format!("2 {column} {message}")]);
        }
        // It may repeat the summary, and change the product.
        let report = import(app, "name,price,sku,stock,slug\nHat,10,,3,cap\n").await;
        assert_eq!(counts(&report), [0, 1, 0, 0]);
        assert_eq!(
            variants(app, "cap").await,
            ["S C-S 10.00 1", "M C-M 11.00 2"]
        );
    })
    .await;
}
