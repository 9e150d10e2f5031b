//! Filter, search and order of lists of users.

use url::Host;

use super::entity::Model;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::pagination::{self, Key, KeyKind, RowPosition};
use crate::core::range::Range;
use crate::core::text;
use crate::core::viewer::Role;

/// Maximum length of a search term in characters.
const MAX_SEARCH: usize = 100;

/// Field to sort by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SortField {
    Name,
    Email,
    #[default]
    CreatedAt,
}

impl pagination::SortField for SortField {
    const LIST: &'static str = "users";
    type Row = Model;

    fn cursor(self) -> (&'static str, KeyKind) {
        match self {
            Self::Name => ("name", KeyKind::Text),
            Self::Email => ("email", KeyKind::Text),
            Self::CreatedAt => ("createdAt", KeyKind::Int),
        }
    }

    fn row_position(self, user: &Model) -> RowPosition {
        let key = match self {
            Self::Name => Key::Text(user.name_key.clone()),
            Self::Email => Key::Text(user.email_key.clone()),
            Self::CreatedAt => Key::Int(user.created_at.0),
        };
        RowPosition::new(key, user.id)
    }
}

/// Filter of users.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    pub role: Option<Role>,
    pub disabled: Option<bool>,
    pub email_verified: Option<bool>,
    pub created_at: Range<Timestamp>,
    pub search: Option<Search>,
}

/// Search term for a part of a name or an email address.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Search {
    pub name: String,
    pub email: String,
}

impl Search {
    /// Parses a search term. Returns `None` for blank text.
    pub fn parse(search: &str, field: &str) -> Result<Option<Self>> {
        // Pasted text may contain line ends.
        let spaced = |character: char| {
            if character.is_whitespace() {
                ' '
            } else {
                character
            }
        };
        let search: String = search.chars().map(spaced).collect();
        text::check_lookup(&search, MAX_SEARCH, field)?;
        let search = search.trim();
        Ok((!search.is_empty()).then(|| Self {
            name: text::sort_key(search),
            email: email_search_key(search),
        }))
    }
}

/// Returns a part of an email address in the form in which addresses are compared.
pub fn email_search_key(search: &str) -> String {
    in_ascii(&text::normalise(&search.to_lowercase()))
}

/// Converts the domain of a partial email address to ASCII, as in its compared form.
fn in_ascii(search: &str) -> String {
    let (local, domain) = match search.rsplit_once('@') {
        Some((local, domain)) => (format!("{local}@"), domain),
        None => (String::new(), search),
    };
    match Host::parse(domain) {
        Ok(Host::Domain(ascii)) if !domain.is_ascii() => local + &ascii,
        _ => search.to_owned(),
    }
}

/// Parameters of one page of users.
pub type List = pagination::List<Filter, SortField>;
