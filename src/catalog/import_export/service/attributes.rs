//! Values of attributes in files: a column `attribute:CODE` in our own files, and metafields in those of Shopify.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use super::cells::is_blank;
use super::row::{Row, RowIssue};
use crate::catalog::attribute::AttributeId;
use crate::catalog::attribute::entity::{Kind, Model, Owner, choice};
use crate::catalog::attribute::service::{
    self as attribute, Assigned, MAX_VALUES, Typed, check_text,
};
use crate::core::date::Date;
use crate::core::error::Result;
use crate::core::money::Decimal;
use crate::core::text;
use crate::infra::database::Transaction;

/// The beginning of the heading of a column, before the code of the attribute.
pub const PREFIX: &str = "attribute:";
/// The beginning of the key of a metafield in a heading of Shopify.
const METAFIELD: &str = "(product.metafields.";
/// Separates several values in a cell.
pub const SEPARATOR: &str = ";";

/// A cell with values of an attribute.
#[derive(Clone, Debug)]
pub struct AttributeCell {
    pub code: String,
    pub column: String,
    pub text: String,
    /// Line of its row.
    pub line: u64,
    /// Index of the variant of its row. The first one has the values of the product too.
    pub variant: usize,
    /// Whether an unknown attribute is an error, as opposed to a notice.
    pub is_strict: bool,
}

/// A column with values of an attribute.
#[derive(Clone, Debug)]
pub struct AttributeColumn {
    pub index: usize,
    code: String,
    column: String,
    is_strict: bool,
}

/// Returns the code in the heading of a column of our own files.
fn own_code(heading: &str) -> Option<String> {
    let heading = heading.trim();
    let prefix = heading.get(..PREFIX.len())?;
    let is_own = prefix.eq_ignore_ascii_case(PREFIX);
    is_own.then(|| heading[PREFIX.len()..].trim().to_lowercase())
}

/// Returns the key in the heading of a metafield, such as `Material (product.metafields.custom.material)`.
fn metafield_code(heading: &str) -> Option<String> {
    let (_, path) = heading.trim().strip_suffix(')')?.rsplit_once(METAFIELD)?;
    let (_, key) = path.split_once('.')?;
    Some(key.trim().to_lowercase())
}

/// Returns the heading of an attribute in a file of Shopify.
pub fn metafield_heading(attribute: &Model) -> String {
    format!("{} {METAFIELD}custom.{})", attribute.name, attribute.code)
}

/// Returns the columns with values of attributes. `is_own` distinguishes our own files from those of Shopify.
///
/// # Errors
/// A message for the author of the file if an attribute has two columns.
pub fn columns(header: &[String], is_own: bool) -> Result<Vec<AttributeColumn>, String> {
    let code = if is_own { own_code } else { metafield_code };
    let mut columns: Vec<AttributeColumn> = Vec::new();
    for (index, heading) in header.iter().enumerate() {
        let Some(code) = code(heading) else { continue };
        if columns.iter().any(|other| other.code == code) {
            return Err(format!("It has two columns for the attribute {code}."));
        }
        columns.push(AttributeColumn {
            index,
            code,
            column: heading.clone(),
            is_strict: is_own,
        });
    }
    Ok(columns)
}

/// Returns the cells of the row of a variant with values of attributes.
pub fn cells(
    columns: &[AttributeColumn],
    fields: &[&str],
    (line, variant): (u64, usize),
) -> Vec<AttributeCell> {
    let cells = columns.iter().filter_map(|column| {
        Some(AttributeCell {
            code: column.code.clone(),
            column: column.column.clone(),
            text: (*fields.get(column.index)?).to_owned(),
            line,
            variant,
            is_strict: column.is_strict,
        })
    });
    cells.collect()
}

/// The attributes that the rows of a batch name, with their choices and the objects they refer to.
#[derive(Debug, Default)]
pub struct Definitions {
    attributes: HashMap<String, Model>,
    choices: HashMap<AttributeId, Vec<choice::Model>>,
    products: HashMap<String, Uuid>,
    categories: HashMap<String, Uuid>,
    /// Columns whose attribute is unknown, and that were reported.
    reported: HashSet<String>,
}

impl Definitions {
    /// Reads the attributes that rows name.
    pub async fn read(transaction: &Transaction, rows: &[Row]) -> Result<Self> {
        let cells = || rows.iter().flat_map(|row| &row.attributes);
        let codes: HashSet<_> = cells().map(|cell| cell.code.clone()).collect();
        if codes.is_empty() {
            return Ok(Self::default());
        }
        let codes: Vec<_> = codes.into_iter().collect();
        let attributes = attribute::find_by_codes(transaction, &codes).await?;
        let ids: Vec<_> = attributes.values().map(|row| row.id).collect();
        let slugs = |kind: Kind| {
            let named = cells().filter(|cell| {
                let attribute = attributes.get(&cell.code);
                attribute.is_some_and(|attribute| attribute.kind == kind)
            });
            let slugs = named.flat_map(|cell| parts(&cell.text)).map(str::to_owned);
            slugs
                .collect::<HashSet<_>>()
                .into_iter()
                .collect::<Vec<_>>()
        };
        let (products, categories) = (
            slugs(Kind::ProductReference),
            slugs(Kind::CategoryReference),
        );
        Ok(Self {
            choices: attribute::choices_of(transaction, &ids).await?,
            products: attribute::ids_by_slug(transaction, "products", &products).await?,
            categories: attribute::ids_by_slug(transaction, "categories", &categories).await?,
            attributes,
            reported: HashSet::new(),
        })
    }

