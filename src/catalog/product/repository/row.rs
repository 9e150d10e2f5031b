//! Rows of list pages: the selected columns, with the primary category, the images and the stock of each product.
//!
//! The primary category, the images and the stock are JSON arrays, so that a product is one row and the page keeps its order.

use sea_orm::sea_query::{Expr, SelectExpr};
use sea_orm::{DbBackend, DbErr, QueryResult, TryGetable};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::variants::{HAS_UNCOUNTED, UNITS};
use crate::catalog::category::CategoryId;
use crate::catalog::category::entity as category;
use crate::catalog::product::entity::stock::StockSummary;
use crate::catalog::product::entity::{Column, Model, ProductId, Status};
use crate::catalog::product::list::{Columns, ImageSelection, ListedProduct, Selection};
use crate::core::clock::Timestamp;
use crate::core::pagination::Ranked;
use crate::infra::database::union::to_index;
use crate::platform::media::StoredImage;

/// ID, name, slug and path of a category.
type CategoryJson = (String, String, String, String);
/// ID, key, media type, width, height, size, alternative text, time of resizing and placeholder of an image.
type ImageJson = (
    String,
    String,
    String,
    i32,
    i32,
    i32,
    String,
    Option<i64>,
    Option<String>,
);

/// Returns the expressions for the selected primary category, images and stock of the products in `table`.
pub(super) fn beneath(backend: DbBackend, selection: Selection, table: &str) -> Vec<SelectExpr> {
    let category = selection.category.then(|| category_json(backend, table));
    let images = selection
        .images
        .map(|images| images_json(backend, images, table));
    let stock = selection.stock.then(|| stock_json(backend, table));
    let json = [category, images, stock].into_iter().flatten();
    json.map(|json| Expr::cust(json).into()).collect()
}

fn category_json(backend: DbBackend, table: &str) -> String {
    let array = json_array(backend, "id, name, slug, path");
    format!("(SELECT CAST({array} AS text) FROM categories WHERE id = {table}.category_id)")
}

fn stock_json(backend: DbBackend, table: &str) -> String {
    let array = match backend {
        DbBackend::Postgres => "json_build_array",
        _ => "json_array",
    };
    format!(
        "(SELECT CAST({array}({UNITS}, {HAS_UNCOUNTED}) AS text) FROM variants
          INNER JOIN stock_levels ON stock_levels.variant_id = variants.id WHERE variants.product_id = {table}.id)"
    )
}

fn images_json(backend: DbBackend, images: ImageSelection, table: &str) -> String {
    let placeholder = if images.placeholder {
        "placeholder"
    } else {
        "NULL"
    };
    let columns =
        format!("id, object_key, content_type, width, height, bytes, alt, sized_at, {placeholder}");
    // Positions are dense: 0, 1, 2, ...
    let limit = images.first.map(|first| format!("AND position < {first}"));
    let limit = limit.unwrap_or_default();
    let array = json_array(backend, &columns);
    let all = match backend {
        DbBackend::Postgres => "json_agg",
        _ => "json_group_array",
    };
    let all = format!("{all}({array} ORDER BY position, id)");
    format!(
        "(SELECT CAST({all} AS text) FROM product_images WHERE product_id = {table}.id {limit})"
    )
}

/// The first column is an ID.
fn json_array(backend: DbBackend, columns: &str) -> String {
    match backend {
        DbBackend::Postgres => format!("json_build_array({columns})"),
        _ => format!("json_array(hex({})", columns.replacen(',', "),", 1)),
    }
}

/// Reads the columns of a row in their order: by index, because a lookup by name costs more than decoding.
struct RowReader<'a> {
    row: &'a QueryResult,
    next: usize,
    columns: Columns,
}

impl RowReader<'_> {
    fn next<T: TryGetable>(&mut self) -> Result<T, DbErr> {
        let value: T = self.row.try_get_by_index(self.next)?;
        self.next += 1;
        Ok(value)
    }

    fn column<T: TryGetable>(&mut self, column: Column, default: T) -> Result<T, DbErr> {
        if self.columns.contains(column) {
            self.next()
        } else {
            Ok(default)
        }
    }

    fn json<T: DeserializeOwned>(&mut self) -> Result<Option<T>, DbErr> {
        let json: Option<String> = self.next()?;
        json.map(|json| serde_json::from_str(&json).map_err(|error| DbErr::Json(error.to_string())))
            .transpose()
    }
}

