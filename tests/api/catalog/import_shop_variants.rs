//! Variants in the product files of Shopify and WooCommerce.

use serde_json::{Value, json};
use wares::catalog::import_export::service::ExportFormat;
use wares::platform::jobs::Queue;

use super::import_variants::{assert_unchanged, variants};
use crate::harness::csv_files::{counts, errors, export_file, import, lines};
use crate::harness::sample_image::png;
use crate::harness::{App, WebServer, on_both_databases, on_both_databases_with};

/// In the formats of these shops, with invented products.
const SHOPIFY: &str = include_str!("../files/shopify_variants.csv");
const WOOCOMMERCE: &str = include_str!("../files/woocommerce.csv");
/// The headings that Shopify has written since 2024, by the previous ones.
const NEW_HEADINGS: [(&str, &str); 22] = [
    ("Handle", "URL handle"),
    ("Body (HTML)", "Description"),
    ("Published", "Published on online store"),
    ("Option1 Name", "Option1 name"),
    ("Option1 Value", "Option1 value"),
    ("Option2 Name", "Option2 name"),
    ("Option2 Value", "Option2 value"),
    ("Option3 Name", "Option3 name"),
    ("Option3 Value", "Option3 value"),
    ("Variant SKU", "SKU"),
    ("Variant Grams", "Weight value (grams)"),
    ("Variant Inventory Tracker", "Inventory tracker"),
    ("Variant Inventory Qty", "Inventory quantity"),
    (
        "Variant Inventory Policy",
        "Continue selling when out of stock",
    ),
    ("Variant Fulfillment Service", "Fulfillment service"),
    ("Variant Price", "Price"),
    ("Variant Compare At Price", "Compare-at price"),
    ("Variant Requires Shipping", "Requires shipping"),
    ("Variant Taxable", "Charge tax"),
    ("Variant Barcode", "Barcode"),
    ("Image Src", "Product image URL"),
    ("Variant Image", "Variant image URL"),
];

/// Returns the fields of the variants of a product that only imports with variants have.
async fn details(app: &App, slug: &str) -> Vec<Value> {
    let query = "query($slug: String!) { product(slug: $slug) { variants { sku barcode compareAtPrice { amount } weight
        requiresShipping active image { alt } inventory { backorderLimit lowStockAt tracked } } } }";
    let data = app.admin().await.data(query, json!({"slug": slug})).await;
    data["product"]["variants"].as_array().unwrap().clone()
}

#[tokio::test]
async fn shopify_variants_are_imported_with_their_images() {
    on_both_databases_with(&["--fetch-private-addresses=on"], async |app| {
        let web = WebServer::start("127.0.0.1").await;
        for name in ["sand", "sea", "back", "label"] {
            web.respond_with_file(&format!("/{name}.png"), &png(9, 9));
        }
        let file = SHOPIFY.replace("HOST", web.url("").trim_end_matches('/'));
        let report = import(app, &file).await;
        assert_eq!((report.rows, counts(&report), errors(&report)), (5, [2, 0, 0, 0], vec![]));
        assert_eq!(
            lines(&report.notices),
            [
                "2 Variant Taxable This column is not imported. Its values are ignored.",
                "2 Gift Card This column is not imported. Its values are ignored.",
                "7 Variant Compare At Price The compare-at price is ignored: it is not above the price.",
            ]
        );
        let expected = [
            "S / Sand / Slim HT-S-SA 24.00 3",
            "M / Sand / Slim HT-M-SA 24.00 0",
            "M / Sea / Wide HT-M-SE 26.50 8",
        ];
        assert_eq!(variants(app, "harbor-tee").await, expected);
        app.run_due_jobs(Queue::IMAGES).await;
        assert_eq!(app.admin().await.gallery("harbor-tee").await.len(), 4);
        let shown = details(app, "harbor-tee").await;
        let variant = |sku: &str, barcode: Value, compare_at: Value, weight: i32, alt: &str, limit: i64| {
            json!({"sku": sku, "barcode": barcode, "compareAtPrice": compare_at, "weight": weight, "requiresShipping": true,
                "active": true, "image": {"alt": alt},
                "inventory": {"backorderLimit": limit, "lowStockAt": null, "tracked": true}})
        };
        let amount = json!({"amount": "30.00"});
        let null = Value::Null;
        assert_eq!(
            shown,
            [
                variant("HT-S-SA", json!("4012345000017"), amount, 180, "Sand", 0),
                variant("HT-M-SA", null.clone(), null.clone(), 190, "Sand", 2_147_483_647),
                variant("HT-M-SE", null.clone(), null.clone(), 190, "Sea", 0),
            ]
        );
        let print = &details(app, "fern-print").await[0];
        assert_eq!(print["inventory"]["tracked"], false);
        assert_eq!(print["requiresShipping"], false);
        // Again: the same with the newer headings, then exports.
        let mut newer = file.clone();
        for (known, heading) in NEW_HEADINGS {
            let (header, rows) = newer.split_once('\n').unwrap();
            newer = format!("{}\n{rows}", header.replace(&format!("{known},"), &format!("{heading},")));
        }
        for file in [&file, &newer] {
            assert_eq!(counts(&import(app, file).await), [0, 0, 2, 0], "{file}");
        }
        assert_unchanged(app, ExportFormat::Shopify).await;
        assert_unchanged(app, ExportFormat::Wares).await;
    })
    .await;
}

