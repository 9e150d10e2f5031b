//! Emails about orders.

use sea_orm::EntityTrait;
use wares::core::id::TypedId;
use wares::platform::jobs;
use wares::sales::order::entity::fulfillment::{self, FulfillmentId};
use wares::sales::order::entity::{Model, Status, line};
use wares::sales::order::service::OrderEmail;
use wares::sales::order::token::OrderToken;
use wares::sales::payment::entity::refund::{self, RefundId};

use super::order_rows::{confirmed, insert, insert_order, insert_payment, literal, queue};
use crate::harness::{App, Smtp, on_both_databases, on_both_databases_with};
use crate::infra::mail::send_due;

const PAGE: &str = "--order-link-url=https://shop.example/order";

const CONFIRMATION: &str = "\
Thank you for your order 1001 at Wares.

Item                                          Quantity      Price      Total
----------------------------------------------------------------------------
Enamelled <b>pan</b> with a lid of glass,            2  19.99 EUR  39.98 EUR
two handles and a name that is long
Red / 24 cm
Coffee {{code}}                                      1   8.50 EUR   8.50 EUR
----------------------------------------------------------------------------
Items                                                              48.48 EUR
Discount: Summer sale (SUMMER5)                                    -5.00 EUR
Shipping: Standard                                                  4.90 EUR
Total                                                              48.38 EUR
Included in the total: VAT 19%                                      6.51 EUR
Included in the total: Reduced VAT 7%                               0.50 EUR

Shipping address:
Ann <b>Reader</b>
Main Street {{code}} 1
10115 Berlin
DE

See your order on this page:

";

