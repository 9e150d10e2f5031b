//! Orders with payments, for tests of payments and refunds.

use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::{Value, json};
use uuid::Uuid;
use wares::core::id::TypedId;
use wares::sales::order::entity::line::Model as Line;
use wares::sales::order::entity::{
    self as order, FulfillmentStatus, Model as Order, OrderId, PaymentStatus, Status, line,
};
use wares::sales::order::service::{ask_providers, begin_payment, confirm};
use wares::sales::order::token::OrderToken;
use wares::sales::order_id::OrderLineId;
use wares::sales::payment::entity::{PaymentId, Provider};
use wares::sales::payment::service::create;

use crate::harness::{App, Client};

/// The selection of a payment and its order.
pub const PAYMENT: &str = "payment { id provider status lastError instructions amount { amount } captured { amount } refunded { amount } }
    order { id status paymentStatus captured { amount } refunded { amount } refundable { amount } version
        payments { id status } refunds { id status } }";
/// The selection of a refund and its order.
pub const REFUND: &str = "refund { id status reason amount { amount } shipping { amount }
        lines { lineId quantity restock amount { amount } } }
    order { id status paymentStatus captured { amount } refunded { amount } refundable { amount } version
        payments { id status refunded { amount } } refunds { id status } }";

/// An order with a payment.
pub struct Placed {
    pub order: OrderId,
    pub payment: PaymentId,
    pub token: String,
    pub lines: Vec<OrderLineId>,
}

/// The amount of shipping of each order.
pub const SHIPPING: i64 = 500;

/// Places a pending order with lines of these totals and quantities, paid with the test provider. Prices include tax.
pub async fn placed(app: &App, lines: &[(i64, i32)]) -> Placed {
    placed_with(app, lines, Provider::Test).await
}

/// Places an order paid in this way. One on account is confirmed at once.
pub async fn placed_with(app: &App, lines: &[(i64, i32)], provider: Provider) -> Placed {
    let items = lines.iter().map(|(total, _)| total).sum();
    let order = order_row(app, items);
    let rows: Vec<Line> = lines
        .iter()
        .zip(0..)
        .map(|((total, quantity), position)| line_row(app, order.id, position, *total, *quantity))
        .collect();
    let token = OrderToken::derive(&app.state.keys, order.id).0;
    let (id, total) = (order.id, order.total);
    let ids = rows.iter().map(|row| row.id).collect();
    let transaction = app.state.db.begin().await.unwrap();
    let insert = order::Entity::insert(order.clone().into_active_model());
    insert.exec_without_returning(&transaction).await.unwrap();
    let insert =
        line::Entity::insert_many(rows.into_iter().map(IntoActiveModel::into_active_model));
    insert.exec_without_returning(&transaction).await.unwrap();
    let payment = create(&transaction, &app.state, id, total, provider)
        .await
        .unwrap();
    if provider == Provider::Manual {
        confirm(&transaction, &app.state, order).await.unwrap();
    }
    transaction.commit().await.unwrap();
    let payment = begin_payment(&app.state, &payment).await.unwrap();
    Placed {
        order: id,
        payment: payment.id,
        token: token.expose().to_owned(),
        lines: ids,
    }
}

fn order_row(app: &App, items: i64) -> Order {
    let now = app.state.clock.now();
    let id = OrderId::generate(now);
    Order {
        id,
        number: None,
        cart_id: Uuid::new_v4().into(),
        cart_version: 1,
        user_id: None,
        cart_token_hash: None,
        token_hash: OrderToken::derive(&app.state.keys, id).1,
        email: "buyer@shop.example".to_owned(),
        email_key: "buyer@shop.example".to_owned(),
        name_key: "some body".to_owned(),
        phone: None,
        note: None,
        locale: None,
        status: Status::Pending,
        closing_as: None,
        held_until: None,
        payment_status: PaymentStatus::Unpaid,
        fulfillment_status: FulfillmentStatus::None,
        disputed: false,
        currency: "USD".to_owned(),
        prices_include_tax: true,
        items,
        discount: 0,
        shipping: SHIPPING,
        shipping_discount: 0,
        shipping_tax: 0,
        tax: 0,
        total: items + SHIPPING,
        authorized: 0,
        captured: 0,
        refunded: 0,
        refund_pending: 0,
        shipping_address: None,
        billing_address: None,
        country: None,
        shipping_method_id: None,
        shipping_method_name: None,
        version: 1,
        placed_at: now,
        pay_until: now.after(std::time::Duration::from_mins(30)),
        confirmed_at: None,
        closed_at: None,
        updated_at: now,
    }
}

