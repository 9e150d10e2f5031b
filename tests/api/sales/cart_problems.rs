//! Problems of carts, line by line.

use serde_json::{Value, json};
use wares::core::id::TypedId;

use super::{CART, add, cart, guest, problems, quantities, variant_of, variants};
use crate::harness::{App, Client, on_both_databases};

/// Sets what a cart needs besides its lines, of items that are not shipped.
async fn complete(app: &App, client: &Client) {
    app.sql("UPDATE variants SET requires_shipping = FALSE")
        .await;
    let input = json!({"email": "ann@shop.example", "shippingAddress": {
        "name": "Ann", "street1": "Main Street 1", "city": "Berlin", "postalCode": "10115", "country": "DE"}});
    let payload = client.run_mutation("updateCart", input, CART).await;
    assert_eq!(payload["userErrors"], json!([]), "{payload}");
}

/// Returns the codes of the problems of one line.
fn of_line<'a>(cart: &'a Value, line: &Value) -> Vec<&'a str> {
    let problems = cart["problems"].as_array().unwrap().iter();
    let own = problems.filter(|problem| problem["lineId"] == *line);
    own.map(|problem| problem["code"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn complete_cart_is_ready_to_order() {
    on_both_databases(async |app| {
        let ids = variants(app, &["pan"]).await;
        let (client, _) = guest(app).await;
        let empty = cart(&client).await;
        assert_eq!(problems(&empty), ["CART_EMPTY", "EMAIL_MISSING"]);
        let filled = add(&client, &ids[0], 1).await;
        assert_eq!(
            problems(&filled),
            ["EMAIL_MISSING", "SHIPPING_ADDRESS_MISSING"]
        );
        assert_eq!(filled["problems"][1]["field"], "shippingAddress");
        assert_eq!(filled["readyToOrder"], false);
        complete(app, &client).await;
        let done = cart(&client).await;
        assert_eq!(
            (problems(&done), &done["readyToOrder"]),
            (vec![], &json!(true))
        );
    })
    .await;
}

#[tokio::test]
async fn lines_say_what_is_out_of_stock() {
    on_both_databases(async |app| {
        // The stock of each is 5.
        let ids = variants(app, &["pan", "pot", "lid"]).await;
        let (client, _) = guest(app).await;
        complete(app, &client).await;
        add(&client, &ids[0], 5).await;
        add(&client, &ids[1], 6).await;
        // Two lines with the same variant need 3 + 3.
        let engraved = json!([{"name": "Text", "value": "Ann"}]);
        let input = json!({"lines": [{"variantId": ids[2], "quantity": 3}, {"variantId": ids[2], "quantity": 3, "attributes": engraved}]});
        let payload = client.run_mutation("addCartLines", input, CART).await;
        let full = &payload["cart"];
        let line = |index: usize| full["lines"][index]["id"].clone();
        let found: Vec<_> = (0..4).map(|index| of_line(full, &line(index))).collect();
        assert_eq!(found, [vec![], vec!["INSUFFICIENT_STOCK"], vec![], vec!["INSUFFICIENT_STOCK"]]);
        assert_eq!(full["readyToOrder"], false);
        let message = client.data("{ cart { problems { message } } }", json!({})).await;
        assert_eq!(message["cart"]["problems"][0]["message"], "Only 5 of this item are left.");

        app.sql("UPDATE stock_levels SET on_hand = 0").await;
        let full = cart(&client).await;
        assert_eq!(problems(&full), ["OUT_OF_STOCK"; 4]);
        // Units that can be ordered without being there count.
        app.sql("UPDATE stock_levels SET backorder_limit = 6").await;
        assert_eq!(problems(&cart(&client).await), Vec::<&str>::new());
        app.sql("UPDATE stock_levels SET reserved = 1").await;
        assert_eq!(problems(&cart(&client).await), ["INSUFFICIENT_STOCK"; 2]);
        app.sql("UPDATE variants SET tracked = FALSE").await;
        assert_eq!(problems(&cart(&client).await), Vec::<&str>::new());
    })
    .await;
}

#[tokio::test]
async fn changed_price_is_reported_until_the_quantity_is_set_again() {
    on_both_databases(async |app| {
        let ids = variants(app, &["pan"]).await;
        let (client, _) = guest(app).await;
        complete(app, &client).await;
        let before = add(&client, &ids[0], 2).await;
        let admin = app.admin().await;
        let input = json!({"id": ids[0], "price": "12.50"});
        admin
            .run_mutation("updateVariant", input, "variant { id }")
            .await;
        let changed = cart(&client).await;
        let line = &before["lines"][0]["id"];
        assert_eq!(of_line(&changed, line), ["PRICE_CHANGED"]);
        assert_eq!(changed["lines"][0]["seenPrice"]["amount"], "10.00");
        assert_eq!(changed["readyToOrder"], true, "the buyer decides");
        let message = client
            .data("{ cart { problems { message } } }", json!({}))
            .await;
        assert_eq!(
            message["cart"]["problems"][0]["message"],
            "The price has changed from 10.00 to 12.50 USD."
        );
        // Another change of the cart does not hide it.
        complete(app, &client).await;
        assert_eq!(problems(&cart(&client).await), ["PRICE_CHANGED"]);
        let input = json!({"lines": [{"lineId": line, "quantity": 2}]});
        let payload = client.run_mutation("updateCartLines", input, CART).await;
        assert_eq!(problems(&payload["cart"]), Vec::<&str>::new());
        assert_eq!(payload["cart"]["lines"][0]["seenPrice"]["amount"], "12.50");
    })
    .await;
}

#[tokio::test]
async fn items_that_are_no_longer_for_sale_stay_without_their_variant() {
    on_both_databases(async |app| {
        let category = app.shop().root("things", 0).await;
        let hidden = app.shop().category("hidden", None, 1, |_| ()).await;
        let pan = app.shop().product("pan", &category, |_| ()).await;
        let pot = app.shop().product("pot", &hidden, |_| ()).await;
        let lid = app.shop().product("lid", &category, |_| ()).await;
        let (client, _) = guest(app).await;
        complete(app, &client).await;
        for product in [&pan, &pot, &lid] {
            add(&client, &variant_of(product), 1).await;
        }
        let admin = app.admin().await;
        let draft = json!({"id": pan.id.encode(), "status": "DRAFT"});
        admin
            .run_mutation("updateProduct", draft, "product { id }")
            .await;
        let hide = json!({"id": hidden.id.encode(), "published": false});
        admin
            .run_mutation("updateCategory", hide, "category { id }")
            .await;
        let inactive = json!({"id": variant_of(&lid), "active": false});
        admin
            .run_mutation("updateVariant", inactive, "variant { id }")
            .await;
        let now = cart(&client).await;
        assert_eq!(problems(&now), ["NOT_FOR_SALE"; 3]);
        assert_eq!(now["readyToOrder"], false);
        for line in now["lines"].as_array().unwrap() {
            assert_eq!(line["variant"], Value::Null);
        }
        // They can be removed and counted, but not added.
        let line = now["lines"][0]["id"].clone();
        let input = json!({"lines": [{"lineId": line, "quantity": 2}]});
        let payload = client.run_mutation("updateCartLines", input, CART).await;
        assert_eq!(quantities(&payload["cart"]), [2, 1, 1]);
        let input = json!({"lines": [{"lineId": line, "quantity": 0}]});
        let payload = client.run_mutation("updateCartLines", input, CART).await;
        assert_eq!(quantities(&payload["cart"]), [1, 1]);
    })
    .await;
}

#[tokio::test]
async fn lines_of_deleted_products_disappear_with_a_problem() {
    on_both_databases(async |app| {
        let category = app.shop().root("things", 0).await;
        let pan = app.shop().product("pan", &category, |_| ()).await;
        let pot = app.shop().product("pot", &category, |_| ()).await;
        let (client, _) = guest(app).await;
        complete(app, &client).await;
        add(&client, &variant_of(&pan), 1).await;
        add(&client, &variant_of(&pot), 1).await;
        let admin = app.admin().await;
        let delete = json!({"id": pan.id.encode()});
        let payload = admin
            .run_mutation("deleteProduct", delete, "productId")
            .await;
        assert!(payload["productId"].is_string(), "{payload}");
        let left = cart(&client).await;
        assert_eq!(
            (quantities(&left), problems(&left)),
            (vec![1], vec!["LINES_REMOVED"])
        );
        assert_eq!(left["readyToOrder"], true);
        // It ends with the next change.
        let after = add(&client, &variant_of(&pot), 1).await;
        assert_eq!((quantities(&after), problems(&after)), (vec![2], vec![]));
    })
    .await;
}
