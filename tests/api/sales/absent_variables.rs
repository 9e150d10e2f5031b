//! Objects of selling for the tests of absent variables.

use serde_json::{Value, json};

use super::discounts::discount;
use super::placed_orders::{line, order, variants};
use super::shipping::{method, zone};
use super::taxes::tax_class;
use super::{CART, add, variant_of};
use crate::harness::{App, Client};

/// The fields that the update mutations can change, of objects that admins can look up.
pub const STORED: &str = "
    ... on Discount { name code kind percent minQuantity active combinable }
    ... on ShippingZone { name countries { country } }
    ... on ShippingMethod { name description kind active minDays maxDays position }
    ... on TaxClass { name isDefault }
    ... on Order { shippingAddress { name street1 } billingAddress { name }
        fulfillments { trackingCompany trackingNumber } }";

/// Objects to update.
pub struct Updates {
    /// The inputs without any optional field, by their names.
    pub cases: Vec<(&'static str, Value)>,
    /// The ids of the objects that admins can look up.
    pub ids: Vec<String>,
}

/// Whether a customer sends this input.
pub fn is_of_customer(input: &str) -> bool {
    [
        "UpdateAddressInput",
        "UpdateCartInput",
        "UpdateCartLinesInput",
    ]
    .contains(&input)
}

/// Creates an object for each update mutation of selling.
pub async fn updates(app: &App, admin: &Client, customer: &Client) -> Updates {
    let text = |id: &Value| id.as_str().unwrap().to_owned();
    let class = text(&tax_class(admin, "Reduced").await);
    let place = zone(admin, "Country", &["DE"]).await;
    let parcel = text(&method(admin, &place, "Parcel", &[("0", "4.90")]).await);
    let place = text(&place);
    let input = json!({"name": "Sale", "code": "SALE", "kind": "PERCENT", "percent": "10", "minQuantity": 2});
    let sale = text(&discount(admin, input).await);
    let ids = variants(app, &["cup"]).await;
    let placed = order(app, vec![line(ids[0], "CUP", 2)], |_| ()).await;
    let ship = json!({
        "orderId": placed.id(), "trackingCompany": "Post", "trackingNumber": "Z-1",
        "lines": [{"lineId": placed.line(0), "quantity": 1}],
    });
    let select = "fulfillment { id }";
    let sent = admin.run_mutation("fulfillOrder", ship, select).await;
    let sent = sent["fulfillment"]["id"].clone();
    let other = order(app, vec![line(ids[0], "CUP", 1)], |_| ()).await;
    let home = json!({"name": "Ann Lee", "street1": "Main Street 1", "city": "Berlin", "postalCode": "10115", "country": "DE"});
    let home = customer
        .run_mutation("createAddress", home, "address { id }")
        .await;
    let root = app.shop().root("bowls", 7).await;
    let bowl = variant_of(&app.shop().product("bowl", &root, |_| ()).await);
    let cart = add(customer, &bowl, 3).await;
    let email = json!({"email": "ann@shop.example"});
    customer.run_mutation("updateCart", email, CART).await;
    let cart_lines = json!([{"lineId": cart["lines"][0]["id"], "quantity": 3}]);
    let cases = vec![
        ("UpdateTaxClassInput", json!({"id": class})),
        ("UpdateShippingZoneInput", json!({"id": place})),
        ("UpdateShippingMethodInput", json!({"id": parcel})),
        ("UpdateDiscountInput", json!({"id": sale})),
        ("UpdateFulfillmentInput", json!({"id": sent})),
        ("UpdateOrderAddressInput", json!({"orderId": other.id()})),
        ("UpdateAddressInput", json!({"id": home["address"]["id"]})),
        ("UpdateCartInput", json!({})),
        ("UpdateCartLinesInput", json!({"lines": cart_lines})),
    ];
    let ids = vec![class, place, parcel, sale, placed.id(), other.id()];
    Updates { cases, ids }
}