/// Returns a line with this total: its discount makes up for what the units can't share.
fn line_row(app: &App, order: OrderId, position: i32, total: i64, quantity: i32) -> Line {
    let unit_price = (total + i64::from(quantity) - 1) / i64::from(quantity);
    Line {
        id: OrderLineId::generate(app.state.clock.now()),
        order_id: order,
        position,
        variant_id: Uuid::new_v4().into(),
        product_id: Uuid::new_v4().into(),
        name: "Pan".to_owned(),
        variant_name: String::new(),
        sku: None,
        options: "[]".to_owned(),
        image_id: None,
        attributes: "[]".to_owned(),
        quantity,
        unit_price,
        discount: unit_price * i64::from(quantity) - total,
        total,
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

impl Placed {
    /// Plays the buyer's step. Returns the payload.
    pub async fn finish(&self, app: &App, outcome: &str) -> Value {
        let input =
            json!({"paymentId": self.payment.encode(), "token": self.token, "outcome": outcome});
        let client = app.anonymous();
        client
            .run_mutation("finishTestPayment", input, PAYMENT)
            .await
    }

    /// Settles the payment, as the buyer does. Returns the payload.
    pub async fn sync(&self, app: &App) -> Value {
        let input = json!({"paymentId": self.payment.encode(), "token": self.token});
        let client = app.anonymous();
        client.run_mutation("syncPayment", input, PAYMENT).await
    }

    /// Requests the cancelation of the order, as `cancelOrder` and the expiry do, without settling it.
    pub async fn request_close(&self, app: &App) {
        let transaction = app.state.db.begin().await.unwrap();
        let found = wares::sales::order::repository::lock(&transaction, self.order).await;
        let mut order = found.unwrap().unwrap();
        if order.status == Status::Pending {
            order.status = Status::Closing;
            order.closing_as = Some(Status::Canceled);
            wares::sales::order::repository::update(&transaction, order)
                .await
                .unwrap();
            wares::sales::payment::service::request_cancel(&transaction, &app.state, self.order)
                .await
                .unwrap();
        }
        transaction.commit().await.unwrap();
    }

    /// Returns the kinds of the events of the order, sorted by name: the clock of a test stands still.
    pub async fn events(&self, app: &App) -> Vec<String> {
        use sea_orm::{ActiveEnum, ColumnTrait, QueryFilter};
        use wares::sales::order::entity::event::{Column, Entity};
        let events = Entity::find()
            .filter(Column::OrderId.eq(self.order))
            .all(app.state.db.reader())
            .await
            .unwrap();
        let events = events.into_iter();
        let mut kinds: Vec<_> = events.map(|event| event.kind.to_value()).collect();
        kinds.sort_unstable();
        kinds
    }
}

/// Runs the worker that asks the providers.
pub async fn ask(app: &App) {
    ask_providers(&app.state).await.unwrap();
}

/// Refunds parts of an order. Returns the payload.
pub async fn refund(admin: &Client, placed: &Placed, fields: Value) -> Value {
    let mut input = fields;
    input["orderId"] = placed.order.encode().into();
    admin.run_mutation("refundOrder", input, REFUND).await
}

/// Returns an amount of a payload in minor units.
pub fn cents(money: &Value) -> i64 {
    let text = money["amount"].as_str().unwrap();
    text.replace('.', "").parse().unwrap()
}
