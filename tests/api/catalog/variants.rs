//! Variants: creation with a product, reading them as a product page does, updates and deletion.

use serde_json::{Value, json};
use wares::core::id::TypedId;

use crate::harness::{App, Client, on_both_databases, user_error};

const VARIANT: &str = "id sku price { amount } compareAtPrice { amount } stock availability maxQuantity active position version
    options { name value }";

/// Creates a shirt in sizes S and M and the colors red and blue; blue M does not exist, red M is sold out.
async fn shirt(app: &App, admin: &Client) -> Value {
    let category = app.shop().root("clothes", 0).await;
    let variant = |size: &str, color: &str, price: &str, stock: i32| {
        json!({
            "options": [{"name": "Size", "value": size}, {"name": "Color", "value": color}],
            "price": price, "stock": stock, "sku": format!("{size}-{color}"),
        })
    };
    let input = json!({
        "name": "Shirt", "slug": "shirt", "status": "ACTIVE", "categoryId": category.id.encode(),
        "options": [{"name": "Size", "values": ["S", "M"]}, {"name": "Color", "values": ["Red", "Blue"]}],
        "variants": [
            variant("S", "Red", "20.00", 3), variant("M", "Red", "21.00", 0), variant("S", "Blue", "19.00", 9),
        ],
    });
    let select = format!("product {{ id version variants {{ {VARIANT} }} }}");
    let payload = admin.run_mutation("createProduct", input, &select).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    payload["product"].clone()
}

fn ids(product: &Value) -> Vec<String> {
    let variants = product["variants"].as_array().unwrap().iter();
    let id = |variant: &Value| variant["id"].as_str().unwrap().to_owned();
    variants.map(id).collect()
}

#[tokio::test]
async fn a_simple_product_has_one_variant() {
    on_both_databases(async |app| {
        let pan = app.pan().await;
        let query = format!(
            "{{ product(slug: \"{}\") {{ stock price {{ amount }} priceRange {{ min {{ amount }} max {{ amount }} }}
                compareAtPrice {{ amount }} priorPrice {{ amount }} options {{ name }} variants {{ {VARIANT} }}
                variant(options: []) {{ id }} }} }}",
            pan.slug
        );
        let product = app.anonymous().data(&query, json!({})).await["product"].clone();
        let variants = product["variants"].as_array().unwrap();
        assert_eq!(variants.len(), 1, "{product}");
        let variant = &variants[0];
        assert_eq!(variant["stock"], product["stock"]);
        assert_eq!(variant["price"], product["price"]);
        assert_eq!(variant["options"], json!([]));
        assert_eq!(product["options"], json!([]));
        assert_eq!(product["variant"]["id"], variant["id"]);
        assert_eq!(product["priceRange"]["max"], product["price"]);
        assert_eq!(
            (&product["compareAtPrice"], &product["priorPrice"]),
            (&Value::Null, &Value::Null)
        );

        // Updates of the product reach it.
        let admin = app.admin().await;
        let input = json!({"id": pan.id.encode(), "price": "7.50", "stock": 2, "sku": "PAN"});
        let select = format!("product {{ variants {{ {VARIANT} }} }}");
        let payload = admin.run_mutation("updateProduct", input, &select).await;
        let variant = &payload["product"]["variants"][0];
        assert_eq!(
            (&variant["price"]["amount"], &variant["stock"], &variant["sku"]),
            (&json!("7.50"), &json!(2), &json!("PAN"))
        );
        assert_eq!(app.count("price_history").await, 2);
        assert_eq!(app.count("stock_movements").await, 2);
    })
    .await;
}

