//! Products that are made up, as a file of them and as rows.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use anyhow::Result;

/// How many categories they are in.
pub const CATEGORIES: usize = 50;

/// A product.
pub struct Product {
    pub name: String,
    pub sku: String,
    pub slug: String,
    pub description: String,
    /// Minor units.
    pub price: i64,
    pub stock: i32,
    /// From 0.
    pub category: usize,
}

/// The product of this number.
pub fn product(number: usize) -> Product {
    // Spread over the indexes, as names and numbers of true products are.
    let chance = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 24;
    let mut description = String::new();
    for word in 0..12 {
        let _ = write!(description, "Word {} of it. ", chance >> word & 0xff);
    }
    Product {
        name: format!("Thing {chance:x} of {number}"),
        sku: format!("SKU-{chance:x}-{number}"),
        slug: format!("thing-{chance:x}-of-{number}"),
        description: description.trim_end().to_owned(),
        price: i64::try_from(chance % 100_000).unwrap_or_default(),
        stock: i32::try_from(number % 500).unwrap_or_default(),
        category: number % CATEGORIES,
    }
}

/// What a category is called.
pub fn category(number: usize) -> String {
    format!("Shelf {number}")
}

/// Writes so many as a file, from this number on.
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
