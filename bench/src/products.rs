//! Generated products, as a file and as rows.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::Result;

/// Number of categories.
pub const CATEGORIES: usize = 50;

/// A product.
pub struct Product {
    pub name: String,
    pub sku: String,
    pub slug: String,
    pub description: String,
    /// In minor units.
    pub price: i64,
    pub stock: i32,
    /// Index of the category, from 0.
    pub category: usize,
}

/// Generates the product with this number.
pub fn product(number: usize) -> Product {
    // Spread over the indexes, like names and SKUs of real products.
    let random = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24;
    let mut description = String::new();
    for word in 0..12 {
        let _ = write!(description, "Word {} of it. ", random >> word & 0xff);
    }
    Product {
        name: format!("Thing {random:x} of {number}"),
        sku: format!("SKU-{random:x}-{number}"),
        slug: format!("thing-{random:x}-of-{number}"),
        description: description.trim_end().to_owned(),
        price: i64::try_from(random % 100_000).unwrap_or_default(),
        stock: i32::try_from(number % 500).unwrap_or_default(),
        category: number % CATEGORIES,
    }
}

/// Returns the name of a category.
pub fn category(number: usize) -> String {
    format!("Shelf {number}")
}

/// Writes `count` products to a file, starting with number `first`.
pub fn write_file(path: &Path, first: usize, count: usize) -> Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(
        file,
        "name,price,sku,slug,description,stock,categories,status"
    )?;
    for number in first..first + count {
        let Product {
            name,
            sku,
            slug,
            description,
            price,
            stock,
            category: place,
        } = product(number);
        let (whole, cents, category) = (price / 100, price % 100, category(place));
        writeln!(
            file,
            "{name},{whole}.{cents:02},{sku},{slug},\"{description}\",{stock},{category},ACTIVE"
        )?;
    }
    Ok(file.flush()?)
}
