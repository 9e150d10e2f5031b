//! Adding lines to a cart and changing their quantities.

use super::attributes::{self, Attribute, Attributes};
use super::contents::Cart;
use super::draft::Draft;
use crate::catalog::product::entity::variant::VariantId;
use crate::core::clock::Timestamp;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::money::MAX_MINOR;
use crate::core::validation::Validator;
use crate::core::viewer::Buyer;
use crate::infra::database::Transaction;
use crate::sales::cart::entity::line::{self, LineId};
use crate::state::State;

/// The maximum number of lines of a cart.
pub const MAX_LINES: usize = 100;
/// The maximum quantity of a line.
pub const MAX_QUANTITY: i32 = 10_000;

/// A line to add, as a client sent it.
#[derive(Clone, Debug)]
pub struct LineInput {
    pub variant_id: String,
    pub quantity: i32,
    pub attributes: Vec<Attribute>,
}

/// The new quantity of a line, as a client sent it. 0 removes the line.
#[derive(Clone, Debug)]
pub struct LineUpdate {
    pub line_id: String,
    pub quantity: i32,
}

/// A valid line to add.
#[derive(Clone, Debug)]
pub struct NewLine {
    /// The index in the input.
    index: usize,
    variant: VariantId,
    quantity: i32,
    attributes: Attributes,
}

/// Adds lines to the buyer's cart. A line with the same variant and attributes is counted up.
pub async fn add_lines(state: &State, buyer: Buyer, lines: Vec<LineInput>) -> Result<Cart> {
    let lines = check(lines)?;
    let transaction = state.db.begin().await?;
    let mut draft = Draft::lock(&transaction, state, buyer).await?;
    add(&transaction, &mut draft.cart, lines, state.clock.now()).await?;
    let cart = draft.save(&transaction, state).await?;
    transaction.commit().await?;
    Ok(cart)
}

/// Changes the quantities of lines.
pub async fn update_lines(state: &State, buyer: Buyer, updates: Vec<LineUpdate>) -> Result<Cart> {
    let updates = check_updates(updates)?;
    let transaction = state.db.begin().await?;
    let mut draft = Draft::lock(&transaction, state, buyer).await?;
    set_quantities(&transaction, &mut draft.cart, &updates).await?;
    let cart = draft.save(&transaction, state).await?;
    transaction.commit().await?;
    Ok(cart)
}

/// Checks lines to add.
pub fn check(lines: Vec<LineInput>) -> Result<Vec<NewLine>> {
    let mut validator = Validator::default();
    check_number(&mut validator, lines.len());
    let mut checked = Vec::with_capacity(lines.len());
    for (index, line) in lines.into_iter().enumerate().take(MAX_LINES) {
        let field = |part: &str| format!("lines.{index}.{part}");
        let variant: Option<VariantId> = validator.id(&field("variantId"), &line.variant_id);
        let quantity = validator.check(&field("quantity"), check_quantity(line.quantity, 1));
        let attributes = attributes::check(&mut validator, &field("attributes"), line.attributes);
        if let (Some(variant), Some(quantity), Some(attributes)) = (variant, quantity, attributes) {
            checked.push(NewLine {
                index,
                variant,
                quantity,
                attributes,
            });
        }
    }
    validator.finish()?;
    Ok(checked)
}

/// Adds lines to a cart in memory.
///
/// # Errors
/// For each variant that is not for sale, and for quantities and lines above the maximum.
pub async fn add(
    transaction: &Transaction,
    cart: &mut Cart,
    lines: Vec<NewLine>,
    now: Timestamp,
) -> Result<()> {
    let variants: Vec<_> = lines.iter().map(|line| line.variant).collect();
    cart.load_variants(transaction, &variants).await?;
    let mut validator = Validator::default();
    for new in lines {
        let field = |part: &str| format!("lines.{}.{part}", new.index);
        let Some(price) = cart.price_of(new.variant) else {
            let (code, message) = (UserErrorCode::NotForSale, "This is not for sale.");
            validator.refuse(UserError::new(code, field("variantId").as_str(), message));
            continue;
        };
        let Some(line) = cart.find_line(new.variant, &new.attributes.hash) else {
            cart.push_line(line::Model {
                id: LineId::generate(now),
                cart_id: cart.row.id,
                variant_id: new.variant,
                quantity: new.quantity,
                attributes: new.attributes.json,
                attributes_hash: new.attributes.hash,
                seen_price: price,
                position: 0,
            });
            continue;
        };
        let sum = check_quantity(line.quantity.saturating_add(new.quantity), 1);
        if let Some(quantity) = validator.check(&field("quantity"), sum) {
            line.quantity = quantity;
            line.seen_price = price;
        }
    }
    check_number(&mut validator, cart.lines.len());
    check_amount(&mut validator, cart, 0);
    validator.finish()
}

