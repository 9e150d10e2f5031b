//! Timestamps: the source of the current time, and how they are stored and formatted.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use sea_orm::DeriveValueType;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// An instant in whole microseconds since 1970-01-01T00:00:00Z.
///
/// Stored as an integer on every database: SQLite's text timestamps sort wrongly, and PostgreSQL's timestamps have no
/// nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, DeriveValueType)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Returns the instant `duration` before this one.
    #[must_use]
    pub fn before(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(micros(duration)))
    }

    /// Returns the instant `duration` after this one.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(micros(duration)))
    }

    /// Returns the time elapsed from `earlier` to this; zero if `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        let micros = self.0.saturating_sub(earlier.0);
        Duration::from_micros(u64::try_from(micros).unwrap_or_default())
    }

    /// Creates a timestamp from seconds since 1970.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Returns the whole seconds since 1970.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Returns the date and time in RFC 3339 format, in UTC with microseconds. `None` outside of the years 0 to 9999.
    pub fn format(self) -> Option<String> {
        let format = format_description!(
            "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z"
        );
        let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000);
        time.ok()?.format(format).ok()
    }

    /// Parses a date and time in RFC 3339 format.
    ///
    /// # Errors
    /// The reason why it is invalid.
    pub fn parse_rfc3339(text: &str) -> Result<Self, &'static str> {
        let parsed =
            OffsetDateTime::parse(text, &Rfc3339).map_err(|_| "not an RFC 3339 date and time")?;
        i64::try_from(parsed.unix_timestamp_nanos().div_euclid(1_000))
            .map(Self)
            .map_err(|_| "out of range")
    }

    /// Returns the whole seconds since 1970 and the remaining nanoseconds.
    pub fn since_epoch(self) -> (u64, u32) {
        let since = Duration::from_micros(u64::try_from(self.0).unwrap_or_default());
        (since.as_secs(), since.subsec_nanos())
    }
}

/// A date and time in RFC 3339 format. Responses are in UTC with microseconds, such as `2026-03-01T12:00:00.000000Z`.
/// Input may have any offset.
#[Scalar(
    name = "DateTime",
    specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339"
)]
impl ScalarType for Timestamp {
    fn parse(value: Value) -> InputValueResult<Self> {
        let Value::String(text) = value else {
            return Err(InputValueError::custom("must be a string"));
        };
        Self::parse_rfc3339(&text).map_err(InputValueError::custom)
    }

    fn to_value(&self) -> Value {
        self.format().map_or(Value::Null, Value::String)
    }
}

/// The source of the current time. Every stored or returned timestamp comes from it.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The system clock.
    System,
    /// A clock for tests that only moves when it is set: microseconds since 1970.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// Returns the current time in microseconds.
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => {
                #[expect(
                    clippy::disallowed_methods,
                    reason = "the only use of the system clock"
                )]
                let now = std::time::SystemTime::now();
                let since = now.duration_since(std::time::UNIX_EPOCH);
                Timestamp(since.map(micros).unwrap_or_default())
            }
            Self::Manual(micros) => Timestamp(micros.load(Ordering::Relaxed)),
        }
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}
