//! Relay connections over keyset cursors (<https://relay.dev/graphql/connections.htm>).
//!
//! A cursor holds the place of a row: the value it is ordered by and its id, which breaks ties. The next page is
//! "everything after that place", so page 5,000 costs what page 1 costs, and rows that come or go between two pages
//! neither repeat nor hide others. A checksum over the place and the list it belongs to refuses foreign and altered
//! cursors.

mod connection;
mod cursor;
#[cfg(fuzzing)]
pub mod fuzzing;
mod sort;

pub use connection::{Connection, Count};
pub use sort::{Sort, SortDirection, SortField};

use uuid::Uuid;

use self::cursor::{Cursor, CursorOrder};
use crate::core::error::{Error, Result};

/// How many items a page has when the client does not say.
pub const DEFAULT_PAGE: u32 = 20;
/// How many items a page has at the most.
pub const MAX_PAGE: u32 = 100;

/// How far lists are counted.
pub const MAX_TOTAL: i64 = 10_000;

/// How many items a list has, counted up to [`MAX_TOTAL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    pub count: i64,
    /// Whether there are no more.
    pub is_exact: bool,
}

impl Default for Total {
    fn default() -> Self {
        Self::of(0)
    }
}

impl Total {
    /// The total of a list of which so many items were found, when one beyond the bound was looked for too.
    pub const fn of(found: i64) -> Self {
        if found > MAX_TOTAL {
            Self {
                count: MAX_TOTAL,
                is_exact: false,
            }
        } else {
            Self {
                count: found,
                is_exact: true,
            }
        }
    }
}

/// The value a row is ordered by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    Int(i64),
    Text(String),
}

/// The kinds of [`Key`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    Int,
    Text,
}

/// The place of a row in a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    pub key: Key,
    pub id: Uuid,
}

impl Place {
    /// The place of the row with this id.
    pub fn new(key: Key, id: impl Into<Uuid>) -> Self {
        let id = id.into();
        Self { key, id }
    }
}

/// One page of a list: which rows, in which order, from where to where.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct List<T, F> {
    pub filter: T,
    pub sort: Sort<F>,
    pub paging: Paging,
}

impl<T, F: SortField> List<T, F> {
    /// Checks what a client sent.
    pub fn parse(filter: T, sort: Sort<F>, page: PageArgs) -> Result<Self> {
        Ok(Self {
            filter,
            sort,
            paging: page.check(&sort.cursor_order())?,
        })
    }
}

/// The paging arguments of a connection, as the client sent them.
#[derive(Clone, Debug, Default)]
pub struct PageArgs {
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
}

/// One page asked for, understood and in bounds.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Paging {
    pub limit: u32,
    /// From the end towards the start.
    pub backward: bool,
    pub after: Option<Place>,
    pub before: Option<Place>,
}

/// The size of a page, when it is in bounds.
pub fn check_size(size: i32, field: &str) -> Result<u32> {
    match u32::try_from(size) {
        Ok(size @ 1..=MAX_PAGE) => Ok(size),
        _ => Err(Error::bad_input(
            field,
            format!("`{field}` must be from 1 to {MAX_PAGE}."),
        )),
    }
}

impl PageArgs {
    /// The arguments `first`, `after`, `last` and `before`.
    pub const fn new(
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Self {
        Self {
            first,
            after,
            last,
            before,
        }
    }

    /// Checks the arguments; the cursors must be of this order.
    fn check(self, order: &CursorOrder) -> Result<Paging> {
        let (limit, backward) = match (self.first, self.last) {
            (Some(_), Some(_)) => {
                return Err(Error::bad_input(
                    "last",
                    "Give `first` or `last`, not both.",
                ));
            }
            (None, Some(count)) => (check_size(count, "last")?, true),
            (Some(count), None) => (check_size(count, "first")?, false),
            (None, None) => (DEFAULT_PAGE, false),
        };
        let place = |cursor: Option<String>, field: &str| {
            let decode = |text: String| {
                Cursor::decode(&text, order).ok_or_else(|| {
                    Error::bad_input(field, "This cursor is not from this list and order.")
                })
            };
            cursor.map(decode).transpose()
        };
        Ok(Paging {
            limit,
            backward,
            after: place(self.after, "after")?,
            before: place(self.before, "before")?,
        })
    }
}

/// A row of a list that can be ordered by how well its rows fit a search.
#[derive(Clone, Debug)]
pub struct Ranked<T> {
    pub row: T,
    /// The smaller, the better it fits. Nothing in lists of another order.
    pub rank: Option<i64>,
}

/// A page of rows, in the order of the list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    pub rows: Vec<T>,
    pub has_previous: bool,
    pub has_next: bool,
}

impl Paging {
    /// How many rows to read: one more than the page shows tells whether there are others.
    pub fn rows_to_read(&self) -> u64 {
        u64::from(self.limit) + 1
    }

    /// Makes the page of the rows that were read, which run backward when the page does.
    pub fn page<T>(&self, mut rows: Vec<T>) -> Page<T> {
        let more = rows.len() > self.limit as usize;
        rows.truncate(self.limit as usize);
        if self.backward {
            rows.reverse();
            Page {
                rows,
                has_previous: more,
                has_next: self.before.is_some(),
            }
        } else {
            Page {
                rows,
                has_previous: self.after.is_some(),
                has_next: more,
            }
        }
    }
}
