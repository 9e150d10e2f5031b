//! Validation of inputs: collects the errors of all fields, so that a form can show them at once.

use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::patch::Patch;

/// Collects the validation errors of an input.
#[derive(Debug, Default)]
pub struct Validator(Vec<UserError>);

impl Validator {
    /// Unwraps the result of a check; an error is recorded for the field.
    pub fn check<T>(&mut self, field: &str, checked: Result<T, impl Into<String>>) -> Option<T> {
        let refuse = |message| UserError::new(UserErrorCode::BadUserInput, field, message);
        checked.map_err(|message| self.0.push(refuse(message))).ok()
    }

    /// Parses the id in a field.
    pub fn id<Id: TypedId>(&mut self, field: &str, text: &str) -> Option<Id> {
        let parsed = Id::parse(text, field);
        self.check(field, parsed.map_err(|error| error.message().to_owned()))
    }

    /// Returns the new value of a field that can't be empty, if there is one; null is an error.
    pub fn required<T>(&mut self, field: &str, patch: Patch<T>) -> Option<T> {
        match patch {
            Patch::Keep => None,
            Patch::Clear => self.check(
                field,
                Err("This must not be null. Omit it to leave the value unchanged."),
            ),
            Patch::Set(value) => Some(value),
        }
    }

    /// Validates the new value of a nullable field. If it is invalid, the error is recorded and the field is left
    /// unchanged.
    pub fn patch<T, U, E: Into<String>>(
        &mut self,
        field: &str,
        patch: Patch<T>,
        check: impl FnOnce(T) -> Result<U, E>,
    ) -> Patch<U> {
        match patch {
            Patch::Keep => Patch::Keep,
            Patch::Clear => Patch::Clear,
            Patch::Set(value) => self
                .check(field, check(value))
                .map_or(Patch::Keep, Patch::Set),
        }
    }

    /// Records an error with its own code.
    pub fn refuse(&mut self, error: UserError) {
        self.0.push(error);
    }

    /// Returns whether no error was recorded.
    pub const fn is_valid(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the error that holds all recorded errors.
    pub fn refusal(self) -> Error {
        Error::Refused(self.0)
    }

    /// Returns an error if any was recorded.
    pub fn finish(self) -> Result<()> {
        if self.is_valid() {
            Ok(())
        } else {
            Err(self.refusal())
        }
    }
}
