//! Writes the full-text index.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};
use uuid::Uuid;

use super::position::{Bucket, rowid};
use super::tiers::fields;
use super::{BUCKET, GENERATION, Index, ROWID, SEQ};
use crate::catalog::search::{Document, lexicon};
use crate::infra::database::Transaction;
use crate::infra::database::parameters::parameter;

/// Rows per statement, each with at most six parameters. SQLite allows 32,766.
const CHUNK: usize = 1_000;

/// An entry of the index.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: Uuid,
    pub document: Document,
    /// The bucket of a new entry. Existing entries keep theirs.
    pub bucket: Bucket,
}

impl Index {
    /// Creates or replaces entries in these generations and adds their words to the lexicon. Existing entries keep
    /// their position.
    pub async fn put(
        &self,
        transaction: &Transaction,
        entries: &[Entry],
        generations: &[i32],
    ) -> Result<(), DbErr> {
        for chunk in entries.chunks(CHUNK) {
            let positions = self.put_rows(transaction, chunk, generations).await?;
            for generation in generations {
                if transaction.get_database_backend() == DbBackend::Postgres {
                    self.put_vectors(transaction, chunk, &positions, *generation)
                        .await?;
                } else {
                    self.put_words(transaction, chunk, &positions, *generation)
                        .await?;
                }
            }
            let texts: Vec<_> = chunk.iter().map(|entry| &entry.document).collect();
            lexicon::add_words(transaction, &texts).await?;
        }
        if transaction.get_database_backend() == DbBackend::Postgres && !entries.is_empty() {
            // Each search reads the entries that are not merged.
            let merge = format!("SELECT {}_merge()", self.rows);
            transaction.execute_unprepared(&merge).await?;
        }
        Ok(())
    }

    /// Creates the missing rows, and returns the position of each.
    async fn put_rows(
        &self,
        transaction: &Transaction,
        entries: &[Entry],
        generations: &[i32],
    ) -> Result<HashMap<Uuid, i64>, DbErr> {
        let (rows, owner) = (self.rows, self.owner);
        let backend = transaction.get_database_backend();
        let newest = generations.iter().copied().max().unwrap_or_default();
        let mut values: Vec<Value> = Vec::new();
        let mut placeholders = Vec::new();
        for entry in entries {
            values.push(entry.id.into());
            let id = parameter(backend, values.len());
            placeholders.push(format!("({id}, {}, {newest})", entry.bucket.number()));
        }
        let sql = format!(
            "INSERT INTO {rows} ({owner}, {BUCKET}, {GENERATION}) VALUES {} ON CONFLICT ({owner}) \
             DO UPDATE SET {GENERATION} = excluded.{GENERATION} RETURNING {SEQ}, {owner}, {BUCKET}",
            placeholders.join(", ")
        );
        let insert = Statement::from_sql_and_values(backend, sql, values);
        let mut positions = HashMap::new();
        for row in transaction.query_all_raw(insert).await? {
            let bucket = Bucket::stored(row.try_get("", BUCKET)?);
            let position = bucket.position(row.try_get("", SEQ)?);
            positions.insert(row.try_get("", owner)?, position);
        }
        Ok(positions)
    }

    /// Each word column includes the words of the previous one.
    async fn put_vectors(
        &self,
        transaction: &Transaction,
        entries: &[Entry],
        positions: &HashMap<Uuid, i64>,
        generation: i32,
    ) -> Result<(), DbErr> {
        let (words, owner) = (self.words, self.owner);
        let position = |entry: &Entry| positions.get(&entry.id).copied().unwrap_or_default();
        let column = |text: &dyn Fn(&Entry) -> String| {
            let texts: Vec<_> = entries.iter().map(text).collect();
            Value::from(texts.join("\n"))
        };
        let vectors =
            |words: fn(&Document) -> &[String]| column(&|entry| vector(words(&entry.document)));
        let values = [
            generation.into(),
            column(&|entry| entry.id.to_string()),
            column(&|entry| position(entry).to_string()),
            vectors(|document| fields(document).0),
            vectors(|document| fields(document).1),
            vectors(|document| fields(document).2),
        ];
        let lists = (2..=values.len()).map(|number| format!("string_to_array(${number}, chr(10))"));
        let sql = format!(
            "INSERT INTO {words} ({GENERATION}, {owner}, position, name, name_keys, everything) \
             SELECT $1, owner::uuid, position::bigint, name, name || keys, name || keys || rest FROM (\
             SELECT owner, position, {} FROM unnest({}) AS entry (owner, position, name, keys, rest)) AS entry \
             ON CONFLICT ({owner}, {GENERATION}) DO UPDATE SET position = excluded.position, \
             name = excluded.name, name_keys = excluded.name_keys, everything = excluded.everything",
            // An array of one empty text is an empty array.
            ["name", "keys", "rest"]
                .map(|field| format!("COALESCE({field}, '')::tsvector AS {field}"))
                .join(", "),
            lists.collect::<Vec<_>>().join(", "),
        );
        let insert = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        transaction.execute_raw(insert).await?;
        Ok(())
    }

