//! Descriptions as HTML, and texts for search engines.

use serde_json::{Value, json};
use wares::core::html::{RichText, from_text};

use super::product_editing::{category, user_errors};
use super::search::found;
use crate::harness::cached_responses::kept;
use crate::harness::{Client, on_both_databases};

const TEXTS: &str =
    "product { id slug version description descriptionHtml seoTitle seoDescription }";

async fn create(admin: &Client, input: Value) -> Value {
    let mut all = json!({"name": "Mug", "price": "1", "status": "ACTIVE"});
    let given = input.as_object().unwrap().clone();
    all.as_object_mut().unwrap().extend(given);
    admin.run_mutation("createProduct", all, TEXTS).await
}

async fn update(admin: &Client, input: Value) -> Value {
    admin.run_mutation("updateProduct", input, TEXTS).await
}

/// Returns the sanitized HTML, or the text if it has no markup.
fn sanitized(html: &str) -> String {
    let rich = RichText::parse(html).unwrap();
    rich.html.unwrap_or(rich.text)
}

#[test]
fn html_keeps_only_harmless_elements_and_attributes() {
    for (html, expected) in [
        ("", ""),
        ("plain &amp; simple", "plain & simple"),
        (
            "<p>a <strong>b</strong> <b>c</b><em>d</em><i>e</i><u>f</u><s>g</s></p>",
            "<p>a <strong>b</strong> <b>c</b><em>d</em><i>e</i><u>f</u><s>g</s></p>",
        ),
        (
            "<h2>a</h2><h3>b</h3><h4>c</h4><hr>d<br>e<blockquote>f</blockquote>",
            "<h2>a</h2><h3>b</h3><h4>c</h4><hr>d<br>e<blockquote>f</blockquote>",
        ),
        (
            "<ul><li>a<li>b</ul><ol><li>c</ol>",
            "<ul><li>a</li><li>b</li></ul><ol><li>c</li></ol>",
        ),
        (
            "<table class=x><caption>n</caption><tr><th colspan=2 style='x'>a<td rowspan=3 onclick=x>b</table>",
            "<table><caption>n</caption><tbody><tr><th colspan=\"2\">a</th><td rowspan=\"3\">b</td></tr></tbody></table>",
        ),
        (
            "<a href='https://x.example/?a=1&amp;b=2' target=_blank rel=opener>x</a>",
            "<a href=\"https://x.example/?a=1&amp;b=2\" rel=\"nofollow noopener\">x</a>",
        ),
        (
            "<a href=mailto:a@b.example>x</a>",
            "<a href=\"mailto:a@b.example\" rel=\"nofollow noopener\">x</a>",
        ),
        // Other blocks become paragraphs, other headings those of the subset.
        (
            "<h1 id=a>a</h1><h5>b</h5><h6>c</h6>",
            "<h2>a</h2><h4>b</h4><h4>c</h4>",
        ),
        (
            "<div class=\"x>y\">a</div><section>b</section>c",
            "<p>a</p><p>b</p>c",
        ),
        ("<DIV><div>a</div>b</DIV >", "<p>a</p>b"),
        (
            "<span style='color:red'>a</span><font size=7>b</font><small>c</small>",
            "abc",
        ),
        (
            "<b style=\"font-weight:normal\">a</b><strike>b</strike>",
            "<b>a</b><s>b</s>",
        ),
        // Repaired.
        ("<p>a<p>b", "a\n\nb"),
        ("<b><p>a</b>b</p>", "<b></b><p><b>a</b>b</p>"),
        ("a <b", "a"),
        ("1 < 2 > 1 &lt;b&gt; <3", "1 < 2 > 1 <b> <3"),
        // Nothing to show.
        ("<p></p><p> </p><div></div><hr>", ""),
    ] {
        assert_eq!(sanitized(html), expected, "{html}");
    }
}

