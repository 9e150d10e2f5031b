//! Imports one batch of rows in a transaction.

use std::borrow::Cow;
use std::slice;

use super::paths::Path;
use super::row::{ProductKey, Row, RowIssue};
use crate::catalog::category::CategoryId;
use crate::catalog::category::service::category_tree::CategoryTree;
use crate::catalog::product::ProductId;
use crate::catalog::product::service::batch::{
    FieldError, ImportBatch, ImportedProduct, WriteResult,
};
use crate::catalog::product_image;
use crate::catalog::product_image::service::ImagesToFetch;
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
    let mut batch = ImportBatch::fetch(transaction, &imported, now).await?;
    let mut write_results = WriteResults::default();
    let mut images = Vec::new();
    for row in rows {
        match put(row, &mut batch, tree, &mut write_results, now) {
            Ok((id, write_result)) => {
                write_results.count(write_result);
                write_results.products.push((id, row.product_key()));
                if !row.images.is_empty() {
                    let sources = row.images.clone();
                    images.push(ImagesToFetch {
                        product: id,
                        sources,
                    });
                }
            }
            Err(error) => write_results.errors.push(RowIssue {
                line: row.line,
                column: Some(row.names.column(error.field).to_owned()),
                message: error.message.to_owned(),
            }),
        }
    }
    tree.write(transaction).await?;
    batch.write(transaction).await?;
    product_image::service::queue_fetches(transaction, images, now).await?;
    Ok(write_results)
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
    write_results: &mut WriteResults,
    now: Timestamp,
) -> Result<(ProductId, WriteResult), FieldError> {
    let (found, product) = find(row, batch, &mut write_results.notices)?;
    let paths = match &row.fallback_path {
        Some(path) if found.is_none() => slice::from_ref(path),
        _ => row.paths.as_slice(),
    };
    if paths.is_empty() {
        return batch.put(found, &product, None);
    }
    let refuse = |message| FieldError {
        field: "categories",
        message,
    };
    // Check before creating categories: a rejected row must not create any.
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
    batch.put(found, &product, Some(&ids))
}

/// Returns the index of the product that a row identifies, and the product of the row. The SKU is left out if another
/// product has it and the format of the file allows that.
fn find<'a>(
    row: &'a Row,
    batch: &ImportBatch,
    notices: &mut Vec<RowIssue>,
) -> Result<(Option<usize>, Cow<'a, ImportedProduct>), FieldError> {
    match batch.find(&row.product) {
        Err(error) if error.field == "sku" && row.may_drop_sku => {
            let mut without_sku = row.product.clone();
            without_sku.fields.sku = Patch::Keep;
            let found = batch.find(&without_sku)?;
            notices.push(RowIssue {
                line: row.line,
                column: Some(row.names.sku.clone()),
                message: format!(
                    "{} This product is imported without the SKU.",
                    error.message
                ),
            });
            Ok((found, Cow::Owned(without_sku)))
        }
        found => Ok((found?, Cow::Borrowed(&row.product))),
    }
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
