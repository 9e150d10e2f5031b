//! Storefront queries.

/// A page: 20 products with price, category and images.
pub const PAGE: &str =
    "query($after: String) { products(first: 20, after: $after, sort: {field: NAME}) {
    nodes { id name slug price { amount currency } inStock
        category { id name slug } images { url alt width height } }
    pageInfo { hasNextPage endCursor } } }";

/// A page without category and images.
pub const LIST: &str =
    "query($after: String, $first: Int = 20) { products(first: $first, after: $after, sort: {field: NAME}) {
    nodes { id name slug price { amount } } pageInfo { hasNextPage endCursor } } }";

/// A page with the facets of a filter menu.
pub const FACETS: &str =
    "query($after: String, $first: Int = 20) { products(first: $first, after: $after, sort: {field: NAME}) {
    nodes { id name slug price { amount } } pageInfo { hasNextPage endCursor }
    facets { categories { values { category { id name } count } isExact }
        price { min { amount } max { amount } buckets { count } isExact }
        stock { inStock outOfStock isExact } } } }";

/// A filtered page: category, in stock, minimum price, sorted by price.
pub const FILTER: &str =
    "query($category: ID!, $price: Decimal!) { products(first: 20, sort: {field: PRICE},
    filter: {categoryIds: [$category], inStock: true, price: {gte: $price}}) {
    nodes { id name slug price { amount } } pageInfo { hasNextPage endCursor } } }";

/// A product by id.
pub const BY_ID: &str = "query($id: ID!) { product(id: $id) {
    id name slug sku description price { amount currency } stock inStock } }";

/// A product by slug.
pub const PRODUCT: &str = "query($slug: String!) { product(slug: $slug) {
    id name slug sku description price { amount currency } stock inStock } }";

/// A search.
pub const SEARCH: &str = "query($search: String!) { products(first: 20, search: $search) {
    nodes { id name slug price { amount } } pageInfo { hasNextPage endCursor } } }";

/// Returns [`PAGE`] with the total count.
pub fn page_with_count() -> String {
    PAGE.replace("pageInfo", "totalCount pageInfo")
}
