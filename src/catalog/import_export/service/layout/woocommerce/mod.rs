//! WooCommerce's product export: a row for each product, and one for each variation of a variable product, which names
//! its parent. Variations may be anywhere after their parent.

mod columns;
mod parent;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use self::columns::{Attribute, KNOWN, REQUIRED_HEADINGS, SEPARATORS};
use self::parent::Parent;
use super::AmountFormat;
use super::duplicates::DuplicateCheck;
use super::fields::{Context, row};
use super::headings::{Cells, Field, Headings, is};
use super::images::ImageList;
use super::variants::variant;
use crate::catalog::import_export::service::cells::{flag, shorten};
use crate::catalog::import_export::service::csv::Record;
use crate::catalog::import_export::service::row::{
    Checks, ColumnNames, RowChunk, decode_fields, source,
};
use crate::catalog::product::service::variants::MAX_VARIANTS;
use crate::core::patch::Patch;

/// Maximum approximate memory for products whose variations may follow, in bytes. Beyond it the first ones are
/// imported.
const MAX_HELD: usize = 32 * 1024 * 1024;
/// Variants added at once at the end of the file.
const BATCH: usize = 1_000;

/// Reader of such a file.
#[derive(Debug)]
pub struct WooCommerce {
    headings: Headings,
    names: Arc<ColumnNames>,
    money: AmountFormat,
    seen: DuplicateCheck,
    attributes: Vec<Attribute>,
    /// Variable products, in the order of the file.
    held: VecDeque<Parent>,
    held_size: usize,
    /// The number of variable products that are no longer held.
    released: usize,
    /// Variable products by `id:` and their IDs, and by their SKUs: their numbers.
    parents: HashMap<String, usize>,
}

impl WooCommerce {
    /// Detects such a file by its header.
    ///
    /// # Errors
    /// A message for the author of the file.
    pub fn detect(header: &[String], money: AmountFormat) -> Result<Option<Self>, String> {
        let has = |heading: &str| header.iter().any(|name| is(name, heading));
        // A file that also has a `price` column has our own layout.
        if !REQUIRED_HEADINGS.iter().all(|heading| has(heading)) || has("price") {
            return Ok(None);
        }
        let mut headings = Headings::new(header, KNOWN)?;
        let attributes = columns::attributes(&mut headings);
        let mut names = headings.column_names();
        if let Some(heading) = headings.position("attribute 1 value(s)") {
            let column = headings.names().get(heading).cloned().unwrap_or_default();
            names.others.retain(|(field, _)| *field != "options");
            names.others.push(("options", column));
        }
        Ok(Some(Self {
            names: Arc::new(names),
            headings,
            money,
            seen: DuplicateCheck::default(),
            attributes,
            held: VecDeque::new(),
            held_size: 0,
            released: 0,
            parents: HashMap::new(),
        }))
    }

    /// Processes a row. A variable product is added to `row_chunk` at the end.
    pub fn take(&mut self, record: &Record, row_chunk: &mut RowChunk) {
        let fields = match decode_fields(record, self.headings.names()) {
            Ok(fields) => fields,
            Err(issue) => return row_chunk.add(Err(vec![issue])),
        };
        self.headings
            .note_unmapped_columns(record.line, &fields, row_chunk);
        let cells = Cells {
            headings: &self.headings,
            fields: &fields,
        };
        let kind = cells.get(Field::Kind).to_lowercase();
        let is_kind = |wanted: &str| kind.split(',').any(|kind| kind.trim() == wanted);
        if is_kind("variation") {
            self.take_variation(record.line, &fields, is_kind("virtual"), row_chunk);
        } else if is_kind("variable") {
            self.hold(record.line, &fields, row_chunk);
        } else {
            self.take_simple(record.line, &fields, row_chunk);
        }
    }

    fn take_simple(&mut self, line: u64, fields: &[&str], row_chunk: &mut RowChunk) {
        let cells = Cells {
            headings: &self.headings,
            fields,
        };
        let mut notices = Checks::new(line);
        if columns::has_attributes(&self.attributes, fields) {
            let message = "The attributes of a product without variations are not imported.";
            notices.add(self.names.column("options"), message);
        }
        let mut images = ImageList::default();
        let context = Context {
            money: &mut self.money,
            names: &self.names,
            notices: &mut notices,
        };
        let paths = SEPARATORS.paths(cells.get(Field::Category));
        let row = row(line, &cells, paths, None, context);
        let mut row = row.and_then(|row| self.seen.take(row, &cells, &mut notices));
        images.take(&cells, Some(SEPARATORS.values), &mut notices);
        if let Ok(row) = &mut row {
            row.images = images.in_order();
        }
        row_chunk.notices.extend(notices.into_issues());
        row_chunk.add(row);
    }

