//! Query limits.

use serde_json::{Value, json};

use crate::harness::{App, Backend, Client, Process, sqlite_app};

/// Returns a document with this number of counted items.
type BuildDocument<'a> = &'a dyn Fn(usize) -> String;

/// Returns the message if this document exceeds a query limit.
pub async fn limit_error(client: &Client, query: &str, variables: Value) -> Option<String> {
    let response = client.send(query, variables).await;
    if response.json["errors"][0]["extensions"]["code"] != "QUERY_LIMIT_EXCEEDED" {
        return None;
    }
    response.assert_refused(200, "QUERY_LIMIT_EXCEEDED");
    let message = response.json["errors"][0]["message"].as_str().unwrap();
    Some(message.to_owned())
}

/// Returns a document with this number of levels. The last one is a scalar.
fn deep(levels: usize) -> String {
    let below = "{ parent ".repeat(levels - 2);
    let close = "} ".repeat(levels - 2);
    format!("category(slug: \"x\") {below} {{ name }} {close}")
}

#[tokio::test]
async fn each_limit_is_exact() {
    let app = sqlite_app().await;
    let client = app.anonymous();
    let ids = |count: usize| format!("{{ nodes(ids: [{}]) {{ id }} }}", "1 ".repeat(count));
    let aliases = |count: usize| {
        let fields = (0..count).map(|at| format!("a{at}: __typename "));
        format!("{{ {} }}", fields.collect::<String>())
    };
    let repeated = |what: &str, count: usize| format!("{{ {} }}", what.repeat(count + 1));
    let spread = |count: usize| {
        let spreads = "...a ".repeat(count + 1);
        format!("{{ {spreads} }} fragment a on Query {{ __typename }}")
    };
    let aliases_in_fragment = |count: usize| {
        let fields = (0..count / 2).map(|at| format!("a{at}: __typename "));
        let fields: String = fields.collect();
        let odd = if count % 2 == 1 { "b: __typename" } else { "" };
        format!(
            "{{ ...a node(id: 1) {{ ...on Query {{ ...a }} }} {odd} }} fragment a on Query {{ {fields} }}"
        )
    };
    let directives = |count: usize| {
        let fields = (0..count / 2).map(|at| format!("...a{at} @include(if: true) "));
        let fragments = (0..count / 2)
            .map(|at| format!("fragment a{at} on Query {{ __typename @skip(if: false) }} "));
        let (fields, fragments): (String, String) = (fields.collect(), fragments.collect());
        let odd = if count % 2 == 1 { " @odd" } else { "" };
        format!("query{odd} {{ {fields} }} {fragments}")
    };
    let directives_each = |count: usize| format!("{{ __typename {} }}", "@a ".repeat(count));
    let variables = |count: usize| {
        let defined = (0..count).map(|at| format!("$v{at}: Int "));
        format!("query({}) {{ __typename }}", defined.collect::<String>())
    };
    let operations = |count: usize| {
        let operations = (0..count).map(|at| format!("query Q{at} {{ __typename }} "));
        operations.collect::<String>()
    };
    let by_fields = |levels: usize| format!("{{ {} }}", deep(levels));
    let by_inline = |levels: usize| format!("{{ ... on Query {{ ... {{ {} }} }} }}", deep(levels));
    let by_fragments = |levels: usize| {
        let half = levels / 2;
        let below = "{ parent ".repeat(half - 1);
        let close = "} ".repeat(half - 1);
        format!(
            "{{ category(slug: \"x\") {{ ...a }} }} fragment a on Category {{ {} }} fragment b on Category {below} {{ name }} {close}",
            (half..levels - 1).fold("...b".to_owned(), |inner, _| format!(
                "parent {{ {inner} }}"
            ))
        )
    };
    let cases: [(&str, usize, BuildDocument); 14] = [
        // The document contains 12 additional tokens.
        ("tokens", 1_000 - 12, &ids),
        ("aliases", 30, &aliases),
        ("aliases", 30, &|count| repeated("__typename ", count)),
        ("aliases", 30, &|count| {
            repeated("... { __typename } ", count)
        }),
        ("aliases", 30, &spread),
        ("aliases", 30, &aliases_in_fragment),
        ("directives.", 50, &directives),
        ("directives in one place", 5, &directives_each),
        ("variables", 50, &variables),
        ("operations", 10, &operations),
        ("levels of fields", 12, &by_fields),
        ("levels of fields", 12, &by_inline),
        ("levels of fields", 12, &by_fragments),
        ("too long", 15_000 - 16, &|count| {
            format!("{{ __typename }} #{}", "x".repeat(count))
        }),
    ];
    for (what, maximum, build) in cases {
        let error_message = limit_error(&client, &build(maximum), json!({})).await;
        assert_eq!(error_message, None, "{what}: {}", build(maximum));
        let error_message = limit_error(&client, &build(maximum + 1), json!({})).await;
        assert!(
            error_message.is_some_and(|error_message| error_message.contains(what)),
            "{what}: {}",
            build(maximum + 1)
        );
    }
    for count in [101, 1_000] {
        let error_message = limit_error(&client, &aliases(count), json!({})).await;
        assert!(error_message.is_some(), "{count}");
    }
    for count in [500, 10_000, 100_000] {
        let error_message = limit_error(&client, &repeated("id ", count), json!({})).await;
        assert!(error_message.is_some(), "{count}");
    }
}

