//! Moves units of the stock for orders.
//!
//! Locks in this order: rows of products, but only of those whose own row changes; stock levels by the id of the variant.
//! The number of statements does not depend on that of the variants.

use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;

use super::set::VariantSet;
use super::stock::{is_crossing, is_shown_apart};
use crate::catalog::product::ProductId;
use crate::catalog::product::entity::Model;
use crate::catalog::product::entity::stock::level;
use crate::catalog::product::entity::stock::movement::{self, Kind, MovementId};
use crate::catalog::product::entity::variant::VariantId;
use crate::catalog::product::repository::{self, ChangedProduct, variants};
use crate::core::error::Result;
use crate::core::id::TypedId;
use crate::core::viewer::UserId;
use crate::infra::database::{Catalog, StockChange, Transaction};
use crate::state::State;

/// A variant with too few units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfStock {
    pub variant: VariantId,
    /// The units that can be ordered.
    pub left: i64,
}

/// What happens to the units of an order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Movement {
    pub kind: Kind,
    pub order: Uuid,
    pub actor: Option<UserId>,
    /// 1 adds them to the units in the warehouse, -1 subtracts them.
    pub on_hand: i64,
    /// 1 adds them to the promised units, -1 subtracts them.
    pub reserved: i64,
}

impl Movement {
    pub(super) const fn new(kind: Kind, order: Uuid, on_hand: i64, reserved: i64) -> Self {
        Self {
            kind,
            order,
            actor: None,
            on_hand,
            reserved,
        }
    }

    fn apply(&self, level: &level::Model, units: i64) -> level::Model {
        level::Model {
            on_hand: level.on_hand + self.on_hand * units,
            reserved: level.reserved + self.reserved * units,
            ..*level
        }
    }
}

/// Moves units, unless one of the variants has too few.
pub(super) async fn move_units(
    transaction: &Transaction,
    state: &State,
    movement: Movement,
    units: &[(VariantId, i64)],
) -> Result<Vec<OutOfStock>> {
    let ids: Vec<_> = units.iter().map(|(variant, _)| *variant).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let seen = variants::levels_of(transaction, &ids).await?;
    move_seen_units(transaction, state, movement, units, &seen).await
}

/// Moves units, unless one of the variants has too few. `seen` are the levels as they were read before.
pub(super) async fn move_seen_units(
    transaction: &Transaction,
    state: &State,
    movement: Movement,
    units: &[(VariantId, i64)],
    seen: &[level::Model],
) -> Result<Vec<OutOfStock>> {
    // Lines with different attributes may have the same variant.
    let mut by_variant: BTreeMap<VariantId, i64> = BTreeMap::new();
    for (variant, count) in units.iter().filter(|(_, count)| *count > 0) {
        *by_variant.entry(*variant).or_default() += count;
    }
    if by_variant.is_empty() {
        return Ok(Vec::new());
    }
    let Locked { products, pairs } = lock(transaction, &by_variant, movement, seen).await?;
    let missing = missing(&pairs, &by_variant, movement);
    if !missing.is_empty() || pairs.is_empty() {
        return Ok(missing);
    }
    let moved: Vec<_> = pairs
        .iter()
        .map(|(level, _)| (level.variant_id, by_variant[&level.variant_id]))
        .collect();
    let signs = (movement.on_hand, movement.reserved);
    variants::move_units(transaction, &moved, signs).await?;
    let now = state.clock.now();
    let rows = moved.iter().map(|(variant, count)| movement::Model {
        id: MovementId::generate(now),
        variant_id: *variant,
        kind: movement.kind,
        on_hand_delta: movement.on_hand * count,
        reserved_delta: movement.reserved * count,
        order_id: Some(movement.order),
        actor_id: movement.actor,
        note: None,
        at: now,
    });
    variants::insert_movements(transaction, rows.collect()).await?;
    touch(transaction, state, &pairs, &products).await?;
    save_products(transaction, products).await?;
    Ok(Vec::new())
}

/// A level before and after the movement.
type Pair = (level::Model, level::Model);

/// What a movement changes.
struct Locked {
    /// The products whose own row may change.
    products: HashMap<ProductId, Model>,
    pairs: Vec<Pair>,
}

