//! Imports one batch of rows in a transaction.

use std::borrow::Cow;
use std::slice;

use super::attributes::Definitions;
use super::batch_images::{images_of, known_images, sources};
use super::cells::shorten;
use super::paths::Path;
use super::row::{ProductKey, Row, RowIssue};
use crate::catalog::attribute::service::Assigned;
use crate::catalog::category::CategoryId;
use crate::catalog::category::service::category_tree::CategoryTree;
use crate::catalog::product::ProductId;
use crate::catalog::product::service::batch::{
    FieldError, ImportBatch, ImportedProduct, OwnedValue, Put, WriteResult,
};
use crate::catalog::product_image;
use crate::catalog::product_image::service::{ImagesToFetch, KnownImages};
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::patch::Patch;
use crate::infra::database::Transaction;

/// Effects of a batch.
#[derive(Debug, Default)]
pub struct WriteResults {
    pub created: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub errors: Vec<RowIssue>,
    pub notices: Vec<RowIssue>,
    /// The imported products, each with the identifier in its row.
    pub products: Vec<(ProductId, ProductKey)>,
    /// The created categories.
    pub categories: Vec<Path>,
}

impl WriteResults {
    fn count(&mut self, write_result: WriteResult) {
        match write_result {
            WriteResult::Created => self.created += 1,
            WriteResult::Updated => self.updated += 1,
            WriteResult::Unchanged => self.unchanged += 1,
        }
    }
}

/// Imports rows. `tree` caches the category tree; the caller must discard it after an error.
pub async fn try_import(
    transaction: &Transaction,
    rows: &[Row],
    tree: &mut Option<CategoryTree>,
    now: Timestamp,
) -> Result<WriteResults> {
    // Categories before products: all transactions take these locks in the same order.
    let tree = current(transaction, rows, tree).await?;
    let imported: Vec<_> = rows.iter().map(|row| &row.product).collect();
    let mut definitions = Definitions::read(transaction, rows).await?;
    let variants_change = definitions.has_variants();
    let mut batch = ImportBatch::fetch(transaction, &imported, variants_change, now).await?;
    let mut write_results = WriteResults::default();
    let known_images = known_images(transaction, rows, &batch).await?;
    let mut assigned = Vec::new();
    let (mut images, mut done) = (Vec::new(), Vec::new());
    for row in rows {
        let values = match definitions.check(row, &mut write_results.notices) {
            Ok(values) => values,
            Err(issue) => {
                write_results.errors.push(issue);
                continue;
            }
        };
        match put(
            row,
            &mut batch,
            tree,
            &known_images,
            &mut write_results,
            now,
        ) {
            Ok(put) => {
                write_results.products.push((put.id, row.product_key()));
                assigned.extend(of_owners(&put, values));
                let sources = sources(row, &put);
                if !sources.is_empty() {
                    images.push(ImagesToFetch {
                        product: put.id,
                        sources,
                    });
                }
                done.push((row, put));
            }
            Err(error) => write_results.errors.push(RowIssue {
                line: error.line.unwrap_or(row.line),
                column: Some(row.names.column(error.field).to_owned()),
                message: error.message.into_owned(),
            }),
        }
    }
    let (reassigned, values) = batch.assign(transaction, assigned).await?;
    // Afterwards: a product may be related to one of a later row.
    for (row, put) in done {
        let is_related_anew = relate(row, &put, &mut batch, &mut write_results.notices);
        let is_changed = is_related_anew || reassigned.contains(&put.index);
        write_results.count(match put.write_result {
            WriteResult::Unchanged if is_changed => WriteResult::Updated,
            write_result => write_result,
        });
    }
    tree.write(transaction).await?;
    batch.write(transaction).await?;
    values.write(transaction).await?;
    product_image::service::queue_fetches(transaction, images, now).await?;
    Ok(write_results)
}

/// Returns the values of a product and of its variants.
fn of_owners(
    put: &Put,
    values: Vec<(Option<usize>, Assigned)>,
) -> impl Iterator<Item = OwnedValue> {
    let owned = values.into_iter().map(|(variant, value)| {
        let id = match variant {
            Some(variant) => put.variants.get(variant)?.0,
            None => put.id.0,
        };
        Some(OwnedValue {
            product: put.index,
            id,
            value,
        })
    });
    owned.flatten()
}

