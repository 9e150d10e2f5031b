//! Values of attributes in imported and exported files.

use std::time::Duration;

use serde_json::{Value, json};
use wares::catalog::import_export::service::ExportFormat;

use super::attributes::{attribute, choice, set_values};
use crate::harness::csv_files::{export_file as export, import};
use crate::harness::{App, Client, on_both_databases};

async fn fill(app: &App) -> Client {
    let admin = app.admin().await;
    let fields = json!({"multiple": true, "searchable": true});
    let color = attribute(&admin, "Color", "CHOICE", fields).await;
    for name in ["Red", "Navy Blue"] {
        choice(&admin, &color, name).await;
    }
    attribute(&admin, "Length", "NUMBER", json!({"unit": "cm"})).await;
    attribute(&admin, "Safe", "BOOLEAN", json!({})).await;
    attribute(&admin, "Made", "DATE", json!({})).await;
    attribute(&admin, "Lid", "PRODUCT_REFERENCE", json!({})).await;
    attribute(&admin, "Size", "TEXT", json!({"owner": "VARIANT"})).await;
    admin
}

async fn values(client: &Client, name: &str) -> Value {
    let query = "query($name: String) { products(search: $name) { nodes { version attributes { attribute { code }
        ... on ChoiceValue { choices { code } } ... on NumberValue { number } ... on BooleanValue { boolean }
        ... on DateValue { date } ... on ProductReferenceValue { products { name } } } } } }";
    let data = client.data(query, json!({"name": name})).await;
    data["products"]["nodes"][0].clone()
}

#[tokio::test]
async fn columns_of_attributes_are_imported_and_exported_unchanged() {
    on_both_databases(async |app| {
        let admin = fill(app).await;
        let file = "name,price,slug,status,categories,attribute:color,Attribute:Length,attribute:safe,attribute:made,attribute:lid\n\
                    Pot,10.00,pot,ACTIVE,Pots,navy-blue; Red,24.5 cm,TRUE,2026-03-01,cover\n";
        // A referenced product exists before the file is imported.
        import(app, "name,price,slug,status,categories\nCover,1.00,cover,ACTIVE,Pots\n").await;
        let report = import(app, file).await;
        assert_eq!((report.created, report.failed), (1, 0), "{:?}", report.errors);
        let found = values(&admin, "Pot").await;
        assert_eq!(found["attributes"][0]["choices"], json!([{"code": "navy-blue"}, {"code": "red"}]));
        assert_eq!(found["attributes"][1]["number"], "24.5");
        assert_eq!(found["attributes"][2]["boolean"], true);
        assert_eq!(found["attributes"][3]["date"], "2026-03-01");
        assert_eq!(found["attributes"][4]["products"], json!([{"name": "Cover"}]));

        // The exported file changes nothing, and neither does a file without the columns.
        let exported = export(app, ExportFormat::Wares).await;
        let header = exported.lines().next().unwrap();
        assert!(header.ends_with(",attribute:color,attribute:length,attribute:safe,attribute:made,attribute:lid,attribute:size"), "{header}");
        assert!(exported.contains("\"navy-blue;red\",24.5,true,2026-03-01,cover"), "{exported}");
        let report = import(app, &exported).await;
        assert_eq!((report.unchanged, report.failed), (2, 0), "{:?}", report.errors);
        let report = import(app, "name,price,slug\nPot,10.00,pot\n").await;
        assert_eq!(report.unchanged, 1);
        assert_eq!(values(&admin, "Pot").await["version"], found["version"]);

        // An empty cell removes values.
        let report = import(app, "name,price,slug,attribute:color,attribute:safe\nPot,10.00,pot,,no\n").await;
        assert_eq!(report.updated, 1);
        let changed = values(&admin, "Pot").await;
        assert_eq!(changed["version"], found["version"].as_i64().unwrap() + 1);
        assert_eq!(changed["attributes"].as_array().unwrap().len(), 4);
        assert_eq!(changed["attributes"][1]["boolean"], false);
    })
    .await;
}

