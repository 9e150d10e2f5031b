//! A Meilisearch server, which searches the products of a shop that has outgrown the search of its database.
//!
//! It stores a [`Document`] for each product and answers with IDs only: the database filters, counts and returns the
//! products. While it does not answer, the database searches.

mod health;
mod http;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use meilisearch_sdk::client::Client;
use meilisearch_sdk::errors::{Error, ErrorCode, MeilisearchError};
use meilisearch_sdk::indexes::Index;
use meilisearch_sdk::search::{MatchingStrategies, SearchQuery, Selectors};
use meilisearch_sdk::settings::{LocalizedAttributes, PaginationSetting, Settings};
use meilisearch_sdk::tasks::Task;
use serde::{Deserialize, Serialize};
use tokio::time::timeout;
use uuid::Uuid;

use self::health::Health;
use self::http::Http;
use crate::config::Search;
use crate::core::language::Language;

/// The maximum number of results of a search.
pub const MAX_HITS: usize = 1_000;
/// The maximum duration of a search. Then the database searches.
const SEARCH_TIMEOUT: Duration = Duration::from_millis(500);

/// The search engine. Cheap to clone.
#[derive(Clone)]
pub struct SearchEngine(Arc<Parts>);

struct Parts {
    client: Client<Http>,
    index: Index<Http>,
    health: Health,
}

impl fmt::Debug for SearchEngine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SearchEngine")
    }
}

/// What the engine knows of a product.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Document {
    pub id: Uuid,
    pub name: String,
    /// SKUs and barcodes.
    pub codes: Vec<String>,
    /// The brand, tags, option values, names of categories, attributes.
    pub labels: Vec<String>,
    pub description: String,
}

/// Synonyms: each word or phrase with those that it also finds.
pub type Synonyms = std::collections::HashMap<String, Vec<String>>;

/// The state of a change that the engine accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    Pending,
    Done,
    /// With the reason.
    Failed(String),
}

/// A failure of the engine, in words that hold no secret.
#[derive(Debug)]
pub enum EngineError {
    /// The index does not exist: the engine has lost its data, or it is new.
    NoIndex,
    Other(Error),
}

impl fmt::Display for EngineError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoIndex => formatter.write_str("the index does not exist"),
            Self::Other(error) => {
                // Its messages may have several lines.
                formatter.write_str(&error.to_string().replace('\n', " "))
            }
        }
    }
}

impl std::error::Error for EngineError {}

impl From<Error> for EngineError {
    fn from(error: Error) -> Self {
        match error {
            Error::Meilisearch(MeilisearchError {
                error_code: ErrorCode::IndexNotFound | ErrorCode::TaskNotFound,
                ..
            }) => Self::NoIndex,
            other => Self::Other(other),
        }
    }
}

/// The number of a task, as the client takes it.
struct TaskNumber(u32);

impl AsRef<u32> for TaskNumber {
    fn as_ref(&self) -> &u32 {
        &self.0
    }
}

#[derive(Deserialize)]
struct Hit {
    id: Uuid,
}

impl SearchEngine {
    /// Returns the engine of these settings, without connecting. `None` if there is none.
    pub fn new(settings: &Search) -> Option<Self> {
        let url = settings.search_url.clone()?;
        let key = settings.search_key.clone();
        let http = Http::new(key);
        let client = Client::new_with_client(url, None::<String>, http);
        let index = client.index(&settings.search_index);
        let health = Health::default();
        Some(Self(Arc::new(Parts {
            client,
            index,
            health,
        })))
    }

    /// Records whether the engine holds all products. Until then the database searches.
    pub fn set_filled(&self, is_filled: bool) {
        self.0.health.set_filled(is_filled);
    }

    /// Searches products that match all words, best first. Returns `None` if the database has to: the engine is being
    /// filled, or it does not answer.
    pub async fn search(&self, text: &str) -> Option<Vec<Uuid>> {
        let health = &self.0.health;
        if !health.may_ask() {
            return None;
        }
        let found = timeout(SEARCH_TIMEOUT, self.hits(text)).await;
        let error = match found {
            Ok(Ok(hits)) => {
                if health.succeed() {
                    tracing::info!("the search engine answers again");
                }
                return Some(hits);
            }
            Ok(Err(error)) => EngineError::from(error).to_string(),
            Err(_) => "timed out".to_owned(),
        };
        if health.fail() {
            tracing::warn!(
                error,
                "the search engine does not answer: the database searches"
            );
        }
        None
    }

    async fn hits(&self, text: &str) -> Result<Vec<Uuid>, Error> {
        let mut query = SearchQuery::new(&self.0.index);
        query
            .with_query(text)
            .with_limit(MAX_HITS)
            .with_attributes_to_retrieve(Selectors::Some(&["id"]))
            .with_matching_strategy(MatchingStrategies::ALL);
        let found = query.execute::<Hit>().await?;
        Ok(found.hits.into_iter().map(|hit| hit.result.id).collect())
    }

    /// Sets how the index searches. Creates it if it does not exist. Returns the number of the task.
    pub async fn configure(
        &self,
        language: Language,
        synonyms: Synonyms,
    ) -> Result<u32, EngineError> {
        let fields = ["name", "codes", "labels", "description"];
        let settings = Settings::new()
            .with_searchable_attributes(fields)
            .with_displayed_attributes(["id"])
            .with_pagination(PaginationSetting {
                max_total_hits: MAX_HITS,
            })
            .with_synonyms(synonyms);
        let settings = localized(settings, language);
        let task = self.0.index.set_settings(&settings).await?;
        Ok(task.task_uid)
    }

    /// Adds or replaces documents, in the order of the calls. Returns the number of the task.
    pub async fn put(&self, documents: &[Document]) -> Result<u32, EngineError> {
        let task = self.0.index.add_or_replace(documents, Some("id")).await?;
        Ok(task.task_uid)
    }

    /// Deletes documents. Returns the number of the task.
    pub async fn delete(&self, products: &[Uuid]) -> Result<u32, EngineError> {
        let task = self.0.index.delete_documents(products).await?;
        Ok(task.task_uid)
    }

    /// Returns the state of a task.
    pub async fn progress(&self, task: u32) -> Result<Progress, EngineError> {
        Ok(match self.0.client.get_task(TaskNumber(task)).await? {
            Task::Succeeded { .. } => Progress::Done,
            Task::Failed { content } => Progress::Failed(content.error.to_string()),
            Task::Enqueued { .. } | Task::Processing { .. } => Progress::Pending,
        })
    }

    /// Returns the number of products that the index holds.
    pub async fn count(&self) -> Result<usize, EngineError> {
        Ok(self.0.index.get_stats().await?.number_of_documents)
    }
}

/// Names the language of texts without spaces, which the characters alone do not tell. The engine recognizes others.
fn localized(settings: Settings, language: Language) -> Settings {
    let locale = match language.code() {
        "ja" => "jpn",
        "ko" => "kor",
        "zh" => "cmn",
        _ => return settings,
    };
    settings.with_localized_attributes([LocalizedAttributes {
        locales: vec![locale.to_owned()],
        attribute_patterns: vec!["*".to_owned()],
    }])
}