/// Returns the cached tree if it is current for the categories of these rows, or reloads it. If categories are
/// missing, locks the tree until the transaction ends.
async fn current<'a>(
    transaction: &Transaction,
    rows: &[Row],
    tree: &'a mut Option<CategoryTree>,
) -> Result<&'a mut CategoryTree> {
    let mut known = match tree.take() {
        Some(tree) => tree,
        None => CategoryTree::read(transaction).await?,
    };
    let mut found = find_all(rows, &known);
    if let Some(ids) = &found
        && !known.is_current(transaction, ids.iter().copied()).await?
    {
        known = CategoryTree::read(transaction).await?;
        found = find_all(rows, &known);
    }
    if found.is_none() {
        known = CategoryTree::load_locked(transaction).await?;
    }
    Ok(tree.insert(known))
}

/// Returns the categories of all rows, or `None` if one is missing.
fn find_all(rows: &[Row], tree: &CategoryTree) -> Option<Vec<CategoryId>> {
    let paths = rows
        .iter()
        .flat_map(|row| row.paths.iter().chain(&row.fallback_path));
    paths.map(|path| tree.find(path)).collect()
}

fn put(
    row: &Row,
    batch: &mut ImportBatch,
    tree: &mut CategoryTree,
    known_images: &KnownImages,
    write_results: &mut WriteResults,
    now: Timestamp,
) -> Result<Put, FieldError> {
    let (found, product) = find(row, batch, &mut write_results.notices)?;
    let images = found.map(|index| images_of(row, batch.id(index), known_images));
    let images = images.unwrap_or_default();
    // Check before creating categories: a rejected row must not create any.
    let prepared = batch.prepare(found, &product, &images)?;
    let paths = match &row.fallback_path {
        Some(path) if found.is_none() => slice::from_ref(path),
        _ => row.paths.as_slice(),
    };
    if paths.is_empty() {
        return batch.put(prepared, &product, None);
    }
    let refuse = |message: &'static str| FieldError {
        line: None,
        field: "categories",
        message: message.into(),
    };
    tree.check_child_limits(paths).map_err(refuse)?;
    let mut ids: Vec<CategoryId> = Vec::with_capacity(paths.len());
    for (number, path) in paths.iter().enumerate() {
        // Of several categories with the same name, the current ones of the product take precedence.
        let known = batch.categories(found).iter().copied();
        let mut known = known.filter(|id| !ids.contains(id) && tree.has_names(*id, path));
        if let Some(id) = known.next() {
            ids.push(id);
        } else if !paths[..number].contains(path) {
            let (id, count) = tree.find_or_create(path, now).map_err(refuse)?;
            let made = (0..count).map(|above| path[..path.len() - above].to_vec());
            write_results.categories.extend(made);
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
    }
    batch.put(prepared, &product, Some(&ids))
}

/// Returns the index of the product that a row identifies, and the product of the row. SKUs that other products have
/// are left out if the format of the file allows that.
fn find<'a>(
    row: &'a Row,
    batch: &ImportBatch,
    notices: &mut Vec<RowIssue>,
) -> Result<(Option<usize>, Cow<'a, ImportedProduct>), FieldError> {
    let found = batch.find(&row.product)?;
    if !row.may_drop_sku {
        return Ok((found, Cow::Borrowed(&row.product)));
    }
    let foreign = batch.foreign_skus(found, &row.product);
    if foreign.is_empty() {
        return Ok((found, Cow::Borrowed(&row.product)));
    }
    let mut product = row.product.clone();
    let what = if product.variants.len() > 1 {
        "variant"
    } else {
        "product"
    };
    for number in foreign {
        if let Some(variant) = product.variants.get_mut(number) {
            variant.fields.sku = Patch::Keep;
            notices.push(RowIssue {
                line: variant.line,
                column: Some(row.names.sku.clone()),
                message: format!(
                    "Another product has this SKU. This {what} is imported without the SKU."
                ),
            });
        }
    }
    Ok((found, Cow::Owned(product)))
}

/// Sets the related products of a row. Returns whether they change.
fn relate(row: &Row, put: &Put, batch: &mut ImportBatch, notices: &mut Vec<RowIssue>) -> bool {
    let Some(slugs) = &row.product.related else {
        return false;
    };
    let (is_changed, missing) = batch.relate(put.index, slugs);
    for slug in missing {
        notices.push(RowIssue {
            line: row.line,
            column: Some(row.names.column("related_products").to_owned()),
            message: format!(
                "No other product has the slug {} yet: it is not related. Import the file again after that product.",
                shorten(&slug)
            ),
        });
    }
    is_changed
}

/// Returns the error for a row that failed repeatedly because of concurrent changes.
pub fn conflict_issue(row: &Row) -> RowIssue {
    RowIssue {
        line: row.line,
        column: None,
        message: "The row was not imported because of concurrent changes to its product or category. Import it again."
            .to_owned(),
    }
}
