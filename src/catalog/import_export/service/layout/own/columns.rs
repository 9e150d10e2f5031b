//! The columns of our own file layout.

use crate::catalog::import_export::service::attributes;
use crate::catalog::import_export::service::cells;
use crate::catalog::import_export::service::mapping;
use crate::catalog::import_export::service::row::RowIssue;

/// A column, in the order of an export. The last one is not exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Name,
    Price,
    Sku,
    Slug,
    Description,
    Stock,
    Categories,
    Status,
    Brand,
    Tags,
    SeoTitle,
    SeoDescription,
    DescriptionHtml,
    Option1Name,
    Option1Value,
    Option2Name,
    Option2Value,
    Option3Name,
    Option3Value,
    Barcode,
    CompareAtPrice,
    Weight,
    RequiresShipping,
    Tracked,
    BackorderLimit,
    LowStockAt,
    Active,
    VariantImage,
    AvailableFrom,
    RelatedProducts,
    ImageUrl,
}

/// The columns of an import, in the order of [`Column`].
pub const NAMES: [&str; 31] = [
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
    "option1_name",
    "option1_value",
    "option2_name",
    "option2_value",
    "option3_name",
    "option3_value",
    "barcode",
    "compare_at_price",
    "weight",
    "requires_shipping",
    "tracked",
    "backorder_limit",
    "low_stock_at",
    "active",
    "variant_image",
    "available_from",
    "related_products",
    "image_url",
];
/// The number of columns of an export.
pub const EXPORTED_COLUMNS: usize = NAMES.len() - 1;
/// The columns of an export.
pub const EXPORTED: &[&str] = NAMES.split_at(EXPORTED_COLUMNS).0;

const _: () = assert!(Column::ImageUrl as usize == EXPORTED_COLUMNS);

/// The names and the values of the options.
pub const OPTIONS: [(Column, Column); 3] = [
    (Column::Option1Name, Column::Option1Value),
    (Column::Option2Name, Column::Option2Value),
    (Column::Option3Name, Column::Option3Value),
];

/// The required columns of an import.
const REQUIRED: [Column; 2] = [Column::Name, Column::Price];

impl Column {
    /// Returns the heading.
    pub fn heading(self) -> &'static str {
        NAMES.get(self as usize).copied().unwrap_or_default()
    }
}

/// Positions of the columns in a file.
#[derive(Clone, Copy, Debug)]
pub struct Columns([Option<usize>; NAMES.len()]);

impl Columns {
    /// Maps the header. Returns the headings too, with known ones in lowercase, and adds unknown columns to `notices`.
    ///
    /// # Errors
    /// A message for the author of the file.
    pub fn new(
        header: &[String],
        line: u64,
        notices: &mut Vec<RowIssue>,
    ) -> Result<(Self, Vec<String>), String> {
        let mut indexes = [None; NAMES.len()];
        let mut known = Vec::with_capacity(header.len());
        for (index, name) in header.iter().enumerate() {
            let lower = name.to_lowercase();
            let mut columns = NAMES.iter().zip(&mut indexes);
            let Some((_, place)) = columns.find(|(known, _)| **known == lower) else {
                if !lower.trim().starts_with(attributes::PREFIX) {
                    notices.push(unknown(line, index, name));
                }
                known.push(name.clone());
                continue;
            };
            if place.replace(index).is_some() {
                return Err(format!("It has two columns called {lower}."));
            }
            known.push(lower);
        }
        let columns = Self(indexes);
        let missing = REQUIRED.into_iter().find(|column| !columns.has(*column));
        match missing {
            Some(missing) => Err(missing_column(missing.heading(), header)),
            None => Ok((columns, known)),
        }
    }

    pub fn has(&self, column: Column) -> bool {
        self.0.get(column as usize).copied().flatten().is_some()
    }

    /// Whether the file has a column of option values.
    pub fn has_options(&self) -> bool {
        OPTIONS.iter().any(|(_, value)| self.has(*value))
    }
}

/// The cells of a row.
#[derive(Clone, Copy, Debug)]
pub struct Cells<'a> {
    pub columns: Columns,
    pub fields: &'a [&'a str],
}

impl<'a> Cells<'a> {
    /// Returns a cell, or `None` if the column is missing.
    pub fn get(&self, column: Column) -> Option<&'a str> {
        let index = self.columns.0.get(column as usize).copied().flatten()?;
        self.fields.get(index).copied()
    }

    /// Returns a cell, empty if the column is missing.
    pub fn text(&self, column: Column) -> &'a str {
        self.get(column).unwrap_or_default()
    }

    /// Returns a cell that is not blank.
    pub fn filled(&self, column: Column) -> Option<&'a str> {
        self.get(column).filter(|text| !cells::is_blank(text))
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
