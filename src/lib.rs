//! Wares: a commerce backend in one binary, with one GraphQL schema for products, categories and users.
//!
//! # The map
//!
//! **A folder is a feature, a file is plumbing.** [`category`], [`product`] and [`product_image`] are the catalogue, and
//! [`import_export`] takes and gives files of it; [`user`], [`auth`] and [`identity`] are the accounts. Below them,
//! [`audit`] writes down who changed what, [`outbox`] does afterwards what is outside of the database, [`throttle`] counts
//! against limits, [`idempotency`] answers a call that is sent twice and [`media`] has the pictures of all, among them those
//! of users ([`avatar`]). [`shop`] returns the settings that clients need, and [`demo`] fills an empty shop. In a feature
//! each file has one job, and knows only those to its right:
//!
//! ```text
//! graphql.rs  ->  service.rs  ->  repository.rs  ->  list.rs    ->  entity.rs
//! types and       rules and       queries            filters        rows
//! thin resolvers  transactions                       and orders
//! ```
//!
//! Features stand in an order, `audit < outbox < throttle < idempotency < media < category < product < product_image
//! < import_export < user < avatar < auth < identity < shop < demo`: a service may call services below it, never above.
//! GraphQL types name each other freely, because a graph has cycles. A table is written by its own repository alone. The test
//! `layers` reads the sources and holds all of this.
//!
//! # The way of a request
//!
//! 1. [`server`] listens, makes the database ready and lets requests finish when it is asked to stop. Probes are answered from
//!    the first moment, all else waits until it is ready; [`life`] is what it knows of itself.
//! 2. [`http`] has the connections, and hangs up on who does nothing. It is the router and its middleware: request id, log,
//!    CORS, the rules of GraphQL over HTTP. It refuses documents that ask for too much, and parses the others once, so
//!    that a GET never runs a mutation. Variables are bounded before they are built, and absent ones are taken out of the
//!    operation; errors of values get the input field they are about. How many are executed at once is limited
//!    ([`concurrency`]), fairly among clients ([`fair_semaphore`]). It finds out
//!    who asks: a bearer token ([`token`], [`keys`]) and the session behind it ([`auth`]).
//!    What nobody in particular has asked before, and what has not changed since, is answered by the [`read_cache`].
//!    A mutation that the database gave up for another is executed once more.
//! 3. [`schema`] puts the features' root fields together; [`root`] keeps the error, the panic or the timeout of one root
//!    field from hiding the results of the others. [`viewer`] says who asks and has
//!    the guards of the fields and the proofs that services demand, [`access`] refuses before anything is looked at;
//!    [`client`] says where the request comes from;
//!    [`loader`] batches the lookups of one request, so that a list costs a handful of statements, not one a row.
//!    A mutation under an `Idempotency-Key` is executed once ([`idempotency`]): its transactions note in themselves that
//!    they were committed, and its answer is kept, unless it may hold a secret ([`secrets`]).
//! 4. Resolvers check their arguments into the types of the service: [`id`], [`money`], [`range`], [`lookup`],
//!    [`slug`], [`patch`], [`pagination`], [`search`]. What does not fit is a
//!    [`BadUserInput`](error::Error::BadUserInput) with its field. The files of a request are still on the wire when a
//!    resolver asks for them: [`upload`].
//! 5. Repositories ask the [`database`], SQLite or PostgreSQL: the same entities, the same migrations, the same order of
//!    texts, because [`text`] makes the keys they are compared by.
//! 6. What goes wrong is an [`error::Error`]. A client gets a sentence and a stable code; the log gets the cause, once,
//!    with the request's id. What a form can show is a [`user_error`] in the payload of a mutation.
//!
//! # What is not in the database
//!
//! Letters leave by [`mail`], pictures are objects in the [`storage`]: any S3 server, or the one inside the process. Both
//! are written into the [`outbox`] in the transaction of what they belong to, and beside the requests the [`work`] of the
//! server does what is due there: it sends letters, removes objects that no row names, makes the sizes of pictures, and
//! fetches those that imports name by [`fetch`], which does not let itself be led into the network that the server stands
//! in. What fails is tried again ([`retry`]).
//!
//! Who somebody is elsewhere is asked of the OpenID provider by [`google`], which believes only what it can prove and waits
//! for nobody long. What it asks over is the [`wire`].
//!
//! What strangers send as a [`picture`] is cleaned on its way into the store, and decoded once to be sure of it.
//!
//! The shared parts of a process are its [`state`], among them what hashes a [`password`] and the [`turns`] of registrations; its settings are in
//! [`config`], its time comes from the [`clock`], its log is started by [`log`]. What an
//! operator watches is counted in [`metrics`], and [`traces`] show where the time of a request went.

// The resolvers of a large schema nest deeper than the compiler expects.
#![recursion_limit = "256"]

pub mod access;
pub mod audit;
pub mod auth;
pub mod avatar;
pub mod category;
pub mod client;
pub mod clock;
pub mod concurrency;
pub mod config;
pub mod database;
pub mod demo;
pub mod email;
pub mod error;
pub mod fair_semaphore;
pub mod fetch;
pub mod google;
pub mod graphql_error;
pub mod guard;
pub mod http;
pub mod id;
pub mod idempotency;
pub mod identity;
pub mod import_export;
pub mod keys;
pub mod life;
pub mod loader;
pub mod log;
pub mod lookup;
pub mod mail;
pub mod media;
pub mod metrics;
pub mod money;
pub mod outbox;
pub mod pagination;
pub mod password;
pub mod patch;
pub mod payload;
pub mod picture;
pub mod product;
pub mod product_image;
pub mod range;
pub mod read_cache;
pub mod retry;
pub mod root;
pub mod schema;
pub mod search;
pub mod secret;
pub mod secrets;
pub mod server;
pub mod shop;
pub mod slug;
pub mod state;
pub mod storage;
pub mod text;
pub mod throttle;
pub mod token;
pub mod traces;
pub mod turns;
pub mod upload;
pub mod user;
pub mod validation;
pub mod viewer;
pub mod wire;
pub mod work;
