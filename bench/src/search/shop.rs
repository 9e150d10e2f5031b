//! A shop with the products of a set, and its search.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::catalog::Product;
use super::sets::{Set, Synonym};
use crate::http::Client;
use crate::importing::import;
use crate::server::{Database, Folder, Server, binary};
use crate::target::Target;
use crate::uploading::{ADMIN, sign_in};

/// The results of a query, and which of them are graded.
pub struct Answer {
    pub slugs: Vec<String>,
    /// Grades of the judged results, in their order.
    pub grades: Vec<u8>,
}

/// A running server with the products.
pub struct Shop {
    server: Server,
    // Deletes the database when it is dropped, after the server.
    _target: Target,
}

/// Results of a set whose products are not all judged, of which the judged ones remain.
const POOL: usize = 50;
/// Time for indexing in the background after the import, such as of category names.
const SETTLE: Duration = Duration::from_secs(3);
const SEARCH: &str = "query($search: String!, $first: Int!) {
    products(search: $search, first: $first) { nodes { slug } } }";
const INPUT: &str = r#"{ __type(name: "CreateSearchSynonymInput") { name } }"#;
const CREATE: &str = "mutation($input: CreateSearchSynonymInput!) {
    createSearchSynonym(input: $input) { userErrors { field message } } }";

impl Shop {
    /// Creates the shop with the language, products and synonyms of the set, as far as the measured version knows them.
    pub fn open(database: &Database, folder: &Folder, set: &Set) -> Result<Self> {
        let mut target = Target::new(database, folder)?;
        let mut flags = vec!["--graphql-introspection=true".to_owned()];
        if knows_languages()? {
            let language = set.language.to_owned();
            flags.push(format!("--shop-language={language}"));
            target.environment.push(("SHOP_LANGUAGE", language));
        }
        target.recreate()?;
        let file = folder.path().join("products.csv");
        std::fs::write(&file, csv(&set.products))?;
        import(&target, &file)?;
        target.create_admin(ADMIN)?;
        let flags: Vec<_> = flags.iter().map(String::as_str).collect();
        let server = target.serve_with(folder, &flags)?;
        sleep(SETTLE);
        add_synonyms(&server, &set.synonyms)?;
        Ok(Self {
            server,
            _target: target,
        })
    }

    /// Sends all queries of the set.
    pub fn answers(&self, set: &Set) -> Result<Vec<Answer>> {
        let mut client = Client::connect(&self.server.address)?;
        let first = if set.is_complete {
            super::metrics::DEPTH
        } else {
            POOL
        };
        let mut answers = Vec::new();
        for query in &set.queries {
            let variables = json!({"search": query.text, "first": first});
            let response = client.query(SEARCH, &variables)?;
            let nodes = response["data"]["products"]["nodes"].as_array();
            let nodes = nodes.with_context(|| format!("`{}`: {response}", query.text))?;
            let slugs = nodes.iter().filter_map(|node| node["slug"].as_str());
            let slugs: Vec<_> = slugs.map(str::to_owned).collect();
            let grade = |slug: &String| match query.grades.get(slug) {
                None if set.is_complete => Some(0),
                grade => grade.copied(),
            };
            let grades = slugs.iter().filter_map(grade).collect();
            answers.push(Answer { slugs, grades });
        }
        Ok(answers)
    }
}

/// Returns whether the measured version has a setting for the language of the shop.
fn knows_languages() -> Result<bool> {
    let help = Command::new(binary()?).args(["serve", "--help"]).output()?;
    Ok(String::from_utf8_lossy(&help.stdout).contains("--shop-language"))
}

/// Creates the synonyms if the measured version has them.
fn add_synonyms(server: &Server, synonyms: &[Synonym]) -> Result<()> {
    let mut client = Client::connect(&server.address)?;
    let response = client.query(INPUT, &json!({}))?;
    if response["data"]["__type"].is_null() {
        println!("  This version has no synonyms.");
        return Ok(());
    }
    let token = sign_in(&server.address)?;
    for synonym in synonyms {
        let input = if synonym.from.is_empty() {
            json!({"terms": synonym.terms})
        } else {
            json!({"from": synonym.from, "to": synonym.terms})
        };
        let response = client.query_as(&token, CREATE, &json!({"input": input}))?;
        let errors = &response["data"]["createSearchSynonym"]["userErrors"];
        ensure!(*errors == json!([]), "{synonym:?}: {response}");
    }
    Ok(())
}

/// Writes a product file with a row for each variant.
fn csv(products: &[Product]) -> String {
    let mut text = "slug,name,price,sku,barcode,description,stock,categories,status,brand,tags,option1_name,option1_value,option2_name,option2_value\n".to_owned();
    let skus = products.iter().fold(HashMap::new(), |mut skus, product| {
        *skus.entry(product.sku.as_str()).or_insert(0_usize) += 1;
        skus
    });
    for product in products {
        // A SKU that several products share can't be imported.
        let sku = if skus[product.sku.as_str()] == 1 {
            product.sku.as_str()
        } else {
            ""
        };
        for (number, values) in variants(&product.options).into_iter().enumerate() {
            let sku = if number == 0 || sku.is_empty() {
                sku.to_owned()
            } else {
                format!("{sku}-{}", number + 1)
            };
            let price = format!("{}.{:02}", product.price / 100, product.price % 100);
            let barcode = if number == 0 {
                product.barcode.as_str()
            } else {
                ""
            };
            let tags = product.tags.join(", ");
            let mut cells = vec![&product.slug, &product.name, &price, &sku, barcode];
            cells.extend([
                product.description.as_str(),
                "25",
                &product.category,
                "ACTIVE",
            ]);
            cells.extend([product.brand.as_str(), &tags]);
            for ((name, _), value) in product.options.iter().zip(&values) {
                cells.extend([name.as_str(), value.as_str()]);
            }
            cells.resize(15, "");
            let cells = cells
                .iter()
                .map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")));
            _ = writeln!(text, "{}", cells.collect::<Vec<_>>().join(","));
        }
    }
    text
}

/// Returns all combinations of the values of the options.
fn variants(options: &[(String, Vec<String>)]) -> Vec<Vec<String>> {
    options
        .iter()
        .fold(vec![Vec::new()], |variants, (_, values)| {
            let extend = |variant: Vec<String>| {
                values
                    .iter()
                    .map(move |value| [variant.clone(), vec![value.clone()]].concat())
            };
            variants.into_iter().flat_map(extend).collect()
        })
}
