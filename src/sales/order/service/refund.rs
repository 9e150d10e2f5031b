//! Refunding an order. The refund is stored before the provider is asked, so that a crash in between pays once.

use serde_json::json;

use super::events::{NewEvent, record};
use super::refund_amount::{LineUnits, RefundPlan, plan};
use super::send_refund::send_refund;
use super::sums;
use crate::catalog::product::service::variants::put_back;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::money::Decimal;
use crate::core::text::check_text;
use crate::core::validation::Validator;
use crate::core::viewer::{Admin, UserId};
use crate::infra::database::Transaction;
use crate::platform::audit::service::{self as audit, Actor, Entry};
use crate::sales::order::entity::event::Kind;
use crate::sales::order::entity::line;
use crate::sales::order::entity::{Model, OrderId};
use crate::sales::order::repository::{self, payments as lines};
use crate::sales::order_id::OrderLineId;
use crate::sales::payment::entity::PaymentId;
use crate::sales::payment::entity::refund::{self, Status};
use crate::sales::payment::service::{self as payments, NewRefund, ledgers_of};
use crate::sales::row;
use crate::state::State;

/// The maximum number of lines, that of an order.
const MAX_LINES: usize = 100;
/// The maximum length of a reason in characters.
const MAX_REASON: usize = 500;

/// A refund as an admin requests it.
#[derive(Clone, Debug)]
pub struct RefundInput {
    pub order_id: String,
    pub lines: Vec<RefundLineInput>,
    /// Whether shipping is refunded.
    pub shipping: bool,
    /// The amount, instead of that of the lines and shipping.
    pub amount: Option<Decimal>,
    pub reason: Option<String>,
    pub expected_version: Option<i32>,
}

/// The units of a line to refund.
#[derive(Clone, Debug)]
pub struct RefundLineInput {
    pub line_id: String,
    pub quantity: i32,
    /// Whether the units are returned, and put back into stock.
    pub restock: bool,
}

/// Refunds lines, shipping or an amount of an order, and asks the provider. If the provider does not respond, the refund
/// stays pending, and is repeated later.
///
/// # Errors
/// `NOT_FOUND`; `BAD_USER_INPUT` for each invalid field and an amount of 0; `CONFLICT` for more units or a higher amount than
/// are left, and if the version is not the expected one.
pub async fn refund_order(
    state: &State,
    admin: Admin,
    input: RefundInput,
) -> Result<(Model, refund::Model)> {
    let (now, currency) = (state.clock.now(), state.config.shop_currency);
    let mut validator = Validator::default();
    let id: Option<OrderId> = validator.id("orderId", &input.order_id);
    let units = check_lines(&input.lines, &mut validator);
    let amount = input.amount.and_then(|amount| {
        let amount = amount.to_minor(currency, "amount");
        let amount = amount.map_err(|error| error.message().to_owned());
        validator.check("amount", amount)
    });
    if amount.is_some_and(|amount| amount <= 0) {
        validator.check::<()>("amount", Err("The amount must be positive."));
    }
    let reason = input.reason.as_deref().map(str::trim);
    let reason = reason.filter(|reason| !reason.is_empty()).and_then(|text| {
        let text = check_text(text, MAX_REASON);
        validator.check("reason", text)
    });
    let (Some(id), true) = (id, validator.is_valid()) else {
        return Err(validator.refusal());
    };
    let transaction = state.db.begin().await?;
    let order = repository::lock(&transaction, id).await?;
    let order = order.ok_or_else(|| row::missing("orderId", "order"))?;
    let mut order = row::expect(
        Some(order),
        |order| order.version,
        input.expected_version,
        "order",
    )?;
    let all = repository::lines_of(&transaction, id).await?;
    let before = refunded_before(&transaction, id).await?;
    let plan = plan(&order, &all, &before, &units, input.shipping, amount)?;
    check_left(&order, plan.amount, state)?;
    restock(&transaction, state, admin, &order, &all, &units).await?;
    let actor = Some(admin.user());
    let refund = insert(&transaction, state, &mut order, plan, (reason, actor)).await?;
    sums::store(&transaction, state, &mut order).await?;
    let amount = Decimal::from_minor(refund.amount, currency).to_string();
    let entry = Entry::new("refundOrder").about(id);
    let entry = entry.change("refunded", None, amount);
    let entry = entry.change_text("reason", None, refund.reason.as_deref());
    audit::record(&transaction, Actor::Admin(admin), [entry], now).await?;
    transaction.commit().await?;
    send_refund(state, refund.id).await
}

/// Refunds everything that was captured and is not refunded yet, and requests the cancelation of an authorization. Stores
/// the sums of the locked order, and sets them in `order`. After the commit, the caller settles the open payment, if there
/// is one; the provider is asked for the refund by [`send_refund`], or later by any server. Returns the refund, if anything
/// was captured.
pub async fn refund_all(
    transaction: &Transaction,
    state: &State,
    order: &mut Model,
    actor: Option<UserId>,
) -> Result<Option<refund::Model>> {
    payments::request_cancel(transaction, state, order.id).await?;
    let left = left(order);
    if left <= 0 {
        return Ok(None);
    }
    let all = repository::lines_of(transaction, order.id).await?;
    let before = refunded_before(transaction, order.id).await?;
    let units = before.units_left(&all);
    let plan = plan(order, &all, &before, &units, true, Some(left))?;
    let refund = insert(transaction, state, order, plan, (None, actor)).await?;
    repository::update(transaction, order.clone()).await?;
    Ok(Some(refund))
}

/// The units and the shipping that were refunded before.
pub(super) struct RefundedBefore {
    pub(super) lines: Vec<(OrderLineId, i32)>,
    pub(super) shipping: i64,
}

