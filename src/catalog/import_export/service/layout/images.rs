//! Collects the images of a product, which may be spread over several rows.

use super::headings::{Cells, Field};
use crate::catalog::import_export::service::row::{Checks, source};
use crate::catalog::product_image::service::{MAX_IMAGES, Source};

/// Image sources of a product with their positions.
#[derive(Debug, Default)]
pub struct ImageList(Vec<(u32, Source)>);

impl ImageList {
    /// Adds the images of a row. `separator` separates several URLs in a cell.
    pub fn take(&mut self, cells: &Cells<'_>, separator: Option<char>, notices: &mut Checks) {
        let cell = cells.get(Field::Images);
        let urls: Vec<&str> = match separator {
            Some(separator) => cell.split(separator).map(str::trim).collect(),
            None => vec![cell],
        };
        for url in urls.into_iter().filter(|url| !url.is_empty()) {
            self.add(url, cells, notices);
        }
    }

    fn add(&mut self, url: &str, cells: &Cells<'_>, notices: &mut Checks) {
        let column = cells.name(Field::Images);
        match source(url, cells.get(Field::ImageAlt)) {
            Ok(_) if self.0.len() == MAX_IMAGES => {
                let message = format!(
                    "The image is ignored: a product can have at most {MAX_IMAGES} images."
                );
                notices.add(column, message);
            }
            Ok(source) => {
                // Some programs write integers as floats: `1.0`.
                let position = cells.get(Field::ImagePosition);
                let position = position.strip_suffix(".0").unwrap_or(position);
                self.0.push((position.parse().unwrap_or(u32::MAX), source));
            }
            Err(message) => {
                notices.add(column, format!("The image can't be fetched. {message}"));
            }
        }
    }

    /// Returns the sources in order.
    pub fn in_order(mut self) -> Vec<Source> {
        self.0.sort_by_key(|(position, _)| *position);
        self.0.into_iter().map(|(_, source)| source).collect()
    }
}
