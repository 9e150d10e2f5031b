//! Replaces the keys that another version of the analyzer has made.

use super::edit::lock;
use super::fields::term_key;
use crate::catalog::search::Analyzer;
use crate::catalog::synonym::repository;
use crate::core::error::Result;
use crate::infra::database::Database;

/// Synonyms per statement that reads their terms.
const CHUNK: usize = 500;

/// Replaces outdated keys. Returns the number of synonyms.
pub async fn rebuild_keys(db: &Database) -> Result<usize> {
    let analyzer = Analyzer::new(db.language());
    let version = analyzer.version();
    if !repository::is_outdated(db.reader(), &version).await? {
        return Ok(0);
    }
    let transaction = db.begin().await?;
    lock(&transaction).await?;
    let outdated = repository::all(&transaction).await?.into_iter();
    let outdated: Vec<_> = outdated.filter(|row| row.analysis != version).collect();
    for rows in outdated.chunks(CHUNK) {
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let mut terms = repository::terms_of(&transaction, &ids).await?;
        for term in &mut terms {
            // A term without a word in this language finds nothing.
            term.key = term_key(&term.text, analyzer).unwrap_or_default();
        }
        for row in rows {
            let mut row = row.clone();
            row.analysis.clone_from(&version);
            let own = terms.iter().filter(|term| term.synonym_id == row.id);
            let own = own.cloned().collect();
            repository::update(&transaction, row, own).await?;
        }
    }
    transaction.commit().await?;
    Ok(outdated.len())
}
