//! Limits of documents, checked before the library validates them: its validation takes exponential time and memory
//! for fragments that spread one another.
//!
//! First the [`text`], because the parser is recursive over brackets; then the [`shape`] of the parsed document, once
//! per document; then the [`cost`], which may depend on the variables.

mod cost;
mod list_sizes;
mod shape;
mod text;

use std::collections::HashSet;

use async_graphql::Variables;
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, ServiceDocument};

use self::cost::{Cost, SCALE};
use self::list_sizes::ListSizes;
use self::shape::Shapes;
use self::text::TextSize;
use crate::config::Limits;

/// The maximum nesting depth of brackets in a document.
const MAX_NESTING: usize = 64;
/// The factor by which a document that only queries the schema may have more tokens: GraphiQL's introspection query
/// is long.
const SCHEMA_TOKENS: usize = 3;
/// The maximum nesting depth of the schema's lists: each multiplies the size of the result.
const MAX_SCHEMA_LISTS: usize = 3;

/// Checks documents against the limits.
#[derive(Debug)]
pub struct Limiter {
    limits: Limits,
    list_sizes: ListSizes,
    /// The mutations of which an operation may have only one.
    authenticating_mutations: HashSet<String>,
}

/// The message for the client.
pub type LimitMessage = String;

/// A text that may be parsed, with its counts.
pub struct CheckedText(TextSize);

impl Limiter {
    /// Creates a limiter from the settings, the schema, and the mutations that authenticate the caller.
    pub fn new(
        limits: Limits,
        schema: &ServiceDocument,
        authenticating_mutations: HashSet<String>,
    ) -> Self {
        Self {
            limits,
            list_sizes: ListSizes::read(schema),
            authenticating_mutations,
        }
    }

    /// Checks whether a text may be parsed.
    pub fn text(&self, text: &str) -> Result<CheckedText, LimitMessage> {
        if text.len() > self.limits.query_max_bytes as usize {
            return Err("The document is too long.".to_owned());
        }
        let text = TextSize::of(text);
        if text.nesting > MAX_NESTING {
            return Err("The document nests too deeply.".to_owned());
        }
        let max = self.limits.query_max_tokens as usize * SCHEMA_TOKENS;
        if text.tokens > max {
            return Err(format!("The document has more than {max} tokens."));
        }
        Ok(CheckedText(text))
    }

    /// Checks whether a document may be validated and executed, with any variables.
    pub fn document(
        &self,
        &CheckedText(text): &CheckedText,
        document: &ExecutableDocument,
    ) -> Result<(), LimitMessage> {
        let limits = &self.limits;
        let check_max = |count: usize, max: u32, label: &str| {
            let fits = count <= max as usize;
            fits.then_some(())
                .ok_or_else(|| format!("The document has more than {max} {label}."))
        };
        let operations = || {
            document
                .operations
                .iter()
                .map(|(_, operation)| &operation.node)
        };
        check_max(
            operations().count(),
            limits.query_max_operations,
            "operations",
        )?;
        let variables = operations().map(|operation| operation.variable_definitions.len());
        let variables = variables.max().unwrap_or_default();
        check_max(variables, limits.query_max_variables, "variables")?;

        let shapes = Shapes::of(document, &self.authenticating_mutations);
        check_max(shapes.directives, limits.query_max_directives, "directives")?;
        let each = limits.query_max_directives_each;
        check_max(shapes.directives_each, each, "directives in one place")?;
        if shapes.largest.selections > limits.query_max_selections as usize {
            return Err("The document selects too many fields and fragments.".to_owned());
        }
        let aliases = "aliases and repeated fields";
        check_max(shapes.largest.aliases, limits.query_max_aliases, aliases)?;
        if shapes.authentications > 1 {
            return Err("A request may contain only one sign-in, registration, code or other authentication mutation.".to_owned());
        }
        if shapes.largest.schema_lists > MAX_SCHEMA_LISTS {
            return Err("The introspection query nests too many lists.".to_owned());
        }
        if !shapes.are_about_schema {
            check_max(text.tokens, limits.query_max_tokens, "tokens")?;
            check_max(
                shapes.largest.depth,
                limits.query_max_depth,
                "levels of fields",
            )?;
        }
        Ok(())
    }

    /// Returns whether no operation of a document can exceed the cost limit, with any variables.
    pub fn is_cheap(&self, document: &ExecutableDocument) -> bool {
        let operations = document.operations.iter();
        let mut operations = operations.map(|(_, operation)| &operation.node);
        operations.all(|operation| self.is_affordable(document, operation, None))
    }

    /// Checks the cost of an operation with these variables.
    pub fn cost(
        &self,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        variables: &Variables,
    ) -> Result<(), LimitMessage> {
        if self.is_affordable(document, operation, Some(variables)) {
            return Ok(());
        }
        Err(
            "The query requests too many objects. Request smaller pages or fewer nested lists."
                .to_owned(),
        )
    }

    fn is_affordable(
        &self,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        variables: Option<&Variables>,
    ) -> bool {
        let cost = Cost::of(&self.list_sizes, document, operation, variables);
        cost.total() <= u64::from(self.limits.query_max_cost) * SCALE
    }
}
