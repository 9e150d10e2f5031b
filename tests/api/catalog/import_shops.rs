//! Product files of other shop systems, and renamed columns.

use std::fmt::Write;

use serde_json::json;
use wares::catalog::import_export::service::{ColumnMapping, Options};
use wares::core::error::Error;

use crate::harness::csv_files::{
    counts, errors, export, import, import_error, import_with, lines, sorted_export, try_import,
};
use crate::harness::{Form, on_both_databases};

#[tokio::test]
async fn shopify_files_are_detected_by_current_and_previous_headings() {
    on_both_databases(async |app| {
        let file = "Title,URL handle,Description,Product category,Type,Published on online store,Status,SKU,Option1 name,\
            Option1 value,Price,Inventory quantity,Product image URL,Image position,Image alt text,Variant image URL\n\
            Linen Apron,linen-apron,<p>Washed.</p>,Home > Kitchen,,TRUE,Active,AP-1,Title,Default Title,39.00,12.0,https://x.example/a.jpg,1.0,Front,\n\
            ,linen-apron,,,,,,,,,,,https://x.example/b.jpg,2.0,,\n\
            Tee,tee,,,Shirts,TRUE,,T-S,Size,S,10,-1,,,,\n\
            ,tee,,,,,,T-M,,M,12,3,,,,\n\
            Bad,bad,,,,,,,,,x,,,,,\n";
        let report = import(app, file).await;
        assert_eq!((report.rows, counts(&report)), (6 - 1, [2, 0, 0, 1]));
        assert_eq!(errors(&report), ["6 Price The price must be a decimal number such as 19.99."]);
        assert_eq!(
            lines(&report.notices),
            ["4 Inventory quantity The stock must be at least 0: -1 was replaced by 0."]
        );
        assert_eq!(
            sorted_export(app).await,
            [
                ",12.00,T-M,tee,,3,,,,,,,,,M,,,,,,,,true,true,0,,true,,,",
                "Linen Apron,39.00,AP-1,linen-apron,Washed.,12,Home > Kitchen,ACTIVE",
                "Tee,10.00,T-S,tee,,0,Shirts,ACTIVE,,,,,,Size,S,,,,,,,,true,true,0,,true,,,",
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn products_of_another_shop_that_share_a_sku_are_imported_without_it() {
    on_both_databases(async |app| {
        let file = "Handle,Title,Variant SKU,Variant Price\nred,Red,TEE,1\nblue,Blue,TEE,2\ngreen,Green,N/A,3\n\
            white,White,-,4\nblack,Black,n/a,5\npink,Pink,tbd,6\n";
        let report = import(app, file).await;
        assert_eq!((counts(&report), errors(&report)), ([6, 0, 0, 0], vec![]));
        assert_eq!(
            lines(&report.notices),
            [
                "3 Variant SKU The product of line 2 has the same SKU: this one is imported without it.",
                "4 Variant SKU N/A is not a SKU: the product is imported without it.",
                "5 Variant SKU - is not a SKU: the product is imported without it.",
                "6 Variant SKU n/a is not a SKU: the product is imported without it.",
                "7 Variant SKU tbd is not a SKU: the product is imported without it.",
            ]
        );
        assert_eq!(counts(&import(app, file).await), [0, 0, 6, 0]);
        // Another product already has the SKU.
        let file = "Handle,Title,Variant SKU,Variant Price\nblue,Blue,TEE,9\n";
        let report = import(app, file).await;
        assert_eq!(counts(&report), [0, 1, 0, 0]);
        assert_eq!(
            lines(&report.notices),
            ["2 Variant SKU Another product has this SKU. This product is imported without the SKU."]
        );
    })
    .await;
}

#[tokio::test]
async fn placeholders_are_not_taken_as_sku_in_our_own_format() {
    on_both_databases(async |app| {
        let file =
            "name,price,sku,categories\nA,1,N/A,Home\nB,2,n/a,Home\nC,3,--,Home\nD,4,none,Home\n";
        let report = import(app, file).await;
        assert_eq!((counts(&report), report.notice_count), ([4, 0, 0, 0], 4));
        assert_eq!(
            app.sql_number("SELECT count(*) FROM products WHERE sku IS NOT NULL")
                .await,
            0
        );
    })
    .await;
}

#[tokio::test]
async fn rows_for_the_same_product_are_reported_with_both_lines() {
    on_both_databases(async |app| {
        for (file, expected_notice) in [
            (
                "name,price,sku,categories\nRed mug,1,1.23457E+12,Home\nBlue mug,2,1.23457E+12,Home\n",
                "3 sku Line 2 contains the same product, 1.23457E+12: line 3 has replaced its values. A spreadsheet has rounded the number: format its column as text.",
            ),
            (
                "name,price,slug,categories\nA,1,a-slug,Home\nB,2,b-slug,Home\nC,3,a-slug,Home\n",
                "4 slug Line 2 contains the same product, a-slug: line 4 has replaced its values.",
            ),
            (
                "name,price,categories\nPlate,1,Home\nPlate,2,Home\n",
                "3 name Line 2 contains the same product, Plate: line 3 has replaced its values.",
            ),
        ] {
            let report = import(app, file).await;
            assert_eq!((report.updated, lines(&report.notices)), (1, vec![expected_notice.to_owned()]));
        }
        // In different batches.
        let mut file = "name,price,sku,categories\nFirst,1,S-0,Home\n".to_owned();
        for number in 1..2_100 {
            writeln!(file, "Thing {number},1,S-{number},Home").unwrap();
        }
        file.push_str("Last,1,S-0,Home\n");
        let report = import(app, &file).await;
        assert_eq!(report.notices[0].message, "Line 2 contains the same product, S-0: line 2102 has replaced its values.");
    })
    .await;
}

#[tokio::test]
async fn files_of_other_shops_are_imported_by_their_headings() {
    let woocommerce = "\u{feff}ID,Type,SKU,Name,Published,\"Short description\",Description,Stock,\"Sale price\",\"Regular price\",Categories,Images,Parent\n\
        46,simple,HOOD-1,\"Hooded jumper\",1,Warm.,\"<b>Warm</b>\\njumper\",12,,45,\"Clothing > Hoodies, Sale\",\"https://x.example/a.jpg, https://x.example/b.jpg\",\n\
        44,variable,TEE-V,\"Variable tee\",-1,Soft.,,,,,Clothing,,\n\
        45,variation,TEE-S,\"Variable tee - S\",1,,,3,,19.50,,,id:44\n";
    let magento = "sku,store_view_code,attribute_set_code,product_type,categories,name,description,price,url_key,product_online,qty\n\
        24-MB01,,Bag,simple,\"Default Category/Gear,Default Category/Gear/Bags\",Duffle,<p>Big</p>,34.0000,duffle,1,100.0000\n\
        24-MB01,de,Bag,simple,,Tasche,,,,,\n";
    let presta = "Product ID;Active (0/1);Name *;Categories (x,y,z...);Price tax excluded;Reference #;Quantity\n\
        1;1;Hummingbird;Home,Clothes;23,90;demo_1;300\n";
    let big = "Item Type,Product ID,Product Name,Product Code/SKU,Product Description,Price,Product Visible?,Current Stock Level,Category\n\
        Product,77,Fog Linen,SLCTBS,<p>Chambray</p>,49.5,Y,25,\"Shop All/Kitchen;Sale\"\n  SKU,78,,SLCTBS-A,,,,,\n";
    let square = "Token,Item Name,Variation Name,SKU,Description,Category,Price\n\
        AAA,Coffee,Small,C-S,Black,Drinks,3.50\nAAA,Coffee,Large,C-L,Black,Drinks,4.50\n";
    let wix = "handleId,fieldType,name,description,productImageUrl,collection,sku,price,visible,inventory\n\
        p_1,Product,Candle,<p>Wax</p>,a.jpg,Home;Gifts,CA-1,12,true,InStock\np_1,Variant,,,,,CA-2,13,,5\n";
    on_both_databases(async |app| {
        for (file, shop, products) in [
            (
                woocommerce,
                "WooCommerce",
                vec![
                    // The HTML has a second line.
                    "Hooded jumper,45.00,HOOD-1,hooded-jumper,Warm jumper,12,Clothing > Hoodies | Sale,ACTIVE,,,,,\"<b>Warm</b>",
                    "Variable tee,19.50,TEE-V,variable-tee,Soft.,0,Clothing,DRAFT",
                ],
            ),
            (magento, "Magento", vec!["Duffle,34.00,24-MB01,duffle,Big,100,Gear | Gear > Bags,ACTIVE"]),
            (presta, "PrestaShop", vec!["Hummingbird,23.90,demo_1,hummingbird,,300,Home | Clothes,ACTIVE"]),
            (big, "BigCommerce", vec!["Fog Linen,49.50,SLCTBS,fog-linen,Chambray,25,Shop All > Kitchen | Sale,ACTIVE"]),
            (square, "Square", vec!["Coffee,3.50,C-S,coffee,Black,0,Drinks,DRAFT"]),
            (wix, "Wix", vec!["Candle,12.00,CA-1,candle,Wax,0,Home | Gifts,ACTIVE"]),
        ] {
            let report = import(app, file).await;
            assert_eq!(errors(&report), Vec::<String>::new(), "{shop}");
            let expected_notice = format!("1 - The file was recognized as an export of {shop}.");
            assert_eq!(lines(&report.notices)[0], expected_notice);
            let all = sorted_export(app).await;
            for product in &products {
                assert!(all.iter().any(|line| line == product), "{product}: {all:#?}");
            }
            assert_eq!(report.created, products.len() as u64, "{shop}");
            let again = import(app, file).await;
            assert_eq!(counts(&again), [0, 0, report.created, 0], "{shop}");
        }
        // A Wares file may contain a column of another system.
        let own = "name,price,Regular price,categories\nOwn,7,9,Home\n";
        assert_eq!(import(app, own).await.created, 1);
        assert!(export(app).await.contains("Own,7.00,"));
    })
    .await;
}

fn renamed(columns: &[(&str, &str)]) -> Options {
    let columns = columns.iter().map(|(from, to)| ColumnMapping {
        from: (*from).to_owned(),
        to: (*to).to_owned(),
    });
    Options {
        columns: columns.collect(),
        ..Options::default()
    }
}

const GERMAN_COLUMNS: &str = "Artikel,Preis (EUR),Gruppe,price\nBecher,14.50,Küche,99\n";

#[tokio::test]
async fn columns_are_renamed() {
    on_both_databases(async |app| {
        let message = import_error(app, GERMAN_COLUMNS.replace(",price", ",cost").as_bytes()).await;
        for part in [
            "no column called name",
            "Artikel, Preis (EUR), Gruppe",
            "--map",
            "columns:",
        ] {
            assert!(message.contains(part), "{message}");
        }
        let options = renamed(&[
            ("artikel", "name"),
            (" Preis (EUR)", "Price"),
            ("Gruppe", "categories"),
        ]);
        let report = import_with(app, GERMAN_COLUMNS, options).await;
        assert_eq!((counts(&report), errors(&report)), ([1, 0, 0, 0], vec![]));
        assert_eq!(
            lines(&report.notices),
            ["1 price (not renamed) This column is unknown and is ignored."]
        );
        assert_eq!(export(app).await, "Becher,14.50,,becher,,0,Küche,DRAFT\n");
    })
    .await;
}

#[tokio::test]
async fn invalid_column_mappings_are_refused() {
    on_both_databases(async |app| {
        for (columns, field, why) in [
            (
                &[("Artikel", "title")][..],
                "columns.0.to",
                "title is not a column of an import. Use one of name, price,",
            ),
            (
                &[("Artikel", "name"), ("Ding", "price")],
                "columns.1.from",
                "no column Ding. Its columns are: Artikel, Preis",
            ),
            (
                &[("Artikel", "name"), ("Gruppe", "name")],
                "columns.1.to",
                "Two columns are mapped to name.",
            ),
            (
                &[("Artikel", "name"), ("artikel", "sku")],
                "columns.1.from",
                "The column artikel is mapped twice.",
            ),
            (&[(" ", "name")], "columns.0.from", "The name of the column"),
        ] {
            let done = try_import(app, GERMAN_COLUMNS.as_bytes(), renamed(columns)).await;
            let Err(Error::Refused(errors)) = done else {
                panic!("{columns:?}");
            };
            assert_eq!(errors[0].field.as_deref(), Some(field));
            assert!(errors[0].message.contains(why), "{}", errors[0].message);
        }
        assert_eq!(app.count("products").await, 0);
    })
    .await;
}

#[tokio::test]
async fn columns_are_renamed_in_the_api() {
    on_both_databases(async |app| {
        let query = "mutation($file: Upload!, $columns: [ColumnMapping!]) { importProducts(file: $file, columns: $columns) {
            report { created } userErrors { code field } } }";
        let send = async |columns: serde_json::Value| {
            let operations = json!({"query": query, "variables": {"file": null, "columns": columns}});
            let form = Form::new(&operations, &json!({"0": ["variables.file"]}));
            let body = form.file("0", GERMAN_COLUMNS.as_bytes()).end();
            let response = app.admin().await.upload(body).await;
            response.payload("importProducts")
        };
        let columns = json!([{"from": "Artikel", "to": "name"}, {"from": "Gruppe", "to": "categories"}]);
        assert_eq!(send(columns).await["report"]["created"], 1);
        let payload = send(json!([{"from": "Artikel", "to": "x"}])).await;
        let error = &payload["userErrors"][0];
        assert_eq!((&error["code"], &error["field"]), (&json!("BAD_USER_INPUT"), &json!("columns.0.to")));
    })
    .await;
}
