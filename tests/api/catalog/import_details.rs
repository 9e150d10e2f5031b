//! Brands, tags, texts for search engines and HTML descriptions in imported files.

use serde_json::{Value, json};

use crate::harness::csv_files::{counts, errors, export, import, lines};
use crate::harness::{App, on_both_databases};

const HEADER: &str = "name,price,sku,slug,description,stock,categories,status,brand,tags,seo_title,seo_description,description_html\n";
const SHOPIFY: &str =
    "Handle,Title,Variant Price,Vendor,Tags,SEO Title,SEO Description,Body (HTML)\n";

/// Returns the fields of a product.
async fn product(app: &App, slug: &str) -> Value {
    let query = "query($slug: String!) { product(slug: $slug) { brand tags seoTitle seoDescription description descriptionHtml } }";
    let data = app.admin().await.data(query, json!({"slug": slug})).await;
    data["product"].clone()
}

#[tokio::test]
async fn own_columns_are_imported_and_exported() {
    on_both_databases(async |app| {
        let row = "Mug,1.00,,mug,\"A mug\n- one\",0,Home,ACTIVE,\"Kado, Ltd.\",\"new, Sale\",Title,About,<p>A <b>mug</b></p><ul><li>one</li></ul>\n";
        assert_eq!(counts(&import(app, &format!("{HEADER}{row}")).await), [1, 0, 0, 0]);
        let expected = json!({
            "brand": "Kado, Ltd.", "tags": ["new", "Sale"], "seoTitle": "Title", "seoDescription": "About",
            "description": "A mug\n- one",
            "descriptionHtml": "<p>A <b>mug</b></p><ul><li>one</li></ul>",
        });
        assert_eq!(product(app, "mug").await, expected);
        assert_eq!(export(app).await, row);
        assert_eq!(counts(&import(app, &format!("{HEADER}{row}")).await), [0, 0, 1, 0]);
        // Absent columns stay, also the HTML while its text is the same.
        let without = "name,price,slug,description\nMug,2.00,mug,\"A mug\n- one\"\n";
        assert_eq!(counts(&import(app, without).await), [0, 1, 0, 0]);
        assert_eq!(product(app, "mug").await, expected);
        let other = "name,price,slug,description\nMug,2.00,mug,Other\n";
        import(app, other).await;
        assert_eq!(product(app, "mug").await["descriptionHtml"], "<p>Other</p>");
        // Empty cells clear.
        import(app, &format!("{HEADER}{row}")).await;
        let empty = "name,price,slug,brand,tags,seo_title,seo_description,description_html\nMug,1,mug,,,,,\n";
        assert_eq!(counts(&import(app, empty).await), [0, 1, 0, 0]);
        let expected = json!({
            "brand": null, "tags": [], "seoTitle": null, "seoDescription": null,
            "description": "A mug\n- one", "descriptionHtml": "<p>A mug<br>- one</p>",
        });
        assert_eq!(product(app, "mug").await, expected);
    })
    .await;
}

#[tokio::test]
async fn invalid_cells_of_own_columns_are_reported() {
    on_both_databases(async |app| {
        let long = "x".repeat(501);
        let tags = (0..51).map(|n| format!("t{n}")).collect::<Vec<_>>();
        let tags = tags.join(",");
        let file = format!(
            "name,price,slug,categories,brand,tags,seo_title,seo_description,description_html\n\
             A,1,a,Home,{long},\"a,{long}\",{long},{long},\n\
             B,1,b,Home,,\"{tags}\",,,{}\n\
             C,1,c,Home,\u{200b},\"a,,A, b \",,,\n",
            "<hr>".repeat(25_001)
        );
        let report = import(app, &file).await;
        assert_eq!(counts(&report), [1, 0, 0, 2]);
        assert_eq!(
            errors(&report),
            [
                "2 tags At most 50 characters are allowed.",
                "2 brand At most 100 characters are allowed.",
                "2 seo_title At most 200 characters are allowed.",
                "2 seo_description At most 500 characters are allowed.",
                "3 tags At most 50 tags are allowed.",
                "3 description_html At most 100000 bytes of HTML are allowed.",
            ]
        );
        assert_eq!(product(app, "c").await["tags"], json!(["a", "b"]));
    })
    .await;
}

#[tokio::test]
async fn shopify_columns_are_imported() {
    on_both_databases(async |app| {
        let body = "<div><h1>Mug</h1>For <b style='x'>tea</b>.</div><script>x</script>";
        let row = format!("mug,Mug,1,Kado,\"Sale, new, sale\",Title,About,\"{body}\"\n");
        let file = format!("{SHOPIFY}{row}");
        let report = import(app, &file).await;
        assert_eq!((counts(&report), report.notice_count), ([1, 0, 0, 0], 0));
        let expected = json!({
            "brand": "Kado", "tags": ["Sale", "new"], "seoTitle": "Title", "seoDescription": "About",
            "description": "Mug\n\nFor tea.",
            "descriptionHtml": "<h2>Mug</h2>For <b>tea</b>.",
        });
        assert_eq!(product(app, "mug").await, expected);
        assert_eq!(counts(&import(app, &file).await), [0, 0, 1, 0]);
        // The exported file has the same content.
        let exported = export(app).await;
        assert_eq!(counts(&import(app, &format!("{HEADER}{exported}")).await), [0, 0, 1, 0]);
    })
    .await;
}

#[tokio::test]
async fn values_of_other_shops_beyond_the_limits_are_left_out() {
    on_both_databases(async |app| {
        let long = "x".repeat(501);
        let tags = (0..49).map(|n| format!("t{n}")).collect::<Vec<_>>();
        let tags = tags.join(",");
        let html = format!("<p>Text</p>{}", "<hr>".repeat(25_000));
        let file = format!("{SHOPIFY}mug,Mug,1,{long},\"{tags},{long},a,b,c\",{long},{long},{html}\n");
        let report = import(app, &file).await;
        assert_eq!(counts(&report), [1, 0, 0, 0]);
        assert_eq!(
            lines(&report.notices),
            [
                "2 Vendor The value is ignored: At most 100 characters are allowed.",
                "2 Tags 3 tags are ignored: a product has at most 50, each of at most 50 characters.",
                "2 SEO Title The value is ignored: At most 200 characters are allowed.",
                "2 SEO Description The value is ignored: At most 500 characters are allowed.",
                "2 Body (HTML) Only the text is imported: at most 100000 bytes of HTML are allowed.",
            ]
        );
        let mug = product(app, "mug").await;
        assert_eq!((&mug["brand"], &mug["seoTitle"]), (&Value::Null, &Value::Null));
        assert_eq!(mug["tags"].as_array().unwrap().len(), 50);
        assert_eq!(mug["descriptionHtml"], "<p>Text</p>");
    })
    .await;
}

#[tokio::test]
async fn woocommerce_brands_and_tags_are_imported() {
    on_both_databases(async |app| {
        let file = "ID,Type,SKU,Name,Published,Description,Regular price,Categories,Tags,Brands\n\
            1,simple,M-1,Mug,1,\"<b>For</b> tea\\nor so\",3,Home,\"a, b\",Kado\n";
        assert_eq!(counts(&import(app, file).await), [1, 0, 0, 0]);
        let mug = product(app, "mug").await;
        assert_eq!(
            (&mug["brand"], &mug["tags"]),
            (&json!("Kado"), &json!(["a", "b"]))
        );
        assert_eq!(mug["descriptionHtml"], "<b>For</b> tea\nor so");
    })
    .await;
}
