//! The fields and directives of an operation that take arguments.

use std::collections::HashSet;
use std::convert::Infallible;

use async_graphql::parser::types::{
    BaseType, Directive, ExecutableDocument, OperationDefinition, OperationType, Selection,
    SelectionSet, Type,
};
use async_graphql::{Name, Pos, Positioned, ServerError, Value as ConstValue, Variables};
use async_graphql_value::Value;

use super::input_error::InputError;
use super::{Input, Inputs, is_name};

/// The beginning of the library's message about an invalid value.
const INVALID: &str = "Invalid value for argument";
/// The beginning of the library's message about an unknown argument.
const UNKNOWN: &str = "Unknown argument";
/// The end of the library's message about a missing argument.
const MISSING: &str = "is required but not provided";

/// A field or a directive with its arguments.
pub struct Call<'a> {
    pos: Pos,
    given: &'a [(Positioned<Name>, Positioned<Value>)],
    /// The arguments of the schema.
    accepted: &'a [Input],
}

/// Returns all calls of an operation, including those in its fragments.
pub fn of<'a>(
    inputs: &'a Inputs,
    document: &'a ExecutableDocument,
    operation: &'a OperationDefinition,
) -> Vec<Call<'a>> {
    let root = match operation.ty {
        OperationType::Mutation => "Mutation",
        OperationType::Query | OperationType::Subscription => "Query",
    };
    let mut collector = Collector {
        inputs,
        document,
        spread: HashSet::new(),
        calls: Vec::new(),
    };
    collector.directives(&operation.directives);
    collector.set(Some(root), &operation.selection_set.node);
    collector.calls
}

struct Collector<'a> {
    inputs: &'a Inputs,
    document: &'a ExecutableDocument,
    spread: HashSet<&'a str>,
    calls: Vec<Call<'a>>,
}

impl<'a> Collector<'a> {
    fn set(&mut self, of: Option<&'a str>, set: &'a SelectionSet) {
        for selection in &set.items {
            self.directives(selection.node.directives());
            match &selection.node {
                Selection::Field(field) => {
                    let fields = of.and_then(|of| self.inputs.outputs.get(of));
                    let known = fields.and_then(|fields| fields.get(field.node.name.node.as_str()));
                    self.calls.push(Call {
                        pos: field.pos,
                        given: &field.node.arguments,
                        accepted: known.map_or(&[], |known| &known.arguments),
                    });
                    let output = known.map(|known| known.output.as_str());
                    self.set(output, &field.node.selection_set.node);
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let of = condition.map_or(of, |named| Some(named.node.on.node.as_str()));
                    self.set(of, &fragment.node.selection_set.node);
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(spread.node.fragment_name.node.as_str());
                }
            }
        }
    }

    fn fragment(&mut self, name: &'a str) {
        let Some(fragment) = self.document.fragments.get(name) else {
            return;
        };
        if !self.spread.insert(name) {
            return;
        }
        self.directives(&fragment.node.directives);
        let of = fragment.node.type_condition.node.on.node.as_str();
        self.set(Some(of), &fragment.node.selection_set.node);
    }

    fn directives(&mut self, directives: &'a [Positioned<Directive>]) {
        for directive in directives {
            let accepted: &[Input] = match directive.node.name.node.as_str() {
                "skip" | "include" => &self.inputs.condition,
                _ => &[],
            };
            self.calls.push(Call {
                pos: directive.pos,
                given: &directive.node.arguments,
                accepted,
            });
        }
    }
}

