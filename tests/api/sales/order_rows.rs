//! Rows of orders for tests, inserted without the services.

use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use uuid::Uuid;
use wares::catalog::product::ProductId;
use wares::catalog::product::entity::variant::VariantId;
use wares::core::clock::Timestamp;
use wares::core::id::{TypedId, uuid_v7};
use wares::core::viewer::CartId;
use wares::infra::database::Transaction;
use wares::sales::discount::DiscountId;
use wares::sales::order::entity::detail::{discount, tax};
use wares::sales::order::entity::{
    Entity, FulfillmentStatus, Model, OrderId, PaymentStatus, Status, line,
};
use wares::sales::order::service::{OrderEmail, queue_email};
use wares::sales::order::token::OrderToken;
use wares::sales::payment::entity::entry::Kind;
use wares::sales::payment::entity::{self as payment, PaymentId, Provider, entry};

use crate::harness::{App, Backend};

/// The address of the orders.
pub const ADDRESS: &str = r#"{"name":"Ann <b>Reader</b>","company":null,"street1":"Main Street {{code}} 1","street2":null,
    "city":"Berlin","region":null,"postal_code":"10115","country":"DE","phone":"+49 30 1","vat_id":"DE123456789"}"#;

/// Inserts a row.
pub async fn insert<A: ActiveModelTrait + Send>(app: &App, row: impl IntoActiveModel<A>) {
    let transaction = app.state.db.begin().await.unwrap();
    A::Entity::insert(row.into_active_model())
        .exec_without_returning(&transaction)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
}

fn order(app: &App, now: Timestamp) -> Model {
    let id = OrderId::generate(now);
    Model {
        id,
        number: None,
        cart_id: CartId(uuid_v7(now)),
        cart_version: 1,
        user_id: None,
        cart_token_hash: None,
        token_hash: OrderToken::derive(&app.state.keys, id).1,
        email: "Ann@home.example".to_owned(),
        email_key: "ann@home.example".to_owned(),
        name_key: "ann reader".to_owned(),
        phone: Some("+49301".to_owned()),
        note: Some("Ring twice.".to_owned()),
        locale: None,
        status: Status::Pending,
        closing_as: None,
        held_until: None,
        payment_status: PaymentStatus::Unpaid,
        fulfillment_status: FulfillmentStatus::None,
        disputed: false,
        currency: "EUR".to_owned(),
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
        shipping_address: Some(ADDRESS.to_owned()),
        billing_address: None,
        country: Some("DE".to_owned()),
        shipping_method_id: None,
        shipping_method_name: None,
        version: 1,
        placed_at: now,
        pay_until: now,
        confirmed_at: None,
        closed_at: None,
        updated_at: now,
    }
}

/// Inserts an order that is pending and costs nothing. `change` alters it.
pub async fn insert_order(app: &App, change: impl FnOnce(&mut Model)) -> Model {
    let mut order = order(app, app.state.clock.now());
    change(&mut order);
    insert(app, order.clone()).await;
    order
}

/// Inserts a line of one unit that costs nothing and is not counted in stock. `change` alters it.
pub async fn insert_line(
    app: &App,
    order: &Model,
    position: i32,
    change: impl FnOnce(&mut line::Model),
) -> line::Model {
    let now = app.state.clock.now();
    let mut row = line::Model {
        id: TypedId::generate(now),
        order_id: order.id,
        position,
        variant_id: VariantId(uuid_v7(now)),
        product_id: ProductId(uuid_v7(now)),
        name: format!("Item {position}"),
        variant_name: String::new(),
        sku: None,
        options: "[]".to_owned(),
        image_id: None,
        attributes: "[]".to_owned(),
        quantity: 1,
        unit_price: 0,
        discount: 0,
        total: 0,
        tax_name: None,
        tax_ppm: 0,
        tax: 0,
        weight: None,
        requires_shipping: true,
        tracked: false,
        canceled: 0,
        fulfilled: 0,
        returned: 0,
    };
    change(&mut row);
    insert(app, row.clone()).await;
    row
}

