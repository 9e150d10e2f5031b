//! Accounts: registration, sign-in, sessions, identities, avatars.

mod admins;
mod attempts;
mod avatars;
mod browsers;
mod bursts;
mod code_guessing;
mod codes;
mod devices;
mod google_browser;
mod google_client;
mod google_provider;
mod google_routes;
mod google_settings;
mod google_tokens;
mod identities;
mod identity_links;
mod lock_out;
mod log_secrets;
mod recovering;
mod refreshing;
mod registration;
mod security_log;
mod signing_in;
mod tokens;
mod typed_input;
mod users;
