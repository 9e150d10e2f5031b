//! Product import in the GraphQL API.

use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::service::{self, ColumnMapping, Options, Report, RowIssue};
use crate::core::error::Result;
use crate::graphql::dataloader::ContextExt;
use crate::graphql::guard::{Access, auth};
use crate::graphql::payload::into_payload;
use crate::graphql::upload::Upload;

/// Root field of the product import.
#[derive(Debug, Default)]
pub struct ImportExportMutation;

#[Object]
impl ImportExportMutation {
    /// Imports products from a CSV file: creates new products and updates existing ones, identified by SKU, otherwise
    /// by slug. The file is processed while it is uploaded, so it may be large. Invalid rows are reported and the
    /// others are imported. If the request fails, rows imported before stay imported (`auditLog` has the numbers),
    /// and the same file can be sent again.
    ///
    /// Consecutive rows with the same slug and other option values are the variants of a product, which is imported if
    /// all of them are valid. Variants that the file does not contain stay as they are.
    ///
    /// Product exports of Shopify, WooCommerce, Magento, PrestaShop, BigCommerce, Square and Wix are recognized by
    /// their headings. The import stops at the next transaction if your session ends, your account is disabled or
    /// deleted, or you lose the admin role: see `ImportReport.stoppedAtLine`.
    ///
    /// User errors: `BAD_USER_INPUT` if the file is not a CSV file of products, exceeds the limit of `allOrNothing`,
    /// or `columns` can't be applied. Errors: `PAYLOAD_TOO_LARGE` for a file above the size limit (1 GiB unless
    /// configured otherwise), `BAD_REQUEST` for an incomplete file, `REQUEST_TIMEOUT` for a file that arrives too
    /// slowly.
    #[graphql(directive = auth::apply(Access::Admin))]
    async fn import_products(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The CSV file, in UTF-8, UTF-16 or Windows-1252. Separated by commas, semicolons, tabs, or the character in a first line such as `sep=;`."
        )]
        file: Upload,
        #[graphql(
            desc = "Validate the file and report the result without changing anything. Default: false."
        )]
        dry_run: Option<bool>,
        #[graphql(
            desc = "Import nothing if any row is invalid. Limits the file to 50,000 rows or 32 MiB. Default: false."
        )]
        all_or_nothing: Option<bool>,
        #[graphql(
            desc = "Columns to rename, such as `{from: \"Regular price\", to: \"price\"}`. If given, only our own headings are recognized, not those of other shops."
        )]
        columns: Option<Vec<ColumnMappingInput>>,
    ) -> Result<ImportProductsPayload> {
        let options = Options {
            dry_run: dry_run.unwrap_or_default(),
            all_or_nothing: all_or_nothing.unwrap_or_default(),
            columns: columns.into_iter().flatten().map(Into::into).collect(),
        };
        into_payload(import(ctx, file, options).await)
    }
}

/// An item of `columns` of `importProducts`: renames a column of the file.
#[derive(Debug, InputObject)]
#[graphql(name = "ColumnMapping")]
pub struct ColumnMappingInput {
    /// Heading in the file, case-insensitive.
    from: String,
    /// Name to import the column as: `name`, `price`, `sku`, `slug`, `description`, `stock`, `categories`, `status`,
    /// `brand`, `tags`, `seo_title`, `seo_description`, `description_html`, `available_from`, `related_products`,
    /// `image_url`, `option1_name`, `option1_value` (also `option2_...` and `option3_...`), `barcode`,
    /// `compare_at_price`, `weight`, `requires_shipping`, `tracked`, `backorder_limit`, `low_stock_at`, `active` or
    /// `variant_image`. Each at most once.
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
    let max_bytes = state.config.uploads.import_max_bytes;
    let file = file.open(ctx, "file", max_bytes).await?;
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

/// An import report as a GraphQL object.
#[derive(Clone, Debug)]
pub struct ImportReport(pub Report);

/// Result of an import.
#[Object]
impl ImportReport {
    /// Whether this was a dry run. If true, the report describes a hypothetical import.
    async fn dry_run(&self) -> bool {
        self.0.dry_run
    }

    /// The number of rows read, without the header.
    async fn rows(&self) -> i32 {
        int(self.0.rows)
    }

    /// The number of products created.
    async fn created(&self) -> i32 {
        int(self.0.created)
    }

    /// The number of products updated.
    async fn updated(&self) -> i32 {
        int(self.0.updated)
    }

    /// The number of products that were already up to date.
    async fn unchanged(&self) -> i32 {
        int(self.0.unchanged)
    }

    /// The number of products not imported because of an invalid row.
    async fn failed(&self) -> i32 {
        int(self.0.failed)
    }

    /// The number of categories created.
    async fn categories_created(&self) -> i32 {
        int(self.0.categories_created)
    }

    /// Errors of rows that were not imported. At most the first 1,000.
    async fn errors(&self) -> Vec<ImportRowIssue> {
        self.0.errors.iter().map(Into::into).collect()
    }

    /// The total number of errors.
    async fn error_count(&self) -> i32 {
        int(self.0.error_count)
    }

    /// Notices about imported rows, such as ignored values. At most the first 1,000.
    async fn notices(&self) -> Vec<ImportRowIssue> {
        self.0.notices.iter().map(Into::into).collect()
    }

    /// The total number of notices.
    async fn notice_count(&self) -> i32 {
        int(self.0.notice_count)
    }

    /// The first line that was not imported because your session was revoked, your account was disabled or deleted,
    /// or you lost the admin role. `errors` contains the reason. Null if the import was completed.
    async fn stopped_at_line(&self) -> Option<i32> {
        self.0.stopped_at_line.map(int)
    }
}

/// An error or notice about a row.
#[derive(Debug, SimpleObject)]
pub struct ImportRowIssue {
    /// Line of the file where the row begins. Starts at 1.
    line: i32,
    /// The column concerned. Null if it concerns the whole row.
    column: Option<String>,
    /// Message for the user, in English.
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

/// Converts to a GraphQL `Int`, saturating at 2,147,483,647. No file has that many lines.
fn int(count: u64) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
