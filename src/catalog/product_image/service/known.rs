//! The images that products have, found by URLs.

use std::collections::HashMap;

use crate::catalog::product::ProductId;
use crate::catalog::product_image::repository;
use crate::core::error::Result;
use crate::infra::database::Connection;
use crate::platform::media::ImageId;

/// The images of products, found by the URLs that they were fetched from, or that their files are served at.
#[derive(Debug, Default)]
pub struct KnownImages {
    by_source: HashMap<(ProductId, String), ImageId>,
    by_file: HashMap<(ProductId, String), ImageId>,
}

impl KnownImages {
    /// Reads the images of these products.
    pub async fn read(db: &impl Connection, products: &[ProductId]) -> Result<Self> {
        let mut known = Self::default();
        if products.is_empty() {
            return Ok(known);
        }
        for (product, id, key, source) in repository::sources(db, products).await? {
            known.add(product, id, &key, source);
        }
        Ok(known)
    }

    fn add(&mut self, product: ProductId, id: ImageId, key: &str, source: Option<String>) {
        self.by_file.insert((product, file_name(key)), id);
        if let Some(source) = source {
            self.by_source.insert((product, source), id);
        }
    }

    /// Returns the image of a product with this URL.
    pub fn find(&self, product: ProductId, url: &str) -> Option<ImageId> {
        let by_source = self.by_source.get(&(product, url.to_owned()));
        // The host and the signature of such a URL may have changed, but the file name is random.
        let found = by_source.or_else(|| self.by_file.get(&(product, file_name(url))));
        found.copied()
    }
}

/// Returns the last segment of the path of a URL or a key.
fn file_name(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default().to_owned()
}
