//! Functions of the search on PostgreSQL, anew: they do not rely on a small sample for rare words, and a tier may exclude
//! three others.

use crate::m20261130_071_faster_search::replace;
use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let functions = include_str!("m20261130_073_search_samples.sql");
        replace(manager, &NAMES, functions).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let functions = include_str!("m20261130_071_faster_search.sql");
        replace(manager, &NAMES, functions).await
    }
}

/// The functions, before and after.
const NAMES: [&str; 6] = ["page", "narrow", "scanned", "indexed", "is_tier", "sampled"];
