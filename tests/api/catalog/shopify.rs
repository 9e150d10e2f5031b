//! Importing product CSV files of Shopify.

use crate::harness::csv_files::{counts, errors, export, import, lines, sorted_export};
use crate::harness::on_both_databases;

/// In the format of Shopify, with invented data.
const FILE: &str = include_str!("../files/shopify.csv");
/// The end of an exported product without other columns, whose stock is not counted.
const UNCOUNTED: &str = ",,,,,,,,,,,,,,,true,false,0,,true,,,";

#[tokio::test]
async fn a_shopify_file_is_imported() {
    on_both_databases(async |app| {
        let report = import(app, FILE).await;
        assert_eq!((report.rows, counts(&report)), (11, [5, 0, 0, 2]));
        insta::allow_duplicates! { insta::assert_snapshot!(errors(&report).join("\n"), @r"
        12 Variant Price The price must be a decimal number such as 19.99.
        14 Title The first row of a product must contain its title, directly followed by its other rows.
        "); }
        insta::allow_duplicates! { insta::assert_snapshot!(lines(&report.notices).join("\n"), @r"
        2 Variant Taxable This column is not imported. Its values are ignored.
        2 Gift Card This column is not imported. Its values are ignored.
        8 Variant Inventory Qty The stock must be at least 0: -2 was replaced by 0.
        11 Handle The handle was converted to the slug odd-handle.
        15 Variant SKU The product of line 8 has the same SKU: this one is imported without it.
        "); }
        let products = export(app).await;
        for product in [
            "Enamel Mug,14.50,00417,enamel-mug,\"A mug for the fireside & the desk.\n- 350 ml\n- Dishwasher safe\nand light\",24,Home & Garden > Kitchen & Dining > Tableware,ACTIVE,\
             Nordlys,\"camping, enamel\",,,\"<p>A mug for the <strong>fireside</strong> &amp; the desk.</p>\n<ul>\n\
             <li>350&nbsp;ml</li>\n<li>Dishwasher safe<br>and light</li>\n</ul>\",,,,,,,,,180,true,true,0,,true,,,\n",
            "Linen Shirt,59.00,LS-S,linen-shirt,\"Plain words, 5 < 6\",0,Shirts,DRAFT,Nordlys,summer,,,,Size,S,Colour,Sand,,,,79.00,,\
             true,true,0,,true,,,\n\
             ,59.00,LS-M,linen-shirt,,4,,,,,,,,,M,,Sand,,,,,,true,false,0,,true,,,\n\
             ,64.00,LS-XL,linen-shirt,,1,,,,,,,,,XL,,Sand,,,,,,true,false,0,,true,,,\n",
            &format!("Old Poster,8.00,,odd-handle,,0,Imported,ARCHIVED{UNCOUNTED}\n"),
            &format!("Gift,25.00,,gift,,0,Imported,DRAFT{UNCOUNTED}\n"),
            &format!("Second Mug,3.00,,second-mug,,0,Mugs,ACTIVE{UNCOUNTED}\n"),
        ] {
            assert!(products.contains(product), "{product}: {products}");
        }
        assert_eq!(report.categories_created, 6);
    })
    .await;
}

#[tokio::test]
async fn a_repeated_shopify_import_changes_nothing() {
    on_both_databases(async |app| {
        import(app, FILE).await;
        assert_eq!(counts(&import(app, FILE).await), [0, 0, 5, 2]);
        // With CRLF line ends, as some spreadsheets save it, and one changed price.
        let file = FILE.replace("14.50", "15.50").replace('\n', "\r\n");
        assert_eq!(counts(&import(app, &file).await), [0, 1, 4, 2]);
    })
    .await;
}

#[tokio::test]
async fn descriptions_are_also_plain_text() {
    on_both_databases(async |app| {
        for (number, (html, text)) in [
            ("", ""),
            ("plain", "plain"),
            ("<p>One</p><p>Two</p>", "One\n\nTwo"),
            (
                "<p>One\n  line</p>\n\n<p>Two<br/>three</p>",
                "One line\n\nTwo\nthree",
            ),
            (
                "<ul><li>a</li><li><b>b</b>c</li></ul><p>end</p>",
                "- a\n- bc\n\nend",
            ),
            ("<h2>Head</h2>Text<div>block</div>", "Head\n\nText\n\nblock"),
            (
                "a &amp; b &lt;c&gt; &eacute;&#39;&#x1F375;",
                "a & b <c> \u{e9}'\u{1f375}",
            ),
            ("1 < 2 and 3 > 2 <3", "1 < 2 and 3 > 2 <3"),
            (
                "a<script>x<y>\n</SCRIPT >b<style>p{}</style><!-- <b>no</b> -->c",
                "abc",
            ),
            ("<p title=\"a>b\" class='c'>d</p>", "d"),
            ("<p title=\"a>b</p>c", ""),
            (
                "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
                "a b\nc",
            ),
            ("broken <b", "broken"),
        ]
        .into_iter()
        .enumerate()
        {
            let html = html.replace('"', "\"\"");
            let file =
                format!("Handle,Title,Body (HTML),Variant Price\np-{number},P,\"{html}\",1\n");
            let report = import(app, &file).await;
            assert_eq!(
                (counts(&report), errors(&report)),
                ([1, 0, 0, 0], vec![]),
                "{html}"
            );
            let query = "query($slug: String!) { product(slug: $slug) { description } }";
            let slug = serde_json::json!({"slug": format!("p-{number}")});
            let data = app.admin().await.data(query, slug).await;
            assert_eq!(data["product"]["description"], text, "{html}");
        }
    })
    .await;
}

#[tokio::test]
async fn an_existing_product_keeps_its_categories_when_shopify_has_none() {
    on_both_databases(async |app| {
        import(
            app,
            "name,price,slug,categories\nMug,1,mug,Home > Kitchen | Sale\n",
        )
        .await;
        let file = "Handle,Title,Variant Price\nmug,Mug,1\ncup,Cup,2\n";
        let report = import(app, file).await;
        assert_eq!(counts(&report), [1, 0, 1, 0]);
        assert_eq!(
            sorted_export(app).await,
            [
                "Cup,2.00,,cup,,0,Imported,DRAFT",
                "Mug,1.00,,mug,,0,Home > Kitchen | Sale,DRAFT",
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn handles_with_the_same_slug_stay_separate_products() {
    on_both_databases(async |app| {
        let file = "Handle,Title,Variant Price\nodd-_-mug,One,1\nodd-mug,Two,2\nodd__mug,Three,3\n";
        let report = import(app, file).await;
        assert_eq!(counts(&report), [1, 0, 0, 2]);
        assert_eq!(
            errors(&report),
            [
                "3 Handle Another handle in this file was already converted to the slug odd-mug.",
                "4 Handle Another handle in this file was already converted to the slug odd-mug.",
            ]
        );
    })
    .await;
}

#[tokio::test]
async fn shopify_products_are_matched_by_slug_then_sku() {
    on_both_databases(async |app| {
        let start = "name,price,sku,slug,categories\nMug,1,M-1,my-mug,Home\nCup,1,C-1,cup,Home\n";
        import(app, start).await;
        let file = "Handle,Title,Variant SKU,Variant Price\n\
            mug,Mug,M-1,1\nbig-mug,Big mug,M-1,3\ncup,Cup,C-2,2\n";
        let report = import(app, file).await;
        assert_eq!((counts(&report), errors(&report)), ([1, 2, 0, 0], vec![]));
        assert_eq!(
            lines(&report.notices),
            ["3 Variant SKU The product of line 2 has the same SKU: this one is imported without it."]
        );
        assert_eq!(
            sorted_export(app).await,
            [
                "Big mug,3.00,,big-mug,,0,Imported,DRAFT",
                "Cup,2.00,C-2,cup,,0,Home,DRAFT",
                "Mug,1.00,M-1,mug,,0,Home,DRAFT",
            ]
        );
        let old = "SELECT count(*) FROM product_slugs WHERE slug = 'my-mug'";
        assert_eq!(app.sql_number(old).await, 1);
    })
    .await;
}

#[tokio::test]
async fn an_unknown_status_becomes_draft() {
    on_both_databases(async |app| {
        let file = "Handle,Title,Variant Price,Published,Status\nmug,Mug,1,true,Unlisted\n";
        let report = import(app, file).await;
        assert_eq!(counts(&report), [1, 0, 0, 0]);
        assert_eq!(
            lines(&report.notices),
            ["2 Status The status Unlisted is unknown: the product is imported as a draft."]
        );
        assert!(export(app).await.ends_with(",DRAFT\n"));
    })
    .await;
}

#[tokio::test]
async fn a_product_with_an_unreadable_first_row_is_reported_once() {
    on_both_databases(async |app| {
        let file = "Handle,Title,Variant Price,Image Src\nmug,Mug,1,\n\
            cup,\"Cup\" x,1,\ncup,,,a.png\ncup,,2,b.png\nbowl,Bowl,3,\n";
        let report = import(app, file).await;
        assert_eq!((report.rows, counts(&report)), (5, [2, 0, 0, 1]));
        assert_eq!(
            errors(&report),
            ["3 - Text follows a closing quote. Double the quotes within a quoted field."]
        );
        assert_eq!(report.notice_count, 0);
    })
    .await;
}
