//! Writes against the same rows stored by hand.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use serde_json::{Value, json};
use uuid::Uuid;

use super::fairness::LOGIN;
use super::report::{Bar, Row};
use super::shop::{category_id, product};
use super::shops::Shop;
use super::{Setting, UNCACHED, cache, users};
use crate::accounts::{PASSWORD, REGISTER, registration};
use crate::by_hand::{ByHand, encode};
use crate::http::{Client, request, request_as};
use crate::load::{Load, Source, Turn};
use crate::processes::postgres;
use crate::rounds::{self, Case};
use crate::stats::median;
use crate::uploading::{ADMIN, sign_in};

const CONNECTIONS: usize = 8;
/// Products of a bulk change.
const BULK: usize = 100;
const CREATE: &str = "mutation($input: CreateProductInput!) { createProduct(input: $input) {
    product { id } userErrors { code message } } }";
const UPDATE: &str = "mutation($input: UpdateProductInput!) { updateProduct(input: $input) {
    product { id } userErrors { code message } } }";
const CHANGE_PRICES: &str =
    "mutation($input: UpdateProductsInput!) { updateProducts(input: $input) {
    results { id } userErrors { code message } } }";
const REFRESH: &str = "mutation($input: RefreshTokenInput!) { refreshToken(input: $input) {
    accessToken refreshToken userErrors { code } } }";

/// The kinds of writes: their names, and their paths by hand.
const KINDS: [(&str, &str); 7] = [
    ("createProduct", "create"),
    ("updateProduct, the name", "update"),
    ("adjustStock", "stock"),
    ("updateProducts, 100 prices", "bulk"),
    ("register", "register"),
    ("login", "login"),
    ("refreshToken", "refresh"),
];

/// Builds the requests of both servers.
struct Requests {
    products: usize,
    customers: usize,
    /// Credentials of an admin.
    token: String,
    session: String,
    /// Numbers of created products and registrations.
    next: AtomicUsize,
}

pub fn measure(shop: &Shop, setting: &mut Setting) -> Result<()> {
    let mut flags = setting.order.flags.clone();
    flags.push(UNCACHED.to_owned());
    flags.push("--limit-refresh-client=1000000/1s".to_owned());
    let server = shop.serve(setting.folder, &flags)?;
    let memory = setting.folder.path().join("empty");
    std::fs::write(&memory, "")?;
    let by_hand = ByHand::start(&shop.url, &memory)?;
    let requests = Arc::new(Requests {
        products: shop.products,
        customers: setting.customers(),
        token: sign_in(&server.address)?,
        session: session(&by_hand, ADMIN)?,
        next: AtomicUsize::new(shop.products * 10),
    });
    let mut cases = Vec::new();
    for (name, path) in KINDS {
        let (ours, hand): (Source, Source) = if path == "refresh" {
            refresh(&server.address, &by_hand)?
        } else {
            let (one, other) = (requests.clone(), requests.clone());
            (
                Arc::new(move |turn| one.ours(path, turn.number).into()),
                Arc::new(move |turn| other.by_hand(path, turn.number).into()),
            )
        };
        for (name, source, address, process) in [
            (name.to_owned(), ours, &server.address, server.process()),
            (
                format!("{name}, by hand"),
                hand,
                &by_hand.address,
                by_hand.process(),
            ),
        ] {
            let load = Load::new(address, &source, CONNECTIONS, setting.scale.long);
            cases.push(Case {
                name,
                load,
                process,
            });
        }
    }
    let database = shop.runtime.block_on(postgres(&shop.url))?;
    let samples = rounds::run(setting.scale.plan, database, &cases)?;
    for pair in samples.chunks(2) {
        let [ours, hand] = pair else { continue };
        setting.report.row(Row {
            work: ours.name.clone(),
            ours: format!("{:.0}/s", median(&ours.rate)),
            other: format!("by hand: {:.0}/s", median(&hand.rate)),
            ratio: ours.ratio(hand),
            bar: Bar::AtLeast(0.5),
            is_complete: true,
            details: format!("{}; by hand: {}", ours.details(), hand.details()),
        });
    }
    Ok(())
}

