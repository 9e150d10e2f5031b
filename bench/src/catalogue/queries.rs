//! Storefront queries as request bodies.

use serde_json::{Value, json};

/// A list page: 20 products with category and images, and the total count.
pub const PAGE: &str =
    "query($after: String) { products(first: 20, after: $after, sort: {field: NAME}) {
    nodes { id name slug price { amount currency } inStock
        category { id name slug } images { url alt width height } }
    pageInfo { hasNextPage endCursor } totalCount } }";

/// A list page without count, category and images.
pub const LIST: &str =
    "query($after: String) { products(first: 20, after: $after, sort: {field: NAME}) {
    nodes { id name slug price { amount } } pageInfo { hasNextPage endCursor } } }";

/// A filtered list page: category, in stock, minimum price, sorted by price.
pub const FILTER: &str =
    "query($category: ID!, $price: Decimal!) { products(first: 20, sort: {field: PRICE},
    filter: {categoryIds: [$category], inStock: true, price: {gte: $price}}) {
    nodes { id name slug price { amount } } pageInfo { hasNextPage endCursor } } }";

/// A product by slug.
pub const PRODUCT: &str = "query($slug: String!) { product(slug: $slug) {
    id name slug sku description price { amount currency } stock inStock createdAt } }";

/// A search.
pub const SEARCH: &str = "query($search: String!) { products(first: 20, search: $search) {
    nodes { id name slug price { amount } } pageInfo { hasNextPage endCursor } } }";

/// Returns the body of a request.
pub fn body(query: &str, variables: &Value) -> String {
    json!({"query": query, "variables": variables}).to_string()
}