#[tokio::test]
async fn a_product_page_offers_only_what_exists() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let product = shirt(app, &admin).await;
        assert_eq!(ids(&product).len(), 3);
        let query = "query($with: [OptionChoiceInput!]) { product(slug: \"shirt\") {
            price { amount } priceRange { min { amount } max { amount } } stock inStock availability sku
            options { name values { name available free: available(with: $with) } } } }";
        let with = json!([{"name": "size", "value": "m"}]);
        let anonymous = app.anonymous();
        let page = anonymous.data(query, json!({"with": with})).await["product"].clone();
        assert_eq!(page["price"]["amount"], "19.00");
        assert_eq!(page["priceRange"]["max"]["amount"], "21.00");
        assert_eq!((&page["stock"], &page["sku"]), (&json!(12), &Value::Null));
        assert_eq!(
            page["options"],
            json!([
                {"name": "Size", "values": [
                    {"name": "S", "available": true, "free": true},
                    {"name": "M", "available": false, "free": false},
                ]},
                {"name": "Color", "values": [
                    {"name": "Red", "available": true, "free": false},
                    {"name": "Blue", "available": true, "free": false},
                ]},
            ])
        );
        let find = "query($o: [OptionChoiceInput!]!) { product(slug: \"shirt\") { variant(options: $o) { sku maxQuantity } } }";
        let choose = |size: &str, color: &str| {
            json!({"o": [{"name": "COLOR", "value": color}, {"name": "Size", "value": size}]})
        };
        let found = anonymous.data(find, choose("S", "red")).await;
        assert_eq!(
            found["product"]["variant"],
            json!({"sku": "S-Red", "maxQuantity": 3})
        );
        let found = anonymous.data(find, choose("M", "blue")).await;
        assert_eq!(found["product"]["variant"], Value::Null);
        let one = json!({"o": [{"name": "Size", "value": "S"}]});
        assert_eq!(anonymous.send(find, one).await.code(), "BAD_USER_INPUT");
        let wrong = json!({"o": [{"name": "Fit", "value": "S"}]});
        assert_eq!(anonymous.send(find, wrong).await.code(), "BAD_USER_INPUT");
    })
    .await;
}

#[tokio::test]
async fn lists_filter_by_option_values_and_find_skus() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        shirt(app, &admin).await;
        let anonymous = app.anonymous();
        let total = async |filter: Value, search: Value| {
            let query = "query($f: ProductFilter, $s: String) { products(filter: $f, search: $s) { totalCount } }";
            let found = anonymous.data(query, json!({"f": filter, "s": search})).await;
            found["products"]["totalCount"].as_i64().unwrap()
        };
        let options = |size: &[&str], color: &str| {
            json!({"options": [{"name": "Size", "values": size}, {"name": "color", "values": [color]}]})
        };
        assert_eq!(total(options(&["S", "XL"], "red"), Value::Null).await, 1);
        assert_eq!(total(options(&["M"], "Red"), Value::Null).await, 1);
        // One variant must have both values.
        assert_eq!(total(options(&["M"], "Blue"), Value::Null).await, 0);
        assert_eq!(total(json!({}), json!("S-Blue")).await, 1);
        assert_eq!(total(json!({"inStock": true}), json!("shirt")).await, 1);
        let too_many: Vec<_> = (0..11).map(|n| json!({"name": n.to_string(), "values": ["a"]})).collect();
        for options in [json!(too_many), json!([{"name": "Size", "values": []}])] {
            let query = "query($f: ProductFilter) { products(filter: $f) { totalCount } }";
            let response = anonymous.send(query, json!({"f": {"options": options}})).await;
            assert_eq!(response.code(), "BAD_USER_INPUT");
        }
    })
    .await;
}

