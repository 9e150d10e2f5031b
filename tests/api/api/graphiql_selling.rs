//! GraphiQL: the default tabs that sell, run from top to bottom.

use serde_json::{Value, json};

use crate::harness::{Client, JSON, on_both_databases};

const TABS: &str = include_str!("../../../src/api/http/graphiql/tabs.js");
/// The header that GraphiQL sends with each request.
const PREFLIGHT: (&str, &str) = ("apollo-require-preflight", "true");

/// A user of GraphiQL, with the variables of a tab and the cookie of a cart.
struct Tab<'a> {
    client: &'a Client,
    query: &'static str,
    variables: Value,
    cookie: String,
}

impl<'a> Tab<'a> {
    /// Opens the tab with this name in the script.
    fn open(client: &'a Client, name: &str) -> Self {
        let (_, rest) = TABS.split_once(&format!("const {name} = `")).unwrap();
        let (query, _) = rest.split_once("`;").unwrap();
        let variables = json!({});
        let cookie = String::new();
        Self {
            client,
            query,
            variables,
            cookie,
        }
    }

    /// Sets a variable, which must be one of those that the script offers.
    fn set(&mut self, name: &str, value: &Value) {
        assert!(TABS.contains(&format!(" {name}: ")), "{name}");
        self.variables[name] = value.clone();
    }

    /// Runs an operation without an error. Returns its data, or the payload of a mutation.
    async fn run(&mut self, operation: &str) -> Value {
        let body =
            json!({"query": self.query, "operationName": operation, "variables": self.variables});
        let headers = [JSON, PREFLIGHT, ("cookie", self.cookie.as_str())];
        let response = self.client.post_with(&headers, body.to_string()).await;
        assert_eq!(response.json.get("errors"), None, "{}", response.text);
        if let Some(pair) = response.header("set-cookie").split("; ").next()
            && !pair.is_empty()
        {
            pair.clone_into(&mut self.cookie);
        }
        let data = &response.json["data"];
        let payload = data.as_object().unwrap().values().next().unwrap();
        if let Some(errors) = payload.get("userErrors") {
            assert_eq!(*errors, json!([]), "{operation}");
        }
        payload.clone()
    }
}

#[tokio::test]
async fn selling_tabs_sell_ship_and_refund() {
    on_both_databases(async |app| {
        app.create_demo_catalog().await;
        let (admin, anonymous) = (app.admin().await, app.anonymous());

        let mut sell = Tab::open(&admin, "sell");
        let zone = sell.run("ShippingZone").await;
        sell.set("zoneId", &zone["shippingZone"]["id"]);
        for operation in ["ShippingMethod", "TaxRate", "Discount"] {
            sell.run(operation).await;
        }
        let shop = sell.run("Sell").await;
        assert_eq!(shop["canOrder"], true);
        assert_eq!(shop["shippingCountries"], json!(["AT", "DE", "FR", "US"]));

        let mut buy = Tab::open(&anonymous, "buy");
        let offers = buy.run("Buy").await;
        buy.set("variantId", &offers["nodes"][0]["variants"][0]["id"]);
        buy.run("CreateCart").await;
        let added = buy.run("AddCartLines").await;
        assert_eq!(added["cart"]["quantity"], 2);
        let updated = buy.run("UpdateCart").await;
        let method = &updated["cart"]["shippingMethods"][0]["methodId"];
        buy.set("shippingMethodId", method);
        let chosen = buy.run("ChooseShipping").await;
        assert_eq!(chosen["cart"]["readyToOrder"], true, "{chosen}");
        buy.set(
            "expectedTotal",
            &chosen["cart"]["totals"]["total"]["amount"],
        );
        let placed = buy.run("PlaceOrder").await;
        assert_eq!(placed["order"]["status"], "PENDING");
        buy.set("paymentId", &placed["payment"]["id"]);
        buy.set("orderId", &placed["order"]["id"]);
        buy.set("orderToken", &placed["orderToken"]);
        let paid = buy.run("FinishTestPayment").await;
        let number = &paid["order"]["number"];
        assert_eq!(paid["order"]["status"], "CONFIRMED", "{paid}");

        let mut after_sale = Tab::open(&admin, "shipAndRefund");
        let orders = after_sale.run("ShipAndRefund").await;
        let order = &orders["nodes"][0];
        assert_eq!(order["number"], *number);
        after_sale.set("orderId", &order["id"]);
        after_sale.set("lineId", &order["lines"][0]["id"]);
        let shipped = after_sale.run("Ship").await;
        assert_eq!(shipped["order"]["fulfillmentStatus"], "PARTIAL");
        let refunded = after_sale.run("Refund").await;
        assert_eq!(refunded["order"]["refunds"].as_array().unwrap().len(), 1);

        let order = buy.run("Order").await;
        assert_eq!(order["number"], *number);
        assert_eq!(order["lines"][0]["fulfilled"], 1);
        assert_eq!(order["fulfillments"].as_array().unwrap().len(), 1);
        assert_eq!(order["refunds"].as_array().unwrap().len(), 1);
    })
    .await;
}
