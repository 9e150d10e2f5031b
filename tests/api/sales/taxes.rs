//! Tax classes and tax rates.

use serde_json::{Value, json};

use crate::harness::{App, Client, on_both_databases, user_error};

const CLASS: &str = "taxClass { id name isDefault version }";
const RATE: &str = "taxRate { id country region name rate version taxClass { name } }";

/// Creates a tax class and returns its id.
pub async fn tax_class(admin: &Client, name: &str) -> Value {
    let made = admin
        .run_mutation("createTaxClass", json!({"name": name}), CLASS)
        .await;
    assert_eq!(made["userErrors"], json!([]), "{name}");
    made["taxClass"]["id"].clone()
}

/// Sets the rate of the default tax class.
pub async fn tax_rate(admin: &Client, country: &str, rate: &str) -> Value {
    let input = json!({"country": country, "name": "VAT", "rate": rate});
    let set = admin.run_mutation("setTaxRate", input, RATE).await;
    assert_eq!(set["userErrors"], json!([]), "{country}");
    set["taxRate"].clone()
}

/// Returns code and field of all user errors of a mutation, which must have changed nothing.
pub async fn errors(
    admin: &Client,
    name: &str,
    input: Value,
    object: &str,
) -> Vec<(String, String)> {
    let payload = admin
        .run_mutation(name, input.clone(), &format!("{object} {{ id }}"))
        .await;
    assert_eq!(payload[object], Value::Null, "{name} {input}");
    let errors = payload["userErrors"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    errors
        .map(|error| (text(&error["code"]), text(&error["field"])))
        .collect()
}

/// Asserts that inputs are refused with one user error each.
pub async fn assert_refused(
    admin: &Client,
    (name, object): (&str, &str),
    cases: impl IntoIterator<Item = (Value, &str, &str)>,
) {
    for (input, code, field) in cases {
        let found = errors(admin, name, input.clone(), object).await;
        assert_eq!(
            found,
            [(code.to_owned(), field.to_owned())],
            "{name} {input}"
        );
    }
}

#[tokio::test]
async fn admins_create_update_and_delete_tax_classes() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let list = async || {
            let query = "{ taxClasses { id name isDefault version } }";
            admin.data(query, json!({})).await["taxClasses"].clone()
        };
        let standard = tax_class(&admin, "Standard").await;
        let books = tax_class(&admin, "Books").await;
        assert_eq!(
            list().await,
            json!([
                {"id": books, "name": "Books", "isDefault": false, "version": 1},
                {"id": standard, "name": "Standard", "isDefault": true, "version": 1},
            ])
        );
        let input =
            json!({"id": books, "name": " Reduced ", "isDefault": true, "expectedVersion": 1});
        let changed = admin.run_mutation("updateTaxClass", input, CLASS).await;
        assert_eq!(
            changed["taxClass"],
            json!({"id": books, "name": "Reduced", "isDefault": true, "version": 2})
        );
        // Nothing changes.
        let same = json!({"id": books, "name": "Reduced"});
        let changed = admin.run_mutation("updateTaxClass", same, CLASS).await;
        assert_eq!(changed["taxClass"]["version"], 2);
        assert_eq!(list().await[1]["isDefault"], false);
        let node = "query($id: ID!) { node(id: $id) { ... on TaxClass { name } } }";
        assert_eq!(
            admin.data(node, json!({"id": books})).await["node"]["name"],
            "Reduced"
        );
        let seen = app.customer().await.data(node, json!({"id": books})).await;
        assert_eq!(seen["node"], Value::Null);

        assert_refused(
            &admin,
            ("deleteTaxClass", "taxClass"),
            [
                (json!({"id": books}), "CONFLICT", "id"),
                (
                    json!({"id": standard, "expectedVersion": 9}),
                    "CONFLICT",
                    "expectedVersion",
                ),
                (json!({"id": "x"}), "BAD_USER_INPUT", "id"),
            ],
        )
        .await;
        let deleted = "taxClassId taxClass { name }";
        let gone = admin
            .run_mutation("deleteTaxClass", json!({"id": standard}), deleted)
            .await;
        assert_eq!(
            (&gone["taxClassId"], &gone["taxClass"]["name"]),
            (&standard, &json!("Standard"))
        );
        let gone = admin
            .run_mutation("deleteTaxClass", json!({"id": standard}), deleted)
            .await;
        assert_eq!(user_error(&gone), "NOT_FOUND");
        // The only one may be deleted although it is the default.
        admin
            .run_mutation("deleteTaxClass", json!({"id": books}), deleted)
            .await;
        assert_eq!(list().await, json!([]));
        let query = "{ auditLog { nodes { action } } }";
        let log = admin.data(query, json!({})).await["auditLog"]["nodes"].clone();
        let count = |action: &str| {
            let entries = log.as_array().unwrap().iter();
            entries.filter(|entry| entry["action"] == action).count()
        };
        let actions = ["createTaxClass", "updateTaxClass", "deleteTaxClass"];
        assert_eq!(actions.map(count), [2, 1, 2]);
    })
    .await;
}