/// Returns the index of the list and the product of a row.
pub(super) fn read_row(
    row: &QueryResult,
    selection: Selection,
) -> Result<(usize, Ranked<ListedProduct>), DbErr> {
    let mut row = RowReader {
        row,
        next: 0,
        columns: selection.columns,
    };
    let index = to_index(row.next()?)?;
    let product = read_product(&mut row)?;
    let rank = row.next()?;
    let category = if selection.category {
        row.json()?.map(read_category).transpose()?
    } else {
        None
    };
    let images = match selection.images {
        Some(_) => {
            let images: Option<Vec<ImageJson>> = row.json()?;
            let images = images.unwrap_or_default().into_iter();
            Some(images.map(read_image).collect::<Result<_, _>>()?)
        }
        None => None,
    };
    let stock = if selection.stock {
        let stock: Option<(i64, i32)> = row.json()?;
        stock.map(|(units, uncounted)| StockSummary {
            units,
            has_uncounted: uncounted > 0,
        })
    } else {
        None
    };
    let listed = ListedProduct {
        row: product,
        category,
        images,
        stock,
    };
    Ok((index, Ranked { row: listed, rank }))
}

/// The columns are selected in the order of the fields.
fn read_product(row: &mut RowReader<'_>) -> Result<Model, DbErr> {
    Ok(Model {
        id: row.column(Column::Id, ProductId(Uuid::nil()))?,
        name: row.column(Column::Name, String::new())?,
        name_key: row.column(Column::NameKey, String::new())?,
        slug: row.column(Column::Slug, String::new())?,
        sku: row.column(Column::Sku, None)?,
        description: row.column(Column::Description, String::new())?,
        price: row.column(Column::Price, 0)?,
        stock: row.column(Column::Stock, 0)?,
        status: row.column(Column::Status, Status::Active)?,
        category_id: row.column(Column::CategoryId, CategoryId(Uuid::nil()))?,
        version: row.column(Column::Version, 0)?,
        created_at: row.column(Column::CreatedAt, Timestamp(0))?,
        updated_at: row.column(Column::UpdatedAt, Timestamp(0))?,
        price_max: row.column(Column::PriceMax, None)?,
        compare_at_price: row.column(Column::CompareAtPrice, None)?,
        prior_price: row.column(Column::PriorPrice, None)?,
        in_stock: row.column(Column::InStock, false)?,
        backorder: row.column(Column::Backorder, false)?,
        variant_count: row.column(Column::VariantCount, 1)?,
        brand: row.column(Column::Brand, None)?,
        seo_title: row.column(Column::SeoTitle, None)?,
        seo_description: row.column(Column::SeoDescription, None)?,
        description_html: row.column(Column::DescriptionHtml, None)?,
        published_at: row.column(Column::PublishedAt, None)?,
        available_from: row.column(Column::AvailableFrom, None)?,
        product_type_id: row.column(Column::ProductTypeId, None)?,
    })
}

fn read_category((id, name, slug, path): CategoryJson) -> Result<category::Model, DbErr> {
    Ok(category::Model {
        id: parse_id(&id)?.into(),
        parent_id: None,
        position: 0,
        path,
        visible: true,
        name,
        name_key: String::new(),
        slug,
        description: String::new(),
        published: true,
        version: 0,
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
    })
}

fn read_image(json: ImageJson) -> Result<StoredImage, DbErr> {
    let (id, key, content_type, width, height, bytes, alt, sized_at, placeholder) = json;
    Ok(StoredImage {
        id: parse_id(&id)?.into(),
        key,
        content_type,
        width,
        height,
        bytes,
        alt,
        placeholder,
        sized: sized_at.is_some(),
    })
}

fn parse_id(text: &str) -> Result<Uuid, DbErr> {
    Uuid::try_parse(text).map_err(|error| DbErr::Type(error.to_string()))
}
