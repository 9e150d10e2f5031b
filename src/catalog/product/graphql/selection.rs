//! The parts of products that a list must read for the fields selected beneath it.

use async_graphql::{Context, Lookahead, SelectionField, Value};

use crate::catalog::product::entity::Column;
use crate::catalog::product::list::{Columns, ImageSelection, Selection};

/// Returns the selection of the connection that is being resolved.
pub fn of_connection(ctx: &Context<'_>) -> Selection {
    let connection = ctx.look_ahead();
    let nodes = [
        connection.field("nodes"),
        connection.field("edges").field("node"),
    ];
    let nodes = nodes.iter().flat_map(Lookahead::selection_fields);
    let fields = nodes.flat_map(|node| node.selection_set().collect::<Vec<_>>());
    let mut selection = Selection::default();
    let mut has_other_category = false;
    for field in fields {
        match field.name() {
            "category" => {
                selection.columns.insert(Column::CategoryId);
                selection.category = true;
                has_other_category |= !field.selection_set().all(is_read_with_category);
            }
            "stock" => selection.stock = true,
            "availability" => {
                selection.columns.insert(Column::InStock);
                selection.columns.insert(Column::Backorder);
                selection.stock = true;
            }
            "image" => add_images(&mut selection, field, Some(1)),
            "images" => add_images(&mut selection, field, first(field)),
            name => add_columns(&mut selection.columns, name),
        }
    }
    // The data loader reads the whole category.
    selection.category &= !has_other_category;
    selection
}

fn add_columns(columns: &mut Columns, field: &str) {
    let column = match field {
        // Data loaders read tags, related products and variants.
        "id" | "__typename" | "tags" | "relatedProducts" | "options" | "variants" | "variant"
        | "attributes" => return,
        "priceRange" => {
            columns.insert(Column::PriceMax);
            Column::Price
        }
        "compareAtPrice" => Column::CompareAtPrice,
        "priorPrice" => Column::PriorPrice,
        "inStock" => Column::InStock,
        "name" => Column::Name,
        "slug" => Column::Slug,
        "sku" => Column::Sku,
        "description" => Column::Description,
        "price" => Column::Price,
        "status" => Column::Status,
        "categories" => Column::CategoryId,
        "createdAt" => Column::CreatedAt,
        "updatedAt" => Column::UpdatedAt,
        "version" => Column::Version,
        "brand" => Column::Brand,
        "productType" => Column::ProductTypeId,
        "publishedAt" => Column::PublishedAt,
        "availableFrom" => Column::AvailableFrom,
        "seoTitle" => Column::SeoTitle,
        "seoDescription" => Column::SeoDescription,
        "descriptionHtml" => {
            columns.insert(Column::Description);
            Column::DescriptionHtml
        }
        _ => {
            *columns = Columns::ALL;
            return;
        }
    };
    columns.insert(column);
}

/// Whether the field of a category is among the columns that a list reads.
fn is_read_with_category(field: SelectionField<'_>) -> bool {
    ["__typename", "id", "name", "slug", "level"].contains(&field.name())
}

fn add_images(selection: &mut Selection, field: SelectionField<'_>, first: Option<u32>) {
    let mut fields = field.selection_set();
    let images = ImageSelection {
        first,
        placeholder: fields.any(|field| field.name() == "placeholder"),
    };
    let merged = selection.images.map_or(images, |other| other.merge(images));
    selection.images = Some(merged);
}

/// Returns the argument `first`. `None` if it is absent; the resolver refuses an invalid one.
fn first(field: SelectionField<'_>) -> Option<u32> {
    let arguments = field.arguments().unwrap_or_default();
    let first = arguments.into_iter().find(|(name, _)| name == "first");
    match first {
        Some((_, Value::Number(first))) => first.as_u64()?.try_into().ok(),
        _ => None,
    }
}