#[tokio::test]
async fn exports_in_the_format_of_shopify_change_nothing_and_move_to_another_shop() {
    on_both_databases(async |app| {
        app.create_demo_catalog().await;
        import(app, include_str!("../files/own_variants.csv")).await;
        assert_unchanged(app, ExportFormat::Shopify).await;
        let file = export_file(app, ExportFormat::Shopify).await;
        let row = "trail-jacket,Trail jacket,,,Clothing > Jackets,,true,Size,S,Color,Rust,Lining,Fleece,TJ-S-R,640,shopify,4,deny,\
            manual,89.00,109.00,true,4012345678901,,,,,,,g,active,,,,,\r\n\
            trail-jacket,,,,,,,,M,,Rust,,Fleece,TJ-M-R,660,shopify,0,continue,manual,89.00,,true,,,,,,,,g,,,,,,\r\n";
        assert!(file.contains(row), "{file}");
        let row = "e-book-paths,E-book: Paths,,,Books,,true,Title,Default Title,,,,,EB,,,0,deny,manual,7.50,,false,,,,,,,,g,active,,,,,\r\n";
        assert!(file.contains(row), "{file}");
        // Into an empty shop: the same products, in any order.
        app.sql("DELETE FROM products").await;
        let report = import(app, &file).await;
        assert_eq!(errors(&report), Vec::<String>::new());
        let sorted = |file: &str| {
            let mut lines: Vec<_> = file.lines().map(ToOwned::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(sorted(&export_file(app, ExportFormat::Shopify).await), sorted(&file));
    })
    .await;
}

#[tokio::test]
async fn invalid_shopify_rows_refuse_their_product() {
    on_both_databases(async |app| {
        let header = "Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Compare At Price,Image Src\n";
        for (rows, expected) in [
            ("cap,Cap,Size,S,,1,,\ncap,,,M,,x,,\n", "3 Variant Price The price must be a decimal number such as 19.99."),
            ("cap,Cap,Size,S,,1,,\ncap,,,,,2,,\n", "3 Option1 Value A value of the option \"Size\" is required."),
            ("cap,Cap,Size,S,,1,,\ncap,,,s,,2,,\n", "3 Option1 Value Line 2 has the same option values."),
            ("cap,Cap,Size,S,,2,1,\n", "2 Variant Compare At Price The compare-at price must be greater than the price."),
            (
                "cap,Cap,Title,Default Title,,1,,\ncap,,,M,,2,,\n",
                "3 Option1 Value The first row of the product has no options, so it has only one variant.",
            ),
        ] {
            let report = import(app, &format!("{header}{rows}mug,Mug,,,,5,,\n")).await;
            assert_eq!(errors(&report), [expected]);
            assert_eq!(report.failed, 1, "{expected}");
            assert_eq!(app.count("products").await, 1, "{expected}");
        }
        // SKUs that occur twice are dropped, as those of products.
        let rows = "cap,Cap,Size,S,C-1,1,,\ncap,,,M,C-1,1,,\nhat,Hat,Size,S,C-1,1,,\n";
        let report = import(app, &format!("{header}{rows}")).await;
        assert_eq!(counts(&report), [2, 0, 0, 0]);
        assert_eq!(report.notice_count, 2);
        assert_eq!(variants(app, "cap").await, ["S C-1 1.00 0", "M - 1.00 0"]);
    })
    .await;
}

#[tokio::test]
async fn woocommerce_variations_are_imported_wherever_they_are() {
    on_both_databases(async |app| {
        for expected in [[3, 0, 0, 0], [0, 0, 3, 0]] {
            let report = import(app, WOOCOMMERCE).await;
            assert_eq!((counts(&report), errors(&report)), (expected, vec![]));
            assert_eq!(
                lines(&report.notices),
                [
                    "1 - The file was recognized as an export of WooCommerce.",
                    "2 SKU The SKU of a product with variations is not imported: these have their own.",
                ]
            );
        }
        assert_eq!(
            variants(app, "camp-blanket").await,
            [
                "Moss / Small CAMP-M-S 59.00 4",
                "Moss / Large CAMP-M-L 79.00 0",
                "Clay / Small CAMP-C-S 69.00 2",
            ]
        );
        let shown = details(app, "camp-blanket").await;
        let fields = |name: &str| shown.iter().map(|variant| variant[name].clone()).collect::<Vec<_>>();
        assert_eq!(fields("compareAtPrice"), [json!({"amount": "69.00"}), Value::Null, Value::Null]);
        assert_eq!(fields("weight"), [json!(1_200), json!(1_726), json!(1_200)]);
        assert_eq!(fields("active"), [json!(true), json!(true), json!(false)]);
        assert_eq!(fields("requiresShipping"), [json!(true), json!(true), json!(false)]);
        assert_eq!(shown[1]["inventory"]["backorderLimit"], 2_147_483_647);
        let mug = &details(app, "tin-mug").await[0];
        assert_eq!((&mug["barcode"], &mug["weight"]), (&json!("4012345000024"), &json!(150)));
        assert_eq!(mug["compareAtPrice"]["amount"], "10.00");
        assert_eq!(mug["inventory"]["lowStockAt"], 5);
        assert_eq!(details(app, "trail-map-digital").await[0]["inventory"]["tracked"], false);
        assert_unchanged(app, ExportFormat::Wares).await;
    })
    .await;
}

#[tokio::test]
async fn invalid_woocommerce_rows_refuse_their_product() {
    on_both_databases(async |app| {
        let header = "ID,Type,SKU,Name,Published,Regular price,Categories,Parent,Attribute 1 name,Attribute 1 value(s)\n";
        let parent = "1,variable,P,Cap,1,,Home,,Size,\"S, M\"\n";
        for (rows, expected) in [
            ("2,variation,,Cap,1,5,,id:9,Size,S\n", "3 Parent No variable product before this row has this SKU or ID."),
            ("2,variation,,Cap,1,,,P,Size,S\n", "3 Regular price The price must be a decimal number such as 19.99."),
            (
                "2,variation,,Cap,1,5,,P,Size,\n",
                "3 Attribute 1 value(s) The variation is for any value of the attribute: give it one value.",
            ),
            (
                "2,variation,,Cap,1,5,,P,Size,S\n3,variation,,Cap,1,5,,P,Size,s\n",
                "4 Attribute 1 value(s) Line 3 has the same option values.",
            ),
        ] {
            let report = import(app, &format!("{header}{parent}{rows}")).await;
            assert!(errors(&report).contains(&expected.to_owned()), "{:?}", errors(&report));
            assert_eq!(app.count("products").await, 0, "{expected}");
        }
        // A value may contain the separator.
        let rows = "2,variation,,Cap,1,5,,P,Size,\"S\\, slim\"\n";
        assert_eq!(counts(&import(app, &format!("{header}{parent}{rows}")).await), [1, 0, 0, 0]);
        assert_eq!(variants(app, "cap").await, ["S, slim - 5.00 0"]);
    })
    .await;
}