/// Inserts a payment with its ledger.
pub async fn insert_payment(app: &App, order: &Model, entries: &[(Kind, i64)]) -> PaymentId {
    let now = app.state.clock.now();
    let id = PaymentId::generate(now);
    let row = payment::Model {
        id,
        order_id: order.id,
        provider: Provider::Test,
        reference: Some(id.encode()),
        amount: order.total,
        status: payment::Status::Captured,
        last_error: None,
        cancel_requested: false,
        capture_requested: false,
        look_at: None,
        attempts: 0,
        created_at: now,
        updated_at: now,
    };
    insert(app, row).await;
    for (index, (kind, amount)) in entries.iter().enumerate() {
        let row = entry::Model {
            id: uuid_v7(now),
            payment_id: id,
            kind: *kind,
            amount: *amount,
            provider_key: index.to_string(),
            note: None,
            at: now,
        };
        insert(app, row).await;
    }
    id
}

/// Inserts a confirmed and paid order of two lines, with a discount, shipping, and two taxes that the prices include.
pub async fn confirmed(app: &App, number: i64) -> (Model, [line::Model; 2]) {
    let now = app.state.clock.now();
    let order = insert_order(app, |order| {
        order.number = Some(number);
        order.status = Status::Confirmed;
        order.payment_status = PaymentStatus::Paid;
        order.confirmed_at = Some(now);
        order.shipping_method_name = Some("Standard".to_owned());
        (order.items, order.discount) = (4_848, 500);
        (order.shipping, order.shipping_tax, order.tax) = (490, 78, 701);
        (order.total, order.captured) = (4_838, 4_838);
    })
    .await;
    let pan = insert_line(app, &order, 0, |line| {
        "Enamelled <b>pan</b> with a lid of glass, two handles and a name that is long"
            .clone_into(&mut line.name);
        "Red / 24 cm".clone_into(&mut line.variant_name);
        (line.quantity, line.unit_price) = (2, 1_999);
        (line.discount, line.total, line.tax) = (412, 3_586, 573);
        (line.tax_name, line.tax_ppm) = (Some("VAT".to_owned()), 190_000);
    });
    let coffee = insert_line(app, &order, 1, |line| {
        "Coffee {{code}}".clone_into(&mut line.name);
        line.unit_price = 850;
        (line.discount, line.total, line.tax) = (88, 762, 50);
        (line.tax_name, line.tax_ppm) = (Some("Reduced VAT".to_owned()), 70_000);
    });
    let lines = [pan.await, coffee.await];
    insert_details(app, &order).await;
    insert_payment(app, &order, &[(Kind::Captured, 4_838)]).await;
    app.sql("DELETE FROM counters").await;
    app.sql(&format!(
        "INSERT INTO counters (name, value) VALUES ('orders', {number})"
    ))
    .await;
    (order, lines)
}

async fn insert_details(app: &App, order: &Model) {
    let now = app.state.clock.now();
    let taxes = [
        ("VAT", 190_000, 3_425, 651),
        ("Reduced VAT", 70_000, 712, 50),
    ];
    for (position, (name, ppm, base, amount)) in (0..).zip(taxes) {
        let row = tax::Model {
            id: uuid_v7(now),
            order_id: order.id,
            position,
            name: name.to_owned(),
            ppm,
            base,
            amount,
        };
        insert(app, row).await;
    }
    let row = discount::Model {
        id: uuid_v7(now),
        order_id: order.id,
        position: 0,
        discount_id: DiscountId(uuid_v7(now)),
        name: "Summer sale".to_owned(),
        code: Some("SUMMER5".to_owned()),
        amount: 500,
    };
    insert(app, row).await;
}

/// Queues an email about an order.
pub async fn queue(app: &App, order: &Model, email: OrderEmail) {
    let transaction: Transaction = app.state.db.begin().await.unwrap();
    queue_email(&transaction, &app.state, order, email)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
}

/// Reads an order.
pub async fn read(app: &App, order: &Model) -> Model {
    let found = Entity::find_by_id(order.id)
        .one(app.state.db.reader())
        .await;
    found.unwrap().unwrap()
}

/// Returns an id as an SQL literal.
pub fn literal(app: &App, id: impl Into<Uuid>) -> String {
    let id: Uuid = id.into();
    match app.backend {
        Backend::Sqlite => format!("x'{}'", id.simple()),
        Backend::Postgres => format!("'{id}'"),
    }
}