#[test]
fn dangerous_html_is_removed() {
    for html in [
        "<script>alert(1)</script>",
        "<ScRiPt src=//x.example></sCrIpT>",
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<style>p{background:url(javascript:alert(1))}</style>",
        "<img src=x onerror=alert(1)>",
        "<p onclick=alert(1) style=\"x:expression(alert(1))\">a</p>",
        "<svg><script>alert(1)</script><a xlink:href=\"javascript:alert(1)\">x</a></svg>",
        "<math><mi xlink:href=\"javascript:alert(1)\">x</mi></math>",
        "<iframe src=javascript:alert(1)></iframe><object data=x></object><embed src=x>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "<a href=\" java\tscr\nipt:alert(1)\">x</a>",
        "<a href=\"java\u{200b}script:alert(1)\">x</a>",
        "<a href=\"java&#x200b;script:alert(1)\">x</a>",
        "<a href=\"&#106;avascript:alert(1)\">x</a>",
        "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
        "<a href=\"vbscript:x\">x</a>",
        "<a href=\"//x.example\">x</a><a href=\"/path\">y</a><a href=\"?q\">z</a>",
        "<form action=javascript:alert(1)><input onfocus=alert(1) autofocus></form>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>",
        "<template><img src=x onerror=alert(1)></template>",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        "<!--[if IE]><script>alert(1)</script><![endif]--><!-- x --!><script>alert(1)</script>",
        "<div title=\"<div>\"><b title='<img src=x onerror=alert(1)>'>x</b></div>",
        "<base href=//x.example><meta http-equiv=refresh content=0><link rel=stylesheet href=x>",
        "<textarea><script>alert(1)</script></textarea><title><img src=x onerror=alert(1)></title>",
        "<p>&#x202e;a\u{202e}&#0;</p>",
    ] {
        let rich = RichText::parse(html).unwrap();
        let html = rich.html.unwrap_or_default();
        for dangerous in [
            "<script",
            "<img",
            "<style",
            "<svg",
            "<math",
            "<iframe",
            "<form",
            "<!--",
            "script:",
            "onerror=",
            "onclick=",
            "style=",
            "href=\"/",
            "href=\"?",
            "href=\"data",
            "src=",
            "\u{202e}",
        ] {
            assert!(
                !html.to_lowercase().contains(dangerous),
                "{dangerous} in {html}"
            );
        }
    }
}

#[test]
fn sanitizing_again_changes_nothing() {
    for html in [
        "<div><div>a</div>b<table><tr><td><div>c</div></table></div>",
        "<p><object><p>a</p></object>b</p>",
        "<a href=http://a.example>a<table><td><a href=http://b.example>b</table>c",
        "<b><i><p>a</b>b</i>c<table>d<tr>e<td>f",
        "<ul><ul><li>a</ul><p>b<li>c</ul></p>",
        "a&nbsp;b&#160;c&copy;&#x200b;&amp;amp;&lt;p&gt;",
        "<blockquote><h1>a<h2>b</blockquote></h1>",
        "<a href=\"http://a.example/&quot;<p></p>\u{200b}x\">a</a>",
        "<svg><p>a</svg><select><option>b<p>c</select>",
    ] {
        let once = RichText::parse(html).unwrap();
        let sent = once.html.clone().unwrap_or_else(|| from_text(&once.text));
        assert_eq!(RichText::parse(&sent).unwrap(), once, "{html}");
    }
}