#[tokio::test]
async fn validation_returns_at_most_10_errors() {
    let app = sqlite_app().await;
    let many = |count: usize, each: fn(usize) -> String| (0..count).map(each).collect::<String>();
    for count in [10, 40, 5_000] {
        for query in [
            format!("{{ {} }}", many(count, |at| format!("f{at} "))),
            format!("{{ __typename {} }}", many(count, |at| format!("@d{at} "))),
            format!("{{ {} }}", many(count, |at| format!("...f{at} "))),
            format!(
                "query({}) {{ __typename }}",
                many(count, |at| format!("$v{at}: Nothing "))
            ),
            format!(
                "{{ nodes(ids: [{}]) {{ id }} }}",
                many(count, |at| format!("$v{at} "))
            ),
            many(count, |at| format!("query Q{at} {{ f{at} }} ")),
        ] {
            let response = app.anonymous().send(&query, json!({})).await;
            assert_eq!(response.json.get("data"), None, "{query}");
            assert!(response.json["errors"].as_array().unwrap().len() <= 10);
            assert!(response.text.len() <= 16_000, "{}", response.text.len());
        }
    }
}

#[tokio::test]
async fn nested_lists_multiply_the_cost() {
    let settings = ["--query-max-cost=775"];
    let app = App::start(Backend::Sqlite, &settings).await;
    let client = app.anonymous();
    // The example of README.md: a page of 100 products with names, categories and 5 images each.
    let page = "query($n: Int = 100, $l: Int, $f: Int) { products(first: $n) {
        nodes { name category { name } images { url } } } }";
    let page_by = |size: &str| page.replace("first: $n", size);
    for (query, variables, fits) in [
        (page, json!({}), true),
        (page, json!({"n": 100}), true),
        // The list itself refuses larger pages.
        (page, json!({"n": 101}), true),
        (page, json!({"n": null}), true),
        (&page_by("last: 100"), json!({}), true),
        (&page.replace("url", "url width"), json!({"n": 90}), true),
        (&page.replace("url", "url width"), json!({}), false),
        (&page.replace("url", "url width"), json!({"n": 100}), false),
        (&page.replace("url", "url width"), json!({"n": null}), true),
        (&page_by("first: $f").replace("url", "url width"), json!({}), true),
        (&page_by("last: $l").replace("url", "url width"), json!({"l": 100}), false),
        (&page_by("first: 100").replace("url", "url width"), json!({}), false),
        // A second page in the document, and the same page in fragments.
        (&page.replace("{ products", "{ more: categories { totalCount } products"), json!({}), false),
        (
            "{ products(first: 100) { ...a } } fragment a on ProductConnection { nodes { ...b } }
             fragment b on Product { name category { name } images { url width } }",
            json!({}),
            false,
        ),
        (
            "{ products(first: 50) { ...a } } fragment a on ProductConnection { edges { node { ...b } } }
             fragment b on Product { name category { name } images { url width } }",
            json!({}),
            true,
        ),
        ("{ categories(first: 50) { nodes { products(first: 50) { nodes { id } } } } }", json!({}), false),
        ("{ categories(first: 5) { nodes { products(first: 5) { nodes { id } } } } }", json!({}), true),

        // The cost counts each category of a tree once on a path downwards, but not on a path up and down.
        ("{ categories(first: 5) { nodes { children { children { name } } } } }", json!({}), true),
        ("{ category(slug: \"x\") { children { children { children { name } } } } }", json!({}), true),
        ("{ category(slug: \"x\") { children { parent { children { parent { children { name } } } } } } }", json!({}), false),
        (
            "{ category(slug: \"x\") { ...a } } fragment a on Category { children { parent { ...b } } }
             fragment b on Category { children { parent { ...c } } } fragment c on Category { children { name } }",
            json!({}),
            false,
        ),
        ("query($ids: [ID!]!) { nodes(ids: $ids) { ... on Product { images { url } } } }", json!({"ids": ["x"]}), true),
        (
            "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Product { images { url } categories { name } } } }",
            json!({"ids": vec!["x"; 100]}),
            false,
        ),
        ("{ products { facets { categories(first: 50) { values { count category { name children { name } } } } } } }", json!({}), true),
        ("{ products { facets { categories(first: 50) { values { count category { name children { name } ancestors { name } } } } } } }", json!({}), false),
    ] {
        let error_message = limit_error(&client, query, variables.clone()).await;
        assert_eq!(error_message.is_none(), fits, "{query} {variables}: {error_message:?}");
    }
    // Repeats a document that is already cached.
    for fits in [true, false, true] {
        let n = if fits { 10 } else { 100 };
        let query = page.replace("url", "url width");
        let error_message = limit_error(&client, &query, json!({"n": n})).await;
        assert_eq!(error_message.is_none(), fits);
    }
}