impl RefundedBefore {
    /// Returns the refunded units of a line.
    pub(super) fn units(&self, line: OrderLineId) -> i32 {
        let own = self.lines.iter().filter(|(id, _)| *id == line);
        own.map(|(_, units)| units).sum()
    }

    fn units_left(&self, lines: &[line::Model]) -> Vec<LineUnits> {
        let left = lines.iter().map(|line| LineUnits {
            line: line.id,
            quantity: line.quantity - self.units(line.id),
            restock: false,
        });
        left.filter(|line| line.quantity > 0).collect()
    }
}

pub(super) async fn refunded_before(
    transaction: &Transaction,
    order: OrderId,
) -> Result<RefundedBefore> {
    let refunds = payments::refunds_of_orders(transaction, &[order]).await?;
    let refunds = refunds.into_iter();
    let refunds: Vec<_> = refunds
        .filter(|refund| refund.status != Status::Failed)
        .collect();
    let ids: Vec<_> = refunds.iter().map(|refund| refund.id).collect();
    let lines = payments::lines_of_refunds(transaction, &ids).await?;
    let lines = lines.into_iter().map(|line| (line.line_id, line.quantity));
    Ok(RefundedBefore {
        lines: lines.collect(),
        shipping: refunds.iter().map(|refund| refund.shipping).sum(),
    })
}

fn check_lines(input: &[RefundLineInput], validator: &mut Validator) -> Vec<LineUnits> {
    if input.len() > MAX_LINES {
        let message = format!("At most {MAX_LINES} lines are allowed.");
        validator.check::<()>("lines", Err(message));
        return Vec::new();
    }
    let mut units: Vec<LineUnits> = Vec::new();
    for (index, given) in input.iter().enumerate() {
        let field = format!("lines.{index}.lineId");
        let line: Option<OrderLineId> = validator.id(&field, &given.line_id);
        let is_duplicate = units.iter().any(|unit| Some(unit.line) == line);
        if is_duplicate {
            validator.check::<()>(&field, Err("Each line may be given once."));
        }
        if given.quantity < 1 {
            let field = format!("lines.{index}.quantity");
            validator.check::<()>(&field, Err("The quantity must be at least 1."));
        }
        units.extend(line.map(|line| LineUnits {
            line,
            quantity: given.quantity,
            restock: given.restock,
        }));
    }
    units
}

/// Returns the amount that can still be refunded.
pub fn left(order: &Model) -> i64 {
    order.captured - order.refunded - order.refund_pending
}

fn check_left(order: &Model, amount: i64, state: &State) -> Result<()> {
    let left = left(order);
    if amount <= left {
        return Ok(());
    }
    let left = Decimal::from_minor(left, state.config.shop_currency);
    let message = format!("{left} are left to refund.");
    Err(UserError::new(UserErrorCode::Conflict, "amount", message).into())
}

/// Inserts the refund, for the payment with most left, and sets the sums of the order.
pub(super) async fn insert(
    transaction: &Transaction,
    state: &State,
    order: &mut Model,
    plan: RefundPlan,
    (reason, actor): (Option<String>, Option<UserId>),
) -> Result<refund::Model> {
    let payment = payment_for(transaction, order.id, plan.amount).await?;
    let new = NewRefund {
        order: order.id,
        payment,
        amount: plan.amount,
        shipping: plan.shipping,
        reason,
        actor,
        lines: plan.lines,
    };
    let refund = payments::create_refund(transaction, state, new).await?;
    sums::refresh(transaction, order).await?;
    let event = NewEvent {
        actor,
        data: json!({"refundId": refund.id.encode(), "amount": refund.amount}),
        ..NewEvent::public(Kind::RefundCreated)
    };
    record(transaction, state, order.id, event).await?;
    Ok(refund)
}

/// Returns the payment that is refunded. An order has one captured payment, because a payment is made only when no other one
/// is open or captured.
async fn payment_for(transaction: &Transaction, order: OrderId, amount: i64) -> Result<PaymentId> {
    let all = payments::of_orders(transaction, &[order]).await?;
    let ids: Vec<_> = all.iter().map(|payment| payment.id).collect();
    let ledgers = ledgers_of(transaction, &ids).await?;
    let left = ledgers
        .into_iter()
        .map(|(id, ledger)| (ledger.captured - ledger.refunded, id));
    let most = left.max().filter(|(left, _)| *left >= amount);
    most.map(|(_, id)| id).ok_or_else(|| {
        let message = "No payment of the order has this amount left.";
        UserError::new(UserErrorCode::Conflict, "amount", message).into()
    })
}

/// Counts units as returned, and puts those of tracked variants back into stock.
async fn restock(
    transaction: &Transaction,
    state: &State,
    admin: Admin,
    order: &Model,
    all: &[line::Model],
    units: &[LineUnits],
) -> Result<()> {
    let mut put = Vec::new();
    for (index, given) in units.iter().enumerate() {
        let line = all.iter().find(|line| line.id == given.line);
        let Some(line) = line.filter(|_| given.restock) else {
            continue;
        };
        let left = line.fulfilled - line.returned;
        if given.quantity > left {
            let field = format!("lines.{index}.quantity");
            let message = format!("{left} units are fulfilled and can be put back into stock.");
            let error = UserError::new(UserErrorCode::Conflict, field.as_str(), message);
            return Err(error.into());
        }
        lines::add_returned(transaction, line.id, given.quantity).await?;
        if line.tracked {
            put.push((line.variant_id, i64::from(given.quantity)));
        }
    }
    if put.is_empty() {
        return Ok(());
    }
    let actor = Some(admin.user());
    put_back(transaction, state, order.id.0, actor, &put).await
}
