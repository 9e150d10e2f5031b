//! Relay connections over keyset cursors (<https://relay.dev/graphql/connections.htm>).
//!
//! A cursor holds the position of a row: its sort key, and its id to break ties. The next page is "all rows after
//! that position". So page 5,000 costs the same as page 1, and rows inserted or deleted between two requests cause
//! neither repeated nor skipped rows. A checksum over the position and the list's order rejects altered cursors and
//! those of other lists.

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

/// The default number of items of a page.
pub const DEFAULT_PAGE: u32 = 20;
/// The maximum number of items of a page.
pub const MAX_PAGE: u32 = 100;

/// The maximum total that is counted.
pub const MAX_TOTAL: i64 = 10_000;

/// The number of items of a list, counted up to [`MAX_TOTAL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Total {
    pub count: i64,
    /// Whether `count` is exact.
    pub is_exact: bool,
}

impl Default for Total {
    fn default() -> Self {
        Self::of(0)
    }
}

impl Total {
    /// Creates a total from the number of items found; one item above [`MAX_TOTAL`] must have been searched for.
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

/// The type of a [`Key`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    Int,
    Text,
}

/// The position of a row in a list.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RowPosition {
    pub key: Key,
    pub id: Uuid,
}

impl RowPosition {
    /// Creates the position of the row with this id.
    pub fn new(key: Key, id: impl Into<Uuid>) -> Self {
        let id = id.into();
        Self { key, id }
    }
}

/// The parameters of one page of a list: filter, order and range.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct List<T, F> {
    pub filter: T,
    pub sort: Sort<F>,
    pub paging: Paging,
}

impl<T, F: SortField> List<T, F> {
    /// Validates the arguments of a list field.
    pub fn parse(filter: T, sort: Sort<F>, page: PageArgs) -> Result<Self> {
        Ok(Self {
            filter,
            sort,
            paging: page.check(&sort.cursor_order())?,
        })
    }
}

/// The four paging arguments of a connection.
#[derive(Clone, Debug, Default)]
pub struct PageArgs {
    first: Option<i32>,
    after: Option<String>,
    last: Option<i32>,
    before: Option<String>,
}

/// Validated paging arguments.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Paging {
    pub limit: u32,
    /// Whether the page is counted from the end of the range.
    pub backward: bool,
    pub after: Option<RowPosition>,
    pub before: Option<RowPosition>,
}

/// Returns the page size if it is in bounds.
pub fn check_page_size(size: i32, field: &str) -> Result<u32> {
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
                    "Pass either `first` or `last`, not both.",
                ));
            }
            (None, Some(count)) => (check_page_size(count, "last")?, true),
            (Some(count), None) => (check_page_size(count, "first")?, false),
            (None, None) => (DEFAULT_PAGE, false),
        };
        let row_position = |cursor: Option<String>, field: &str| {
            let decode = |text: String| {
                Cursor::decode(&text, order).ok_or_else(|| {
                    Error::bad_input(
                        field,
                        "This cursor does not belong to this list in this order.",
                    )
                })
            };
            cursor.map(decode).transpose()
        };
        Ok(Paging {
            limit,
            backward,
            after: row_position(self.after, "after")?,
            before: row_position(self.before, "before")?,
        })
    }
}

/// A row of a list that can be sorted by relevance to a search.
#[derive(Clone, Debug)]
pub struct Ranked<T> {
    pub row: T,
    /// The relevance; smaller is better. `None` in lists of another order.
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
    /// Returns the number of rows to read: one above the limit detects whether there are more.
    pub fn rows_to_read(&self) -> u64 {
        u64::from(self.limit) + 1
    }

    /// Builds the page from the rows read, which are in reverse order if the page is backward.
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
