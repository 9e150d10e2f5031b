//! Parses the JSON of a request with limits that apply before allocation: a byte of JSON may become 100 bytes of
//! memory.

use std::fmt::{self, Formatter};

use async_graphql::Variables;
use axum::http::StatusCode;
use memchr::memchr2;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::reply::Refusal;
use crate::config::Limits;
use crate::core::error::Code;

/// The weight of an object or a list in values: an object of one field takes ten times the memory of a number.
const CONTAINER: usize = 10;

/// The known members of a request as raw JSON. The last of repeated members wins.
#[derive(Default)]
pub struct Members<'a> {
    pub query: Option<&'a RawValue>,
    pub operation_name: Option<&'a RawValue>,
    pub variables: Option<&'a RawValue>,
    pub extensions: Option<&'a RawValue>,
}

#[derive(serde::Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Key {
    Query,
    OperationName,
    Variables,
    Extensions,
    #[serde(other)]
    Other,
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ByKey;

        impl<'de> Visitor<'de> for ByKey {
            type Value = Members<'de>;

            fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Members::default();
                while let Some(key) = map.next_key()? {
                    let member = match key {
                        Key::Query => &mut members.query,
                        Key::OperationName => &mut members.operation_name,
                        Key::Variables => &mut members.variables,
                        Key::Extensions => &mut members.extensions,
                        Key::Other => {
                            map.next_value::<IgnoredAny>()?;
                            continue;
                        }
                    };
                    *member = Some(map.next_value()?);
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(ByKey)
    }
}

impl<'a> Members<'a> {
    /// Parses the body of a request without copying.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        if first == Some(&b'{') {
            return serde_json::from_slice(bytes).map_err(|_| no_json());
        }
        serde_json::from_slice::<IgnoredAny>(bytes).map_err(|_| no_json())?;
        Err(match first {
            Some(b'[') => Refusal::new(
                StatusCode::BAD_REQUEST,
                Code::BatchingDisabled,
                "Batching is not supported. Send one operation per request.",
            ),
            _ => Refusal::bad_request("The body is not a JSON object."),
        })
    }
}

/// Parses a string member. Returns `None` if it is null.
pub fn text(name: &str, json: &str) -> Result<Option<String>, Refusal> {
    match json.as_bytes().first() {
        Some(b'"') => serde_json::from_str(json).map_err(|_| no_json()),
        Some(b'n') => Ok(None),
        _ => Err(Refusal::bad_request(format!("`{name}` must be a string."))),
    }
}

/// Parses the variables.
pub fn variables(json: &str, limits: &Limits) -> Result<Variables, Refusal> {
    let name = "variables";
    let Some(json) = object(name, json)? else {
        return Ok(Variables::default());
    };
    check(name, json, limits)?;
    let max_bytes = limits.query_max_variables_bytes as usize;
    if json.len() > max_bytes {
        let message = format!("`{name}` is larger than {max_bytes} bytes.");
        return Err(Refusal {
            status: StatusCode::PAYLOAD_TOO_LARGE,
            ..about(name, Code::PayloadTooLarge, message)
        });
    }
    serde_json::from_str(json).map_err(|_| not_valid(name))
}

/// The known extensions of a request. Others are ignored.
#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Extensions {
    pub persisted_query: Option<Value>,
}

/// Parses the extensions.
pub fn extensions(json: &str, limits: &Limits) -> Result<Extensions, Refusal> {
    let name = "extensions";
    let Some(json) = object(name, json)? else {
        return Ok(Extensions::default());
    };
    check(name, json, limits)?;
    serde_json::from_str(json).map_err(|_| not_valid(name))
}

/// Returns the JSON of an object member, or `None` if it is null.
fn object<'a>(name: &str, json: &'a str) -> Result<Option<&'a str>, Refusal> {
    let json = json.trim_ascii();
    match json.as_bytes().first() {
        Some(b'{') => Ok(Some(json)),
        Some(b'n') if json == "null" => Ok(None),
        Some(b'[' | b'"' | b't' | b'f' | b'-' | b'0'..=b'9') => {
            Err(Refusal::bad_request(format!("`{name}` must be an object.")))
        }
        _ => Err(not_valid(name)),
    }
}

/// Refuses an object that nests too deeply or has too many values, in one pass over its text.
fn check(name: &'static str, json: &str, limits: &Limits) -> Result<(), Refusal> {
    let max_depth = limits.query_max_variables_depth as usize;
    let max_values = limits.query_max_values as usize;
    let (mut depth, mut values) = (0_usize, 1_usize);
    let mut rest = json.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        rest = tail;
        match byte {
            b'"' => rest = after_string(tail),
            b'{' | b'[' => {
                depth += 1;
                values += CONTAINER;
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' => values += 1,
            _ => {}
        }
        if depth > max_depth {
            let message = format!("`{name}` nests deeper than {max_depth} levels.");
            return Err(about(name, Code::BadRequest, message));
        }
        if values > max_values {
            let message = format!(
                "`{name}` has more than {max_values} values. An object or a list counts as {CONTAINER}."
            );
            return Err(about(name, Code::QueryLimitExceeded, message));
        }
    }
    Ok(())
}

fn after_string(mut rest: &[u8]) -> &[u8] {
    while let Some(end) = memchr2(b'"', b'\\', rest) {
        if rest[end] == b'"' {
            return &rest[end + 1..];
        }
        rest = rest.get(end + 2..).unwrap_or_default();
    }
    &[]
}

fn about(name: &str, code: Code, message: String) -> Refusal {
    Refusal {
        field: Some(name.into()),
        ..Refusal::new(StatusCode::BAD_REQUEST, code, message)
    }
}

fn not_valid(name: &str) -> Refusal {
    Refusal::bad_request(format!("`{name}` is not valid JSON."))
}

fn no_json() -> Refusal {
    Refusal::bad_request("The body is not valid JSON.")
}
