//! Functions of the search on PostgreSQL, anew: rows from the GIN index are tested only until enough belong to a tier.

use crate::m20261130_071_faster_search::replace;
use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let functions = include_str!("m20261130_074_lazy_search.sql");
        replace(manager, &["page", "narrow"], functions).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // `page` and `narrow` as they were, which the previous migration creates with the others.
        let functions = include_str!("m20261130_073_search_samples.sql");
        replace(manager, &NAMES, functions).await
    }
}

/// All functions.
const NAMES: [&str; 8] = [
    "page", "narrow", "tested", "places", "scanned", "indexed", "is_tier", "sampled",
];
