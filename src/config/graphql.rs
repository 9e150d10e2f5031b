//! Settings of the GraphQL endpoint.

use clap::Args;

use super::values::Switch;

/// Settings of the GraphQL endpoint.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Server and shop")]
pub struct GraphQl {
    /// Accept GraphQL queries over GET.
    #[arg(long, env = "GRAPHQL_GET", value_enum, default_value = "on")]
    pub graphql_get: Switch,

    /// Allow introspection of the schema. Default: on in development, off in production.
    #[arg(long, env = "GRAPHQL_INTROSPECTION", value_enum)]
    pub graphql_introspection: Option<Switch>,

    /// Serve GraphiQL to browsers. Its documentation requires `GRAPHQL_INTROSPECTION`. Default: on in development, off in production.
    #[arg(long, env = "GRAPHIQL", value_enum)]
    pub graphiql: Option<Switch>,
}