/// Locks the levels, and before them the products whose own row changes. Only the levels tell which these are: if others
/// have changed them meanwhile, so that it is one more, the locks are released and taken again.
async fn lock(
    transaction: &Transaction,
    units: &BTreeMap<VariantId, i64>,
    movement: Movement,
    seen: &[level::Model],
) -> Result<Locked> {
    let ids: Vec<_> = units.keys().copied().collect();
    let mut own = with_own_changes(&changed(seen, units, movement), movement);
    loop {
        let part = transaction.begin_nested().await?;
        let products = lock_products(&part, &own).await?;
        let levels = variants::lock_levels_of(&part, &ids).await?;
        let pairs = changed(&levels, units, movement);
        let needed = with_own_changes(&pairs, movement);
        let is_complete = needed.iter().all(|id| products.contains_key(id));
        if is_complete || !missing(&pairs, units, movement).is_empty() {
            part.commit().await?;
            return Ok(Locked { products, pairs });
        }
        part.rollback().await?;
        own.extend(needed);
        own.sort_unstable();
        own.dedup();
    }
}

/// Returns the levels before and after the movement, by the id of the variant.
fn changed(
    levels: &[level::Model],
    units: &BTreeMap<VariantId, i64>,
    movement: Movement,
) -> Vec<Pair> {
    let pair = |level: &level::Model| {
        let units = units.get(&level.variant_id)?;
        Some((*level, movement.apply(level, *units)))
    };
    levels.iter().filter_map(pair).collect()
}

/// Returns the variants that the movement asks more of than there is.
fn missing(
    pairs: &[Pair],
    units: &BTreeMap<VariantId, i64>,
    movement: Movement,
) -> Vec<OutOfStock> {
    if movement.kind == Kind::Reserved {
        let levels: HashMap<_, _> = pairs
            .iter()
            .map(|pair| (pair.0.variant_id, pair.0))
            .collect();
        let short = units.iter().filter_map(|(variant, count)| {
            let level = levels.get(variant);
            let left = level.map_or(0, |level| level.orderable().max(0));
            (left < *count).then_some(OutOfStock {
                variant: *variant,
                left,
            })
        });
        return short.collect();
    }
    let short = pairs.iter().filter(|(_, after)| after.on_hand < 0);
    let short = short.map(|(before, _)| OutOfStock {
        variant: before.variant_id,
        left: before.on_hand,
    });
    short.collect()
}

/// Returns the products whose own row may change: it has the units in the warehouse, and whether the product can be
/// ordered.
fn with_own_changes(pairs: &[Pair], movement: Movement) -> Vec<ProductId> {
    let pairs = pairs
        .iter()
        .filter(|(before, after)| movement.on_hand != 0 || is_crossing(before, after));
    let products: HashSet<_> = pairs.map(|(level, _)| level.product_id).collect();
    products.into_iter().collect()
}

async fn lock_products(
    transaction: &Transaction,
    products: &[ProductId],
) -> Result<HashMap<ProductId, Model>> {
    if products.is_empty() {
        return Ok(HashMap::new());
    }
    let locked = repository::lock_many(transaction, products).await?;
    Ok(locked.into_iter().map(|row| (row.id, row)).collect())
}

/// Marks the parts of the catalog that show the levels as changed.
async fn touch(
    transaction: &Transaction,
    state: &State,
    pairs: &[Pair],
    saved: &HashMap<ProductId, Model>,
) -> Result<()> {
    let low_stock = state.config.shop_low_stock;
    let mut by_product: HashMap<ProductId, Vec<&Pair>> = HashMap::new();
    for pair in pairs {
        by_product.entry(pair.0.product_id).or_default().push(pair);
    }
    let products: Vec<_> = by_product.keys().copied().collect();
    let counts = variants::variant_counts(transaction, &products).await?;
    let counts: HashMap<_, _> = counts.into_iter().collect();
    for (product, pairs) in by_product {
        let count = counts.get(&product).copied().unwrap_or_default();
        let is_apart = |(before, after): &&Pair| is_shown_apart(count, before, after, low_stock);
        if pairs.iter().copied().any(|pair| is_apart(&pair)) {
            repository::touch_product(transaction, product);
        } else if !saved.contains_key(&product) {
            let units = |level: fn(&Pair) -> &level::Model| {
                let units: i64 = pairs.iter().map(|pair| level(pair).available()).sum();
                i32::try_from(units).unwrap_or(i32::MAX)
            };
            let change = StockChange {
                before: units(|pair| &pair.0),
                after: units(|pair| &pair.1),
            };
            transaction.touch(Catalog::Stock(product.into(), change));
        }
    }
    Ok(())
}

/// Writes what lists read of the levels to the rows of locked products. An order does not count their versions.
async fn save_products(
    transaction: &Transaction,
    products: HashMap<ProductId, Model>,
) -> Result<()> {
    if products.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = products.keys().copied().collect();
    let sets = VariantSet::read_many(transaction, &ids).await?;
    let changed = products.into_iter().map(|(id, before)| {
        let mut after = before.clone();
        if let Some(set) = sets.get(&id) {
            set.summarize(&mut after);
        }
        ChangedProduct { before, after }
    });
    Ok(repository::save_many(transaction, changed.collect()).await?)
}