    /// Holds a variable product until its variations are read.
    fn hold(&mut self, line: u64, fields: &[&str], row_chunk: &mut RowChunk) {
        let parent = Parent::new(line, fields);
        let cells = Cells {
            headings: &self.headings,
            fields,
        };
        let number = self.released + self.held.len();
        let (id, sku) = (cells.get(Field::Id), cells.get(Field::Sku));
        if !id.is_empty() {
            self.parents.insert(format!("id:{id}"), number);
        }
        if !sku.is_empty() {
            self.parents.insert(sku.to_owned(), number);
        }
        self.held_size += parent.size;
        self.held.push_back(parent);
        while self.held_size > MAX_HELD && self.release(row_chunk).is_some() {}
    }

    fn take_variation(
        &mut self,
        line: u64,
        fields: &[&str],
        is_virtual: bool,
        row_chunk: &mut RowChunk,
    ) {
        let cells = Cells {
            headings: &self.headings,
            fields,
        };
        let (mut checks, mut notices) = (Checks::new(line), Checks::new(line));
        let number = self.parents.get(cells.get(Field::Parent)).copied();
        let index = number.and_then(|number| number.checked_sub(self.released));
        let parent = match index {
            Some(index) => self.held.get_mut(index),
            None => None,
        };
        let Some(parent) = parent else {
            let message = "No variable product before this row has this SKU or ID.";
            checks.add(cells.name(Field::Parent), message);
            return row_chunk.add(checks.finish(None));
        };
        let price = cells.get(Field::Price);
        if !columns::has_attributes(&self.attributes, fields) {
            let mut message = "The variation is not imported: it has no attributes.".to_owned();
            if !price.is_empty() {
                message = format!("{message} Its price is {}.", shorten(price));
                parent.variant_price.get_or_insert_with(|| price.to_owned());
            }
            notices.add(cells.name(Field::Price), message);
            row_chunk.notices.extend(notices.into_issues());
            return;
        }
        if parent.variants.len() == MAX_VARIANTS {
            if parent.issues.is_empty() {
                let message = "A product has at most 1,000 variants.";
                checks.add(self.names.column("options"), message);
                parent.issues.extend(checks.into_issues());
            }
            return;
        }
        let row = (&self.headings, fields);
        let options = columns::choices(&self.attributes, row, &mut checks);
        let mut context = Context {
            money: &mut self.money,
            names: &self.names,
            notices: &mut notices,
        };
        let mut variant = variant(line, &cells, options, &mut context, &mut checks);
        self.seen.take_sku(&mut variant, &cells, &mut notices);
        variant.fields.active = flag(cells.get(Field::Published)).unwrap_or(Some(false));
        if is_virtual {
            variant.fields.requires_shipping = Some(false);
        }
        if cells.has(Field::Images) {
            let first = cells.get(Field::Images).split(SEPARATORS.values).next();
            variant.image = match first.map_or("", str::trim) {
                "" => Patch::Clear,
                url => source(url, "").map_or(Patch::Keep, |source| Patch::Set(source.url)),
            };
        }
        self.held_size += size_of_val(&variant);
        parent.size += size_of_val(&variant);
        parent.variants.push(variant);
        parent.issues.extend(checks.into_issues());
        row_chunk.notices.extend(notices.into_issues());
    }

    /// Adds some of the remaining products to `row_chunk`. Returns whether there are no more.
    pub fn finish(&mut self, row_chunk: &mut RowChunk) -> bool {
        let mut variants = 0;
        while variants < BATCH {
            match self.release(row_chunk) {
                Some(count) => variants += count.max(1),
                None => return true,
            }
        }
        false
    }

    /// Adds the first of the held products to `row_chunk`. Returns the number of its variants.
    fn release(&mut self, row_chunk: &mut RowChunk) -> Option<usize> {
        let parent = self.held.pop_front()?;
        self.released += 1;
        self.held_size -= parent.size;
        let variants = parent.variants.len();
        let mut notices = Checks::new(parent.line);
        let context = Context {
            money: &mut self.money,
            names: &self.names,
            notices: &mut notices,
        };
        let row = parent.finish(&self.headings, context, &mut self.seen);
        row_chunk.notices.extend(notices.into_issues());
        row_chunk.add(row);
        Some(variants)
    }
}
