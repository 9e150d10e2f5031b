//! Ids: UUIDv7 in the database; prefixed and sortable in the API, such as `prod_01h455vb4pex5vsknk084sn02q`.
//!
//! The text form is TypeID 0.3 (<https://github.com/jetify-com/typeid/tree/main/spec>): a prefix, `_`, and the 128
//! bits in Crockford's base 32, lower case, most significant first.

use uuid::Uuid;

use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 26;

/// An id of one entity type.
pub trait TypedId: Copy + From<Uuid> + Into<Uuid> {
    /// The prefix before the `_`.
    const PREFIX: &'static str;
    /// The name of the entity type in messages, such as "product".
    const LABEL: &'static str;

    /// Generates a new id that sorts by creation time.
    fn generate(now: Timestamp) -> Self {
        uuid_v7(now).into()
    }

    /// Returns the id in its API form.
    fn encode(self) -> String {
        encode(Self::PREFIX, self.into())
    }

    /// Parses an id that a client sent as the argument `field`.
    fn parse(text: &str, field: &str) -> Result<Self> {
        match decode(text) {
            Some((prefix, uuid)) if prefix == Self::PREFIX => Ok(uuid.into()),
            _ => Err(Error::bad_input(
                field,
                format!("This is not the id of a {}.", Self::LABEL),
            )),
        }
    }
}

/// Generates a new UUID that sorts by creation time, to the microsecond: the 12 bits after the milliseconds are
/// the fraction of a millisecond (RFC 9562, 6.2, method 3). So the rows that a transaction inserts one after another keep
/// their order.
pub fn uuid_v7(now: Timestamp) -> Uuid {
    let micros = u64::try_from(now.0).unwrap_or_default();
    let fraction = u16::try_from(micros % 1_000 * 4_096 / 1_000).unwrap_or_default();
    let mut bytes: [u8; 10] = rand::random();
    // The upper four bits are replaced by the version.
    [bytes[0], bytes[1]] = fraction.to_be_bytes();
    uuid::Builder::from_unix_timestamp_millis(micros / 1_000, &bytes).into_uuid()
}

/// Formats an id in its text form.
pub fn encode(prefix: &str, uuid: Uuid) -> String {
    let mut bits = uuid.as_u128();
    let mut suffix = [0; LENGTH];
    for place in suffix.iter_mut().rev() {
        *place = ALPHABET[(bits & 31) as usize];
        bits >>= 5;
    }
    let mut text = String::with_capacity(prefix.len() + 1 + LENGTH);
    text.push_str(prefix);
    text.push('_');
    text.extend(suffix.iter().map(|byte| char::from(*byte)));
    text
}

/// Parses the text form into prefix and bits; `None` if it is malformed.
pub fn decode(text: &str) -> Option<(&str, Uuid)> {
    let (prefix, suffix) = text.rsplit_once('_')?;
    if suffix.len() != LENGTH {
        return None;
    }
    let mut bits: u128 = 0;
    for (place, byte) in suffix.bytes().enumerate() {
        let digit = ALPHABET.iter().position(|character| *character == byte)?;
        // 26 digits hold 130 bits: the first digit may only use three of its five.
        if place == 0 && digit > 7 {
            return None;
        }
        bits = bits << 5 | digit as u128;
    }
    Some((prefix, Uuid::from_u128(bits)))
}

/// Declares the id type of an entity: a newtype of `Uuid` with its prefix.
#[macro_export]
macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $thing:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, sea_orm::DeriveValueType)]
        pub struct $name(pub uuid::Uuid);

        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }

        impl From<uuid::Uuid> for $name {
            fn from(uuid: uuid::Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for uuid::Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl $crate::core::id::TypedId for $name {
            const PREFIX: &'static str = $prefix;
            const LABEL: &'static str = $thing;
        }
    };
}
