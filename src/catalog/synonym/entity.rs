//! Rows of `search_synonyms`, and in the submodule those of `search_synonym_terms`.

use sea_orm::entity::prelude::*;

use crate::core::clock::Timestamp;

crate::typed_id!(
    /// The id of a synonym.
    SynonymId,
    "syn",
    "search synonym"
);

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "search_synonyms")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: SynonymId,
    pub one_way: bool,
    /// The sort key of the first term.
    pub name_key: String,
    /// The version of the analyzer that the keys of the terms were made by.
    pub analysis: String,
    pub version: i32,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

crate::no_relations!();

/// A term of a synonym.
pub mod term {
    use sea_orm::entity::prelude::*;

    use super::SynonymId;

    /// The searches that a term applies to.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Text")]
    pub enum Side {
        /// Finds the other terms, and is found by them.
        #[sea_orm(string_value = "BOTH")]
        Both,
        /// Finds the terms of [`Side::To`].
        #[sea_orm(string_value = "FROM")]
        From,
        #[sea_orm(string_value = "TO")]
        To,
    }

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "search_synonym_terms")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub synonym_id: SynonymId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i32,
        pub side: Side,
        pub text: String,
        /// The text in lower case, for lists.
        pub text_key: String,
        /// The analyzed words, separated by spaces.
        pub key: String,
    }

    crate::no_relations!();
}
