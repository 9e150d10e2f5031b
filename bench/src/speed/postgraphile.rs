//! `PostGraphile`, in a process of its own on the database of a shop. Optional: it needs Node.js and npm.
//!
//! Its schema is derived from the tables. It does not check whether a category is visible, so that it has less to do.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::shop::product;
use super::shops::Shop;
use crate::http::{Client, request};

/// Time limit for the start.
const TIMEOUT: Duration = Duration::from_mins(1);
const LIST: &str = r#"query($after: Cursor) {
    allProducts(first: 20, after: $after, condition: {status: "ACTIVE"}, orderBy: [NAME_KEY_ASC]) {
        nodes { rowId name slug price stock category: categoryByCategoryId { rowId name slug }
            images: productImagesByProductId(orderBy: [POSITION_ASC]) { nodes { objectKey alt width height } } }
        pageInfo { hasNextPage endCursor } } }"#;
const BY_ID: &str = "query($id: UUID!) { productByRowId(rowId: $id) {
    rowId name slug sku description price stock status } }";
const BY_SLUG: &str = "query($slug: String!) { productBySlug(slug: $slug) {
    rowId name slug sku description price stock status } }";

/// A running `PostGraphile`. Killed on drop.
pub struct PostGraphile {
    child: Child,
    pub address: String,
}

impl PostGraphile {
    /// Starts it on a shop. Returns `None`, after printing the reason, if that is not possible.
    pub fn start(shop: &Shop) -> Option<Self> {
        if shop.is_sqlite() {
            return None;
        }
        let started = install().and_then(|program| Self::run(&program, shop));
        started
            .inspect_err(|error| println!("  PostGraphile is skipped: {error:#}"))
            .ok()
    }

    fn run(program: &Path, shop: &Shop) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let child = Command::new(program)
            .args(["-C", "graphile.config.mjs"])
            .current_dir(folder())
            .env("DATABASE_URL", &shop.url)
            .env("PORT", port.to_string())
            .env("NODE_ENV", "production")
            .env("GRAPHILE_ENV", "production")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .context("can't start it")?;
        let mut started = Self {
            child,
            address: format!("127.0.0.1:{port}"),
        };
        let begun = Instant::now();
        while Client::connect(&started.address).is_err() {
            ensure!(started.child.try_wait()?.is_none(), "it exited");
            ensure!(begun.elapsed() < TIMEOUT, "it did not start in time");
            sleep(Duration::from_millis(50));
        }
        Ok(started)
    }

    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Returns the requests of the first pages.
    pub fn pages(&self, pages: usize) -> Result<Vec<Vec<u8>>> {
        let mut client = Client::connect(&self.address)?;
        let (mut requests, mut after) = (Vec::new(), Value::Null);
        for _ in 0..pages {
            let variables = json!({"after": after});
            requests.push(request(LIST, &variables));
            let response = client.query(LIST, &variables)?;
            let list = &response["data"]["allProducts"];
            let nodes = list["nodes"].as_array().map_or(0, Vec::len);
            let images = &list["nodes"][0]["images"]["nodes"][0]["objectKey"];
            ensure!(nodes == 20 && images.is_string(), "{response}");
            after = list["pageInfo"]["endCursor"].clone();
        }
        Ok(requests)
    }

    /// Returns requests of these products by id.
    pub fn by_id(numbers: &[usize]) -> Vec<Vec<u8>> {
        let variables = |number: &usize| json!({"id": product(*number).id});
        requests(BY_ID, numbers.iter().map(variables))
    }

    /// Returns requests of these products by slug.
    pub fn by_slug(numbers: &[usize]) -> Vec<Vec<u8>> {
        let variables = |number: &usize| json!({"slug": product(*number).slug});
        requests(BY_SLUG, numbers.iter().map(variables))
    }
}

impl Drop for PostGraphile {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn requests(query: &str, variables: impl Iterator<Item = Value>) -> Vec<Vec<u8>> {
    variables
        .map(|variables| request(query, &variables))
        .collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("postgraphile")
}

/// Installs the pinned version, unless it is there. Returns its program.
fn install() -> Result<PathBuf> {
    let program = folder().join("node_modules/.bin/postgraphile");
    if !program.exists() {
        let installed = Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(folder())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .context("npm is needed")?;
        ensure!(installed.success(), "`npm ci` failed");
    }
    Ok(program)
}
