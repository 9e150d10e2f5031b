//! Orders as rows, for tests of what happens after an order.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;
use wares::catalog::product::ProductId;
use wares::catalog::product::entity::stock::level;
use wares::catalog::product::entity::variant::VariantId;
use wares::core::id::TypedId;
use wares::core::text;
use wares::core::viewer::CartId;
use wares::infra::database::Catalog;
use wares::sales::order::entity::{
    Entity, FulfillmentStatus, Model, OrderId, PaymentStatus, Status, line,
};
use wares::sales::order_id::OrderLineId;

use crate::harness::App;

/// A stored order.
pub struct Placed {
    pub order: Model,
    pub lines: Vec<line::Model>,
}

impl Placed {
    /// The id of the order.
    pub fn id(&self) -> String {
        self.order.id.encode()
    }

    /// The id of a line.
    pub fn line(&self, index: usize) -> String {
        self.lines[index].id.encode()
    }
}

/// Returns a line of units of a variant at 10.00 each.
pub fn line(variant: VariantId, sku: &str, quantity: i32) -> line::Model {
    line::Model {
        id: OrderLineId(Uuid::now_v7()),
        order_id: OrderId(Uuid::nil()),
        position: 0,
        variant_id: variant,
        product_id: ProductId(variant.0),
        name: sku.to_owned(),
        variant_name: String::new(),
        sku: Some(sku.to_owned()),
        options: "[]".to_owned(),
        image_id: None,
        attributes: "[]".to_owned(),
        quantity,
        unit_price: 1_000,
        discount: 0,
        total: 1_000 * i64::from(quantity),
        tax_name: None,
        tax_ppm: 0,
        tax: 0,
        weight: None,
        requires_shipping: true,
        tracked: true,
        canceled: 0,
        fulfilled: 0,
        returned: 0,
    }
}

/// Returns the row of a confirmed order without lines.
pub fn row(app: &App, number: i64) -> Model {
    let now = app.state.clock.now();
    let id = Uuid::now_v7();
    Model {
        id: OrderId(id),
        number: Some(number),
        cart_id: CartId(Uuid::now_v7()),
        cart_version: 1,
        user_id: None,
        cart_token_hash: None,
        token_hash: id.as_bytes().repeat(2),
        email: "ann@shop.example".to_owned(),
        email_key: "ann@shop.example".to_owned(),
        name_key: text::sort_key("Ann Miller"),
        phone: None,
        note: None,
        locale: None,
        status: Status::Confirmed,
        closing_as: None,
        held_until: None,
        payment_status: PaymentStatus::Paid,
        fulfillment_status: FulfillmentStatus::None,
        disputed: false,
        currency: app.state.config.shop_currency.code().to_owned(),
        prices_include_tax: true,
        items: 0,
        discount: 0,
        shipping: 0,
        shipping_discount: 0,
        shipping_tax: 0,
        tax: 0,
        total: 0,
        authorized: 0,
        captured: 0,
        refunded: 0,
        refund_pending: 0,
        shipping_address: Some(address("Ann Miller").to_string()),
        billing_address: None,
        country: Some("DE".to_owned()),
        shipping_method_id: None,
        shipping_method_name: Some("Parcel".to_owned()),
        version: 1,
        placed_at: now,
        pay_until: now,
        confirmed_at: Some(now),
        closed_at: None,
        updated_at: now,
    }
}

/// Returns an address as it is stored.
pub fn address(name: &str) -> serde_json::Value {
    serde_json::json!({"name": name, "company": null, "street1": "Hauptstr. 1", "street2": null, "city": "Berlin",
        "region": null, "postal_code": "10115", "country": "DE", "phone": null, "vat_id": null})
}

/// Returns an address as clients send it.
pub fn input(name: &str) -> serde_json::Value {
    serde_json::json!({"name": name, "street1": "Hauptstr. 1", "city": "Berlin", "postalCode": "10115", "country": "DE"})
}

/// Stores an order with these lines, whose units are promised. `change` alters the row before it is stored; its items and
/// its total are those of the lines.
pub async fn order(app: &App, lines: Vec<line::Model>, change: impl FnOnce(&mut Model)) -> Placed {
    let number = "SELECT COALESCE(max(number), 1000) + 1 FROM orders";
    let mut order = row(app, app.sql_number(number).await);
    let mut lines = lines;
    for (line, position) in lines.iter_mut().zip(0..) {
        line.order_id = order.id;
        line.position = position;
        order.items += line.total;
    }
    order.total = order.items;
    order.captured = order.total;
    change(&mut order);
    store(app, &order, &lines).await;
    Placed { order, lines }
}

/// Stores an order that a change has put in a status without a number.
pub fn unconfirmed(order: &mut Model, status: Status) {
    order.status = status;
    order.number = None;
    order.confirmed_at = None;
    order.captured = 0;
    order.payment_status = PaymentStatus::Unpaid;
}

async fn store(app: &App, order: &Model, lines: &[line::Model]) {
    let transaction = app.state.db.begin().await.unwrap();
    transaction.touch(Catalog::All);
    let insert = Entity::insert(order.clone().into_active_model());
    insert.exec_without_returning(&transaction).await.unwrap();
    for line in lines {
        let insert = line::Entity::insert(line.clone().into_active_model());
        insert.exec_without_returning(&transaction).await.unwrap();
        if line.tracked {
            let reserved = Expr::col(level::Column::Reserved).add(i64::from(line.open()));
            level::Entity::update_many()
                .col_expr(level::Column::Reserved, reserved)
                .filter(level::Column::VariantId.eq(line.variant_id))
                .exec(&transaction)
                .await
                .unwrap();
        }
    }
    transaction.commit().await.unwrap();
}

/// Creates products with these slugs and a stock of 5. Returns the ids of their only variants.
pub async fn variants(app: &App, slugs: &[&str]) -> Vec<VariantId> {
    let category = app.shop().root("things", 0).await;
    let mut ids = Vec::new();
    for slug in slugs {
        let product = app.shop().product(slug, &category, |_| ()).await;
        ids.push(VariantId(product.id.0));
    }
    ids
}

/// Returns the units of a variant that are there, and those that are promised.
pub async fn stock(app: &App, variant: VariantId) -> (i64, i64) {
    let level = level::Entity::find_by_id(variant);
    let level = level.one(app.state.db.reader()).await.unwrap().unwrap();
    (level.on_hand, level.reserved)
}
