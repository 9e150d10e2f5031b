//! The rows of `outbox`.

use sea_orm::entity::prelude::*;

use crate::core::clock::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: Kind,
    /// Of a letter. Nobody, for a row that is only there so that writing it takes as long as writing a letter.
    pub recipient: Option<String>,
    /// Of a letter; or what a task is about.
    pub subject: String,
    /// Of a letter; or what else a task needs to know.
    pub body: String,
    /// What the code in the letter is made from.
    pub nonce: Option<Vec<u8>>,
    pub attempts: i32,
    pub created_at: Timestamp,
    /// When it is to be done, or taken back from a server that died over it.
    pub due_at: Timestamp,
    /// When it is out of date.
    pub expires_at: Timestamp,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "UPPERCASE")]
pub enum Kind {
    /// A letter is to be sent.
    Letter,
    /// A picture is to be removed from the store: the subject is its key.
    Delete,
    /// The sizes of a picture are to be made: the subject is its key.
    Resize,
    /// A picture is to be fetched: the subject is the product or the user it is for, the body where
    /// from.
    Fetch,
    /// The pictures of the demo catalogue are to be drawn.
    Demo,
}

impl Kind {
    /// What the log calls it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Letter => "letter",
            Self::Delete => "deletion",
            Self::Resize => "resizing",
            Self::Fetch => "fetch",
            Self::Demo => "demo",
        }
    }
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