    async fn put_words(
        &self,
        transaction: &Transaction,
        entries: &[Entry],
        positions: &HashMap<Uuid, i64>,
        generation: i32,
    ) -> Result<(), DbErr> {
        let place = |entry: &Entry| {
            let position = positions.get(&entry.id).copied().unwrap_or_default();
            rowid(generation, position)
        };
        let mut rows: Vec<_> = entries.iter().map(|entry| (place(entry), entry)).collect();
        // FTS5 flushes its memory to a new segment whenever a rowid is lower than the previous one.
        rows.sort_unstable_by_key(|(rowid, _)| *rowid);
        let mut values: Vec<Value> = Vec::new();
        for (rowid, entry) in rows {
            let (name, keys, description) = fields(&entry.document);
            values.push(rowid.into());
            for words in [name, keys, description] {
                values.push(words.join(" ").into());
            }
        }
        let rows = vec!["(?, ?, ?, ?)"; entries.len()].join(", ");
        let sql = format!(
            "INSERT OR REPLACE INTO {} ({ROWID}, name, keys, description) VALUES {rows}",
            self.words
        );
        let insert = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
        transaction.execute_raw(insert).await?;
        Ok(())
    }

    /// Stores the bucket of entries whose bucket changes. Their words must be written in the same transaction, because
    /// their position changes.
    pub async fn set_buckets(
        &self,
        transaction: &Transaction,
        changes: &[(Uuid, Bucket)],
    ) -> Result<(), DbErr> {
        let mut by_bucket: HashMap<Bucket, Vec<Uuid>> = HashMap::new();
        for (id, bucket) in changes {
            by_bucket.entry(*bucket).or_default().push(*id);
        }
        for (bucket, ids) in by_bucket {
            for ids in ids.chunks(CHUNK) {
                if transaction.get_database_backend() != DbBackend::Postgres {
                    self.delete_words(transaction, ids).await?;
                }
                let update = Query::update()
                    .table(self.rows)
                    .value(BUCKET, bucket.number())
                    .and_where(Expr::col(self.owner).is_in(ids.iter().copied()))
                    .take();
                transaction.execute(&update).await?;
            }
        }
        Ok(())
    }

    /// Deletes the words of these entries in FTS5, which are stored under their position.
    async fn delete_words(&self, transaction: &Transaction, ids: &[Uuid]) -> Result<(), DbErr> {
        let (rows, words, owner) = (self.rows, self.words, self.owner);
        let placeholders = vec!["?"; ids.len()].join(", ");
        let key = |generation: &str| {
            format!("({generation} << 48) + ({rows}.{BUCKET} << 44) + {rows}.{SEQ}")
        };
        let sql = format!(
            "DELETE FROM {words} WHERE {ROWID} IN (\
             SELECT {} FROM {rows}, search_generation WHERE {owner} IN ({placeholders}) UNION ALL \
             SELECT {} FROM {rows}, search_generation WHERE building IS NOT NULL AND {owner} IN ({placeholders}))",
            key("active"),
            key("building"),
        );
        let ids = ids.iter().chain(ids).map(|id| Value::from(*id));
        let delete = Statement::from_sql_and_values(DbBackend::Sqlite, sql, ids);
        transaction.execute_raw(delete).await?;
        Ok(())
    }

    /// Deletes up to `limit` entries of generations that are neither active nor being built. Returns their number.
    ///
    /// Nothing that searches read changes. So the statement first names a table that is no part of the catalog, and
    /// the transaction need not touch any.
    pub async fn delete_outdated(
        &self,
        transaction: &Transaction,
        limit: u64,
    ) -> Result<u64, DbErr> {
        let words = self.words;
        let numbers = "WITH numbers AS (SELECT active, building FROM search_generation)";
        let sql = if transaction.get_database_backend() == DbBackend::Postgres {
            format!(
                "{numbers} DELETE FROM {words} WHERE ctid = ANY(ARRAY(SELECT {words}.ctid FROM {words}, numbers \
                 WHERE {GENERATION} <> active AND {GENERATION} IS DISTINCT FROM building LIMIT {limit}))"
            )
        } else {
            format!(
                "{numbers} DELETE FROM {words} WHERE {ROWID} IN (SELECT {words}.{ROWID} FROM {words}, numbers \
                 WHERE ({words}.{ROWID} >> 48) <> active AND ({words}.{ROWID} >> 48) IS NOT building LIMIT {limit})"
            )
        };
        let backend = transaction.get_database_backend();
        let delete = Statement::from_string(backend, sql);
        Ok(transaction.execute_raw(delete).await?.rows_affected())
    }
}

/// Returns the words as the text of a `tsvector`. They are quoted, because some begin with marks.
fn vector(words: &[String]) -> String {
    let quoted = words.iter().map(|word| {
        let word = word.replace('\\', "\\\\").replace('\'', "''");
        format!("'{word}'")
    });
    quoted.collect::<Vec<_>>().join(" ")
}