#[tokio::test]
async fn invalid_tax_classes_are_refused() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let standard = tax_class(&admin, "Standard").await;
        let long = "x".repeat(101);
        assert_refused(
            &admin,
            ("createTaxClass", "taxClass"),
            [
                (json!({"name": ""}), "BAD_USER_INPUT", "name"),
                (json!({"name": long}), "BAD_USER_INPUT", "name"),
                (json!({"name": "STANDARD"}), "CONFLICT", "name"),
            ],
        )
        .await;
        let books = tax_class(&admin, "Books").await;
        assert_refused(
            &admin,
            ("updateTaxClass", "taxClass"),
            [
                (
                    json!({"id": standard, "isDefault": false}),
                    "CONFLICT",
                    "isDefault",
                ),
                (
                    json!({"id": standard, "isDefault": null}),
                    "BAD_USER_INPUT",
                    "isDefault",
                ),
                (
                    json!({"id": standard, "name": null}),
                    "BAD_USER_INPUT",
                    "name",
                ),
                (json!({"id": books, "name": "standard"}), "CONFLICT", "name"),
                (
                    json!({"id": books, "expectedVersion": 2}),
                    "CONFLICT",
                    "expectedVersion",
                ),
                (
                    json!({"id": "prod_01h455vb4pex5vsknk084sn02q"}),
                    "BAD_USER_INPUT",
                    "id",
                ),
            ],
        )
        .await;
    })
    .await;
}

#[tokio::test]
async fn a_tax_rate_is_set_by_class_and_place() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        // There is no class yet.
        let input = json!({"country": "DE", "name": "VAT", "rate": "19"});
        let refused = errors(&admin, "setTaxRate", input, "taxRate").await;
        assert_eq!(refused, [("NOT_FOUND".to_owned(), "taxClassId".to_owned())]);
        tax_class(&admin, "Standard").await;
        let books = tax_class(&admin, "Books").await;
        let first = tax_rate(&admin, "de", "19").await;
        assert_eq!(
            (&first["country"], &first["region"], &first["rate"], &first["version"]),
            (&json!("DE"), &Value::Null, &json!("19"), &json!(1))
        );
        assert_eq!(first["taxClass"]["name"], "Standard");
        // The same again changes nothing; another rate changes the same row.
        assert_eq!(tax_rate(&admin, "DE", "19.00").await, first);
        let changed = tax_rate(&admin, "DE", "19.0001").await;
        assert_eq!((&changed["id"], &changed["version"]), (&first["id"], &json!(2)));
        assert_eq!(changed["rate"], "19.0001");
        let swiss = json!({"country": "CH", "region": " zh ", "name": "MWST", "rate": "8.1", "taxClassId": books});
        let swiss = admin.run_mutation("setTaxRate", swiss, RATE).await;
        assert_eq!((&swiss["taxRate"]["region"], &swiss["taxRate"]["rate"]), (&json!("ZH"), &json!("8.1")));

        let query = "query($filter: TaxRateFilter, $after: String) { taxRates(first: 1, after: $after, filter: $filter) {
            totalCount nodes { country } pageInfo { endCursor } } }";
        let page = admin.data(query, json!({})).await;
        assert_eq!(page["taxRates"]["totalCount"], 2);
        assert_eq!(page["taxRates"]["nodes"][0]["country"], "CH");
        let after = &page["taxRates"]["pageInfo"]["endCursor"];
        let page = admin.data(query, json!({"after": after})).await;
        assert_eq!(page["taxRates"]["nodes"][0]["country"], "DE");
        for (filter, count) in [
            (json!({"country": "DE"}), 1),
            (json!({"taxClassId": books}), 1),
            (json!({"taxClassId": books, "country": "DE"}), 0),
        ] {
            let page = admin.data(query, json!({"filter": filter})).await;
            assert_eq!(page["taxRates"]["totalCount"], count, "{filter}");
        }
        let wrong = admin.send(query, json!({"filter": {"country": "XX"}})).await;
        assert_eq!((wrong.code(), wrong.field()), ("BAD_USER_INPUT", "filter.country"));

        let id = &first["id"];
        assert_refused(
            &admin,
            ("deleteTaxRate", "taxRate"),
            [(json!({"id": id, "expectedVersion": 1}), "CONFLICT", "expectedVersion")],
        )
        .await;
        let gone = admin.run_mutation("deleteTaxRate", json!({"id": id}), "taxRateId").await;
        assert_eq!(gone["taxRateId"], *id);
        // The rates of a class are deleted with it.
        admin.run_mutation("deleteTaxClass", json!({"id": books}), "taxClassId").await;
        let page = admin.data(query, json!({})).await;
        assert_eq!(page["taxRates"]["totalCount"], 0);
    })
    .await;
}