impl Cart {
    /// Finds the line with this variant and attributes.
    pub fn find_line(
        &mut self,
        variant: VariantId,
        attributes_hash: &[u8],
    ) -> Option<&mut line::Model> {
        let mut lines = self.lines.iter_mut();
        lines.find(|line| line.variant_id == variant && line.attributes_hash == attributes_hash)
    }

    /// Adds a line at the end.
    pub fn push_line(&mut self, line: line::Model) {
        let last = self.lines.last().map_or(-1, |line| line.position);
        let position = last.saturating_add(1);
        self.lines.push(line::Model { position, ..line });
    }
}

fn check_updates(updates: Vec<LineUpdate>) -> Result<Vec<(LineId, i32)>> {
    let mut validator = Validator::default();
    check_number(&mut validator, updates.len());
    let mut checked: Vec<(LineId, i32)> = Vec::with_capacity(updates.len());
    for (index, update) in updates.into_iter().enumerate().take(MAX_LINES) {
        let field = |part: &str| format!("lines.{index}.{part}");
        let id: Option<LineId> = validator.id(&field("lineId"), &update.line_id);
        let quantity = validator.check(&field("quantity"), check_quantity(update.quantity, 0));
        let (Some(id), Some(quantity)) = (id, quantity) else {
            continue;
        };
        if checked.iter().any(|(other, _)| *other == id) {
            validator.check::<()>(&field("lineId"), Err("This line occurs twice."));
        }
        checked.push((id, quantity));
    }
    validator.finish()?;
    Ok(checked)
}

async fn set_quantities(
    transaction: &Transaction,
    cart: &mut Cart,
    updates: &[(LineId, i32)],
) -> Result<()> {
    let is_updated = |line: &&line::Model| updates.iter().any(|(id, _)| *id == line.id);
    let variants = cart.lines.iter().filter(is_updated);
    let variants: Vec<_> = variants.map(|line| line.variant_id).collect();
    cart.load_variants(transaction, &variants).await?;
    let mut validator = Validator::default();
    let before = cart.amount();
    for (index, (id, quantity)) in updates.iter().enumerate() {
        let Some(place) = cart.lines.iter().position(|line| line.id == *id) else {
            let field = format!("lines.{index}.lineId");
            let (code, message) = (UserErrorCode::NotFound, "The cart has no such line.");
            validator.refuse(UserError::new(code, field.as_str(), message));
            continue;
        };
        if *quantity == 0 {
            cart.lines.remove(place);
            continue;
        }
        let price = cart.price_of(cart.lines[place].variant_id);
        let line = &mut cart.lines[place];
        line.quantity = *quantity;
        line.seen_price = price.unwrap_or(line.seen_price);
    }
    check_amount(&mut validator, cart, before);
    validator.finish()
}

fn check_number(validator: &mut Validator, lines: usize) {
    if lines > MAX_LINES {
        let message = format!("At most {MAX_LINES} lines are allowed.");
        validator.check::<()>("lines", Err(message));
    }
}

/// Refuses to raise the amount of a cart above the maximum, with which prices can be calculated.
fn check_amount(validator: &mut Validator, cart: &Cart, before: i128) {
    let amount = cart.amount();
    if amount > MAX_MINOR.into() && amount > before {
        validator.check::<()>("lines", Err("The amount of the cart would be too large."));
    }
}

fn check_quantity(quantity: i32, min: i32) -> Result<i32, String> {
    if (min..=MAX_QUANTITY).contains(&quantity) {
        Ok(quantity)
    } else {
        Err(format!("A quantity is between {min} and {MAX_QUANTITY}."))
    }
}