    /// Whether an attribute is one of variants.
    pub fn has_variants(&self) -> bool {
        let mut attributes = self.attributes.values();
        attributes.any(|row| row.owner == Owner::Variant)
    }

    /// Returns the values of a product, and those of its variants with the index of the variant.
    ///
    /// # Errors
    /// The first invalid value.
    pub fn check(
        &mut self,
        row: &Row,
        notices: &mut Vec<RowIssue>,
    ) -> Result<Vec<(Option<usize>, Assigned)>, RowIssue> {
        let mut assigned = Vec::new();
        for cell in &row.attributes {
            let issue = |message: String| RowIssue {
                line: cell.line,
                column: Some(cell.column.clone()),
                message,
            };
            let found = self.attributes.get(&cell.code);
            let is_known = |row: &&Model| row.owner == Owner::Product || cell.is_strict;
            let Some(attribute) = found.filter(is_known) else {
                if is_blank(&cell.text) {
                    continue;
                }
                let message = format!("Products have no attribute with the code {:?}.", cell.code);
                if cell.is_strict {
                    return Err(issue(message));
                }
                if self.reported.insert(cell.column.clone()) {
                    notices.push(issue(format!("{message} Its values are ignored.")));
                }
                continue;
            };
            let variant = match attribute.owner {
                Owner::Variant => Some(cell.variant),
                Owner::Product if cell.variant == 0 => None,
                Owner::Product => continue,
            };
            let attribute = attribute.clone();
            let values = self.values(&attribute, &cell.text).map_err(issue)?;
            assigned.push((variant, Assigned { attribute, values }));
        }
        Ok(assigned)
    }

    fn values(&self, attribute: &Model, cell: &str) -> Result<Vec<Typed>, String> {
        let line = text::clean_line(cell);
        let line = line.trim();
        if line.is_empty() {
            return Ok(Vec::new());
        }
        let find = |objects: &HashMap<String, Uuid>, slug: &str| {
            let found = objects.get(slug).copied();
            found.ok_or_else(|| format!("Nothing has the slug {slug:?}."))
        };
        let values = match attribute.kind {
            Kind::Text => vec![Typed::Text(check_text(line)?)],
            Kind::Number => vec![Typed::Number(number(line, attribute.unit.as_deref())?)],
            Kind::Boolean => match line.to_lowercase().as_str() {
                "true" | "yes" | "1" => vec![Typed::Boolean(true)],
                "false" | "no" | "0" => vec![Typed::Boolean(false)],
                _ => return Err("Write true or false.".to_owned()),
            },
            Kind::Date => {
                let date: Date = line
                    .parse()
                    .map_err(|_| "Write the date as 2026-03-01.".to_owned())?;
                vec![Typed::Date(date.days())]
            }
            Kind::Choice => {
                let choices = parts(line).map(|part| self.choice(attribute, part));
                choices.collect::<Result<_, _>>()?
            }
            Kind::ProductReference => {
                let ids = parts(line).map(|slug| find(&self.products, slug));
                let ids = ids.map(|id| id.map(Typed::Product));
                ids.collect::<Result<_, _>>()?
            }
            Kind::CategoryReference => {
                let ids = parts(line).map(|slug| find(&self.categories, slug));
                let ids = ids.map(|id| id.map(Typed::Category));
                ids.collect::<Result<_, _>>()?
            }
        };
        let mut distinct = Vec::new();
        for value in values {
            if !distinct.contains(&value) {
                distinct.push(value);
            }
        }
        let max = if attribute.multiple { MAX_VALUES } else { 1 };
        if distinct.len() > max {
            return Err(format!(
                "At most {max} values of the attribute are allowed."
            ));
        }
        Ok(distinct)
    }

    /// Finds a choice by its code or its name.
    fn choice(&self, attribute: &Model, part: &str) -> Result<Typed, String> {
        let choices = self
            .choices
            .get(&attribute.id)
            .map_or(&[][..], Vec::as_slice);
        let name_key = text::sort_key(part);
        let by_code = choices.iter().find(|choice| choice.code == part);
        let by_name = || choices.iter().find(|choice| choice.name_key == name_key);
        let found = by_code.or_else(by_name);
        found
            .map(|choice| Typed::Choice(choice.id))
            .ok_or_else(|| format!("The attribute has no choice {part:?}."))
    }
}

/// The parts of a cell. Shopify writes lists as JSON.
fn parts(cell: &str) -> impl Iterator<Item = &str> {
    let cell = cell.trim();
    let inner = cell
        .strip_prefix("[\"")
        .and_then(|cell| cell.strip_suffix("\"]"));
    let separator = if inner.is_some() { "\",\"" } else { SEPARATOR };
    let parts = inner.unwrap_or(cell).split(separator);
    parts.map(str::trim).filter(|part| !part.is_empty())
}

/// Parses a number, with or without the unit of its attribute.
fn number(line: &str, unit: Option<&str>) -> Result<i64, String> {
    let bare = unit.and_then(|unit| line.strip_suffix(unit));
    let bare = bare.unwrap_or(line).trim();
    let number: Decimal = bare
        .parse()
        .map_err(|_| "Write the number as 24.5.".to_owned())?;
    number.to_millionths()
}
