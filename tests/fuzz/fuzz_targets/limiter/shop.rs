//! A small schema that returns lists of the requested length and counts its objects.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_graphql::{EmptyMutation, EmptySubscription, ID, Object, Request, Schema};

/// Default length of a list, and of a list of the parent's own type.
const LIST: usize = 5;
const CHILDREN: usize = 3;

pub static SCHEMA: LazyLock<Schema<Query, EmptyMutation, EmptySubscription>> =
    LazyLock::new(|| Schema::build(Query, EmptyMutation, EmptySubscription).finish());

static OBJECTS: AtomicUsize = AtomicUsize::new(0);

/// Executes a request and returns the number of objects in the response.
pub fn object_count(request: Request) -> usize {
    OBJECTS.store(0, Ordering::Relaxed);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let answer = runtime.block_on(SCHEMA.execute(request));
    drop(answer);
    OBJECTS.load(Ordering::Relaxed)
}

fn count_object<T>(thing: T) -> T {
    OBJECTS.fetch_add(1, Ordering::Relaxed);
    thing
}

fn count_objects<T>(count: usize, thing: fn() -> T) -> Vec<T> {
    (0..count).map(|_| count_object(thing())).collect()
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
        count_object(Product)
    }

    async fn category(&self) -> Option<Category> {
        Some(count_object(Category))
    }

    async fn categories(&self) -> Vec<Category> {
        count_objects(LIST, || Category)
    }

    async fn nodes(&self, ids: Vec<ID>) -> async_graphql::Result<Vec<Product>> {
        if ids.len() > 100 {
            return Err("too many".into());
        }
        Ok(count_objects(ids.len(), || Product))
    }

    async fn products(
        &self,
        first: Option<i32>,
        last: Option<i32>,
    ) -> async_graphql::Result<ProductConnection> {
        size(first, last).map(|size| count_object(ProductConnection(size)))
    }
}

#[Object]
impl Product {
    async fn name(&self) -> &str {
        "name"
    }

    async fn category(&self) -> Category {
        count_object(Category)
    }

    async fn images(&self) -> Vec<Picture> {
        count_objects(LIST, || Picture)
    }
}

#[Object]
impl Category {
    async fn name(&self) -> &str {
        "name"
    }

    async fn parent(&self) -> Option<Category> {
        Some(count_object(Self))
    }

    async fn children(&self) -> Vec<Category> {
        count_objects(CHILDREN, || Self)
    }

    async fn products(
        &self,
        #[graphql(default = 3)] first: i32,
        last: Option<i32>,
    ) -> async_graphql::Result<ProductConnection> {
        let first = last.is_none().then_some(first);
        size(first, last).map(|size| count_object(ProductConnection(size)))
    }
}

#[Object]
impl Picture {
    async fn url(&self) -> &str {
        "url"
    }

    async fn product(&self) -> Product {
        count_object(Product)
    }
}

#[Object]
impl ProductConnection {
    async fn nodes(&self) -> Vec<Product> {
        count_objects(self.0, || Product)
    }

    async fn edges(&self) -> Vec<ProductEdge> {
        count_objects(self.0, || ProductEdge)
    }
}

#[Object]
impl ProductEdge {
    async fn node(&self) -> Product {
        count_object(Product)
    }
}
