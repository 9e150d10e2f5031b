//! Settings of the product search.

use clap::Args;

use super::values::{http_address, search_index};
use crate::core::language::Language;
use crate::core::secret::Secret;

/// Settings of the product search.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Search")]
pub struct Search {
    /// Language of the catalog, for the search: an ISO 639-1 code such as `de`. Languages whose words are stemmed: `ar`, `da`,
    /// `de`, `el`, `en`, `es`, `fi`, `fr`, `hu`, `it`, `nl`, `no`, `pt`, `ro`, `ru`, `sv`, `ta`, `tr`. A search in another
    /// language finds words, and beginnings of words, as they are written.
    #[arg(long, env = "SHOP_LANGUAGE", default_value = "en")]
    pub shop_language: Language,

    /// Meilisearch server that searches products, such as `http://localhost:7700`. The database searches while it is filled
    /// and while it does not answer. Default: the database searches.
    #[arg(long, env = "SEARCH_URL", value_parser = http_address)]
    pub search_url: Option<String>,

    /// API key of the Meilisearch server, with the actions `search`, `documents.*`, `indexes.*`, `settings.*`, `tasks.get` and
    /// `stats.get`.
    #[arg(long, env = "SEARCH_KEY", hide_env_values = true)]
    pub search_key: Option<Secret>,

    /// Name of the index on the Meilisearch server. It is filled when the name changes.
    #[arg(long, env = "SEARCH_INDEX", default_value = "wares_products", value_parser = search_index)]
    pub search_index: String,
}