#[tokio::test]
async fn a_confirmation_has_the_lines_and_totals_in_text_and_html() {
    on_both_databases_with(&[PAGE], async |app| {
        let (order, _) = confirmed(app, 1_001).await;
        queue(app, &order, OrderEmail::Confirmed).await;
        let token = OrderToken::derive(&app.state.keys, order.id).0;
        // Neither the token nor the address is stored with the job.
        let jobs = jobs::entity::Entity::find()
            .all(app.state.db.reader())
            .await;
        let jobs = format!("{:?}", jobs.unwrap());
        assert!(jobs.contains(&order.id.encode()), "{jobs}");
        assert!(!jobs.contains(token.expose()) && !jobs.to_lowercase().contains("ann@"));
        let emails = app.emails().await;
        let [email] = &emails[..] else {
            panic!("{emails:?}");
        };
        assert_eq!(email.to, "Ann@home.example");
        assert_eq!(email.subject, "Your order 1001 at Wares");
        let link = format!(
            "https://shop.example/order#id={}&token={}",
            order.id.encode(),
            token.expose()
        );
        assert_eq!(email.text(), format!("{CONFIRMATION}{link}"));
        assert!(
            email
                .text()
                .lines()
                .all(|line| line.len() <= 76 || line == link)
        );
        let html = email.html("Wares");
        for part in [
            "<table ",
            ">19.99 EUR</td>",
            ">Total</th>",
            "Enamelled &lt;b&gt;pan&lt;/b&gt;",
            "name that is long<br>Red / 24 cm</td>",
            "Coffee &#123;&#123;code}}",
            "Ann &lt;b&gt;Reader&lt;/b&gt;<br>Main Street &#123;&#123;code}} 1<br>",
            &format!("<a href=\"{}\"", link.replace('&', "&amp;")),
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(!html.contains("<b>") && !html.contains("{{"), "{html}");
        assert!(
            !html.contains("+49") && !html.contains("DE123456789"),
            "{html}"
        );
        // Every element is closed.
        for tag in ["table", "thead", "tbody", "tfoot", "tr", "th", "td"] {
            let count = |what: &str| html.matches(what).count();
            let opened = count(&format!("<{tag}>")) + count(&format!("<{tag} "));
            assert_eq!(opened, count(&format!("</{tag}>")), "{tag}: {html}");
        }
    })
    .await;
}

#[tokio::test]
async fn taxes_on_top_are_before_the_total_and_amounts_have_the_decimals_of_the_currency() {
    on_both_databases(async |app| {
        let order = insert_order(app, |order| {
            order.prices_include_tax = false;
            order.currency = "JPY".to_owned();
            (order.items, order.tax, order.total) = (1_000, 100, 1_100);
            order.shipping_address = None;
        })
        .await;
        let tax = format!(
            "INSERT INTO order_taxes (id, order_id, position, name, ppm, base, amount)
             VALUES ({}, {}, 0, 'Consumption tax', 81000, 1000, 100)",
            literal(app, order.cart_id),
            literal(app, order.id)
        );
        app.sql(&tax).await;
        queue(app, &order, OrderEmail::Confirmed).await;
        let text = app.emails().await[0].text();
        let totals = text.split_once("Items").unwrap().1;
        let totals: Vec<_> = totals.split_whitespace().collect();
        let expected = [
            "1000",
            "JPY",
            "Plus",
            "Consumption",
            "tax",
            "8.1%",
            "100",
            "JPY",
        ];
        assert_eq!(totals[..8], expected, "{text}");
        assert_eq!(totals[8..], ["Total", "1100", "JPY"], "{text}");
        assert!(
            !text.contains("https:") && !text.contains("address"),
            "{text}"
        );
    })
    .await;
}

#[tokio::test]
async fn each_step_has_its_email() {
    on_both_databases_with(&[PAGE], async |app| {
        let (order, [pan, _]) = confirmed(app, 1_001).await;
        let now = app.state.clock.now();
        let shipment = fulfillment::Model {
            id: FulfillmentId::generate(now),
            order_id: order.id,
            tracking_company: Some("Parcel & Co".to_owned()),
            tracking_number: Some("T-1".to_owned()),
            tracking_url: Some("https://parcel.example/?id=T-1&x=\"".to_owned()),
            actor_id: None,
            created_at: now,
            updated_at: now,
            canceled_at: None,
        };
        insert(app, shipment.clone()).await;
        let units = fulfillment::line::Model {
            fulfillment_id: shipment.id,
            line_id: pan.id,
            quantity: 1,
        };
        insert(app, units).await;
        queue(app, &order, OrderEmail::Shipped(shipment.id)).await;
        let email = app.emails().await.remove(0);
        assert_eq!(email.subject, "Your order 1001 at Wares was shipped");
        let text = email.text();
        for part in [
            "two handles",
            "Carrier: Parcel & Co\nTracking number: T-1",
            "10115 Berlin",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("Coffee") && !text.contains("EUR"), "{text}");
        let html = email.html("Wares");
        assert!(
            html.contains("<a href=\"https://parcel.example/?id=T-1&amp;x=&quot;\""),
            "{html}"
        );
        refund_email(app, &order, &pan).await;

        queue(app, &order, OrderEmail::Canceled).await;
        let email = app.emails().await.remove(0);
        assert_eq!(email.subject, "Your order 1001 at Wares was canceled");
        assert!(
            email
                .text()
                .contains("Your payment of 48.38 EUR is refunded.")
        );

        let open = insert_order(app, |_| ()).await;
        queue(app, &open, OrderEmail::PaymentFailed).await;
        queue(app, &open, OrderEmail::Expired).await;
        let emails = app.emails().await;
        let mut subjects: Vec<_> = emails.iter().map(|email| email.subject.as_str()).collect();
        subjects.sort_unstable();
        assert_eq!(
            subjects,
            [
                "The payment of your order at Wares failed",
                "Your order at Wares has expired"
            ]
        );
        assert!(
            emails
                .iter()
                .all(|email| email.text().contains("You were not charged."))
        );
    })
    .await;
}

async fn refund_email(app: &App, order: &Model, pan: &line::Model) {
    let now = app.state.clock.now();
    let payment = insert_payment(app, order, &[]).await;
    let refund = refund::Model {
        id: RefundId::generate(now),
        order_id: order.id,
        payment_id: payment,
        amount: 2_283,
        shipping: 490,
        reason: Some("for admins".to_owned()),
        status: refund::Status::Succeeded,
        reference: None,
        last_error: None,
        actor_id: None,
        look_at: None,
        attempts: 0,
        created_at: now,
        updated_at: now,
    };
    insert(app, refund.clone()).await;
    let units = refund::line::Model {
        refund_id: refund.id,
        line_id: pan.id,
        quantity: 1,
        amount: 1_793,
        restock: false,
    };
    insert(app, units).await;
    queue(app, order, OrderEmail::Refunded(refund.id)).await;
    let email = app.emails().await.remove(0);
    assert_eq!(email.subject, "Refund of your order 1001 at Wares");
    let text = email.text();
    assert!(text.contains("We have refunded 22.83 EUR"), "{text}");
    assert!(
        text.contains("17.93 EUR") && text.contains("4.90 EUR"),
        "{text}"
    );
    assert!(!text.contains("for admins"), "{text}");
}

#[tokio::test]
async fn nothing_is_sent_without_an_address_or_after_the_cause_is_gone() {
    on_both_databases(async |app| {
        let erased = insert_order(app, |order| order.email = String::new()).await;
        queue(app, &erased, OrderEmail::Canceled).await;
        let open = insert_order(app, |_| ()).await;
        queue(app, &open, OrderEmail::PaymentFailed).await;
        // Paid meanwhile.
        app.sql("UPDATE orders SET status = 'CANCELED'").await;
        // The server has no page to link to.
        queue(app, &open, OrderEmail::Link).await;
        assert_eq!(app.emails().await.len(), 0);
        assert_eq!(app.count("outbox").await, 0);
    })
    .await;
}

#[tokio::test]
async fn texts_of_an_order_form_no_header() {
    let smtp = Smtp::start().await;
    let flags = [&smtp.flag(), "--mail-from=shop@wares.example"];
    on_both_databases_with(&flags, async |app| {
        let order = insert_order(app, |row| {
            row.number = Some(1_002);
            row.confirmed_at = Some(row.placed_at);
            row.status = Status::Confirmed;
            row.shipping_method_name = Some("Fast\r\nBcc: all@shop.example\r\n\r\nx".to_owned());
        })
        .await;
        queue(app, &order, OrderEmail::Confirmed).await;
        assert_eq!(send_due(app).await, 1);
        let email = smtp.take_single_email();
        assert_eq!(email.header_names().len(), 8);
        assert_eq!(email.header("Subject"), "Your order 1002 at Wares");
        assert_eq!(email.to, ["Ann@home.example"]);
    })
    .await;
}
