//! Synonyms of search words.

use crate::columns::{
    boolean, foreign_key, id, index, integer, key_text, length_between, reference, text, timestamp,
    version,
};
use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let synonyms = Table::create()
            .table("search_synonyms")
            .col(id())
            .col(boolean("one_way"))
            .col(key_text("name_key", manager))
            .col(text("analysis"))
            .col(version())
            .col(timestamp("created_at"))
            .col(timestamp("updated_at"))
            .take();
        manager.create_table(synonyms).await?;
        for (name, column) in [
            ("search_synonyms_created_at_idx", "created_at"),
            ("search_synonyms_name_key_idx", "name_key"),
        ] {
            index(manager, "search_synonyms", name, &[column, "id"]).await?;
        }
        let terms = Table::create()
            .table("search_synonym_terms")
            .col(reference("synonym_id"))
            .col(integer("position"))
            .col(text("side"))
            .col(text("text"))
            .col(text("text_key"))
            .col(key_text("key", manager))
            .primary_key(
                Index::create()
                    .name("search_synonym_terms_pkey")
                    .col("synonym_id")
                    .col("position"),
            )
            .foreign_key(&mut foreign_key(
                "search_synonym_terms_synonym_id_fkey",
                ("search_synonym_terms", "synonym_id"),
                "search_synonyms",
                ForeignKeyAction::Cascade,
            ))
            .check(Check::named(
                "search_synonym_terms_side_check",
                Expr::col("side").is_in(["BOTH", "FROM", "TO"]),
            ))
            .check(length_between(
                "search_synonym_terms_text_check",
                "text",
                1,
                100,
            ))
            .take();
        manager.create_table(terms).await?;
        let name = "search_synonym_terms_key_idx";
        index(manager, "search_synonym_terms", name, &["key"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["search_synonym_terms", "search_synonyms"] {
            let drop = Table::drop().table(table).take();
            manager.drop_table(drop).await?;
        }
        Ok(())
    }
}
