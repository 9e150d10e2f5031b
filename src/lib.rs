//! Wares: a commerce backend in one binary, with one GraphQL schema.
//!
//! ```text
//! main.rs         allocator, then the command line
//! cli/            the commands: serve, migrate, admin, import, export, check, ...
//! server/         startup and shutdown, connections, background workers
//! api/            the API: schema, access rules, HTTP endpoints
//! sales/          carts, orders, payments, taxes, shipping, discounts, shop settings for clients
//! catalog/        products, categories, their images, search, import and export
//! accounts/       users, sign-in, sessions, Google identities, avatars
//! platform/       what features share: jobs, audit log, idempotency keys, rate limits, stored images
//! graphql/        toolkit of the features' APIs: data loader, guards, payloads, uploads
//! state.rs        the shared application state
//! infra/          the outside world: database, object store, email, HTTP client, OpenID, cache, telemetry
//! config/         settings
//! core/           values and rules without I/O: errors, ids, money, time, texts, pagination
//! ```
//!
//! A folder here is a top-level module, a folder in one is a feature. Imports go down this list, never up. In a feature
//! each file has one job and knows only those to its right:
//!
//! ```text
//! graphql.rs  ->  service.rs  ->  repository.rs  ->  list.rs    ->  entity.rs
//! types and       rules and       queries            filters        rows
//! thin resolvers  transactions                       and orders
//! ```
//!
//! The test `architecture` reads the sources and checks all of this. `docs/architecture.md` follows a request through
//! the modules and explains the decisions; `CONTRIBUTING.md` says how to change things.

// The resolvers of a large schema nest deeper than the compiler expects.
#![recursion_limit = "256"]

pub mod accounts;
pub mod api;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod core;
pub mod graphql;
pub mod infra;
pub mod platform;
pub mod sales;
pub mod server;
pub mod state;
