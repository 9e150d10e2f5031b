//! Lookup of an object by exactly one of its id and its slug.

use crate::core::error::{Error, Result};
use crate::core::id::TypedId;

/// The key of a lookup.
#[derive(Clone, Debug)]
pub enum Lookup<Id> {
    Id(Id),
    Slug(String),
}

impl<Id: TypedId> Lookup<Id> {
    /// Parses the arguments `id` and `slug`.
    pub fn parse(id: Option<&str>, slug: Option<String>) -> Result<Self> {
        match (id, slug) {
            (Some(id), None) => Ok(Self::Id(Id::parse(id, "id")?)),
            (None, Some(slug)) => Ok(Self::Slug(slug)),
            _ => Err(Error::bad_input(
                "id",
                "Pass exactly one of `id` and `slug`.",
            )),
        }
    }
}