impl Requests {
    fn ours(&self, path: &str, number: usize) -> Vec<u8> {
        let as_admin =
            |query, input: Value| request_as(&self.token, query, &json!({"input": input}));
        match path {
            "create" => {
                let row = product(self.next.fetch_add(1, Ordering::Relaxed));
                as_admin(
                    CREATE,
                    json!({
                        "name": row.name, "slug": row.slug, "sku": row.sku, "description": row.description,
                        "price": format!("{}.{:02}", row.price / 100, row.price % 100), "stock": row.stock,
                        "status": "ACTIVE", "categoryId": encode("cat", category_id(row.categories[0])),
                    }),
                )
            }
            "update" => {
                let input = json!({"id": encode("prod", self.id(number)), "name": self.name()});
                as_admin(UPDATE, input)
            }
            "stock" => {
                let input = json!({"id": encode("prod", self.id(number)), "delta": 1});
                as_admin(cache::STOCK, input)
            }
            "bulk" => {
                let ids: Vec<_> = self.many(number).map(|id| encode("prod", id)).collect();
                let percent = percent(number).to_string();
                as_admin(CHANGE_PRICES, json!({"ids": ids, "pricePercent": percent}))
            }
            "register" => request(REGISTER, &registration(&self.new_email())),
            _ => {
                let input = json!({"email": self.email(number), "password": PASSWORD});
                request(LOGIN, &json!({ "input": input }))
            }
        }
    }

    fn by_hand(&self, path: &str, number: usize) -> Vec<u8> {
        let session = &self.session;
        let body = match path {
            "create" => {
                let row = product(self.next.fetch_add(1, Ordering::Relaxed));
                json!({
                    "session": session, "name": row.name, "slug": row.slug, "sku": row.sku,
                    "description": row.description, "price": row.price, "stock": row.stock,
                    "category": category_id(row.categories[0]),
                })
            }
            "update" => json!({"session": session, "id": self.id(number), "name": self.name()}),
            "stock" => json!({"session": session, "id": self.id(number), "delta": 1}),
            "bulk" => {
                let ids: Vec<_> = self.many(number).collect();
                json!({"session": session, "ids": ids, "percent": percent(number)})
            }
            "register" => json!({"email": self.new_email(), "password": PASSWORD}),
            _ => json!({"email": self.email(number), "password": PASSWORD}),
        };
        ByHand::request(&format!("/write/{path}"), &body)
    }

    fn id(&self, number: usize) -> Uuid {
        product(number % self.products).id
    }

    /// Returns a new name of known words.
    fn name(&self) -> String {
        product(self.next.fetch_add(1, Ordering::Relaxed)).name
    }

    /// Returns the products of a bulk change. Concurrent changes have different ones.
    fn many(&self, number: usize) -> impl Iterator<Item = Uuid> {
        let first = number % (self.products / BULK) * BULK;
        (first..first + BULK).map(|number| product(number).id)
    }

    fn email(&self, number: usize) -> String {
        users::email(number % self.customers)
    }

    fn new_email(&self) -> String {
        format!(
            "new{}@example.com",
            self.next.fetch_add(1, Ordering::Relaxed)
        )
    }
}

/// Price changes in percent, which alternate, so that prices stay within their bounds.
const fn percent(number: usize) -> i64 {
    if number.is_multiple_of(2) { 10 } else { -10 }
}

/// Signs in by hand. Returns the session.
pub fn session(by_hand: &ByHand, email: &str) -> Result<String> {
    let login = ByHand::request(
        "/write/login",
        &json!({"email": email, "password": PASSWORD}),
    );
    let response = Client::connect(&by_hand.address)?.send(&login)?.json()?;
    let session = response["data"]["done"].as_str();
    Ok(session.context("sign-in by hand failed")?.to_owned())
}

/// Returns requests that renew a session for each connection. Wares returns a new token each time.
fn refresh(address: &str, by_hand: &ByHand) -> Result<(Source, Source)> {
    let (mut tokens, mut sessions) = (HashMap::new(), Vec::new());
    let mut client = Client::connect(address)?;
    for connection in 0..CONNECTIONS {
        let email = users::email(connection);
        let input = json!({"input": {"email": email, "password": PASSWORD}});
        let response = client.query(LOGIN, &input)?;
        let token = response["data"]["login"]["refreshToken"].as_str();
        let token = token.with_context(|| format!("sign-in failed: {response}"))?;
        tokens.insert(connection, token.to_owned());
        sessions.push(session(by_hand, &email)?);
    }
    let tokens = Mutex::new(tokens);
    let ours = move |turn: Turn<'_>| -> Cow<'static, [u8]> {
        let mut tokens = tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let token = tokens.entry(turn.connection).or_default();
        if let Ok(response) = serde_json::from_slice::<Value>(turn.last)
            && let Some(next) = response["data"]["refreshToken"]["refreshToken"].as_str()
        {
            next.clone_into(token);
        }
        request(REFRESH, &json!({"input": {"refreshToken": token}})).into()
    };
    let hand = move |turn: Turn<'_>| -> Cow<'static, [u8]> {
        let body = json!({"session": sessions[turn.connection]});
        ByHand::request("/write/refresh", &body).into()
    };
    Ok((Arc::new(ours), Arc::new(hand)))
}
