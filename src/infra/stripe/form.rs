//! The parameters of requests: a form whose names have brackets, such as `metadata[order]`.

use url::form_urlencoded::Serializer;

/// The parameters of a request.
#[derive(Clone, Debug, Default)]
pub struct Form(Vec<(&'static str, String)>);

impl Form {
    /// Adds a parameter.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.0.push((name, value.into()));
        self
    }

    /// Adds a parameter, if it has a value.
    #[must_use]
    pub fn with_some(self, name: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the form as `application/x-www-form-urlencoded`.
    pub(super) fn encode(&self) -> String {
        let mut encoded = Serializer::new(String::new());
        encoded.extend_pairs(&self.0);
        encoded.finish()
    }
}