#[tokio::test]
async fn invalid_tax_rates_are_refused() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        tax_class(&admin, "Standard").await;
        let with = |field: &str, value: Value| {
            let mut input = json!({"country": "DE", "name": "VAT", "rate": "19"});
            input[field] = value;
            input
        };
        let other = "taxc_01h455vb4pex5vsknk084sn02q";
        assert_refused(
            &admin,
            ("setTaxRate", "taxRate"),
            [
                (with("country", json!("XX")), "BAD_USER_INPUT", "country"),
                (with("country", json!("")), "BAD_USER_INPUT", "country"),
                (with("country", json!("DEU")), "BAD_USER_INPUT", "country"),
                (with("rate", json!("100.0001")), "BAD_USER_INPUT", "rate"),
                (with("rate", json!("-1")), "BAD_USER_INPUT", "rate"),
                (with("rate", json!("1.00001")), "BAD_USER_INPUT", "rate"),
                (with("rate", json!("19 %")), "BAD_USER_INPUT", "rate"),
                (with("name", json!(" ")), "BAD_USER_INPUT", "name"),
                (
                    with("region", json!("x".repeat(51))),
                    "BAD_USER_INPUT",
                    "region",
                ),
                (
                    with("taxClassId", json!("x")),
                    "BAD_USER_INPUT",
                    "taxClassId",
                ),
                (with("taxClassId", json!(other)), "NOT_FOUND", "taxClassId"),
                (
                    with("expectedVersion", json!(1)),
                    "NOT_FOUND",
                    "expectedVersion",
                ),
            ],
        )
        .await;
        // All invalid fields at once.
        let input = json!({"country": "XX", "name": "", "rate": "101"});
        let fields = errors(&admin, "setTaxRate", input, "taxRate").await;
        let fields: Vec<_> = fields.iter().map(|(_, field)| field.as_str()).collect();
        assert_eq!(fields, ["country", "name", "rate"]);
        for rate in ["0", "100"] {
            assert_eq!(tax_rate(&admin, "DE", rate).await["rate"], rate);
        }
    })
    .await;
}

/// Returns the only variant of a product.
async fn variant(app: &App, admin: &Client) -> Value {
    let pan = app.pan().await;
    let query = format!(
        "{{ product(slug: \"{}\") {{ variants {{ id taxClassId version }} }} }}",
        pan.slug
    );
    admin.data(&query, json!({})).await["product"]["variants"][0].clone()
}

#[tokio::test]
async fn a_variant_has_a_tax_class_that_can_not_be_deleted() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        tax_class(&admin, "Standard").await;
        let books = tax_class(&admin, "Books").await;
        let pan = variant(app, &admin).await;
        assert_eq!(pan["taxClassId"], Value::Null);
        let select = "variant { taxClassId version }";
        let input = json!({"id": pan["id"], "taxClassId": books});
        let changed = admin.run_mutation("updateVariant", input, select).await;
        assert_eq!(
            changed["variant"],
            json!({"taxClassId": books, "version": 2})
        );
        let refused = errors(&admin, "deleteTaxClass", json!({"id": books}), "taxClass").await;
        assert_eq!(refused, [("CONFLICT".to_owned(), "id".to_owned())]);
        let missing = "taxc_01h455vb4pex5vsknk084sn02q";
        assert_refused(
            &admin,
            ("updateVariant", "variant"),
            [
                (
                    json!({"id": pan["id"], "taxClassId": missing}),
                    "NOT_FOUND",
                    "taxClassId",
                ),
                (
                    json!({"id": pan["id"], "taxClassId": "x"}),
                    "BAD_USER_INPUT",
                    "taxClassId",
                ),
            ],
        )
        .await;
        let input = json!({"id": pan["id"], "taxClassId": null});
        let changed = admin.run_mutation("updateVariant", input, select).await;
        assert_eq!(changed["variant"]["taxClassId"], Value::Null);
        admin
            .run_mutation("deleteTaxClass", json!({"id": books}), "taxClassId")
            .await;
        // Customers do not see it.
        let query = "{ product(slug: \"pan\") { variants { taxClassId } } }";
        let response = app.anonymous().send(query, json!({})).await;
        assert_eq!(response.code(), "UNAUTHENTICATED");
    })
    .await;
}

#[tokio::test]
async fn variants_of_new_products_have_a_tax_class() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let books = tax_class(&admin, "Books").await;
        let home = app.shop().root("home", 0).await;
        let home = wares::core::id::TypedId::encode(home.id);
        let product = |class: &Value| {
            json!({"name": "Novel", "price": "9.90", "categoryId": home, "options": [{"name": "Cover", "values": ["Hard"]}],
                "variants": [{"options": [{"name": "Cover", "value": "Hard"}], "taxClassId": class}]})
        };
        let missing = json!("taxc_01h455vb4pex5vsknk084sn02q");
        let refused = errors(&admin, "createProduct", product(&missing), "product").await;
        assert_eq!(refused, [("NOT_FOUND".to_owned(), "variants.0.taxClassId".to_owned())]);
        let select = "product { id variants { taxClassId } }";
        let made = admin.run_mutation("createProduct", product(&books), select).await;
        assert_eq!(made["product"]["variants"][0]["taxClassId"], books, "{made}");
        let soft = json!({"productId": made["product"]["id"], "options": [{"name": "Cover", "value": "Soft"}], "taxClassId": books});
        let made = admin.run_mutation("createVariant", soft, "variant { taxClassId }").await;
        assert_eq!(made["variant"]["taxClassId"], books, "{made}");
    })
    .await;
}
