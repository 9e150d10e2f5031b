//! Compares the stored words with those of documents.

use std::collections::{BTreeSet, HashMap};

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};
use uuid::Uuid;

use super::position::{Bucket, POSITION_BITS, SEQ_BITS, rowid};
use super::tiers::{Scope, fields};
use super::{BUCKET, GENERATION, Index, ROWID, SEQ};
use crate::catalog::search::Document;

/// Words per expression of FTS5.
const CHUNK: usize = 100;

impl Index {
    /// Returns for each document of a row how many of its words and of the stored ones are missing in the other. Words at
    /// another position than that of the row are missing.
    pub async fn differing_words(
        &self,
        db: &impl ConnectionTrait,
        generation: i32,
        documents: &[(Uuid, Document)],
    ) -> Result<Vec<usize>, DbErr> {
        if db.get_database_backend() == DbBackend::Postgres {
            return self.differing_vectors(db, generation, documents).await;
        }
        let ids = documents.iter().map(|(id, _)| *id);
        let query = Query::select()
            .columns([self.owner, BUCKET, SEQ])
            .from(self.rows)
            .and_where(Expr::col(self.owner).is_in(ids))
            .take();
        let mut rowids: HashMap<Uuid, i64> = HashMap::new();
        for row in db.query_all(&query).await? {
            let bucket = Bucket::stored(row.try_get("", BUCKET)?);
            let position = bucket.position(row.try_get("", SEQ)?);
            rowids.insert(row.try_get("", self.owner)?, rowid(generation, position));
        }
        let sizes = self.sizes(db, rowids.values().copied()).await?;
        let mut differing = Vec::with_capacity(documents.len());
        for (id, document) in documents {
            let (name, keys, description) = fields(document);
            let expected = name.len() + keys.len() + description.len();
            let stored = rowids
                .get(id)
                .and_then(|rowid| Some((*rowid, sizes.get(rowid)?)));
            let Some((rowid, stored)) = stored else {
                differing.push(expected);
                continue;
            };
            let mut missing = 0;
            for (column, words) in [("name", name), ("keys", keys), ("description", description)] {
                for words in words.chunks(CHUNK) {
                    missing += self.missing(db, rowid, column, words).await?;
                }
            }
            differing.push(missing + (stored + missing).saturating_sub(expected));
        }
        Ok(differing)
    }

    async fn differing_vectors(
        &self,
        db: &impl ConnectionTrait,
        generation: i32,
        documents: &[(Uuid, Document)],
    ) -> Result<Vec<usize>, DbErr> {
        const SCOPES: [Scope; 3] = [Scope::Name, Scope::NameKeys, Scope::Everything];
        let (rows, words, owner) = (self.rows, self.words, self.owner);
        let placeholders: Vec<_> = (1..=documents.len())
            .map(|place| format!("${place}"))
            .collect();
        let columns = SCOPES.map(|scope| {
            let column = scope.column();
            format!("array_to_string(tsvector_to_array({words}.{column}), ' ') AS {column}")
        });
        let sql = format!(
            "SELECT {words}.{owner}, {} FROM {words} INNER JOIN {rows} ON {rows}.{owner} = {words}.{owner} \
             WHERE {words}.{owner} IN ({}) AND {words}.{GENERATION} = {generation} \
             AND {words}.position = ({rows}.{BUCKET}::bigint << {SEQ_BITS}) + {rows}.{SEQ}",
            columns.join(", "),
            placeholders.join(", "),
        );
        let ids = documents.iter().map(|(id, _)| Value::from(*id));
        let query = Statement::from_sql_and_values(DbBackend::Postgres, sql, ids);
        let mut stored: HashMap<Uuid, [String; 3]> = HashMap::new();
        for row in db.query_all_raw(query).await? {
            let mut texts = [const { String::new() }; 3];
            for (text, scope) in texts.iter_mut().zip(SCOPES) {
                *text = row.try_get("", scope.column())?;
            }
            stored.insert(row.try_get("", owner)?, texts);
        }
        let differing = |(id, document): &(Uuid, Document)| {
            let nothing = [const { String::new() }; 3];
            let texts = stored.get(id).unwrap_or(&nothing);
            let of_scope = |(text, scope): (&String, Scope)| {
                let stored: BTreeSet<&str> = text.split_whitespace().collect();
                let expected: BTreeSet<&str> = scope.words(document).into_iter().collect();
                stored.symmetric_difference(&expected).count()
            };
            texts.iter().zip(SCOPES).map(of_scope).max().unwrap_or(0)
        };
        Ok(documents.iter().map(differing).collect())
    }