/// The parser repeats open formatting elements in each block, and looks for open elements in all enclosing ones.
#[test]
fn deeply_nested_html_takes_bounded_memory() {
    let fill = |first: String, then: &str| {
        let room = 100_000 - first.len();
        first + &then.repeat(room / then.len())
    };
    let unclosed = |names: &[&str]| {
        let tags = (0..7_000).map(|n| format!("<{} a{n}>", names[n % names.len()]));
        tags.take(50_000 / 9).collect::<String>()
    };
    for html in [
        fill(unclosed(&["b"]), "<p>x"),
        fill(
            unclosed(&["b", "i", "u", "s", "em", "strong", "font", "code"]),
            "<p>x",
        ),
        fill(unclosed(&["a"]), "<p>x"),
        fill("<x>".repeat(16_000), "<p></p>"),
        fill("<blockquote>".repeat(1_000), "<p>x</p>"),
        fill("<ul><li>".repeat(1_000), "x"),
        fill(String::new(), "<table><td>"),
        fill(String::new(), "<b><p>"),
        fill(String::new(), "<"),
        fill(String::new(), "<!--"),
        fill(String::new(), "<p title=\""),
    ] {
        // Either is fine.
        _ = RichText::parse(&html);
    }
}

#[test]
fn plain_text_becomes_paragraphs() {
    for (text, html) in [
        ("", ""),
        ("a", "<p>a</p>"),
        ("a\nb\n\nc", "<p>a<br>b</p><p>c</p>"),
        ("a\n\n\n\n\nb", "<p>a</p><p>b</p>"),
        ("1 < 2 & \"x\"", "<p>1 &lt; 2 &amp; \"x\"</p>"),
        (
            "<script>x</script>",
            "<p>&lt;script&gt;x&lt;/script&gt;</p>",
        ),
    ] {
        assert_eq!(from_text(text), html);
    }
}

#[tokio::test]
async fn html_and_plain_text_of_a_description_agree() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let home = category(app, "home").await;
        let html = "<h1>Big</h1><p onclick=x>A <b>mug</b> &amp; cup.</p><script>x</script>";
        let made = create(&admin, json!({"categoryId": home, "descriptionHtml": html})).await;
        let product = made["product"].clone();
        let clean = "<h2>Big</h2><p>A <b>mug</b> &amp; cup.</p>";
        let texts = |product: &Value| {
            (
                product["description"].clone(),
                product["descriptionHtml"].clone(),
            )
        };
        assert_eq!(
            texts(&product),
            (json!("Big\n\nA mug & cup."), json!(clean))
        );
        let id = &product["id"];
        assert_eq!(found(app, "cup big").await, ["mug"]);

        // Neither the same HTML nor the same text is a change.
        for same in [
            json!({"descriptionHtml": html}),
            json!({"descriptionHtml": clean}),
            json!({"description": "Big\n\nA mug & cup."}),
        ] {
            let mut input = same;
            input["id"] = id.clone();
            assert_eq!(update(&admin, input).await["product"], product);
        }
        let both = json!({"id": id, "description": "a", "descriptionHtml": "<p>a</p>"});
        let invalid = vec![("BAD_USER_INPUT".to_owned(), "descriptionHtml".to_owned())];
        assert_eq!(user_errors(&update(&admin, both).await), invalid);
        let both = json!({"categoryId": home, "description": "a", "descriptionHtml": "<p>a</p>"});
        assert_eq!(user_errors(&create(&admin, both).await), invalid);

        let unformatted = update(&admin, json!({"id": id, "descriptionHtml": null})).await;
        let paragraphs = json!("<p>Big</p><p>A mug &amp; cup.</p>");
        assert_eq!(
            texts(&unformatted["product"]),
            (product["description"].clone(), paragraphs)
        );
        update(&admin, json!({"id": id, "descriptionHtml": html})).await;
        let plain = update(&admin, json!({"id": id, "description": "New\ntext"})).await;
        assert_eq!(
            texts(&plain["product"]),
            (json!("New\ntext"), json!("<p>New<br>text</p>"))
        );
        assert!(found(app, "cup big").await.is_empty());
        update(&admin, json!({"id": id, "descriptionHtml": html})).await;
        let cleared = update(&admin, json!({"id": id, "description": null})).await;
        assert_eq!(texts(&cleared["product"]), (json!(""), json!("")));
        // Without markup it is plain text.
        let plain = update(&admin, json!({"id": id, "descriptionHtml": "a &lt; b"})).await;
        assert_eq!(
            texts(&plain["product"]),
            (json!("a < b"), json!("<p>a &lt; b</p>"))
        );
        let stored = "SELECT count(*) FROM products WHERE description_html IS NOT NULL";
        assert_eq!(app.sql_number(stored).await, 0);
        let changes = "SELECT count(*) FROM audit_log WHERE changes LIKE '%descriptionHtml%'";
        assert_eq!(app.sql_number(changes).await, 6);
    })
    .await;
}

