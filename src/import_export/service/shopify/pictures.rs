//! The pictures of a product, which stand in as many of its rows.

use super::fields::Cells;
use crate::import_export::service::row::{Checks, source};
use crate::product_image::service::{MAX_IMAGES, Source};

/// The pictures of a product, each with its place.
#[derive(Debug, Default)]
pub struct Pictures(Vec<(u32, Source)>);

impl Pictures {
    /// Takes the picture of a row, if it has one.
    pub fn take(&mut self, cells: &Cells<'_>, notices: &mut Checks) {
        let url = cells.get("image src");
        if url.is_empty() {
            return;
        }
        match source(url, cells.get("image alt text")) {
            Ok(_) if self.0.len() == MAX_IMAGES => {
                let message =
                    format!("The picture is not kept: a product has {MAX_IMAGES} at the most.");
                notices.add("Image Src", message);
            }
            Ok(source) => {
                let place = cells.get("image position").parse().unwrap_or(u32::MAX);
                self.0.push((place, source));
            }
            Err(message) => notices.add(
                "Image Src",
                format!("The picture can't be fetched. {message}"),
            ),
        }
    }

    /// They in their order.
    pub fn in_order(mut self) -> Vec<Source> {
        self.0.sort_by_key(|(place, _)| *place);
        self.0.into_iter().map(|(_, source)| source).collect()
    }
}
