//! The texts of emails about orders. Subjects contain no text of a buyer.

use super::OrderEmail;
use super::tables::{self, Amounts, Details};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::postal_address::PostalAddress;
use crate::infra::database::Connection;
use crate::infra::mail::Block;
use crate::sales::order::entity::fulfillment::{FulfillmentId, Model as Fulfillment};
use crate::sales::order::entity::{Model, Status};
use crate::sales::order::repository::emails as repository;
use crate::sales::payment::entity::refund::RefundId;

/// The settings that an email contains.
pub struct Shop<'a> {
    pub name: &'a str,
    /// The URL at which the storefront shows the order.
    pub link: Option<String>,
    /// The instructions for payments on account.
    pub payment_instructions: Option<&'a str>,
}

/// The content of an email.
pub struct Content {
    pub subject: String,
    pub blocks: Vec<Block>,
}

impl Content {
    /// Reads what the email is about, and writes it. `None` if that has changed so that there is nothing to send.
    pub async fn read(
        db: &impl Connection,
        shop: &Shop<'_>,
        order: &Model,
        email: OrderEmail,
    ) -> Result<Option<Self>> {
        let writer = Writer { shop, order };
        let content = match email {
            OrderEmail::Confirmed => writer.confirmed(db).await?,
            OrderEmail::PaymentFailed if order.status != Status::Pending => return Ok(None),
            OrderEmail::PaymentFailed => writer.payment_failed(),
            OrderEmail::Expired => writer.expired(db).await?,
            OrderEmail::Canceled => writer.canceled(),
            OrderEmail::Shipped(id) => return writer.shipped(db, id).await,
            OrderEmail::Refunded(id) => return writer.refunded(db, id).await,
            OrderEmail::RefundedAtProvider(amount) => writer.refund_of(amount, None),
            OrderEmail::Link if shop.link.is_none() => return Ok(None),
            OrderEmail::Link => writer.link(),
        };
        Ok(Some(content))
    }
}

struct Writer<'a> {
    shop: &'a Shop<'a>,
    order: &'a Model,
}

