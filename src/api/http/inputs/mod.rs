//! The types of all arguments and input fields, to find the input field that an error is about.
//!
//! The library reports an invalid value at the argument that contains it, or at no argument. A form needs the input
//! field, such as `filter.createdAt.gte`. Fields are looked up only if there is an error.

mod calls;
mod input_error;

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    BaseType, ExecutableDocument, FieldDefinition, InputValueDefinition, OperationDefinition,
    ServiceDocument, Type, TypeKind, TypeSystemDefinition,
};
use async_graphql::{Name, Pos, Positioned, ServerError, Variables};

use self::calls::Call;

/// The maximum length of a name that is quoted to the client, in bytes.
const MAX_NAME: usize = 100;

/// The arguments of all fields, and the input types.
#[derive(Debug, Default)]
pub struct Inputs {
    /// The fields of each type that has fields.
    outputs: HashMap<String, HashMap<String, Field>>,
    /// The input fields of each input object, in the order of the schema.
    objects: HashMap<String, Vec<Input>>,
    enums: HashMap<String, HashSet<String>>,
    /// The arguments of `@skip` and `@include`.
    condition: Vec<Input>,
}

/// A field of an output type.
#[derive(Debug)]
struct Field {
    /// The name of its type, without list wrappers.
    output: String,
    arguments: Vec<Input>,
}

/// An argument or an input field.
#[derive(Debug)]
struct Input {
    name: String,
    ty: Type,
    has_default: bool,
}

impl Inputs {
    /// Reads the arguments and the input types of a schema.
    pub fn read(schema: &ServiceDocument) -> Self {
        let mut inputs = Self {
            condition: vec![Input {
                name: "if".to_owned(),
                ty: Type {
                    base: BaseType::Named(Name::new("Boolean")),
                    nullable: false,
                },
                has_default: false,
            }],
            ..Self::default()
        };
        for definition in &schema.definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let name = definition.node.name.node.to_string();
            match &definition.node.kind {
                TypeKind::Object(kind) => {
                    inputs.outputs.insert(name, fields(&kind.fields));
                }
                TypeKind::Interface(kind) => {
                    inputs.outputs.insert(name, fields(&kind.fields));
                }
                TypeKind::InputObject(kind) => {
                    inputs.objects.insert(name, arguments(&kind.fields));
                }
                TypeKind::Enum(kind) => {
                    let values = kind.values.iter();
                    let values = values.map(|value| value.node.value.node.to_string());
                    inputs.enums.insert(name, values.collect());
                }
                TypeKind::Scalar | TypeKind::Union(_) => {}
            }
        }
        inputs
    }

    /// Returns the definitions of nullable variables without a default that are used where a value is required and
    /// the schema has a default. Such a variable may be absent, but not null (All Variable Usages Are Allowed).
    pub fn defaulted(
        &self,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
    ) -> Vec<Pos> {
        let definitions = operation.variable_definitions.iter().filter(|definition| {
            definition.node.var_type.node.nullable && definition.node.default_value.is_none()
        });
        let mut definitions = definitions.peekable();
        if definitions.peek().is_none() {
            return Vec::new();
        }
        let calls = self.calls(document, operation);
        let defaulted = definitions.filter(|definition| {
            let name = &definition.node.name.node;
            calls.iter().any(|call| call.has_default_for(self, name))
        });
        defaulted.map(|definition| definition.pos).collect()
    }

    /// Returns the path of the first argument or input field whose value is this variable.
    pub fn path_of(
        &self,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        variable: &str,
    ) -> Option<String> {
        let calls = self.calls(document, operation);
        calls.iter().find_map(|call| call.path_of(variable))
    }

    /// Adds the path of the argument or input field to each error about its value, with a specific message.
    pub fn locate(
        &self,
        errors: &mut [ServerError],
        document: &ExecutableDocument,
        operation: &OperationDefinition,
        variables: &Variables,
    ) {
        if errors.iter().all(|error| error.extensions.is_some()) {
            return;
        }
        let calls = self.calls(document, operation);
        // Errors of services have extensions already.
        let of_library = errors.iter_mut().filter(|error| error.extensions.is_none());
        for error in of_library {
            let input_error = calls
                .iter()
                .find_map(|call| call.input_error(self, error, variables));
            let Some(input_error) = input_error else {
                continue;
            };
            let extensions = error.extensions.get_or_insert_default();
            extensions.set("field", input_error.path);
            if let Some(message) = input_error.message {
                error.message = message;
            }
        }
    }

    /// Returns the errors of unknown input fields. The library does not validate a value that contains an absent
    /// variable.
    pub fn unknown_fields(
        &self,
        document: &ExecutableDocument,
        operation: &OperationDefinition,
    ) -> Vec<ServerError> {
        let calls = self.calls(document, operation);
        let errors = calls.iter().flat_map(|call| call.unknown_fields(self));
        errors.collect()
    }

    fn calls<'a>(
        &'a self,
        document: &'a ExecutableDocument,
        operation: &'a OperationDefinition,
    ) -> Vec<Call<'a>> {
        calls::of(self, document, operation)
    }
}

/// Returns whether a text is a GraphQL name of bounded length, which may be quoted in an error.
pub fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    let is_first = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    bytes.next().is_some_and(is_first)
        && bytes.all(|byte| is_first(byte) || byte.is_ascii_digit())
        && text.len() <= MAX_NAME
}

fn fields(fields: &[Positioned<FieldDefinition>]) -> HashMap<String, Field> {
    let fields = fields.iter().map(|field| {
        let field = &field.node;
        let known = Field {
            output: base(&field.ty.node.base).to_owned(),
            arguments: arguments(&field.arguments),
        };
        (field.name.node.to_string(), known)
    });
    fields.collect()
}

fn arguments(arguments: &[Positioned<InputValueDefinition>]) -> Vec<Input> {
    let arguments = arguments.iter().map(|argument| Input {
        name: argument.node.name.node.to_string(),
        ty: argument.node.ty.node.clone(),
        has_default: argument.node.default_value.is_some(),
    });
    arguments.collect()
}

fn base(ty: &BaseType) -> &str {
    match ty {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(inner) => base(&inner.base),
    }
}
