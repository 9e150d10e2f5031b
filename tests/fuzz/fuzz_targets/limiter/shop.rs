//! A small schema that returns lists of the requested length and counts its objects.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_graphql::{EmptyMutation, EmptySubscription, ID, Object, Request, Schema};

/// Default length of a list, and of a list of the parent's own type.
const LIST: usize = 5;
const KIN: usize = 3;

pub static SCHEMA: LazyLock<Schema<Query, EmptyMutation, EmptySubscription>> =
    LazyLock::new(|| Schema::build(Query, EmptyMutation, EmptySubscription).finish());

static GIVEN: AtomicUsize = AtomicUsize::new(0);

/// Executes a request and returns the number of objects in the response.
pub fn given(request: Request) -> usize {
    GIVEN.store(0, Ordering::Relaxed);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let answer = runtime.block_on(SCHEMA.execute(request));
    drop(answer);
    GIVEN.load(Ordering::Relaxed)
}

fn give<T>(thing: T) -> T {
    GIVEN.fetch_add(1, Ordering::Relaxed);
    thing
}

fn give_all<T>(count: usize, thing: fn() -> T) -> Vec<T> {
    (0..count).map(|_| give(thing())).collect()
}

/// Returns the size of a page, with the limits of the shop.
fn size(first: Option<i32>, last: Option<i32>) -> async_graphql::Result<usize> {
    match (first, last) {
        (Some(_), Some(_)) => Err("both".into()),
        (Some(size @ 1..=100), None) | (None, Some(size @ 1..=100)) => Ok(size as usize),
        (None, None) => Ok(20),
        _ => Err("too large".into()),
    }
}

pub struct Query;
pub struct Product;
pub struct Category;
pub struct Picture;
pub struct ProductConnection(usize);
pub struct ProductEdge;

#[Object]
impl Query {
    async fn product(&self) -> Product {
        give(Product)
    }

    async fn category(&self) -> Option<Category> {
        Some(give(Category))
    }

    async fn categories(&self) -> Vec<Category> {
        give_all(LIST, || Category)
    }

    async fn nodes(&self, ids: Vec<ID>) -> async_graphql::Result<Vec<Product>> {
        if ids.len() > 100 {
            return Err("too many".into());
        }
        Ok(give_all(ids.len(), || Product))
    }

    async fn products(
        &self,
        first: Option<i32>,
        last: Option<i32>,
    ) -> async_graphql::Result<ProductConnection> {
        size(first, last).map(|size| give(ProductConnection(size)))
    }
}

#[Object]
impl Product {
    async fn name(&self) -> &str {
        "name"
    }

    async fn category(&self) -> Category {
        give(Category)
    }

    async fn images(&self) -> Vec<Picture> {
        give_all(LIST, || Picture)
    }
}

#[Object]
impl Category {
    async fn name(&self) -> &str {
        "name"
    }

    async fn parent(&self) -> Option<Category> {
        Some(give(Self))
    }

    async fn children(&self) -> Vec<Category> {
        give_all(KIN, || Self)
    }

    async fn products(
        &self,
        #[graphql(default = 3)] first: i32,
        last: Option<i32>,
    ) -> async_graphql::Result<ProductConnection> {
        let first = last.is_none().then_some(first);
        size(first, last).map(|size| give(ProductConnection(size)))
    }
}

#[Object]
impl Picture {
    async fn url(&self) -> &str {
        "url"
    }

    async fn product(&self) -> Product {
        give(Product)
    }
}

#[Object]
impl ProductConnection {
    async fn nodes(&self) -> Vec<Product> {
        give_all(self.0, || Product)
    }

    async fn edges(&self) -> Vec<ProductEdge> {
        give_all(self.0, || ProductEdge)
    }
}

#[Object]
impl ProductEdge {
    async fn node(&self) -> Product {
        give(Product)
    }
}