impl Writer<'_> {
    async fn confirmed(&self, db: &impl Connection) -> Result<Content> {
        let (shop, order) = (self.shop.name, self.order);
        let details = Details {
            lines: repository::lines(db, order.id).await?,
            taxes: repository::taxes(db, order.id).await?,
            discounts: repository::discounts(db, order.id).await?,
        };
        let mut blocks = vec![
            paragraph(format!("Thank you for your {} at {shop}.", self.name())),
            Block::Table(tables::priced(order, &details)),
        ];
        blocks.extend(address(
            "Shipping address:",
            order.shipping_address.as_deref(),
        ));
        blocks.extend(address(
            "Billing address:",
            order.billing_address.as_deref(),
        ));
        if let Some(instructions) = self.shop.payment_instructions
            && repository::is_on_account(db, order.id).await?
        {
            blocks.extend(instructions.split("\n\n").map(paragraph));
        }
        Ok(self.content(format!("Your {} at {shop}", self.name()), blocks))
    }

    fn payment_failed(&self) -> Content {
        let (shop, order) = (self.shop.name, self.order);
        let total = Amounts::of(order).format(order.total);
        let until = time(order.pay_until);
        let blocks = vec![
            paragraph(format!(
                "The payment of {total} for your order at {shop} failed. You were not charged."
            )),
            paragraph(format!(
                "You can pay it until {until}, also in another way. After that it expires."
            )),
        ];
        self.content(
            format!("The payment of your order at {shop} failed"),
            blocks,
        )
    }

    async fn expired(&self, db: &impl Connection) -> Result<Content> {
        let (shop, order) = (self.shop.name, self.order);
        let lines = repository::lines(db, order.id).await?;
        let units: Vec<_> = lines.iter().map(|line| (line.id, line.quantity)).collect();
        let blocks = vec![
            paragraph(format!(
                "Your order at {shop} has expired, because it was not paid in time. You were not charged."
            )),
            Block::Table(tables::units(&lines, &units)),
            paragraph("If you still want these items, place a new order."),
        ];
        let subject = format!("Your order at {shop} has expired");
        Ok(Content { subject, blocks })
    }

    fn canceled(&self) -> Content {
        let (shop, order) = (self.shop.name, self.order);
        let name = self.name();
        let owed = order.captured - order.refunded;
        let payment = if owed > 0 {
            let owed = Amounts::of(order).format(owed);
            format!("Your payment of {owed} is refunded. Another email will confirm the refund.")
        } else if order.captured > 0 {
            "Your payment was refunded.".to_owned()
        } else {
            "You need not pay it.".to_owned()
        };
        let blocks = vec![
            paragraph(format!("Your {name} at {shop} was canceled.")),
            paragraph(payment),
        ];
        self.content(format!("Your {name} at {shop} was canceled"), blocks)
    }

    async fn shipped(&self, db: &impl Connection, id: FulfillmentId) -> Result<Option<Content>> {
        let (shop, order) = (self.shop.name, self.order);
        let found = repository::fulfillment(db, id).await?;
        let found = found.filter(|(fulfillment, _)| fulfillment.canceled_at.is_none());
        let Some((fulfillment, units)) = found else {
            return Ok(None);
        };
        let lines = repository::lines(db, order.id).await?;
        let units: Vec<_> = units
            .iter()
            .map(|unit| (unit.line_id, unit.quantity))
            .collect();
        let name = self.name();
        let mut blocks = vec![
            paragraph(format!(
                "These items of your {name} at {shop} were shipped:"
            )),
            Block::Table(tables::units(&lines, &units)),
        ];
        blocks.extend(tracking(&fulfillment));
        blocks.extend(address(
            "Shipping address:",
            order.shipping_address.as_deref(),
        ));
        let subject = format!("Your {name} at {shop} was shipped");
        Ok(Some(self.content(subject, blocks)))
    }

    async fn refunded(&self, db: &impl Connection, id: RefundId) -> Result<Option<Content>> {
        let order = self.order;
        let Some((refund, units)) = repository::refund(db, id).await? else {
            return Ok(None);
        };
        let lines = repository::lines(db, order.id).await?;
        let units = units
            .iter()
            .map(|unit| (unit.line_id, unit.quantity, unit.amount));
        let units: Vec<_> = units.collect();
        let table = (!units.is_empty())
            .then(|| tables::refunded(order, &lines, &units, refund.shipping, refund.amount));
        Ok(Some(self.refund_of(refund.amount, table.map(Block::Table))))
    }

    fn refund_of(&self, amount: i64, table: Option<Block>) -> Content {
        let (shop, name) = (self.shop.name, self.name());
        let amount = Amounts::of(self.order).format(amount);
        let text = format!(
            "We have refunded {amount} of your {name} at {shop}. It can take your bank some days to credit it."
        );
        let blocks = std::iter::once(paragraph(text)).chain(table).collect();
        self.content(format!("Refund of your {name} at {shop}"), blocks)
    }

    fn link(&self) -> Content {
        let (shop, name) = (self.shop.name, self.name());
        let blocks = vec![paragraph(format!(
            "The link to your {name} at {shop} was requested, perhaps by you. Do not share it: it shows your order to everyone who has it."
        ))];
        self.content(format!("The link to your {name} at {shop}"), blocks)
    }

    /// Adds the link to the order.
    fn content(&self, subject: String, mut blocks: Vec<Block>) -> Content {
        if let Some(link) = &self.shop.link {
            blocks.push(paragraph("See your order on this page:"));
            blocks.push(Block::Link(link.clone()));
        }
        Content { subject, blocks }
    }

    /// Returns `order 1001`, or `order` if it has no number.
    fn name(&self) -> String {
        let number = self.order.number.map(|number| format!(" {number}"));
        format!("order{}", number.unwrap_or_default())
    }
}

fn paragraph(text: impl Into<String>) -> Block {
    Block::Paragraph(text.into())
}

/// Returns a stored address, if it can be read.
fn address(title: &str, stored: Option<&str>) -> Option<Block> {
    let address: PostalAddress = serde_json::from_str(stored?).ok()?;
    Some(paragraph(format!(
        "{title}\n{}",
        address.lines().join("\n")
    )))
}

fn tracking(fulfillment: &Fulfillment) -> Vec<Block> {
    let Fulfillment {
        tracking_company,
        tracking_number,
        tracking_url,
        ..
    } = fulfillment;
    let carrier = tracking_company
        .as_ref()
        .map(|name| format!("Carrier: {name}"));
    let number = tracking_number
        .as_ref()
        .map(|number| format!("Tracking number: {number}"));
    let lines: Vec<_> = carrier.into_iter().chain(number).collect();
    let lines = (!lines.is_empty()).then(|| paragraph(lines.join("\n")));
    let link = tracking_url.clone().map(Block::Link);
    lines.into_iter().chain(link).collect()
}

/// Returns a time to the minute, in UTC.
fn time(at: Timestamp) -> String {
    let text = at.format().unwrap_or_default();
    let minutes = text.get(..16).unwrap_or_default().replace('T', " ");
    format!("{minutes} UTC")
}