    /// Returns the number of words of these rows in FTS5.
    async fn sizes(
        &self,
        db: &impl ConnectionTrait,
        rowids: impl Iterator<Item = i64>,
    ) -> Result<HashMap<i64, usize>, DbErr> {
        let query = Query::select()
            .columns(["id", "sz"])
            .from(format!("{}_docsize", self.words))
            .and_where(Expr::col("id").is_in(rowids))
            .take();
        let mut sizes = HashMap::new();
        for row in db.query_all(&query).await? {
            let counts: Vec<u8> = row.try_get("", "sz")?;
            sizes.insert(row.try_get("", "id")?, sum_of_varints(&counts));
        }
        Ok(sizes)
    }

    /// Returns how many of these words a row in FTS5 does not have in a column.
    async fn missing(
        &self,
        db: &impl ConnectionTrait,
        rowid: i64,
        column: &str,
        words: &[String],
    ) -> Result<usize, DbErr> {
        if self.has_words(db, rowid, column, words).await? {
            return Ok(0);
        }
        let mut missing = 0;
        for word in words {
            if !self
                .has_words(db, rowid, column, std::slice::from_ref(word))
                .await?
            {
                missing += 1;
            }
        }
        Ok(missing)
    }

    async fn has_words(
        &self,
        db: &impl ConnectionTrait,
        rowid: i64,
        column: &str,
        words: &[String],
    ) -> Result<bool, DbErr> {
        let quoted: Vec<_> = words
            .iter()
            .map(|word| format!("\"{}\"", word.replace('"', "\"\"")))
            .collect();
        let expression = format!("{{{column}}} : ({})", quoted.join(" AND "));
        let table = self.words;
        let sql = format!("SELECT {ROWID} FROM {table} WHERE {table} MATCH ? AND {ROWID} = ?");
        let values = [expression.into(), rowid.into()];
        let query = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
        Ok(db.query_one_raw(query).await?.is_some())
    }

    /// Returns the number of entries of a generation whose row is gone or is at another position.
    pub async fn count_orphans(
        &self,
        db: &impl ConnectionTrait,
        generation: i32,
    ) -> Result<u64, DbErr> {
        let (rows, words, owner) = (self.rows, self.words, self.owner);
        let backend = db.get_database_backend();
        let position = format!("(CAST({rows}.{BUCKET} AS BIGINT) << {SEQ_BITS}) + {rows}.{SEQ}");
        let sql = if backend == DbBackend::Postgres {
            format!(
                "SELECT count(*) AS orphans FROM {words} WHERE {GENERATION} = {generation} AND NOT EXISTS (\
                 SELECT 1 FROM {rows} WHERE {rows}.{owner} = {words}.{owner} AND {words}.position = {position})"
            )
        } else {
            let (first, end) = (rowid(generation, 0), rowid(generation + 1, 0));
            format!(
                "SELECT count(*) AS orphans FROM {words}_docsize AS entries WHERE id >= {first} AND id < {end} \
                 AND NOT EXISTS (SELECT 1 FROM {rows} WHERE {rows}.{SEQ} = (entries.id & {}) \
                 AND {position} = (entries.id & {}))",
                (1_i64 << SEQ_BITS) - 1,
                (1_i64 << POSITION_BITS) - 1,
            )
        };
        let row = db
            .query_one_raw(Statement::from_string(backend, sql))
            .await?;
        let orphans: i64 = row.map_or(Ok(0), |row| row.try_get("", "orphans"))?;
        Ok(orphans.unsigned_abs())
    }
}

/// Returns the sum of integers in the format of SQLite: seven bits in each byte, which are followed by more if its highest bit
/// is set.
fn sum_of_varints(bytes: &[u8]) -> usize {
    let (mut sum, mut current) = (0, 0);
    for byte in bytes {
        current = (current << 7) | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            sum += current;
            current = 0;
        }
    }
    sum
}
