//! Validation of inputs: collects the errors of all fields, so that a form can show them at once.

use crate::core::error::{Error, Result, UserError, UserErrorCode};
use crate::core::id::TypedId;
use crate::core::patch::Patch;

/// Collects what is wrong with an input, so that a form learns all of it at once.
#[derive(Debug, Default)]
pub struct Form(Vec<UserError>);

impl Form {
    /// Takes what a check gave: the value, or what is wrong with the field.
    pub fn check<T>(&mut self, field: &str, checked: Result<T, impl Into<String>>) -> Option<T> {
        let refuse = |message| UserError::new(UserErrorCode::BadUserInput, field, message);
        checked.map_err(|message| self.0.push(refuse(message))).ok()
    }

    /// Reads the id that a field holds.
    pub fn id<Id: TypedId>(&mut self, field: &str, text: &str) -> Option<Id> {
        let parsed = Id::parse(text, field);
        self.check(field, parsed.map_err(|error| error.message().to_owned()))
    }

    /// The new value of a field that can't be empty, if there is one; null is refused.
    pub fn required<T>(&mut self, field: &str, patch: Patch<T>) -> Option<T> {
        match patch {
            Patch::Keep => None,
            Patch::Clear => self.check(
                field,
                Err("This must not be null: leave it out to keep it."),
            ),
            Patch::Set(value) => Some(value),
        }
    }

    /// What is asked of a field that can be cleared, with the value that a check makes of a new one. What breaks a rule
    /// is noted, and stays.
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

    /// Takes a refusal with a code of its own.
    pub fn refuse(&mut self, error: UserError) {
        self.0.push(error);
    }

    /// Whether nothing was wrong so far.
    pub const fn is_fine(&self) -> bool {
        self.0.is_empty()
    }

    /// The refusal that holds everything that was wrong.
    pub fn refusal(self) -> Error {
        Error::Refused(self.0)
    }

    /// Refuses when anything was wrong.
    pub fn finish(self) -> Result<()> {
        if self.is_fine() {
            Ok(())
        } else {
            Err(self.refusal())
        }
    }
}