#[tokio::test]
async fn introspection_may_be_deep_but_not_circular() {
    let app = sqlite_app().await;
    let client = app.anonymous();
    let of_type = |levels: usize| {
        let below = "{ kind name ofType ".repeat(levels);
        format!("{below} {{ kind name }} {}", "}".repeat(levels))
    };
    // The introspection query of GraphiQL.
    let whole = format!(
        "query IntrospectionQuery {{ __schema {{ queryType {{ name kind }} mutationType {{ name }} types {{ ...Whole }}
         directives {{ name description isRepeatable locations args(includeDeprecated: true) {{ ...Value }} }} }} }}
         fragment Whole on __Type {{ kind name description specifiedByURL
           fields(includeDeprecated: true) {{ name description args(includeDeprecated: true) {{ ...Value }} type {{ ...Ref }} isDeprecated deprecationReason }}
           inputFields(includeDeprecated: true) {{ ...Value }} interfaces {{ ...Ref }} possibleTypes {{ ...Ref }}
           enumValues(includeDeprecated: true) {{ name description isDeprecated deprecationReason }} }}
         fragment Value on __InputValue {{ name description type {{ ...Ref }} defaultValue isDeprecated deprecationReason }}
         fragment Ref on __Type {}",
        of_type(9)
    );
    let data = client.data(&whole, json!({})).await;
    assert!(data["__schema"]["types"].as_array().unwrap().len() > 50);

    let circles = |times: usize| {
        let below = "fields { type { ".repeat(times);
        format!(
            "{{ __schema {{ types {{ {below} name {} }} }} }}",
            "} } ".repeat(times)
        )
    };
    assert_eq!(limit_error(&client, &circles(3), json!({})).await, None);
    let error_message = limit_error(&client, &circles(4), json!({})).await;
    assert_eq!(
        error_message.as_deref(),
        Some("The introspection query nests too many lists.")
    );
    // With other root fields, introspection has the usual limits.
    let beside = whole.replacen("{ __schema", "{ products { totalCount } __schema", 1);
    assert!(limit_error(&client, &beside, json!({})).await.is_some());
}

#[tokio::test]
async fn settings_change_the_limits() {
    let settings = [
        "--query-max-depth=4",
        "--query-max-aliases=1",
        "--query-max-tokens=100",
    ];
    let app = App::start(Backend::Sqlite, &settings).await;
    let client = app.anonymous();
    for (query, fits) in [
        (format!("{{ {} }}", deep(4)), true),
        (format!("{{ {} }}", deep(5)), false),
        ("{ a: __typename }".to_owned(), true),
        ("{ a: __typename b: __typename }".to_owned(), false),
        (
            format!("{{ nodes(ids: [{}]) {{ id }} }}", "1 ".repeat(100)),
            false,
        ),
    ] {
        let error_message = limit_error(&client, &query, json!({})).await;
        assert_eq!(error_message.is_none(), fits, "{query}: {error_message:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    for invalid in [
        "--query-max-depth=0",
        "--query-max-depth=51",
        "--query-max-cost=-1",
        "--query-max-tokens=many",
        "--query-max-bytes=100000000",
        "--request-timeout=0s",
        "--request-timeout=2d",
    ] {
        let output = Process::run(folder.path(), &[invalid]);
        assert!(!output.status.success(), "{invalid}");
    }
}
