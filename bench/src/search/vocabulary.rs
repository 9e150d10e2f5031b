//! Parses the vocabularies from which products are generated. `bench/search/README.md` describes their format.

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};

/// A value of an attribute: its id in conditions, and its text in the language of the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    pub id: String,
    pub label: String,
}

/// The kind of a number of similar products.
#[derive(Clone, Debug)]
pub struct Kind {
    pub id: String,
    pub count: usize,
    /// Id and path of its category.
    pub category: (String, String),
    /// Classes that it belongs to, such as `drinkware`.
    pub classes: Vec<String>,
    pub brands: Vec<String>,
    pub names: Vec<String>,
    pub texts: Vec<String>,
    pub tags: Vec<String>,
    pub sku: Option<String>,
    pub barcode: Option<String>,
    /// Attributes of which a product has one value.
    pub attributes: Vec<(String, Vec<Value>)>,
    /// Attributes of which each variant has one value, with the name of the option.
    pub options: Vec<(String, String, Vec<Value>)>,
}

/// What applies to the following kinds.
#[derive(Default)]
struct Scope {
    sets: HashMap<String, Vec<Value>>,
    labels: HashMap<String, String>,
    brands: Vec<String>,
    category: (String, String),
}

/// Parses a vocabulary.
pub fn parse(text: &str) -> Result<Vec<Kind>> {
    let mut scope = Scope::default();
    let mut kinds = Vec::new();
    for line in lines(text) {
        let parsed = scope.line(&line);
        kinds.extend(parsed.with_context(|| format!("in `{line}`"))?);
    }
    Ok(kinds)
}

/// Returns the lines without comments. An indented line continues the one before.
fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        match lines.last_mut() {
            Some(last) if line.starts_with(' ') => {
                last.push(' ');
                last.push_str(line.trim());
            }
            _ => lines.push(line.trim().to_owned()),
        }
    }
    lines
}

impl Scope {
    fn line(&mut self, line: &str) -> Result<Option<Kind>> {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "set" => {
                let (name, values) = rest.split_once(' ').context("a set without values")?;
                let values = self.values(values)?;
                self.sets.insert(name.to_owned(), values);
            }
            "label" => {
                let (key, label) = rest.split_once(' ').context("a label without text")?;
                self.labels.insert(key.to_owned(), label.to_owned());
            }
            "brands" => self.brands = list(rest),
            ">" => {
                let (id, path) = rest.split_once(':').context("a category without path")?;
                self.category = (id.trim().to_owned(), path.trim().to_owned());
            }
            _ => return self.kind(line).map(Some),
        }
        Ok(None)
    }

    fn kind(&self, line: &str) -> Result<Kind> {
        let mut clauses = line.split(';').map(str::trim);
        let head = clauses.next().unwrap_or_default();
        let (id, count) = head.split_once(' ').unwrap_or((head, "14"));
        let mut kind = Kind {
            id: id.to_owned(),
            count: count.parse().context("the number of products")?,
            category: self.category.clone(),
            classes: Vec::new(),
            brands: self.brands.clone(),
            names: Vec::new(),
            texts: Vec::new(),
            tags: Vec::new(),
            sku: None,
            barcode: None,
            attributes: Vec::new(),
            options: Vec::new(),
        };
        for clause in clauses.filter(|clause| !clause.is_empty()) {
            let (key, rest) = clause.split_once(' ').context("a clause without value")?;
            let rest = rest.trim();
            match key {
                "is" => kind.classes = list(rest),
                "name" => kind.names.push(rest.to_owned()),
                "text" => kind.texts.push(rest.to_owned()),
                "tags" => kind.tags = list(rest),
                "brands" => kind.brands = list(rest),
                "sku" => kind.sku = Some(rest.to_owned()),
                "barcode" => kind.barcode = Some(rest.to_owned()),
                "option" => {
                    let (key, values) = rest.split_once(' ').context("an option without values")?;
                    let label = self.labels.get(key).map_or(key, String::as_str);
                    let option = (key.to_owned(), label.to_owned(), self.values(values)?);
                    kind.options.push(option);
                }
                _ => kind.attributes.push((key.to_owned(), self.values(rest)?)),
            }
        }
        ensure!(!kind.names.is_empty(), "a kind without name");
        Ok(kind)
    }

    /// Parses `id:label, label, @set`. Without an id, the label in lowercase is the id; `-` is no value.
    fn values(&self, text: &str) -> Result<Vec<Value>> {
        let mut values = Vec::new();
        for part in list(text) {
            if let Some(name) = part.strip_prefix('@') {
                let Some(set) = self.sets.get(name) else {
                    bail!("there is no set {name}");
                };
                values.extend(set.iter().cloned());
            } else if part == "-" {
                values.push(Value {
                    id: String::new(),
                    label: String::new(),
                });
            } else {
                let (id, label) = part.split_once(':').unwrap_or((&part, &part));
                values.push(Value {
                    id: id.trim().to_lowercase(),
                    label: label.trim().to_owned(),
                });
            }
        }
        Ok(values)
    }
}

/// Splits a text at commas that a space follows, because decimals of some languages have commas too.
pub fn list(text: &str) -> Vec<String> {
    text.split(", ")
        .map(|part| part.trim().to_owned())
        .collect()
}
