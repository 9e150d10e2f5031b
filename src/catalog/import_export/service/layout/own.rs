//! Our own file layout.

use std::sync::Arc;

use super::AmountFormat;
use crate::catalog::import_export::service::csv::Record;
use crate::catalog::import_export::service::mapping;
use crate::catalog::import_export::service::row::{
    Checks, ColumnNames, Row, RowChunk, RowIssue, decode_fields, source,
};
use crate::catalog::import_export::service::{cells, paths, skus};
use crate::catalog::product::service::batch::{FoundBy, ImportedProduct};
use crate::catalog::product::service::{
    Details, ProductFields, check_brand, check_seo_description, check_seo_title, check_tags,
};
use crate::core::html::RichText;
use crate::core::patch::Patch;
use crate::core::{slug, text};

/// The columns of an export.
pub const EXPORTED: [&str; 13] = [
    "name",
    "price",
    "sku",
    "slug",
    "description",
    "stock",
    "categories",
    "status",
    "brand",
    "tags",
    "seo_title",
    "seo_description",
    "description_html",
];
/// The columns of an import.
pub const NAMES: [&str; 14] = [
    "name",
    "price",
    "sku",
    "slug",
    "description",
    "stock",
    "categories",
    "status",
    "brand",
    "tags",
    "seo_title",
    "seo_description",
    "description_html",
    "image_url",
];
/// The required columns of an import.
const REQUIRED: [&str; 2] = ["name", "price"];

/// Positions of the columns in a file.
#[derive(Debug)]
pub struct OwnLayout {
    header: Vec<String>,
    indexes: [Option<usize>; NAMES.len()],
    money: AmountFormat,
    names: Arc<ColumnNames>,
}

impl OwnLayout {
    /// Maps the header. Adds unknown columns to `notices`.
    ///
    /// # Errors
    /// A message for the author of the file.
    pub fn new(
        header: &[String],
        line: u64,
        money: AmountFormat,
        notices: &mut Vec<RowIssue>,
    ) -> Result<Self, String> {
        let mut indexes = [None; NAMES.len()];
        let mut known = Vec::with_capacity(header.len());
        for (index, name) in header.iter().enumerate() {
            let lower = name.to_lowercase();
            let Some(column) = NAMES.iter().position(|known| *known == lower) else {
                notices.push(unknown(line, index, name));
                known.push(name.clone());
                continue;
            };
            if indexes[column].replace(index).is_some() {
                return Err(format!("It has two columns called {lower}."));
            }
            known.push(lower);
        }
        if let Some(missing) = REQUIRED.into_iter().find(|name| {
            let has = |known: &String| known == name;
            !known.iter().any(has)
        }) {
            return Err(missing_column(missing, header));
        }
        let own = |name: &str| name.to_owned();
        let names = ColumnNames {
            name: own("name"),
            sku: own("sku"),
            slug: own("slug"),
            categories: own("categories"),
        };
        Ok(Self {
            header: known,
            indexes,
            money,
            names: Arc::new(names),
        })
    }

    /// Reads a row into `row_chunk`.
    pub fn take(&mut self, record: &Record, row_chunk: &mut RowChunk) {
        let header = std::mem::take(&mut self.header);
        let row = match decode_fields(record, &header) {
            Ok(fields) => self.row(record.line, &fields, &mut row_chunk.notices),
            Err(issue) => Err(vec![issue]),
        };
        self.header = header;
        row_chunk.add(row);
    }

