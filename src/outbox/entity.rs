//! The rows of `outbox`.

use sea_orm::entity::prelude::*;

use crate::clock::Timestamp;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Nobody, for a row that is only there so that writing it takes as long as writing a letter.
    pub recipient: Option<String>,
    pub subject: String,
    pub body: String,
    /// What the code in the letter is made from.
    pub nonce: Option<Vec<u8>>,
    pub attempts: i32,
    pub created_at: Timestamp,
    /// When it is to be sent, or taken back from a server that died over it.
    pub due_at: Timestamp,
    /// When it is out of date.
    pub expires_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