#[tokio::test]
async fn texts_that_are_too_long_are_refused_with_their_field() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let home = category(app, "home").await;
        let id = create(&admin, json!({"categoryId": home})).await["product"]["id"].clone();
        let rules = |bytes: usize| format!("<p>a</p>{}", "<hr>".repeat((bytes - 8) / 4));
        for (field, value, is_valid) in [
            ("descriptionHtml", rules(100_000), true),
            ("descriptionHtml", rules(100_004), false),
            (
                "descriptionHtml",
                format!("<p>{}</p>", "é".repeat(20_000)),
                true,
            ),
            (
                "descriptionHtml",
                format!("<p>{}</p>", "é".repeat(20_001)),
                false,
            ),
            // Sanitizing adds an attribute to each link.
            (
                "descriptionHtml",
                "<a href=http://a.example>a</a>".repeat(3_000),
                false,
            ),
            ("descriptionHtml", "a\u{0}".to_owned(), false),
            ("seoTitle", "é".repeat(200), true),
            ("seoTitle", "x".repeat(201), false),
            ("seoTitle", String::new(), false),
            ("seoDescription", "é".repeat(500), true),
            ("seoDescription", "x".repeat(501), false),
            ("seoDescription", "\u{200b}".to_owned(), false),
        ] {
            let mut input = json!({"id": id});
            input[field] = json!(value);
            let payload = update(&admin, input).await;
            let expected = if is_valid {
                vec![]
            } else {
                vec![("BAD_USER_INPUT".to_owned(), field.to_owned())]
            };
            let start: String = value.chars().take(20).collect();
            assert_eq!(
                user_errors(&payload),
                expected,
                "{field} {start} {}",
                value.len()
            );
        }
    })
    .await;
}

#[tokio::test]
async fn texts_for_search_engines_are_stored_and_cleared() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let home = category(app, "home").await;
        let input = json!({"categoryId": home, "seoTitle": " A <b>title</b>\n ", "seoDescription": "About\tit"});
        let product = create(&admin, input).await["product"].clone();
        let expected = (json!("A <b>title</b>"), json!("About it"));
        assert_eq!((product["seoTitle"].clone(), product["seoDescription"].clone()), expected);
        let input = json!({"id": product["id"], "seoTitle": null, "seoDescription": null});
        let cleared = update(&admin, input).await["product"].clone();
        assert_eq!((&cleared["seoTitle"], &cleared["seoDescription"]), (&Value::Null, &Value::Null));
        assert_eq!(cleared["version"], 2);
    })
    .await;
}

#[tokio::test]
async fn cached_responses_follow_the_texts() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let home = category(app, "home").await;
        let id = create(&admin, json!({"categoryId": home})).await["product"]["id"].clone();
        app.start_change_watcher();
        let client = app.anonymous();
        for (field, value) in [
            ("descriptionHtml", "<p><b>a</b></p>"),
            ("seoTitle", "b"),
            ("seoDescription", "c"),
        ] {
            let query = format!(
                "{{ product(slug: \"mug\") {{ {field} }} products {{ nodes {{ {field} }} }} }}"
            );
            kept(app, async || client.send(&query, json!({})).await).await;
            let mut input = json!({"id": id});
            input[field] = json!(value);
            update(&admin, input).await;
            let data = client.data(&query, json!({})).await;
            assert_eq!(data["product"][field], value);
            assert_eq!(data["products"]["nodes"][0][field], value);
        }
    })
    .await;
}
