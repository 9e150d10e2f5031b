//! The parts of the catalog that the resolvers of a request read, as far as the document does not show them.

use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::infra::database::Dependencies;

/// Collects the reads of one request.
#[derive(Debug, Default)]
pub struct CatalogReads(Mutex<Reads>);

#[derive(Debug, Default)]
struct Reads {
    products: Vec<Uuid>,
    lists: bool,
    stock: bool,
}

impl CatalogReads {
    /// Records that a root field returns this product, and will as long as neither it nor a category changes.
    pub fn product(&self, id: Uuid) {
        self.lock().products.push(id);
    }

    /// Records that a change of any product may change the response.
    pub fn lists(&self) {
        self.lock().lists = true;
    }

    /// Records that a change of the stock alone may change the response, also in its order or selection of products.
    pub fn stock(&self) {
        self.lock().stock = true;
    }

    /// Returns the dependencies of the response. `lists` and `stock` are those of the selected fields.
    pub fn dependencies(&self, lists: bool, stock: bool) -> Dependencies {
        let reads = self.lock();
        let stock = stock || reads.stock;
        if lists || reads.lists {
            Dependencies::lists(stock)
        } else {
            Dependencies::products(&reads.products, stock)
        }
    }

    fn lock(&self) -> MutexGuard<'_, Reads> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
