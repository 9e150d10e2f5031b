//! Finds the input field of a value that does not match its type.

use async_graphql::parser::types::{BaseType, Type};
use async_graphql::{ScalarType, Value};
use async_graphql_value::Value as Literal;

use super::{Inputs, is_name};
use crate::core::clock::Timestamp;

/// The scalar of a file.
const UPLOAD: &str = "Upload";

/// An argument or input field with an invalid value.
pub struct InputError {
    /// Names from the argument to the field, and list indexes, such as `input.files.0`.
    pub path: String,
    /// The message; `None` to retain the library's message.
    pub message: Option<String>,
}

impl InputError {
    /// Creates an error whose message is the library's.
    pub fn at(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            message: None,
        }
    }

    fn new(path: &str, message: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            message: Some(message.into()),
        }
    }
}

impl Inputs {
    /// Returns the first invalid field of a value in schema order, or `None` if it matches its type as far as known
    /// here.
    pub(super) fn input_error(&self, value: &Value, ty: &Type, path: &str) -> Option<InputError> {
        if *value == Value::Null {
            return (!ty.nullable).then(|| match &ty.base {
                // The library's message is replaced later by one that explains how to send a file.
                BaseType::Named(name) if name == UPLOAD => InputError::at(path),
                _ => InputError::new(path, "A value is required, but null was sent."),
            });
        }
        match (&ty.base, value) {
            (BaseType::List(ty), Value::List(items)) => {
                let mut items = items.iter().enumerate();
                items.find_map(|(index, item)| {
                    self.input_error(item, ty, &format!("{path}.{index}"))
                })
            }
            // A single value may be given for a list.
            (BaseType::List(ty), _) => self.input_error(value, ty, path),
            (BaseType::Named(name), _) => self.named(value, name, path),
        }
    }

    /// Returns the first input field of a literal that the schema does not have.
    pub(super) fn unknown(&self, value: &Literal, ty: &Type, path: &str) -> Option<InputError> {
        match (&ty.base, value) {
            (BaseType::List(ty), Literal::List(items)) => {
                let mut items = items.iter().enumerate();
                items.find_map(|(index, item)| self.unknown(item, ty, &format!("{path}.{index}")))
            }
            (BaseType::List(ty), _) => self.unknown(value, ty, path),
            (BaseType::Named(name), Literal::Object(given)) => {
                let fields = self.objects.get(name.as_str())?;
                given.iter().find_map(|(key, value)| {
                    let known = fields.iter().find(|field| field.name == key.as_str());
                    match known {
                        Some(field) => self.unknown(value, &field.ty, &format!("{path}.{key}")),
                        None => Some(unknown_field(name, key, path)),
                    }
                })
            }
            _ => None,
        }
    }

    fn named(&self, value: &Value, name: &str, path: &str) -> Option<InputError> {
        if let Some(values) = self.enums.get(name) {
            let known = match value {
                Value::Enum(given) => values.contains(given.as_str()),
                Value::String(given) => values.contains(given.as_str()),
                _ => false,
            };
            let message = || format!("This is not a value of the enum `{name}`.");
            return (!known).then(|| InputError::new(path, message()));
        }
        if self.objects.contains_key(name) {
            return self.object(value, name, path);
        }
        let expected = match name {
            "Int" if !is_int(value) => "Send a whole number from -2147483648 to 2147483647.",
            "Float" if !matches!(value, Value::Number(_)) => "Send a number.",
            "Boolean" if !matches!(value, Value::Boolean(_)) => "Send true or false.",
            "String" if !matches!(value, Value::String(_)) => "Send a string.",
            "ID" if !is_id(value) => "Send an id as a string.",
            "DateTime" if Timestamp::parse(value.clone()).is_err() => {
                "Send a date and time with a time zone (RFC 3339), such as \"2026-03-01T00:00:00Z\"."
            }
            UPLOAD if !matches!(value, Value::Binary(_)) => return Some(InputError::at(path)),
            _ => return None,
        };
        Some(InputError::new(path, expected))
    }

    fn object(&self, value: &Value, name: &str, path: &str) -> Option<InputError> {
        let Value::Object(given) = value else {
            let message = format!("Send an object with the fields of the input `{name}`.");
            return Some(InputError::new(path, message));
        };
        let fields = self.objects.get(name).map_or(&[][..], Vec::as_slice);
        let wrong = fields.iter().find_map(|field| {
            let path = || format!("{path}.{}", field.name);
            match given.get(field.name.as_str()) {
                Some(value) => self.input_error(value, &field.ty, &path()),
                None if field.ty.nullable || field.has_default => None,
                None => Some(InputError::new(&path(), "This field is required.")),
            }
        });
        let unknown = || {
            let known = |key: &str| fields.iter().any(|field| field.name == key);
            let key = given.keys().find(|key| !known(key))?;
            Some(unknown_field(name, key, path))
        };
        wrong.or_else(unknown)
    }
}

fn unknown_field(input: &str, key: &str, path: &str) -> InputError {
    let message = format!("The input `{input}` has no field of this name.");
    if is_name(key) {
        return InputError::new(&format!("{path}.{key}"), message);
    }
    InputError::new(path, message)
}

fn is_int(value: &Value) -> bool {
    let Value::Number(number) = value else {
        return false;
    };
    number
        .as_i64()
        .is_some_and(|number| i32::try_from(number).is_ok())
}

fn is_id(value: &Value) -> bool {
    match value {
        Value::String(_) => true,
        Value::Number(number) => number.is_i64(),
        _ => false,
    }
}
