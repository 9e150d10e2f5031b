//! Synonyms of search words: words that find each other (`sofa`, `couch`), or words that also find others (`tablet` finds
//! `slate`).
//!
//! They are applied when a text is searched for, not when it is indexed, so that a change works at once. A term is
//! stored with its key: its analyzed words, by which searches look it up. Keys of another version of the analyzer are
//! replaced at the start of a server.

pub mod entity;
pub mod graphql;
pub mod list;
pub mod repository;
pub mod service;

pub use entity::SynonymId;
