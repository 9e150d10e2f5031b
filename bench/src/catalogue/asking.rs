//! What is asked: the queries of a storefront, as bodies of requests.

use serde_json::{Value, json};

/// A page of a list: 20 products with their category and two images, and how many there are.
pub const PAGE: &str =
    "query($after: String) { products(first: 20, after: $after, sort: {field: NAME}) {
    nodes { id name slug price { amount currency } inStock
        category { id name slug } images { url alt width height } }
    pageInfo { hasNextPage endCursor } totalCount } }";

/// A page without the count and what hangs on products.
pub const LIST: &str =
    "query($after: String) { products(first: 20, after: $after, sort: {field: NAME}) {
    nodes { id name slug price { amount } } pageInfo { hasNextPage endCursor } } }";

/// A page of what is left of a category by a shopper who has little money and no time.
pub const FILTER: &str =
    "query($category: ID!, $price: Decimal!) { products(first: 20, sort: {field: PRICE},
    filter: {categoryIds: [$category], inStock: true, price: {gte: $price}}) {
    nodes { id name slug price { amount } } pageInfo { hasNextPage endCursor } } }";

/// A product.
pub const PRODUCT: &str = "query($slug: String!) { product(slug: $slug) {
    id name slug sku description price { amount currency } stock inStock createdAt } }";

/// What is found by words.
pub const SEARCH: &str = "query($search: String!) { products(first: 20, search: $search) {
    nodes { id name slug price { amount } } pageInfo { hasNextPage endCursor } } }";

/// The body of a request.
pub fn body(query: &str, variables: &Value) -> String {
    json!({"query": query, "variables": variables}).to_string()
}