    fn row(
        &mut self,
        line: u64,
        fields: &[&str],
        notices: &mut Vec<RowIssue>,
    ) -> Result<Row, Vec<RowIssue>> {
        let indexes = self.indexes;
        let cell = |name: &str| {
            let column = NAMES.iter().position(|known| *known == name)?;
            fields.get(indexes[column]?).copied()
        };
        let filled = |name: &str| cell(name).filter(|text| !cells::is_blank(text));
        let AmountFormat { currency, numbers } = &mut self.money;
        let mut checks = Checks::new(line);
        let name = checks.check("name", text::check_name(cell("name").unwrap_or_default()));
        let price = numbers.price(cell("price").unwrap_or_default(), *currency);
        let price = checks.check("price", price);
        // An empty cell clears the SKU.
        let placeholder = filled("sku").filter(|sku| skus::is_placeholder(sku));
        notices.extend(placeholder.map(|sku| RowIssue {
            line,
            column: Some("sku".to_owned()),
            message: skus::ignored_placeholder(sku),
        }));
        let sku = match (cell("sku").filter(|_| placeholder.is_none()), filled("sku")) {
            (None, _) => Patch::Keep,
            (Some(_), None) => Patch::Clear,
            (Some(_), Some(sku)) => checks.check("sku", text::check_sku(sku)).into(),
        };
        let slug = filled("slug").map(text::clean_line);
        let slug = slug.and_then(|slug| checks.check("slug", slug::check(&slug)));
        let description = cell("description").map(text::check_description);
        let description = description.and_then(|text| checks.check("description", text));
        let stock = checks.check("stock", numbers.stock(cell("stock").unwrap_or_default()));
        let status = checks.check("status", cells::status(cell("status").unwrap_or_default()));
        let paths = paths::parse(cell("categories").unwrap_or_default());
        let paths = checks.check("categories", paths).unwrap_or_default();
        let details = details(cell, &mut checks);
        // The HTML contains the text.
        let is_rich = matches!(details.description_html, Patch::Set(_));
        let description = description.filter(|_| !is_rich);
        let image = filled("image_url").map(text::clean_line);
        let image = image.map(|url| source(url.trim(), ""));
        let image = image.and_then(|source| checks.check("image_url", source));
        let row = name.zip(price).map(|(name, price)| Row {
            line,
            product: ImportedProduct {
                found_by: FoundBy::SkuThenSlug,
                fields: ProductFields {
                    name: Some(name),
                    price: Some(price),
                    sku,
                    slug,
                    description,
                    stock: stock.flatten(),
                    status: status.flatten(),
                    details,
                    ..ProductFields::default()
                },
            },
            paths,
            fallback_path: None,
            images: image.into_iter().collect(),
            names: self.names.clone(),
            may_drop_sku: false,
        });
        checks.finish(row)
    }
}

/// Converts the columns that describe a product. An empty cell clears the field; an empty `description_html` removes the
/// formatting.
fn details<'a>(cell: impl Fn(&str) -> Option<&'a str>, checks: &mut Checks) -> Details {
    let tags = cell("tags").map(|tags| check_tags(cells::split_tags(tags)));
    let tags = tags.and_then(|tags| checks.check("tags", tags));
    let mut line = |name: &str, check: fn(&str) -> Result<String, String>| match cell(name) {
        None => Patch::Keep,
        Some(line) if cells::is_blank(line) => Patch::Clear,
        Some(line) => checks.check(name, check(line)).into(),
    };
    Details {
        brand: line("brand", check_brand),
        tags,
        seo_title: line("seo_title", check_seo_title),
        seo_description: line("seo_description", check_seo_description),
        description_html: match cell("description_html") {
            None => Patch::Keep,
            Some(html) if cells::is_blank(html) => Patch::Clear,
            Some(html) => checks
                .check("description_html", RichText::parse(html))
                .into(),
        },
        ..Details::default()
    }
}

/// Returns the message for a missing required column.
fn missing_column(missing: &str, header: &[String]) -> String {
    // Most likely headings first.
    let hints: &[&str] = match missing {
        "price" => &["price", "preis", "prix", "precio", "prezzo", "cost"],
        _ => &["name", "title", "titel", "bezeichnung", "artikel", "nom"],
    };
    let find = |hint: &&str| {
        let mut names = header.iter();
        names.find(|name| name.to_lowercase().contains(hint))
    };
    let from = hints
        .iter()
        .find_map(find)
        .map_or("HEADING", String::as_str);
    let columns = mapping::listed(header);
    format!(
        "It has no column called {missing}. {columns} The columns name and price are required; exports of Shopify and other shops are \
         known by their own headings. Rename columns during the import: --map '{from}={missing}' on the command line, \
         columns: [{{from: \"{from}\", to: \"{missing}\"}}] in the API."
    )
}

/// Returns the notice for an unknown column.
fn unknown(line: u64, index: usize, name: &str) -> RowIssue {
    let message = if name.is_empty() {
        format!("Column {} has no name and is ignored.", index + 1)
    } else {
        "This column is unknown and is ignored.".to_owned()
    };
    RowIssue {
        line,
        column: (!name.is_empty()).then(|| name.to_owned()),
        message,
    }
}
