//! Measures the product page as one statement with pgbench, PostgreSQL's load generator.

use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::load::{CONNECTIONS, Outcome};
use super::shops::Shop;
use crate::server::Folder;

/// Builds the JSON in the database. Starts at a random page.
const SQL: &str = r"\set place random(0, 4000)
SELECT json_build_object('totalCount', (SELECT count(*) FROM (SELECT 1 FROM products p WHERE p.status = 'ACTIVE'
    AND EXISTS (SELECT 1 FROM categories c WHERE c.id = p.category_id AND c.visible) LIMIT 10001) AS counted),
  'nodes', (SELECT json_agg(json_build_object('id', p.id, 'name', p.name, 'slug', p.slug, 'price', p.price,
      'inStock', p.stock > 0,
      'category', (SELECT json_build_object('id', c.id, 'name', c.name, 'slug', c.slug) FROM categories c
        WHERE c.id = p.category_id AND c.visible),
      'images', (SELECT json_agg(json_build_object('url', i.object_key, 'alt', i.alt, 'width', i.width,
        'height', i.height) ORDER BY i.position) FROM product_images i WHERE i.product_id = p.id)))
    FROM (SELECT * FROM products p WHERE p.status = 'ACTIVE' AND EXISTS (SELECT 1 FROM categories c
        WHERE c.id = p.category_id AND c.visible)
        AND (p.name_key, p.id) > (chr(97 + :place % 26) || 'a', '00000000-0000-0000-0000-000000000000'::uuid)
        ORDER BY p.name_key, p.id LIMIT 21) AS p));
";

/// Runs the statement for a number of seconds. `None` on SQLite.
pub fn page(shop: &Shop, folder: &Folder, seconds: u32) -> Result<Option<Outcome>> {
    if shop.url.starts_with("sqlite:") {
        return Ok(None);
    }
    let script = folder.path().join("page.sql");
    std::fs::write(&script, SQL.replace("\n  ", " ").replace("\n    ", " "))?;
    let output = Command::new("pgbench")
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=1"])
        .arg(format!("--client={CONNECTIONS}"))
        .arg(format!("--time={seconds}"))
        .arg("--file")
        .arg(&script)
        .arg(&shop.url)
        .output();
    let output =
        output.context("pgbench is needed: it comes with PostgreSQL; put its folder into PATH")?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(
        output.status.success(),
        "pgbench failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let number = |before: &str| -> Result<f64> {
        let line = said.lines().find_map(|line| line.strip_prefix(before));
        let word = line.and_then(|line| line.split_whitespace().next());
        let word = word.with_context(|| format!("no `{before}` in the output of pgbench"))?;
        Ok(word.parse()?)
    };
    let latency = number("latency average = ")?;
    let rate = number("tps = ")?;
    Ok(Some(Outcome {
        rate,
        p50: latency,
        p99: f64::NAN,
        requests: rate * f64::from(seconds),
    }))
}
