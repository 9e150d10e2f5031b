//! A product with variations, which may be anywhere after it in the file.

use super::columns::SEPARATORS;
use crate::catalog::import_export::service::cells::shorten;
use crate::catalog::import_export::service::layout::duplicates::DuplicateCheck;
use crate::catalog::import_export::service::layout::fields::{
    Context, fallback_category, product, row,
};
use crate::catalog::import_export::service::layout::headings::{Cells, Field, Headings};
use crate::catalog::import_export::service::layout::images::ImageList;
use crate::catalog::import_export::service::layout::weights;
use crate::catalog::import_export::service::row::{Checks, Row, RowIssue};
use crate::catalog::product::service::batch::{FoundBy, ImportedProduct};
use crate::catalog::product::service::variants::ImportedVariant;
use crate::core::patch::Patch;

/// A product and its variations.
#[derive(Debug)]
pub struct Parent {
    pub line: u64,
    pub fields: Vec<String>,
    /// Approximate memory size in bytes.
    pub size: usize,
    pub variants: Vec<ImportedVariant>,
    pub issues: Vec<RowIssue>,
    /// The price of the first variation without attributes, used if the product has none.
    pub variant_price: Option<String>,
}

impl Parent {
    pub fn new(line: u64, fields: &[&str]) -> Self {
        let fields: Vec<_> = fields.iter().map(|field| (*field).to_owned()).collect();
        Self {
            line,
            size: fields.iter().map(String::len).sum(),
            fields,
            variants: Vec::new(),
            issues: Vec::new(),
            variant_price: None,
        }
    }

    /// Returns the product, or its errors.
    pub fn finish(
        self,
        headings: &Headings,
        mut context: Context<'_>,
        seen: &mut DuplicateCheck,
    ) -> Result<Row, Vec<RowIssue>> {
        let mut fields: Vec<&str> = self.fields.iter().map(String::as_str).collect();
        let cells = Cells {
            headings,
            fields: &fields,
        };
        let paths = SEPARATORS.paths(cells.get(Field::Category));
        let mut images = ImageList::default();
        images.take(&cells, Some(SEPARATORS.values), context.notices);
        if self.variants.is_empty() && self.issues.is_empty() {
            if let Some(price) = &self.variant_price
                && cells.get(Field::Price).is_empty()
            {
                let message = format!(
                    "The price was taken from the first variant: {}.",
                    shorten(price)
                );
                context.notices.add(cells.name(Field::Price), message);
                headings.set(&mut fields, Field::Price, price);
            }
            let cells = Cells {
                headings,
                fields: &fields,
            };
            let (names, money) = (context.names, &mut *context.money);
            let row = row(
                self.line,
                &cells,
                paths,
                None,
                Context {
                    money,
                    names,
                    notices: &mut *context.notices,
                },
            );
            let row = row.and_then(|row| seen.take(row, &cells, context.notices));
            return row.map(|row| Row {
                attributes: Vec::new(),
                images: images.in_order(),
                ..row
            });
        }
        let mut checks = Checks::new(self.line);
        let mut variants = self.variants;
        if let Some(field) = weights::field(&cells) {
            let grams = weights::grams(&cells, field, &mut context.money.numbers);
            let grams = checks.check(cells.name(field), grams).flatten();
            // Variations without a weight have that of their parent.
            let blank = |variant: &&mut ImportedVariant| variant.fields.weight == Patch::Clear;
            for variant in variants.iter_mut().filter(blank) {
                variant.fields.weight = grams.map_or(Patch::Clear, Patch::Set);
            }
        }
        if !cells.get(Field::Sku).is_empty() {
            let message =
                "The SKU of a product with variations is not imported: these have their own.";
            context.notices.add(cells.name(Field::Sku), message);
        }
        let product = product(&cells, &mut context, &mut checks);
        let paths = checks
            .check(cells.name(Field::Category), paths)
            .unwrap_or_default();
        let mut issues = checks.into_issues();
        issues.extend(self.issues);
        let Some(fields) = product.filter(|_| issues.is_empty()) else {
            return Err(issues);
        };
        let row = Row {
            line: self.line,
            product: ImportedProduct {
                found_by: FoundBy::SkuThenSlug,
                fields,
                variants,
                related: None,
            },
            fallback_path: paths.is_empty().then(fallback_category),
            attributes: Vec::new(),
            images: images.in_order(),
            paths,
            names: context.names.clone(),
            may_drop_sku: true,
        };
        seen.take_product(row, &cells)
    }
}
