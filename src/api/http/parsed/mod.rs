//! Documents that were parsed before: clients send the same few over and over.

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
use super::limits::{Beyond, Limiter};
use super::negotiation::MediaType;
use super::reply::Refusal;
use super::request::GraphqlRequest;
use crate::api::schema::{self, Schema};
use crate::core::error::Code;

/// How much memory they take, about.
const ROOM: u64 = 8 << 20;
/// What a document takes when it is parsed, for each byte of its text and beside that: more than any that was measured.
const EACH: usize = 40;
const BESIDE: usize = 1_000;

/// The documents that were found to be in bounds and could be parsed.
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
    /// The definitions of variables that may be absent though their type is non-null, because the schema has a default
    /// where they stand. Their types were nullable in the text.
    defaulted: Vec<Pos>,
    /// The errors of validation without variables, once they were needed.
    errors: OnceCell<Vec<ServerError>>,
    /// Whether it costs little, whatever its variables are.
    is_cheap: bool,
}

impl ParsedDocuments {
    /// None at all yet. These are the bounds, and the types of the schema's inputs.
    pub fn new(limiter: Limiter, inputs: Arc<Inputs>) -> Self {
        let weigh = |text: &Arc<str>, _: &Arc<Parsed>| {
            u32::try_from(BESIDE + text.len() * EACH).unwrap_or(u32::MAX)
        };
        let known = Cache::builder().max_capacity(ROOM).weigher(weigh).build();
        Self {
            limiter,
            inputs,
            known,
        }
    }

    /// The document of a request. One that is out of bounds or can't be parsed is refused, and not remembered.
    pub fn get(&self, request: &GraphqlRequest, media: MediaType) -> Result<Arc<Parsed>, Refusal> {
        let text = request.query.as_str();
        if let Some(known) = self.known.get(text) {
            return Ok(known);
        }
        let refuse = |beyond| refusal(beyond, media);
        let admitted = self.limiter.text(text).map_err(refuse)?;
        let mut document = parse_query(text).map_err(|error| Refusal {
            locations: error.positions().collect(),
            ..Refusal::request(Code::GraphqlParseFailed, syntax_message(&error), media)
        })?;
        let judged = self.limiter.document(&admitted, &document);
        judged.map_err(refuse)?;
        let operations = document.operations.iter();
        let defaulted: Vec<_> = operations
            .flat_map(|(_, operation)| self.inputs.defaulted(&document, &operation.node))
            .collect();
        // By the type of the variable, null is refused there and a value is not.
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

    /// Refuses a request that gives variables which no operation declares, or leaves out those that must have a
    /// value: the library would run the operation, and miss them halfway.
    pub fn check_variables(
        &self,
        parsed: &Parsed,
        operation: &OperationDefinition,
        variables: &Variables,
        media: MediaType,
    ) -> Result<(), Refusal> {
        // The variables of other operations come along when a client sends the same ones with each.
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
        let message = format!("The variable `${name}` must have a value.");
        Err(Refusal {
            field: Some(path.unwrap_or_else(|| name.to_owned())),
            ..Refusal::request(Code::BadUserInput, message, media)
        })
    }

    /// Refuses an operation that asks for too much with the variables of this request.
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
        let judged = self.limiter.cost(document, operation, variables);
        judged.map_err(|beyond| refusal(beyond, media))
    }

    /// The document as it is executed with these variables, which get the defaults of those that are absent. Nothing when it is
    /// invalid: then these are the errors.
    ///
    /// Mostly that is the document itself, which the library validates. Otherwise it is the operation without its absent
    /// variables, and without other operations, which may give the same names to variables of other types. The whole document
    /// is validated all the same, without variables and once.
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
    /// Whether a variable without a value is absent: it has no default, and need not have a value.
    fn may_be_absent(&self, definition: &Positioned<VariableDefinition>) -> bool {
        let nullable = definition.node.var_type.node.nullable;
        definition.node.default_value.is_none()
            && (nullable || self.defaulted.contains(&definition.pos))
    }
}

/// The definitions of variables of all operations.
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
        (
            Cow::Borrowed(" of one of the names that were sent"),
            "variables",
        )
    };
    let message = format!(
        "The operation does not declare the variable{shown}. Declare it, or do not send it."
    );
    Refusal {
        field: Some(field.to_owned()),
        ..Refusal::request(Code::BadUserInput, message, media)
    }
}

fn refusal(beyond: Beyond, media: MediaType) -> Refusal {
    Refusal::request(Code::QueryLimitExceeded, beyond, media)
}

/// What was expected, without the piece of the document that the parser would quote.
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
        _ => "The document is not one that can be executed.".to_owned(),
    }
}
