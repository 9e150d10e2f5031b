//! Parameters in Stripe's bracket syntax, such as `metadata[order]=1&expand[]=latest_charge`.

use std::collections::BTreeMap;

use url::form_urlencoded;

use super::errors::ApiError;

/// The parameters of a request: of its query or of its form body, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Parses a query or a form body.
    pub fn parse(encoded: &[u8]) -> Self {
        Self(form_urlencoded::parse(encoded).into_owned().collect())
    }

    /// Returns the pairs in their order.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// Returns the pairs sorted, for comparison.
    pub fn sorted(&self) -> Vec<(String, String)> {
        let mut pairs = self.0.clone();
        pairs.sort();
        pairs
    }

    /// Returns the value of a parameter, such as `amount` or `automatic_payment_methods[enabled]`.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut pairs = self.0.iter();
        pairs.find_map(|(key, value)| (key == name).then_some(value.as_str()))
    }

    /// Like [`Params::get`], and fails if the parameter is missing or empty.
    pub fn required(&self, name: &str) -> Result<&str, ApiError> {
        match self.get(name) {
            Some("") => Err(empty(name)),
            Some(value) => Ok(value),
            None => Err(
                ApiError::invalid(format!("Missing required param: {name}."))
                    .code("parameter_missing")
                    .param(name),
            ),
        }
    }

    /// Returns the values of an array, sent as `name[]` or `name[0]`.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let is_item = |key: &str| {
            let index = key
                .strip_prefix(name)?
                .strip_prefix('[')?
                .strip_suffix(']')?;
            index
                .chars()
                .all(|digit| digit.is_ascii_digit())
                .then_some(())
        };
        let pairs = self.0.iter();
        let items = pairs.filter(|(key, _)| is_item(key).is_some());
        items.map(|(_, value)| value.as_str()).collect()
    }

    /// Returns the values of a hash, sent as `name[key]`.
    pub fn hash(&self, name: &str) -> BTreeMap<String, String> {
        let pairs = self.0.iter().filter_map(|(key, value)| {
            let key = key
                .strip_prefix(name)?
                .strip_prefix('[')?
                .strip_suffix(']')?;
            Some((key.to_owned(), value.clone()))
        });
        pairs.collect()
    }

    /// Parses an integer.
    pub fn integer(&self, name: &str) -> Result<Option<i64>, ApiError> {
        let Some(value) = self.get(name) else {
            return Ok(None);
        };
        let parsed = value.parse().map_err(|_| {
            ApiError::invalid(format!("Invalid integer: {value}"))
                .code("parameter_invalid_integer")
                .param(name)
        });
        parsed.map(Some)
    }

    /// Parses a boolean.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.get(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(other) => {
                let message = format!("Invalid boolean: {other}");
                Err(ApiError::invalid(message).param(name))
            }
        }
    }

    /// Parses one of these values.
    pub fn choice<'a>(&'a self, name: &str, values: &[&str]) -> Result<Option<&'a str>, ApiError> {
        match self.get(name) {
            Some(value) if !values.contains(&value) => {
                let values = values.join(", ");
                let message = format!("Invalid {name}: must be one of {values}");
                Err(ApiError::invalid(message).param(name))
            }
            value => Ok(value),
        }
    }

    /// Fails if there is a parameter with another name than these, ignoring brackets.
    pub fn allow(&self, names: &[&str]) -> Result<(), ApiError> {
        let root = |key: &str| key.split('[').next().unwrap_or_default().to_owned();
        let mut roots = self.0.iter().map(|(key, _)| root(key));
        match roots.find(|root| !names.contains(&root.as_str())) {
            None => Ok(()),
            Some(unknown) => Err(ApiError::invalid(format!(
                "Received unknown parameter: {unknown}"
            ))
            .code("parameter_unknown")
            .param(&unknown)),
        }
    }

    /// Returns the metadata of a new object.
    pub fn metadata(&self) -> Result<BTreeMap<String, String>, ApiError> {
        let metadata = self.hash("metadata");
        let is_valid = |(key, value): (&String, &String)| {
            (1..=40).contains(&key.chars().count()) && value.chars().count() <= 500
        };
        if metadata.len() > 50 || !metadata.iter().all(is_valid) {
            let message = "Metadata can have up to 50 keys of up to 40 characters, with values of up to 500 characters";
            return Err(ApiError::invalid(message).param("metadata"));
        }
        Ok(metadata)
    }
}

fn empty(name: &str) -> ApiError {
    let message = format!(
        "You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; however '{name}' cannot be unset."
    );
    ApiError::invalid(message)
        .code("parameter_invalid_empty")
        .param(name)
}