#[tokio::test]
async fn a_variant_is_created_changed_and_deleted() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let product = shirt(app, &admin).await;
        let choice = |size: &str, color: &str| {
            json!([{"name": "Size", "value": size}, {"name": "Color", "value": color}])
        };
        let input = json!({"productId": product["id"], "options": choice("L", "Green"), "price": "25"});
        let select = format!("variant {{ {VARIANT} }} product {{ version options {{ values {{ name }} }} }}");
        let payload = admin.run_mutation("createVariant", input.clone(), &select).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        assert_eq!(payload["product"]["options"][1]["values"][2]["name"], "Green");
        assert_eq!(payload["variant"]["position"], 3);
        assert_eq!(payload["product"]["version"], 2);
        let payload = admin.run_mutation("createVariant", input, &select).await;
        assert_eq!((user_error(&payload), &payload["userErrors"][0]["field"]), ("CONFLICT", &json!("options")));

        let [first, second, third] = <[String; 3]>::try_from(ids(&product)).unwrap();
        let refused = [
            (json!({"id": first, "sku": "S-Blue"}), "CONFLICT", "sku"),
            (json!({"id": first, "compareAtPrice": "20.00"}), "BAD_USER_INPUT", "compareAtPrice"),
            (json!({"id": first, "price": "-1"}), "BAD_USER_INPUT", "price"),
            (json!({"id": first, "price": "10000000000000"}), "BAD_USER_INPUT", "price"),
            (json!({"id": first, "stock": -1}), "BAD_USER_INPUT", "stock"),
            (json!({"id": first, "weight": -1}), "BAD_USER_INPUT", "weight"),
            (json!({"id": first, "options": choice("M", "Red")}), "CONFLICT", "options"),
            (json!({"id": first, "options": [{"name": "Size", "value": "S"}]}), "BAD_USER_INPUT", "options"),
            (json!({"id": first, "price": null}), "BAD_USER_INPUT", "price"),
            (json!({"id": first, "expectedVersion": 7}), "CONFLICT", "expectedVersion"),
            (json!({"id": first, "stock": 1, "expectedStock": 7}), "CONFLICT", "expectedStock"),
            (json!({"id": first, "imageId": "img_01h455vb4pex5vsknk084sn02q"}), "NOT_FOUND", "imageId"),
            (json!({"id": "var_01h455vb4pex5vsknk084sn02q"}), "NOT_FOUND", "id"),
            (json!({"id": product["id"]}), "BAD_USER_INPUT", "id"),
        ];
        let before = app.count("audit_log").await;
        for (input, code, field) in refused {
            let payload = admin.run_mutation("updateVariant", input.clone(), "variant { id }").await;
            let error = &payload["userErrors"][0];
            assert_eq!((user_error(&payload), &error["field"]), (code, &json!(field)), "{input}");
        }
        assert_eq!(app.count("audit_log").await, before, "a refused change was recorded");

        let input = json!({"id": first, "compareAtPrice": "30.00", "barcode": "4006381333931", "weight": 180, "stock": 4,
            "backorderLimit": 2, "lowStockAt": 5});
        let select = "variant { compareAtPrice { amount } barcode weight stock maxQuantity version
            inventory { onHand reserved backorderLimit lowStockAt tracked } } product { compareAtPrice { amount } stock }";
        let payload = admin.run_mutation("updateVariant", input, select).await;
        assert_eq!(payload["variant"]["maxQuantity"], 6, "{payload}");
        assert_eq!(payload["variant"]["version"], 2);
        // The cheapest variant has no compare-at price.
        assert_eq!(payload["product"], json!({"compareAtPrice": null, "stock": 13}));
        let low = admin.data("{ lowStock { id } }", json!({})).await;
        assert_eq!(low["lowStock"], json!([{"id": first}]));
        let found = admin.data("{ products(search: \"4006381333931\") { totalCount } }", json!({})).await;
        assert_eq!(found["products"]["totalCount"], 1);

        let order = json!({"productId": product["id"], "variantIds": [third, first, second]});
        let payload = admin.run_mutation("reorderVariants", order, "product { id }").await;
        assert_eq!((user_error(&payload), &payload["product"]), ("CONFLICT", &Value::Null));

        for id in [&second, &third] {
            let payload = admin.run_mutation("deleteVariant", json!({"id": id}), "variantId product { stock }").await;
            assert_eq!(payload["variantId"], **id);
        }
        let select = "product { variants { sku } price { amount } sku }";
        let input = json!({"id": product["id"], "name": "Best shirt"});
        let payload = admin.run_mutation("updateProduct", input, select).await;
        assert_eq!(payload["product"]["price"]["amount"], "20.00");
        let input = json!({"id": product["id"], "price": "1", "stock": 1, "sku": "x"});
        let payload = admin.run_mutation("updateProduct", input, "product { id }").await;
        assert_eq!(payload["userErrors"].as_array().unwrap().len(), 3, "two variants are left: {payload}");
    })
    .await;
}

