//! A cache of parsed documents: clients send the same few repeatedly.

mod absent;

use std::borrow::Cow;
use std::sync::Arc;

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, VariableDefinition,
};
use async_graphql::parser::{Error, parse_query};
use async_graphql::{Name, Pos, Positioned, ServerError, Value, Variables};
use moka::sync::Cache;
use tokio::sync::OnceCell;

use super::inputs::{Inputs, is_name};
use super::limits::{LimitMessage, Limiter};
use super::negotiation::MediaType;
use super::reply::Refusal;
use super::request::GraphqlRequest;
use crate::api::schema::{self, Schema};
use crate::core::error::Code;

/// The approximate maximum size of the cache, in bytes.
const MAX_CACHE_BYTES: u64 = 8 << 20;
/// The memory of a parsed document per byte of its text, and its fixed overhead: above all measured values.
const MEMORY_PER_BYTE: usize = 40;
const MEMORY_OVERHEAD: usize = 1_000;

/// Documents that are within the limits and were parsed.
#[derive(Debug)]
pub struct ParsedDocuments {
    limiter: Limiter,
    inputs: Arc<Inputs>,
    known: Cache<Arc<str>, Arc<Parsed>>,
}

/// A document that may be validated.
#[derive(Debug)]
pub struct Parsed {
    pub document: Arc<ExecutableDocument>,
    /// Definitions of variables that may be absent although their type is non-null, because the schema has a default
    /// where they are used. Their types are nullable in the text.
    defaulted: Vec<Pos>,
    /// The errors of validation without variables, computed when first needed.
    errors: OnceCell<Vec<ServerError>>,
    /// Whether its cost is within the limit with any variables.
    is_cheap: bool,
}

impl ParsedDocuments {
    /// Creates an empty cache with these limits and input types.
    pub fn new(limiter: Limiter, inputs: Arc<Inputs>) -> Self {
        let weigh = |text: &Arc<str>, _: &Arc<Parsed>| {
            u32::try_from(MEMORY_OVERHEAD + text.len() * MEMORY_PER_BYTE).unwrap_or(u32::MAX)
        };
        let known = Cache::builder()
            .max_capacity(MAX_CACHE_BYTES)
            .weigher(weigh)
            .build();
        Self {
            limiter,
            inputs,
            known,
        }
    }

    /// Returns the document of a request. A document that exceeds the limits or can't be parsed is refused and not
    /// cached.
    pub fn get(&self, request: &GraphqlRequest, media: MediaType) -> Result<Arc<Parsed>, Refusal> {
        let text = request.query.as_str();
        if let Some(known) = self.known.get(text) {
            return Ok(known);
        }
        let refuse = |limit_message| refusal(limit_message, media);
        let checked_text = self.limiter.text(text).map_err(refuse)?;
        let mut document = parse_query(text).map_err(|error| Refusal {
            locations: error.positions().collect(),
            ..Refusal::request(Code::GraphqlParseFailed, syntax_message(&error), media)
        })?;
        let checked = self.limiter.document(&checked_text, &document);
        checked.map_err(refuse)?;
        let operations = document.operations.iter();
        let defaulted: Vec<_> = operations
            .flat_map(|(_, operation)| self.inputs.defaulted(&document, &operation.node))
            .collect();
        // A non-null variable type makes the library refuse null there and accept a value.
        for definition in definitions(&mut document) {
            if defaulted.contains(&definition.pos) {
                definition.node.var_type.node.nullable = false;
            }
        }
        let parsed = Arc::new(Parsed {
            is_cheap: self.limiter.is_cheap(&document),
            document: Arc::new(document),
            defaulted,
            errors: OnceCell::new(),
        });
        self.known.insert(text.into(), parsed.clone());
        Ok(parsed)
    }

    /// Refuses variables that no operation declares, and missing values of required variables: the library would
    /// start the operation and fail halfway.
    pub fn check_variables(
        &self,
        parsed: &Parsed,
        operation: &OperationDefinition,
        variables: &Variables,
        media: MediaType,
    ) -> Result<(), Refusal> {
        // Clients may send the variables of all operations with each operation.
        let is_declared = |name: &Name| {
            let operations = parsed.document.operations.iter();
            let mut definitions =
                operations.flat_map(|(_, operation)| &operation.node.variable_definitions);
            definitions.any(|definition| definition.node.name.node == *name)
        };
        if let Some(name) = variables.keys().find(|name| !is_declared(name)) {
            return Err(undeclared(name, media));
        }
        let definitions = &operation.variable_definitions;
        let missing = definitions.iter().find(|definition| {
            let required = !definition.node.var_type.node.nullable;
            match variables.get(&definition.node.name.node) {
                Some(value) => required && *value == Value::Null,
                None => {
                    required
                        && definition.node.default_value.is_none()
                        && !parsed.may_be_absent(definition)
                }
            }
        });
        let Some(missing) = missing else {
            return Ok(());
        };
        let name = missing.node.name.node.as_str();
        let path = self.inputs.path_of(&parsed.document, operation, name);
        let message = format!("The variable `${name}` is required.");
        Err(Refusal {
            field: Some(path.unwrap_or_else(|| name.to_owned()).into()),
            ..Refusal::request(Code::BadUserInput, message, media)
        })
    }

