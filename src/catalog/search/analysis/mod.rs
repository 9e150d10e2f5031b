//! Analysis of texts: words, their folded letters, stems and other forms. Without I/O.

pub mod arabic;
pub mod compounds;
pub mod fold;
pub mod forms;
pub mod japanese;
pub mod joins;
pub mod stems;
pub mod stop_words;
pub mod tokens;