#[tokio::test]
async fn customers_see_active_variants_of_visible_products() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let product = shirt(app, &admin).await;
        let first = ids(&product)[0].clone();
        let node = "query($id: ID!) { node(id: $id) { ... on Variant { sku product { slug } } } }";
        let anonymous = app.anonymous();
        let seen =
            async |client: &Client| client.data(node, json!({"id": first})).await["node"].clone();
        assert_eq!(
            seen(&anonymous).await,
            json!({"sku": "S-Red", "product": {"slug": "shirt"}})
        );
        admin
            .run_mutation(
                "updateVariant",
                json!({"id": first, "active": false}),
                "variant { id }",
            )
            .await;
        assert_eq!(seen(&anonymous).await, Value::Null);
        assert_eq!(seen(&admin).await["sku"], "S-Red");
        let count = "{ product(slug: \"shirt\") { variants { id } } }";
        let listed = anonymous.data(count, json!({})).await;
        assert_eq!(listed["product"]["variants"].as_array().unwrap().len(), 2);
        for field in ["inventory { onHand }", "stockMovements { id }"] {
            let query = format!("{{ product(slug: \"shirt\") {{ variants {{ {field} }} }} }}");
            let response = anonymous.send(&query, json!({})).await;
            assert_eq!(response.code(), "UNAUTHENTICATED", "{field}");
        }
        let input = json!({"id": product["id"], "status": "DRAFT"});
        admin
            .run_mutation("updateProduct", input, "product { id }")
            .await;
        let second = json!({"id": ids(&product)[1]});
        assert_eq!(anonymous.data(node, second).await["node"], Value::Null);
    })
    .await;
}

#[tokio::test]
async fn many_variants_are_updated_with_a_result_for_each() {
    on_both_databases(async |app| {
        let admin = app.admin().await;
        let product = shirt(app, &admin).await;
        let ids = ids(&product);
        let changes = json!([
            {"id": ids[0], "price": "30"}, {"id": ids[1], "sku": "S-Blue"}, {"id": ids[2], "price": "31"},
        ]);
        let select = "results { id variant { price { amount } } userErrors { code field } }";
        let input = json!({"variants": changes});
        let payload = admin.run_mutation("updateVariants", input, select).await;
        assert_eq!(user_error(&payload), "CONFLICT");
        assert_eq!(payload["results"][1]["userErrors"], json!([{"code": "CONFLICT", "field": "sku"}]));
        assert!(payload["results"].as_array().unwrap().iter().all(|row| row["variant"].is_null()));
        let input = json!({"variants": changes, "errorPolicy": "REJECT_FAILED"});
        let payload = admin.run_mutation("updateVariants", input, select).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        assert_eq!(payload["results"][0]["variant"]["price"]["amount"], "30.00");
        assert_eq!(payload["results"][1]["variant"], Value::Null);
        let page = app.anonymous().data("{ product(slug: \"shirt\") { price { amount } priceRange { max { amount } } } }", json!({})).await;
        assert_eq!(page["product"], json!({"price": {"amount": "21.00"}, "priceRange": {"max": {"amount": "31.00"}}}));
        // A percentage applies to each variant.
        let input = json!({"ids": [product["id"]], "pricePercent": "-50"});
        let payload = admin.run_mutation("updateProducts", input, "results { product { priceRange { min { amount } max { amount } } } }").await;
        let range = &payload["results"][0]["product"]["priceRange"];
        assert_eq!(*range, json!({"min": {"amount": "10.50"}, "max": {"amount": "15.50"}}), "{payload}");
    })
    .await;
}
