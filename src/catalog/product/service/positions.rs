//! The order of the products of a category.

use std::collections::{HashMap, HashSet};

use crate::catalog::category::entity::Model as Category;
use crate::catalog::category::{self, CategoryId};
use crate::catalog::product::entity::ProductId;
use crate::catalog::product::entity::product_category::{Model as Link, UNPLACED};
use crate::catalog::product::repository::positions as repository;
use crate::core::error::{Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::viewer::Admin;
use crate::infra::database::Transaction;
use crate::platform::audit::service::{self as audit, Actor, Entry};
use crate::state::State;

/// The maximum number of products that are moved at once.
const MAX_MOVED: usize = 500;
/// The maximum number of products of a category that are in order.
const MAX_PLACED: usize = 10_000;

/// Moves products of a category behind another one, or to the front. Returns the category.
pub async fn reorder_in_category(
    state: &State,
    admin: Admin,
    category: CategoryId,
    products: &[ProductId],
    after: Option<ProductId>,
) -> Result<Category> {
    check(products, after)?;
    let now = state.clock.now();
    let transaction = state.db.begin().await?;
    // One order at a time.
    let category = category::service::lock(&transaction, category, "categoryId").await?;
    let moved = move_products(&transaction, category.id, products, after).await?;
    if moved.is_empty() {
        return Ok(category);
    }
    repository::set_positions(&transaction, moved).await?;
    let ids: Vec<_> = products.iter().map(|id| id.encode()).collect();
    let entry = Entry::new("reorderCategoryProducts")
        .about(category.id)
        .called(&category.name)
        .change("productIds", None, ids.join(", "))
        .change("afterProductId", None, after.map(TypedId::encode));
    audit::record(&transaction, Actor::Admin(admin), [entry], now).await?;
    transaction.commit().await?;
    Ok(category)
}

fn check(products: &[ProductId], after: Option<ProductId>) -> Result<()> {
    let refuse = |field, message| UserError::new(UserErrorCode::BadUserInput, field, message);
    let distinct: HashSet<_> = products.iter().collect();
    if products.is_empty() || products.len() > MAX_MOVED {
        return Err(refuse("productIds", "Give 1 to 500 products.").into());
    }
    if distinct.len() < products.len() {
        let message = "The ids contain duplicates. List each product once.";
        return Err(refuse("productIds", message).into());
    }
    if after.is_some_and(|after| distinct.contains(&after)) {
        let message = "This is one of the products to move.";
        return Err(refuse("afterProductId", message).into());
    }
    Ok(())
}

/// Returns the links of the category whose positions change.
async fn move_products(
    transaction: &Transaction,
    category: CategoryId,
    products: &[ProductId],
    after: Option<ProductId>,
) -> Result<Vec<Link>> {
    let named: Vec<_> = products.iter().copied().chain(after).collect();
    let mut links = repository::lock_links(transaction, category, &named).await?;
    let positions: HashMap<_, _> = links
        .iter()
        .map(|link| (link.product_id, link.position))
        .collect();
    let missing = |field| {
        let message = "The category does not contain this product.";
        UserError::new(UserErrorCode::NotFound, field, message)
    };
    if !products.iter().all(|id| positions.contains_key(id)) {
        return Err(missing("productIds").into());
    }
    links.retain(|link| link.position < UNPLACED);
    if let Some(after) = after {
        let position = positions.get(&after);
        let position = *position.ok_or_else(|| missing("afterProductId"))?;
        if position == UNPLACED {
            // All products before it get positions, too.
            let limit = MAX_PLACED as u64 + 1;
            let before = repository::lock_unplaced_until(transaction, category, after, limit);
            links.extend(before.await?);
        }
    }
    let moved: HashSet<_> = products.iter().collect();
    let order = links.iter().map(|link| link.product_id);
    let mut order: Vec<_> = order.filter(|id| !moved.contains(id)).collect();
    let is_after = |id: &ProductId| Some(*id) == after;
    let index = order.iter().position(is_after).map_or(0, |index| index + 1);
    order.splice(index..index, products.iter().copied());
    if order.len() > MAX_PLACED {
        let message = "At most 10,000 products of a category can be in order.";
        return Err(UserError::new(UserErrorCode::Conflict, "productIds", message).into());
    }
    let stored: HashMap<_, _> = links
        .iter()
        .map(|link| (link.product_id, link.position))
        .collect();
    let placed = order.into_iter().zip(0..);
    let changed = placed.filter(|(id, position)| stored.get(id) != Some(position));
    Ok(changed
        .map(|(product_id, position)| Link {
            product_id,
            category_id: category,
            position,
        })
        .collect())
}
