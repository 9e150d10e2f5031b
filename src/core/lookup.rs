//! One thing by its id or by its slug: exactly one of the two.

use crate::core::error::{Error, Result};
use crate::core::id::TypedId;

/// What a client looks a thing up by.
#[derive(Clone, Debug)]
pub enum Lookup<Id> {
    Id(Id),
    Slug(String),
}

impl<Id: TypedId> Lookup<Id> {
    /// Understands the arguments `id` and `slug`.
    pub fn parse(id: Option<&str>, slug: Option<String>) -> Result<Self> {
        match (id, slug) {
            (Some(id), None) => Ok(Self::Id(Id::parse(id, "id")?)),
            (None, Some(slug)) => Ok(Self::Slug(slug)),
            _ => Err(Error::bad_input("id", "Give either `id` or `slug`.")),
        }
    }
}