impl Call<'_> {
    /// Returns whether the variable is used where a value is required and the schema has a default.
    pub fn has_default_for(&self, inputs: &Inputs, variable: &Name) -> bool {
        self.given.iter().any(|(name, value)| {
            let input = self.input(name.node.as_str());
            input.is_some_and(|input| is_used_for_default(inputs, &value.node, input, variable))
        })
    }

    /// Returns the path of the first argument or input field whose value is this variable.
    pub fn path_of(&self, variable: &str) -> Option<String> {
        self.given.iter().find_map(|(name, value)| {
            let mut path = name.node.to_string();
            find_path(&value.node, variable, &mut path).then_some(path)
        })
    }

    /// Returns the invalid value that an error of the library is about, if any.
    pub fn input_error(
        &self,
        inputs: &Inputs,
        error: &ServerError,
        variables: &Variables,
    ) -> Option<InputError> {
        let at = *error.locations.first()?;
        if self.pos == at && error.message.ends_with(MISSING) {
            return self.missing();
        }
        let invalid_argument = self.given.iter().find(|(name, value)| {
            let invalid = name.pos == at && error.message.starts_with(INVALID);
            // Resolvers parse some values themselves.
            invalid || (value.pos == at && !error.path.is_empty())
        });
        if let Some((name, value)) = invalid_argument {
            let name = name.node.as_str();
            let input = self.input(name)?;
            let resolve = |name: Name| {
                let value = variables.get(&name).cloned().unwrap_or_default();
                Ok::<ConstValue, Infallible>(value)
            };
            let Ok(value) = value.node.clone().into_const_with(resolve);
            let input_error = inputs.input_error(&value, &input.ty, name);
            return Some(input_error.unwrap_or_else(|| InputError::at(name)));
        }
        let unknown = self.given.iter().find(|(name, _)| name.pos == at)?;
        let name = unknown.0.node.as_str();
        (error.message.starts_with(UNKNOWN) && is_name(name)).then(|| InputError::at(name))
    }

    /// Returns the errors of unknown input fields.
    pub fn unknown_fields(&self, inputs: &Inputs) -> impl Iterator<Item = ServerError> {
        self.given.iter().filter_map(|(name, value)| {
            let input = self.input(name.node.as_str())?;
            let input_error = inputs.unknown(&value.node, &input.ty, name.node.as_str())?;
            let message = input_error.message.unwrap_or_default();
            let mut error = ServerError::new(message, Some(name.pos));
            let extensions = error.extensions.get_or_insert_default();
            extensions.set("field", input_error.path);
            Some(error)
        })
    }

    /// Returns the first missing required argument.
    fn missing(&self) -> Option<InputError> {
        let missing = self.accepted.iter().find(|input| {
            let mut given = self.given.iter();
            let is_given = given.any(|(name, _)| name.node == *input.name);
            !input.ty.nullable && !input.has_default && !is_given
        });
        missing.map(|input| InputError::at(&input.name))
    }

    fn input(&self, name: &str) -> Option<&Input> {
        self.accepted.iter().find(|input| input.name == name)
    }
}

fn is_used_for_default(inputs: &Inputs, value: &Value, input: &Input, variable: &Name) -> bool {
    if let Value::Variable(name) = value {
        return name == variable && !input.ty.nullable && input.has_default;
    }
    is_used_below(inputs, value, &input.ty, variable)
}

fn is_used_below(inputs: &Inputs, value: &Value, ty: &Type, variable: &Name) -> bool {
    match (value, &ty.base) {
        (Value::List(items), BaseType::List(ty)) => items
            .iter()
            .any(|item| is_used_below(inputs, item, ty, variable)),
        // A single value may be given for a list.
        (_, BaseType::List(ty)) => is_used_below(inputs, value, ty, variable),
        (Value::Object(fields), BaseType::Named(name)) => {
            let known = inputs.objects.get(name.as_str()).into_iter().flatten();
            let mut given =
                known.filter_map(|input| Some((fields.get(input.name.as_str())?, input)));
            given.any(|(value, input)| is_used_for_default(inputs, value, input, variable))
        }
        _ => false,
    }
}

/// Returns whether the variable occurs in a value, and extends the path to it.
fn find_path(value: &Value, variable: &str, path: &mut String) -> bool {
    let length = path.len();
    let mut below = |step: &str, value: &Value| {
        path.push('.');
        path.push_str(step);
        let found = find_path(value, variable, path);
        if !found {
            path.truncate(length);
        }
        found
    };
    match value {
        Value::Variable(name) => name == variable,
        Value::List(items) => items
            .iter()
            .enumerate()
            .any(|(index, item)| below(&index.to_string(), item)),
        Value::Object(fields) => fields.iter().any(|(name, value)| below(name, value)),
        _ => false,
    }
}
