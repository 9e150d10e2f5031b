//! Search by meaning: the search index in generations, and the queue of products to be indexed again because something
//! they are found by has changed elsewhere, such as the name of a category.
//!
//! The tables of the previous index (`product_search`, `product_words`, `category_search`, `category_words`) stay:
//! servers of the previous version use them while they are replaced. A later migration drops them.

use crate::prelude::*;

#[derive(Debug)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let is_postgres = manager.get_database_backend() == DbBackend::Postgres;
        let db = manager.get_connection();
        let id = if is_postgres { "UUID" } else { "BLOB" };
        // Without a foreign key: it would lock the products, and one that is deleted meanwhile would be an error.
        let create = format!(
            "CREATE TABLE search_queue (product_id {id} NOT NULL CONSTRAINT search_queue_pkey PRIMARY KEY)"
        );
        db.execute_unprepared(&create).await?;
        for change in COMMON {
            db.execute_unprepared(change).await?;
        }
        for (index, table, owner) in INDEXES {
            let changes = if is_postgres { POSTGRES } else { SQLITE };
            for change in changes {
                let change = change.replace("{index}", index).replace("{table}", table);
                let change = change.replace("{owner}", owner);
                db.execute_unprepared(&change).await?;
            }
        }
        if is_postgres {
            for change in FOLLOW_PREVIOUS_VERSION {
                db.execute_unprepared(change).await?;
            }
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let is_postgres = manager.get_database_backend() == DbBackend::Postgres;
        if is_postgres {
            db.execute_unprepared("DROP TRIGGER product_search_written ON product_search")
                .await?;
            db.execute_unprepared("DROP FUNCTION product_search_written()")
                .await?;
        }
        for (index, ..) in INDEXES {
            if is_postgres {
                for function in ["hits", "name_hits"] {
                    let drop = format!("DROP FUNCTION {index}_{function}(tsquery, bigint)");
                    db.execute_unprepared(&drop).await?;
                }
                let arguments = "text[], tsquery[], bigint[], boolean[], bigint";
                let drop = format!("DROP FUNCTION {index}_top_tiers({arguments})");
                db.execute_unprepared(&drop).await?;
            }
            for table in [format!("{index}_words"), index.to_owned()] {
                db.execute_unprepared(&format!("DROP TABLE {table}"))
                    .await?;
            }
        }
        db.execute_unprepared("DROP INDEX orders_confirmed_at_idx")
            .await?;
        for table in ["leases", "search_generation", "search_queue"] {
            db.execute_unprepared(&format!("DROP TABLE {table}"))
                .await?;
        }
        // The previous version did not see the changes since. It indexes missing rows when it starts.
        for table in ["product_search", "category_search"] {
            db.execute_unprepared(&format!("DELETE FROM {table}"))
                .await?;
        }
        Ok(())
    }
}

/// The name of an index, the indexed table, and the reference to it.
const INDEXES: [(&str, &str, &str); 2] = [
    ("product_index", "products", "product_id"),
    ("category_index", "categories", "category_id"),
];

/// `search_generation` has one row. Searches read the rows of the index with the number `active`; writers write them
/// and those with the number `building`. Empty versions are those of an index that was never built.
///
/// `leases` are tasks that one server performs at a time.
const COMMON: &[&str] = &[
    "CREATE TABLE search_generation (id INTEGER NOT NULL CONSTRAINT search_generation_pkey PRIMARY KEY \
     CONSTRAINT search_generation_id_check CHECK (id = 1), active INTEGER NOT NULL, version TEXT NOT NULL, \
     building INTEGER, building_version TEXT, latest INTEGER NOT NULL, cleaned BOOLEAN NOT NULL)",
    "INSERT INTO search_generation (id, active, version, latest, cleaned) VALUES (1, 1, '', 1, TRUE)",
    "CREATE TABLE leases (name TEXT NOT NULL CONSTRAINT leases_pkey PRIMARY KEY, holder TEXT NOT NULL, \
     expires_at BIGINT NOT NULL)",
    // The popularity of products is that of the last 30 days.
    "CREATE INDEX orders_confirmed_at_idx ON orders (confirmed_at) WHERE status = 'CONFIRMED'",
];

