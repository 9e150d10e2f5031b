//! Settings of the product search.

use clap::Args;

use crate::core::language::Language;

/// Settings of the product search.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Server and shop")]
pub struct Search {
    /// Language of the catalog, for the search: an ISO 639-1 code such as `de`. Languages whose words are stemmed: `ar`, `da`,
    /// `de`, `el`, `en`, `es`, `fi`, `fr`, `hu`, `it`, `nl`, `no`, `pt`, `ro`, `ru`, `sv`, `ta`, `tr`. A search in another
    /// language finds words, and beginnings of words, as they are written.
    #[arg(long, env = "SHOP_LANGUAGE", default_value = "en")]
    pub shop_language: Language,
}