#[tokio::test]
async fn invalid_values_fail_their_rows() {
    on_both_databases(async |app| {
        fill(app).await;
        for (column, cell, part) in [
            ("nothing", "x", "no attribute with the code \"nothing\""),
            ("color", "green", "no choice \"green\""),
            ("length", "long", "as 24.5"),
            ("length", "1.1234567", "at most 6 decimals"),
            ("safe", "maybe", "true or false"),
            ("made", "1.3.2026", "as 2026-03-01"),
            ("lid", "cover", "Nothing has the slug"),
        ] {
            let file = format!("name,price,categories,attribute:{column}\nPot,10.00,Pots,{cell}\nOther,1.00,Pots,\n");
            let report = import(app, &file).await;
            assert_eq!(report.failed, 1, "{column} {cell}");
            let error = &report.errors[0];
            assert_eq!((error.line, error.column.as_deref()), (2, Some(format!("attribute:{column}").as_str())));
            assert!(error.message.contains(part), "{}", error.message);
        }
        assert_eq!(app.count("products").await, 1);
    })
    .await;
}

#[tokio::test]
async fn metafields_of_shopify_are_imported_by_their_key_and_exported() {
    on_both_databases(async |app| {
        let admin = fill(app).await;
        let file = "Handle,Title,Variant Price,Type,Color (product.metafields.custom.color),Length (product.metafields.custom.length),Care (product.metafields.custom.care)\n\
                    pot,Pot,10.00,Pots,\"[\"\"red\"\",\"\"navy-blue\"\"]\",24.5,By hand\n\
                    lid,Lid,1.00,Pots,Navy Blue,,By hand\n";
        let report = import(app, file).await;
        assert_eq!((report.created, report.failed), (2, 0), "{:?}", report.errors);
        let about_care: Vec<_> = report.notices.iter().filter(|notice| notice.message.contains("\"care\"")).collect();
        assert_eq!(about_care.len(), 1);
        let found = values(&admin, "Pot").await;
        assert_eq!(found["attributes"][0]["choices"], json!([{"code": "red"}, {"code": "navy-blue"}]));
        let data = admin.data("{ product(slug: \"lid\") { id } }", json!({})).await;
        set_values(&admin, data["product"]["id"].as_str().unwrap(), json!([{"code": "safe", "boolean": true}])).await;
        let exported = export(app, ExportFormat::Shopify).await;
        let header = exported.lines().next().unwrap();
        assert!(header.contains("Color (product.metafields.custom.color),Length (product.metafields.custom.length)"), "{header}");
        assert!(exported.contains("\"red;navy-blue\",24.5,"), "{exported}");
        let report = import(app, &exported).await;
        assert_eq!((report.unchanged, report.failed), (2, 0), "{:?}", report.errors);
    })
    .await;
}

#[tokio::test]
async fn values_of_variants_are_in_their_rows() {
    on_both_databases(async |app| {
        let admin = fill(app).await;
        let sizes = async || {
            let query = "{ products(sort: {field: NAME}) { nodes { variants { version attributes { ... on TextValue { text } } } } } }";
            let data = admin.data(query, json!({})).await;
            let variants = data["products"]["nodes"].as_array().unwrap().iter();
            let variants = variants.flat_map(|product| product["variants"].as_array().unwrap().clone());
            let size = |variant: Value| {
                let text = variant["attributes"][0]["text"].as_str().map(str::to_owned);
                (text, variant["version"].as_i64().unwrap())
            };
            variants.map(size).collect::<Vec<_>>()
        };
        let some = |text: &str, version| (Some(text.to_owned()), version);
        let file = "slug,name,price,categories,option1_name,option1_value,attribute:size,attribute:safe\n\
                    cup,Cup,1.00,Cups,Color,Red,small,yes\ncup,,1.00,,,Blue,large,\n\
                    pot,Pot,2.00,Pots,,,wide,no\n";
        let report = import(app, file).await;
        assert_eq!((report.created, report.failed), (2, 0), "{:?}", report.errors);
        assert_eq!(sizes().await, [some("small", 1), some("large", 1), some("wide", 1)]);

        // The exported file changes nothing.
        let exported = export(app, ExportFormat::Wares).await;
        let mut ends: Vec<_> = exported.lines().skip(1).map(|line| line.rsplit(',').next().unwrap()).collect();
        ends.sort_unstable();
        assert_eq!(ends, ["large", "small", "wide"], "{exported}");
        let report = import(app, &exported).await;
        assert_eq!((report.unchanged, report.failed), (2, 0), "{:?}", report.errors);

        // Only changed values count, and an empty cell removes them.
        app.advance(Duration::from_secs(1));
        let changed = file.replace("large", "huge").replace("wide", "");
        let report = import(app, &changed).await;
        assert_eq!((report.updated, report.failed), (2, 0), "{:?}", report.errors);
        assert_eq!(sizes().await, [some("small", 1), some("huge", 2), (None, 2)]);
    })
    .await;
}