/// `{index}` has the place of each row in the order of creation (`seq`), which stays the same in all generations, what
/// it is preferred by (`bucket`) and the newest generation that has its words. `position` is computed from both: see
/// `src/catalog/search/index/position.rs`.
///
/// Each word column includes the words of the previous one, so that the planner knows for each how many rows contain a
/// word. The index is updated at once (no pending list), so that no writer has to merge the pending entries of many
/// earlier ones.
///
/// The functions return rows that match, in no particular order, and read them from the GIN index whatever the planner
/// expects: its statistics know only the most frequent words, and clients choose the words.
const POSTGRES: &[&str] = &[
    "CREATE TABLE {index} (\
     seq BIGINT GENERATED BY DEFAULT AS IDENTITY CONSTRAINT {index}_pkey PRIMARY KEY, \
     {owner} UUID NOT NULL CONSTRAINT {index}_{owner}_key UNIQUE \
     CONSTRAINT {index}_{owner}_fkey REFERENCES {table} (id) ON DELETE CASCADE, \
     bucket INTEGER NOT NULL, generation INTEGER NOT NULL)",
    "CREATE TABLE {index}_words (generation INTEGER NOT NULL, position BIGINT NOT NULL, \
     {owner} UUID NOT NULL CONSTRAINT {index}_words_{owner}_fkey REFERENCES {index} ({owner}) ON DELETE CASCADE, \
     name TSVECTOR NOT NULL, name_keys TSVECTOR NOT NULL, everything TSVECTOR NOT NULL, \
     CONSTRAINT {index}_words_pkey PRIMARY KEY (generation, position), \
     CONSTRAINT {index}_words_{owner}_key UNIQUE ({owner}, generation))",
    "CREATE INDEX {index}_words_idx ON {index}_words USING gin (name, name_keys, everything) \
     WITH (fastupdate = off)",
    "CREATE FUNCTION {index}_hits(query tsquery, max_rows bigint) RETURNS SETOF {index}_words LANGUAGE sql STABLE \
     ROWS 100 SET enable_seqscan = off SET enable_indexscan = off SET jit = off AS $$ \
     SELECT * FROM {index}_words WHERE everything @@ query \
     AND generation = (SELECT active FROM search_generation) LIMIT max_rows $$",
    "CREATE FUNCTION {index}_name_hits(query tsquery, max_rows bigint) RETURNS SETOF {index}_words LANGUAGE sql STABLE \
     ROWS 100 SET enable_seqscan = off SET enable_indexscan = off SET jit = off AS $$ \
     SELECT * FROM {index}_words WHERE name @@ query \
     AND generation = (SELECT active FROM search_generation) LIMIT max_rows $$",
    // The rows of the first tiers, with their ranks, up to the first tier with more rows, whose number ends the result.
    // `frequent` are tiers that are known to have more.
    "CREATE FUNCTION {index}_top_tiers(columns text[], queries tsquery[], starts bigint[], frequent boolean[], \
     max_rows bigint) RETURNS TABLE (hit uuid, hit_rank bigint, first_big integer) LANGUAGE plpgsql STABLE ROWS 100 \
     SET enable_seqscan = off SET enable_indexscan = off SET jit = off AS $$ \
     DECLARE current integer := (SELECT active FROM search_generation); size bigint; \
     BEGIN FOR tier IN 1 .. cardinality(queries) LOOP \
     size := max_rows + 1; IF NOT frequent[tier] THEN \
     EXECUTE format('SELECT count(*) FROM (SELECT 1 FROM {index}_words WHERE %I @@ $1 AND generation = $2 LIMIT $3) found', \
     columns[tier]) INTO size USING queries[tier], current, max_rows + 1; END IF; \
     IF size > max_rows THEN first_big := tier; hit := NULL; hit_rank := NULL; RETURN NEXT; RETURN; END IF; \
     IF size > 0 THEN \
     RETURN QUERY EXECUTE format('SELECT w.{owner}, w.position + $3, NULL::integer FROM {index}_words w \
     WHERE w.%I @@ $1 AND w.generation = $2 AND NOT EXISTS (SELECT 1 FROM generate_series(1, $4 - 1) better \
     WHERE CASE ($5)[better] WHEN ''name'' THEN w.name WHEN ''name_keys'' THEN w.name_keys ELSE w.everything END \
     @@ ($6)[better])', columns[tier]) USING queries[tier], current, starts[tier], tier, columns, queries; \
     END IF; END LOOP; END $$",
];

/// FTS5 stores the words under the position of their row, without the texts. The first characters of words that people
/// do not type (`~`, `+`, `=`) are characters of words, like all that are not ASCII.
const SQLITE: &[&str] = &[
    "CREATE TABLE {index} (\
     seq INTEGER CONSTRAINT {index}_pkey PRIMARY KEY AUTOINCREMENT, \
     {owner} BLOB NOT NULL CONSTRAINT {index}_{owner}_key UNIQUE \
     CONSTRAINT {index}_{owner}_fkey REFERENCES {table} (id) ON DELETE CASCADE, \
     bucket INTEGER NOT NULL, generation INTEGER NOT NULL)",
    "CREATE VIRTUAL TABLE {index}_words USING fts5(name, keys, description, content='', \
     contentless_delete=1, tokenize=\"ascii tokenchars '~+='\", detail=column, prefix='1 2 3 4')",
    // 48 and 44: see `position.rs`.
    "CREATE TRIGGER {index}_gone AFTER DELETE ON {index} BEGIN \
     DELETE FROM {index}_words WHERE rowid IN (\
     SELECT (active << 48) + (old.bucket << 44) + old.seq FROM search_generation \
     UNION ALL SELECT (building << 48) + (old.bucket << 44) + old.seq FROM search_generation \
     WHERE building IS NOT NULL); END",
];

/// Servers of the previous version write the previous index. The queue makes the new ones index the same products.
const FOLLOW_PREVIOUS_VERSION: &[&str] = &[
    "CREATE FUNCTION product_search_written() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
     INSERT INTO search_queue (product_id) VALUES (new.product_id) ON CONFLICT DO NOTHING; RETURN NULL; END $$",
    "CREATE TRIGGER product_search_written AFTER INSERT OR UPDATE ON product_search \
     FOR EACH ROW EXECUTE FUNCTION product_search_written()",
];
