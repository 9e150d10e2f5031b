//! Attributes of a line, such as an engraving.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::core::text;
use crate::core::validation::Validator;

/// The maximum number of attributes of a line.
const MAX_ATTRIBUTES: usize = 20;
/// The maximum length of a name, and of a value, in characters.
const MAX_LENGTH: usize = 255;

/// An attribute of a line.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Attribute {
    pub name: String,
    pub value: String,
}

/// The valid attributes of a line, as they are stored.
#[derive(Clone, Debug, Default)]
pub struct Attributes {
    pub json: String,
    /// A hash that does not depend on their order. Empty without attributes.
    pub hash: Vec<u8>,
}

/// Checks the attributes in a field of the input.
pub fn check(validator: &mut Validator, field: &str, given: Vec<Attribute>) -> Option<Attributes> {
    if given.len() > MAX_ATTRIBUTES {
        let message = format!("At most {MAX_ATTRIBUTES} attributes are allowed.");
        return validator.check(field, Err(message));
    }
    let mut checked: Vec<Attribute> = Vec::with_capacity(given.len());
    for (index, attribute) in given.into_iter().enumerate() {
        let at = |part: &str| format!("{field}.{index}.{part}");
        let name = validator.check(&at("name"), text::check_line(&attribute.name, MAX_LENGTH));
        let value = validator.check(&at("value"), text::check_line(&attribute.value, MAX_LENGTH));
        let (name, value) = (name?, value?);
        if checked.iter().any(|other| other.name == name) {
            return validator.check(&at("name"), Err("This attribute occurs twice."));
        }
        checked.push(Attribute { name, value });
    }
    if checked.is_empty() {
        return Some(Attributes {
            json: "[]".to_owned(),
            hash: Vec::new(),
        });
    }
    let json = serde_json::to_string(&checked).ok()?;
    checked.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    let hash = Sha256::digest(serde_json::to_string(&checked).ok()?.as_bytes());
    Some(Attributes {
        json,
        hash: hash.to_vec(),
    })
}

/// Reads stored attributes.
pub fn read(json: &str) -> Vec<Attribute> {
    // Written by `check`.
    serde_json::from_str(json).unwrap_or_default()
}