    /// Refuses an operation whose cost exceeds the limit with the variables of this request.
    pub fn check_cost(
        &self,
        parsed: &Parsed,
        operation: &OperationDefinition,
        request: &GraphqlRequest,
        media: MediaType,
    ) -> Result<(), Refusal> {
        if parsed.is_cheap {
            return Ok(());
        }
        let (document, variables) = (&parsed.document, &request.variables);
        let checked = self.limiter.cost(document, operation, variables);
        checked.map_err(|limit_message| refusal(limit_message, media))
    }

    /// Returns the document to execute with these variables, and adds the defaults of absent ones. An invalid
    /// document is an error.
    ///
    /// Usually this is the document itself, which the library validates. Otherwise it is the operation without its
    /// absent variables and without other operations, whose variables may have the same names and other types. The
    /// whole document is then validated once, without variables.
    pub async fn executable(
        &self,
        schema: &Schema,
        parsed: &Parsed,
        operation: &OperationDefinition,
        variables: &mut Variables,
    ) -> Result<Arc<ExecutableDocument>, Vec<ServerError>> {
        let document = &parsed.document;
        let absent: Vec<&Name> = operation
            .variable_definitions
            .iter()
            .filter(|definition| parsed.may_be_absent(definition))
            .map(|definition| &definition.node.name.node)
            .filter(|name| !variables.contains_key(*name))
            .collect();
        let definitions = &operation.variable_definitions;
        variables.retain(|name, _| {
            let mut definitions = definitions.iter();
            definitions.any(|definition| definition.node.name.node == *name)
        });
        for definition in definitions {
            let definition = &definition.node;
            let name = &definition.name.node;
            if let Some(default) = &definition.default_value
                && !variables.contains_key(name)
            {
                variables.insert(name.clone(), default.node.clone());
            }
        }
        if absent.is_empty() && document.operations.iter().len() == 1 {
            return Ok(document.clone());
        }
        let errors = parsed.errors.get_or_init(|| self.validate(schema, parsed));
        let errors = errors.await;
        if !errors.is_empty() {
            return Err(errors.clone());
        }
        let mut operations = document.operations.iter();
        let chosen = operations.find(|(_, one)| std::ptr::eq(&raw const one.node, operation));
        Ok(match chosen {
            Some((name, operation)) => {
                Arc::new(absent::without(document, name, operation, &absent))
            }
            None => document.clone(),
        })
    }

    async fn validate(&self, schema: &Schema, parsed: &Parsed) -> Vec<ServerError> {
        let document = &*parsed.document;
        let mut errors = schema::validate(schema, document.clone()).await;
        for (_, operation) in document.operations.iter() {
            let variables = Variables::default();
            self.inputs
                .locate(&mut errors, document, &operation.node, &variables);
        }
        if errors.is_empty() {
            let operations = document.operations.iter();
            let unknown = operations
                .flat_map(|(_, operation)| self.inputs.unknown_fields(document, &operation.node));
            errors.extend(unknown);
        }
        errors
    }
}

impl Parsed {
    /// Returns whether a variable without a value is absent: it has no default and requires no value.
    fn may_be_absent(&self, definition: &Positioned<VariableDefinition>) -> bool {
        let nullable = definition.node.var_type.node.nullable;
        definition.node.default_value.is_none()
            && (nullable || self.defaulted.contains(&definition.pos))
    }
}

/// Returns the variable definitions of all operations.
fn definitions(
    document: &mut ExecutableDocument,
) -> impl Iterator<Item = &mut Positioned<VariableDefinition>> {
    let operations: Vec<_> = match &mut document.operations {
        DocumentOperations::Single(operation) => vec![operation],
        DocumentOperations::Multiple(operations) => operations.values_mut().collect(),
    };
    let operations = operations.into_iter();
    operations.flat_map(|operation| &mut operation.node.variable_definitions)
}

fn undeclared(name: &str, media: MediaType) -> Refusal {
    let (shown, field) = if is_name(name) {
        (Cow::Owned(format!(" `${name}`")), name)
    } else {
        (Cow::Borrowed(" with one of the sent names"), "variables")
    };
    let message = format!(
        "The operation does not declare the variable{shown}. Declare it or remove it from `variables`."
    );
    Refusal {
        field: Some(field.into()),
        ..Refusal::request(Code::BadUserInput, message, media)
    }
}

fn refusal(limit_message: LimitMessage, media: MediaType) -> Refusal {
    Refusal::request(Code::QueryLimitExceeded, limit_message, media)
}

/// Returns the expected tokens without the part of the document that the parser quotes.
fn syntax_message(error: &Error) -> String {
    match error {
        Error::Syntax { message, .. } => {
            let expected = message
                .rsplit_once("= ")
                .map(|(_, expected)| expected.trim());
            match expected {
                Some(expected) => format!("The document could not be parsed: {expected}."),
                None => "The document could not be parsed.".to_owned(),
            }
        }
        _ => "The document is not executable.".to_owned(),
    }
}
