//! Writes the full-text index.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};
use uuid::Uuid;

use super::{Fields, Index, SEQ};
use crate::catalog::search::{Document, lexicon};

/// Rows per statement, each with at most four parameters. SQLite allows 32,766.
const CHUNK: usize = 1_000;

impl Index {
    /// Creates or replaces the index entries of documents and adds their words to the lexicon. Existing entries keep
    /// their position.
    pub async fn put(
        &self,
        db: &impl ConnectionTrait,
        documents: &[(Uuid, Document)],
    ) -> Result<(), DbErr> {
        for chunk in documents.chunks(CHUNK) {
            if db.get_database_backend() == DbBackend::Postgres {
                self.put_vectors(db, chunk).await?;
            } else {
                self.put_words(db, chunk).await?;
            }
            let texts: Vec<_> = chunk.iter().map(|(_, document)| document).collect();
            lexicon::add_words(db, &texts).await?;
        }
        Ok(())
    }

    async fn put_vectors(
        &self,
        db: &impl ConnectionTrait,
        documents: &[(Uuid, Document)],
    ) -> Result<(), DbErr> {
        let (rows, owner) = (self.rows, self.owner);
        let scopes = self.scopes(Fields::All);
        let mut values: Vec<Value> = Vec::new();
        let mut places = Vec::new();
        for (id, document) in documents {
            values.push((*id).into());
            let mut placeholders = format!("(${}", values.len());
            for scope in scopes {
                values.push(scope.words(document).into());
                placeholders = format!("{placeholders}, ${}::text::tsvector", values.len());
            }
            places.push(placeholders + ")");
        }
        let columns: Vec<_> = scopes.iter().map(|scope| scope.column()).collect();
        let changes = columns
            .iter()
            .map(|name| format!("{name} = excluded.{name}"));
        let sql = format!(
            "INSERT INTO {rows} ({owner}, {}) VALUES {} ON CONFLICT ({owner}) DO UPDATE SET {}",
            columns.join(", "),
            places.join(", "),
            changes.collect::<Vec<_>>().join(", "),
        );
        let insert = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        db.execute_raw(insert).await?;
        Ok(())
    }

    async fn put_words(
        &self,
        db: &impl ConnectionTrait,
        documents: &[(Uuid, Document)],
    ) -> Result<(), DbErr> {
        let (rows, owner, words) = (self.rows, self.owner, self.words);
        let places = vec!["(?)"; documents.len()].join(", ");
        let sql = format!(
            "INSERT INTO {rows} ({owner}) VALUES {places} ON CONFLICT ({owner}) \
             DO UPDATE SET {owner} = excluded.{owner} RETURNING {SEQ}, {owner}"
        );
        let ids = documents.iter().map(|(id, _)| (*id).into());
        let insert = Statement::from_sql_and_values(DbBackend::Sqlite, sql, ids);
        let mut places: HashMap<Uuid, i64> = HashMap::new();
        for row in db.query_all_raw(insert).await? {
            places.insert(row.try_get("", owner)?, row.try_get("", SEQ)?);
        }
        let mut values: Vec<Value> = Vec::new();
        for (id, document) in documents {
            values.push(places.get(id).copied().into());
            values.push(document.name.join(" ").into());
            if self.has_sku {
                values.push(document.keys.join(" ").into());
            }
            values.push(document.description.join(" ").into());
        }
        let (columns, row) = if self.has_sku {
            ("rowid, name, sku, description", "(?, ?, ?, ?)")
        } else {
            ("rowid, name, description", "(?, ?, ?)")
        };
        let rows = vec![row; documents.len()].join(", ");
        let sql = format!("INSERT OR REPLACE INTO {words} ({columns}) VALUES {rows}");
        let insert = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
        db.execute_raw(insert).await?;
        Ok(())
    }
}
