//! Imports and exports of CSV files by the operator.

use std::fmt::Write;

use bytes::Bytes;
use futures_util::stream;
use tokio::sync::watch;
use wares::catalog::import_export::service::{
    Export, ExportFormat, Options, Report, import_for_operator,
};
use wares::core::error::{Code, Error};

use super::App;

/// Imports a file in chunks of 7 bytes.
pub async fn try_import(app: &App, file: &[u8], options: Options) -> Result<Report, Error> {
    let chunks: Vec<_> = file
        .chunks(7)
        .map(|chunk| Ok(Bytes::copy_from_slice(chunk)))
        .collect();
    let (_running, stop) = watch::channel(false);
    import_for_operator(&app.state, stream::iter(chunks), options, stop, &mut |_| ()).await
}

pub async fn import_with(app: &App, file: &str, options: Options) -> Report {
    try_import(app, file.as_bytes(), options).await.unwrap()
}

pub async fn import(app: &App, file: &str) -> Report {
    import_with(app, file, Options::default()).await
}

/// Returns the numbers of created, updated, unchanged and failed rows.
pub fn counts(report: &Report) -> [u64; 4] {
    [
        report.created,
        report.updated,
        report.unchanged,
        report.failed,
    ]
}

/// Returns each error as a line: line number, column, message.
pub fn errors(report: &Report) -> Vec<String> {
    assert_eq!(report.errors.len() as u64, report.error_count);
    lines(&report.errors)
}

pub fn lines(issues: &[wares::catalog::import_export::service::RowIssue]) -> Vec<String> {
    let issues = issues.iter();
    issues
        .map(|issue| {
            let column = issue.column.as_deref().unwrap_or("-");
            format!("{} {column} {}", issue.line, issue.message)
        })
        .collect()
}

/// The columns of products in an export.
pub const PRODUCT_COLUMNS: &str = "name,price,sku,slug,description,stock,categories,status,brand,tags,seo_title,seo_description,description_html";
/// The columns of variants, and the last ones of products, in an export.
pub const VARIANT_COLUMNS: &str = "option1_name,option1_value,option2_name,option2_value,option3_name,option3_value,barcode,\
    compare_at_price,weight,requires_shipping,tracked,backorder_limit,low_stock_at,active,variant_image,available_from,related_products";
/// The latter of a product without options that has only defaults.
const DEFAULTS: &str = ",,,,,,,,,,true,true,0,,true,,,";

/// Exports all products.
pub async fn export_file(app: &App, format: ExportFormat) -> String {
    let mut export = Export::begin(&app.state, format).await.unwrap();
    let mut text = Vec::new();
    while let Some(piece) = export.next().await.unwrap() {
        text.extend_from_slice(&piece);
    }
    String::from_utf8(text).unwrap()
}

/// Exports the products without the header, without columns of variants that have their defaults, and without empty
/// cells at the end of rows.
pub async fn export(app: &App) -> String {
    let text = export_file(app, ExportFormat::Wares).await;
    let (header, rows) = text.split_once("\r\n").unwrap();
    assert_eq!(header, format!("{PRODUCT_COLUMNS},{VARIANT_COLUMNS}"));
    let rows = rows.replace(&format!("{DEFAULTS}\r\n"), "\r\n");
    let rows = rows.replace(",,,,,\r\n", "\n");
    rows.replace("\r\n", "\n")
}

pub async fn sorted_export(app: &App) -> Vec<String> {
    let mut lines: Vec<_> = export(app).await.lines().map(ToOwned::to_owned).collect();
    lines.sort();
    lines
}

pub async fn import_error(app: &App, file: &[u8]) -> String {
    let error = try_import(app, file, Options::default()).await.unwrap_err();
    assert_eq!(error.code(), Code::BadUserInput);
    let Error::Refused(errors) = error else {
        panic!("{error:?}")
    };
    assert_eq!(errors[0].field.as_deref(), Some("file"));
    errors[0].message.clone()
}

/// Returns a file with this number of products in 10 categories.
pub fn many(count: usize) -> String {
    let mut file = "name,price,sku,slug,description,stock,categories,status\n".to_owned();
    for number in 0..count {
        let category = number % 10;
        let price = number % 100;
        writeln!(file, "Thing {number},{price}.50,T-{number},thing-{number},Of use,{number},Shop > Shelf {category},ACTIVE").unwrap();
    }
    file
}
