//! Query limits: an accepted document is within the limits when its fragments are expanded, and costs no more when it
//! is executed. A refusal is a sentence.
//!
//! The input is a document, and after a NUL the variables in JSON.

#![no_main]

#[path = "limiter/naive.rs"]
mod naive;
#[path = "limiter/shop.rs"]
mod shop;

use std::collections::HashSet;
use std::sync::LazyLock;
use std::thread;

use async_graphql::parser::{parse_query, parse_schema};
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition};
use async_graphql::{Request, Variables};
use clap::{Args, Command, FromArgMatches};
use libfuzzer_sys::fuzz_target;
use wares::api::access_rules::AccessRules;
use wares::api::schema;
use wares::config::Limits;
use wares::api::http::fuzzing::Limiter;

use naive::ExpandedSize;

/// Stack size of a server worker in bytes.
const STACK_SIZE: usize = 2 << 20;

/// Low limits, so that small documents reach them.
static LIMITS: LazyLock<Limits> = LazyLock::new(|| {
    let command = Limits::augment_args(Command::new("fuzz"));
    let flags = "fuzz --query-max-tokens=300 --query-max-depth=5 --query-max-selections=60 \
        --query-max-aliases=4 --query-max-directives=6 --query-max-directives-each=2 \
        --query-max-operations=3 --query-max-variables=4 --query-max-cost=300";
    let matches = command.get_matches_from(flags.split_whitespace());
    Limits::from_arg_matches(&matches).unwrap()
});

static RULES: LazyLock<AccessRules> = LazyLock::new(|| AccessRules::read(schema::document()));
static SERVER_LIMITER: LazyLock<Limiter> = LazyLock::new(|| Limiter::new(*LIMITS, schema::document(), RULES.authenticating_mutations()));
static SHOP_LIMITER: LazyLock<Limiter> =
    LazyLock::new(|| Limiter::new(*LIMITS, &parse_schema(shop::SCHEMA.sdl()).unwrap(), HashSet::new()));

fuzz_target!(|bytes: &[u8]| {
    let Ok(input) = std::str::from_utf8(bytes) else {
        return;
    };
    thread::scope(|scope| {
        let worker = thread::Builder::new().stack_size(STACK_SIZE);
        worker
            .spawn_scoped(scope, || check_input(input))
            .unwrap()
            .join()
            .unwrap();
    });
});

fn check_input(input: &str) {
    let (text, variables) = input.split_once('\0').unwrap_or((input, ""));
    let admitted = match SERVER_LIMITER.text(text) {
        Ok(admitted) => admitted,
        Err(message) => return is_sentence(&message),
    };
    // The parser must not overflow the stack on any accepted text.
    let Ok(document) = parse_query(text) else {
        return;
    };
    let authenticating_mutations = RULES.authenticating_mutations();
    let expanded = ExpandedSize::of(&document, &authenticating_mutations);
    match SERVER_LIMITER.document(&admitted, &document) {
        Ok(()) => is_within_bounds(&expanded),
        Err(message) => {
            is_sentence(&message);
            let too_much = expanded.selections > LIMITS.query_max_selections as usize;
            assert!(too_much || message != "The document selects too many fields and fragments." || expanded.is_cyclic);
            return;
        }
    }
    let variables = serde_json::from_str(variables).unwrap_or_default();
    let variables = Variables::from_json(variables);
    let operations = || {
        document
            .operations
            .iter()
            .map(|(_, operation)| &operation.node)
    };
    for limiter in [&SERVER_LIMITER, &SHOP_LIMITER] {
        let cheap = limiter.is_cheap(&document);
        for operation in operations() {
            match limiter.cost(&document, operation, &variables) {
                Ok(()) => {}
                Err(message) => {
                    assert!(!cheap, "a document with a constant low cost was refused");
                    is_sentence(&message);
                }
            }
        }
    }
    for (name, operation) in document.operations.iter() {
        execute(
            &document,
            name.map(|name| name.as_str()),
            &operation.node,
            &variables,
        );
    }
}

fn is_sentence(message: &str) {
    assert!(message.ends_with('.') && message.len() < 200);
}

fn is_within_bounds(expanded: &ExpandedSize) {
    // Validation rejects recursive fragments.
    if expanded.is_cyclic {
        return;
    }
    assert!(
        expanded.selections <= LIMITS.query_max_selections as usize,
        "{expanded:?}"
    );
    assert!(
        expanded.aliases <= LIMITS.query_max_aliases as usize,
        "{expanded:?}"
    );
    assert!(expanded.proofs <= 1, "{expanded:?}");
    let deepest = LIMITS.query_max_depth as usize;
    assert!(
        expanded.depth <= deepest || expanded.is_about_schema,
        "{expanded:?}"
    );
}

/// Executes an operation whose cost is accepted, and counts its objects.
fn execute(
    document: &ExecutableDocument,
    name: Option<&str>,
    operation: &OperationDefinition,
    variables: &Variables,
) {
    if SHOP_LIMITER.cost(document, operation, variables).is_err() {
        return;
    }
    let mut request = Request::new("").variables(variables.clone());
    if let Some(name) = name {
        request = request.operation_name(name);
    }
    request.set_parsed_query(document.clone());
    let object_count = shop::object_count(request);
    let max_objects = LIMITS.query_max_cost as usize;
    assert!(object_count <= max_objects, "the response has {object_count} objects");
}
