//! The prices of carts: totals, shipping, discount codes.

use serde_json::{Value, json};

use super::{CART, add, errors, guest, problems, variants};
use crate::harness::{App, Client, on_both_databases, on_both_databases_with};

const TOTALS: &str = "cart { version readyToOrder problems { code field discountCode }
    totals { items { amount } discount { amount } shipping { amount } tax { amount } taxIncluded total { amount }
        taxes { name rate base { amount } tax { amount } } }
    shippingMethods { methodId name price { amount } } shippingMethod { methodId }
    discounts { name code amount { amount } } discountCodes { code applied }
    lines { unitPrice { amount } discount { amount } total { amount } } }";

fn german_address() -> Value {
    json!({"name": "Ann", "street1": "Main Street 1", "city": "Berlin", "postalCode": "10115", "country": "DE"})
}

/// Sets up German taxes, shipping to Germany, and the code `TEN` for 10 %. Returns the id of the shipping method.
async fn set_up(app: &App) -> Value {
    let admin = app.admin().await;
    let run = async |name: &str, input: Value, select: &str| {
        let payload = admin.run_mutation(name, input, select).await;
        assert_eq!(payload["userErrors"], json!([]), "{payload}");
        payload
    };
    let class = json!({"name": "Standard"});
    run("createTaxClass", class, "taxClass { id }").await;
    let rate = json!({"country": "DE", "name": "VAT", "rate": "19"});
    run("setTaxRate", rate, "taxRate { id }").await;
    let zone = json!({"name": "Germany", "countries": [{"country": "DE"}]});
    let zone = run("createShippingZone", zone, "shippingZone { id }").await;
    let brackets = json!([{"from": "0", "price": "4.90"}, {"from": "50", "price": "0"}]);
    let method = json!({"zoneId": zone["shippingZone"]["id"], "name": "Parcel", "priceBy": "AMOUNT", "brackets": brackets});
    let method = run("createShippingMethod", method, "shippingMethod { id }").await;
    let code = json!({"name": "Ten percent", "code": "TEN", "kind": "PERCENT", "percent": "10"});
    run("createDiscount", code, "discount { id }").await;
    method["shippingMethod"]["id"].clone()
}

async fn update(client: &Client, input: Value) -> Value {
    let payload = client.run_mutation("updateCart", input, TOTALS).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
    payload["cart"].clone()
}

#[tokio::test]
async fn totals_include_shipping_discounts_and_taxes() {
    let settings = ["--shop-country=DE", "--prices-include-tax=on"];
    on_both_databases_with(&settings, async |app| {
        let ids = variants(app, &["pan", "pot"]).await;
        let method = set_up(app).await;
        let (client, _) = guest(app).await;
        add(&client, &ids[0], 2).await;
        let cart = update(&client, json!({"email": "ann@shop.example"})).await;
        assert_eq!(cart["shippingMethods"], json!([]));
        assert_eq!(problems(&cart), ["SHIPPING_ADDRESS_MISSING"]);
        assert_eq!(cart["totals"]["total"]["amount"], "20.00");

        let cart = update(&client, json!({"shippingAddress": german_address()})).await;
        assert_eq!(problems(&cart), ["SHIPPING_METHOD_MISSING"]);
        assert_eq!(cart["shippingMethods"], json!([{"methodId": method, "name": "Parcel", "price": {"amount": "4.90"}}]));
        let input = json!({"shippingMethodId": method, "discountCodes": [" ten ", "NOPE", "Ten"]});
        let cart = update(&client, input).await;
        assert_eq!(cart["shippingMethod"]["methodId"], method);
        assert_eq!(cart["discountCodes"], json!([{"code": "ten", "applied": true}, {"code": "NOPE", "applied": false}]));
        assert_eq!(cart["discounts"], json!([{"name": "Ten percent", "code": "TEN", "amount": {"amount": "2.00"}}]));
        assert_eq!(cart["problems"], json!([{"code": "DISCOUNT_UNKNOWN", "field": "discountCodes", "discountCode": "NOPE"}]));
        assert_eq!(cart["readyToOrder"], true);
        let money = |amount: &str| json!({"amount": amount});
        assert_eq!(
            cart["totals"],
            json!({"items": money("20.00"), "discount": money("2.00"), "shipping": money("4.90"), "tax": money("3.66"),
                "taxIncluded": true, "total": money("22.90"),
                "taxes": [{"name": "VAT", "rate": "19", "base": money("19.24"), "tax": money("3.66")}]})
        );
        assert_eq!(cart["lines"], json!([{"unitPrice": money("10.00"), "discount": money("2.00"), "total": money("18.00")}]));

        // Another country, and a method that is gone.
        let mut abroad = german_address();
        abroad["country"] = json!("AT");
        abroad["postalCode"] = json!("1010");
        let cart = update(&client, json!({"shippingAddress": abroad, "discountCodes": null})).await;
        assert_eq!(problems(&cart), ["DESTINATION_NOT_SERVED"]);
        assert_eq!(cart["readyToOrder"], false);
        let admin = app.admin().await;
        admin.run_mutation("deleteShippingMethod", json!({"id": method}), "shippingMethodId").await;
        let cart = update(&client, json!({"shippingAddress": german_address()})).await;
        assert_eq!(problems(&cart), ["DESTINATION_NOT_SERVED"]);
        assert_eq!(cart["shippingMethod"], Value::Null);
    })
    .await;
}

