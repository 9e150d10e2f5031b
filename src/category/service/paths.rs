//! Categories by the names on the way to them, such as `Home > Kitchen`, made when they are missing.

use super::create::{Wanted, add};
use super::tree;
use crate::category::entity::{CategoryId, Model};
use crate::category::list::MAX_LEVEL;
use crate::category::repository;
use crate::clock::Timestamp;
use crate::database::Transaction;
use crate::error::Result;
use crate::text;
use crate::user_error::{UserError, UserErrorCode};

/// What a chain of names leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnsuredPath {
    /// The last one.
    pub id: CategoryId,
    /// How many had to be made, from the last one up.
    pub made: usize,
}

/// Finds the category that these names lead to from the roots down, and makes those that are missing: published, at the
/// end of their siblings. Of siblings, one with exactly this name is taken, else one that differs in case; the first
/// of several.
///
/// Making one locks the tree until the transaction ends, and whoever deletes a category holds that lock while waiting for
/// those who use the category. So call this before the transaction locks or uses any category.
///
/// # Errors
/// `BAD_USER_INPUT` for no name or too many, and for a name that breaks a rule.
pub async fn ensure_path(
    transaction: &Transaction,
    names: &[String],
    now: Timestamp,
) -> Result<EnsuredPath> {
    let names = check(names)?;
    let (mut last, mut found) = follow(transaction, &names).await?;
    if found < names.len() {
        tree::lock(transaction).await?;
        // Somebody may have made some of them, or deleted what was found, before the lock was had.
        (last, found) = follow(transaction, &names).await?;
    }
    for name in &names[found..] {
        let wanted = Wanted {
            name: name.clone(),
            slug: None,
            description: String::new(),
            published: true,
        };
        last = Some(add(transaction, wanted, last.as_ref(), now).await?);
    }
    let made = names.len() - found;
    let id = last.map(|last| last.id);
    let id = id.ok_or_else(|| refused("A category has a name."))?;
    Ok(EnsuredPath { id, made })
}

fn check(names: &[String]) -> Result<Vec<String>> {
    let levels = MAX_LEVEL as usize + 1;
    if names.len() > levels {
        let message = format!("Categories go at most {levels} levels deep.");
        return Err(refused(&message).into());
    }
    let checked = names.iter().map(|name| text::check_name(name));
    let checked: Result<Vec<_>, _> = checked.collect();
    match checked {
        Ok(names) if !names.is_empty() => Ok(names),
        Ok(_) => Err(refused("A category must be named.").into()),
        Err(message) => Err(refused(&format!("The name of a category: {message}")).into()),
    }
}

/// How far these names lead: the last category that there is, and how many there are.
async fn follow(transaction: &Transaction, names: &[String]) -> Result<(Option<Model>, usize)> {
    let mut last: Option<Model> = None;
    for (name, found) in names.iter().zip(0..) {
        let parent = last.as_ref().map(|category| category.id);
        let mut alike = repository::tree::named(transaction, parent, &text::sort_key(name)).await?;
        let folded = name.to_lowercase();
        alike.retain(|category| category.name.to_lowercase() == folded);
        let exact = alike.iter().position(|category| category.name == *name);
        if alike.is_empty() {
            return Ok((last, found));
        }
        last = Some(alike.swap_remove(exact.unwrap_or(0)));
    }
    Ok((last, names.len()))
}

fn refused(message: &str) -> UserError {
    UserError::new(UserErrorCode::BadUserInput, "categories", message)
}
