//! Products in bulk, in the API.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::service::{self, ColumnMapping, Options, Report, RowIssue};
use crate::core::error::Result;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::answer;
use crate::graphql::upload::Upload;

/// The root fields that change products in bulk.
#[derive(Debug, Default)]
pub struct ImportExportMutation;

#[Object]
impl ImportExportMutation {
    /// Imports products from a CSV file: creates those that are new and updates those that are there, found by their SKU,
    /// else by their slug. The file is read while it is sent, so it may be large; a bad row is reported, and the others are
    /// imported. What was imported until a failure stays: `auditLog` tells how much. The same file can be sent again.
    ///
    /// Product exports of Shopify, WooCommerce, Magento, PrestaShop, BigCommerce, Square and Wix are recognized by their
    /// headings. The import stops at the next transaction when your session, account or role is lost: see
    /// `ImportReport.stoppedAtLine`.
    ///
    /// User errors: `BAD_USER_INPUT`, when the file is not one of products, or too large for `allOrNothing`, or when
    /// `columns` can't be applied. Errors: `PAYLOAD_TOO_LARGE` for a file above
    /// the shop's limit (1 GiB, unless the operator says otherwise), `BAD_REQUEST` for one that breaks off,
    /// `REQUEST_TIMEOUT` for one that comes too slowly.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn import_products(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The file: CSV in UTF-8, UTF-16 or Windows-1252, separated by commas, semicolons, tabs or the character that a first line such as `sep=;` names."
        )]
        file: Upload,
        #[graphql(desc = "Report what would be done, and change nothing. False when absent.")]
        dry_run: Option<bool>,
        #[graphql(
            desc = "Change nothing when a row is bad. The file has at most 50,000 rows or 32 MiB then. False when absent."
        )]
        all_or_nothing: Option<bool>,
        #[graphql(
            desc = "Columns of the file to read as others, such as `{from: \"Regular price\", to: \"price\"}`. With any, the file is read by our own headings only."
        )]
        columns: Option<Vec<ColumnMappingInput>>,
    ) -> Result<ImportProductsPayload> {
        let options = Options {
            dry_run: dry_run.unwrap_or_default(),
            all_or_nothing: all_or_nothing.unwrap_or_default(),
            columns: columns.into_iter().flatten().map(Into::into).collect(),
        };
        answer(import(ctx, file, options).await)
    }
}

/// A column of a file that is read as another.
#[derive(Debug, InputObject)]
#[graphql(name = "ColumnMapping")]
pub struct ColumnMappingInput {
    /// The heading in the file, in any case.
    from: String,
    /// The column to read it as: `name`, `price`, `sku`, `slug`, `description`, `stock`, `categories`, `status` or
    /// `image_url`. Each at most once.
    to: String,
}

impl From<ColumnMappingInput> for ColumnMapping {
    fn from(input: ColumnMappingInput) -> Self {
        let ColumnMappingInput { from, to } = input;
        Self { from, to }
    }
}

async fn import(ctx: &Context<'_>, file: Upload, options: Options) -> Result<Report> {
    let (state, admin) = (ctx.state(), ctx.viewer().admin()?);
    let most = state.config.uploads.import_max_bytes;
    let file = file.open(ctx, "file", most).await?;
    service::import_products(state, admin, file, options).await
}

crate::payload! {
    /// Payload of `importProducts`. Errors of single rows are in the report, not in `userErrors`.
    ImportProductsPayload,
    (Report as report) {
        /// The result of the import. Null if the file was refused.
        report: Option<ImportReport> = Some(ImportReport(report)),
    }
}

/// What came of an import, as the API shows it.
#[derive(Clone, Debug)]
pub struct ImportReport(pub Report);

/// What became of the rows of a file.
#[Object]
impl ImportReport {
    /// Whether nothing was to be changed: the rest then tells what would have been done.
    async fn dry_run(&self) -> bool {
        self.0.dry_run
    }

    /// How many rows were read, without the head.
    async fn rows(&self) -> i32 {
        int(self.0.rows)
    }

    /// How many products were created.
    async fn created(&self) -> i32 {
        int(self.0.created)
    }

    /// How many products were updated.
    async fn updated(&self) -> i32 {
        int(self.0.updated)
    }

    /// How many products were already as the file has them.
    async fn unchanged(&self) -> i32 {
        int(self.0.unchanged)
    }

    /// How many products were not imported, because a row of theirs is bad.
    async fn failed(&self) -> i32 {
        int(self.0.failed)
    }

    /// How many categories were made for them.
    async fn categories_created(&self) -> i32 {
        int(self.0.categories_created)
    }

    /// What is wrong with rows that were not imported: the first 1,000.
    async fn errors(&self) -> Vec<ImportRowIssue> {
        self.0.errors.iter().map(Into::into).collect()
    }

    /// How many errors there were.
    async fn error_count(&self) -> i32 {
        int(self.0.error_count)
    }

    /// What is to be said of rows that were imported, such as what could not be kept: the first 1,000.
    async fn notices(&self) -> Vec<ImportRowIssue> {
        self.0.notices.iter().map(Into::into).collect()
    }

    /// How many notices there were.
    async fn notice_count(&self) -> i32 {
        int(self.0.notice_count)
    }

    /// The first line that was not imported because your session was revoked, your account was disabled or deleted, or you
    /// are no longer an admin. `errors` tells which. Null if the file was imported to its end.
    async fn stopped_at_line(&self) -> Option<i32> {
        self.0.stopped_at_line.map(int)
    }
}

/// What is to be said of a row.
#[derive(Debug, SimpleObject)]
pub struct ImportRowIssue {
    /// The line of the file at which the row begins, counted from 1.
    line: i32,
    /// The column that it is about; null when it is the whole row.
    column: Option<String>,
    /// For the person: a sentence in English.
    message: String,
}

impl From<&RowIssue> for ImportRowIssue {
    fn from(issue: &RowIssue) -> Self {
        Self {
            line: int(issue.line),
            column: issue.column.clone(),
            message: issue.message.clone(),
        }
    }
}

/// GraphQL's integers end at 2,147,483,647; no file has that many lines.
fn int(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