#[tokio::test]
async fn invalid_codes_and_methods_are_refused_by_field() {
    on_both_databases(async |app| {
        let (client, _) = guest(app).await;
        let long = "x".repeat(51);
        for (input, field) in [
            (
                json!({"discountCodes": ["A", "B", "C", "D", "E", "F"]}),
                "discountCodes",
            ),
            (json!({"discountCodes": ["A", ""]}), "discountCodes.1"),
            (json!({"discountCodes": [long]}), "discountCodes.0"),
            (json!({"shippingMethodId": "x"}), "shippingMethodId"),
            (
                json!({"shippingMethodId": "var_00000000000000000000000000"}),
                "shippingMethodId",
            ),
        ] {
            let payload = client.run_mutation("updateCart", input.clone(), CART).await;
            assert_eq!(errors(&payload), [("BAD_USER_INPUT", field)], "{input}");
        }
    })
    .await;
}

#[tokio::test]
async fn guesses_of_codes_are_limited() {
    on_both_databases_with(&["--limit-codes-cart=3/1h"], async |app| {
        set_up(app).await;
        let (client, _) = guest(app).await;
        let enter = async |code: &str| {
            let input = json!({"discountCodes": [code]});
            client
                .mutate("updateCart", input, "cart { problems { code } }")
                .await
        };
        for code in ["A", "B", "TEN", "ten", "TEN"] {
            let response = enter(code).await;
            assert!(
                response.json["data"]["updateCart"]["cart"].is_object(),
                "{}",
                response.text
            );
        }
        assert_eq!(enter("C").await.code(), "RATE_LIMITED");
        // Other changes are not limited.
        update(&client, json!({"note": "Hello", "discountCodes": []})).await;
    })
    .await;
}

#[tokio::test]
async fn each_code_of_a_change_counts_as_a_guess() {
    on_both_databases_with(&["--limit-codes-cart=3/1h"], async |app| {
        set_up(app).await;
        let (client, _) = guest(app).await;
        let codes = async |codes: &[&str]| {
            let input = json!({"discountCodes": codes});
            client.mutate("updateCart", input, "cart { version }").await
        };
        assert_eq!(codes(&["A", "B", "C", "D"]).await.code(), "RATE_LIMITED");
        let (client, _) = guest(app).await;
        let codes = async |codes: &[&str]| {
            let input = json!({"discountCodes": codes});
            client.mutate("updateCart", input, "cart { version }").await
        };
        let entered = codes(&["A", "B", "C"]).await;
        assert_eq!(entered.json["data"]["updateCart"]["cart"]["version"], 2);
        // Codes that the cart has are no guesses.
        let fewer = codes(&["C", "a"]).await;
        assert_eq!(fewer.json["data"]["updateCart"]["cart"]["version"], 3);
        assert_eq!(codes(&["C", "D"]).await.code(), "RATE_LIMITED");
        app.advance(std::time::Duration::from_hours(1));
        let entered = codes(&["C", "D"]).await;
        assert_eq!(entered.json["data"]["updateCart"]["cart"]["version"], 4);
    })
    .await;
}
