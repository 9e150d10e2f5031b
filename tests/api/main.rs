//! The behaviour of Wares, as its clients and operators meet it: on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod harness;

mod admins;
mod answers;
mod attempts;
mod audit;
mod browsers;
mod categories;
mod category_editing;
mod category_tree;
mod codes;
mod command_line;
mod demo;
mod devices;
mod exporting;
mod faults;
mod fetching;
mod guards;
mod health;
mod idempotency;
mod idempotency_faults;
mod import_edges;
mod importing;
mod layers;
mod lifecycle;
mod limits;
mod loader;
mod lookups;
mod mail;
mod mail_operator;
mod mail_trouble;
mod pagination;
mod picture_sizes;
mod pictures;
mod plumbing;
mod product_bulk;
mod product_editing;
mod products;
mod recovering;
mod refreshing;
mod registration;
mod schema;
mod shopify;
mod signing_in;
mod speed;
mod tokens;
mod transport;
mod upload_order;
mod upload_requests;
mod upload_wire;
mod uploads;
mod users;
mod visibility;
