//! Stock levels for display.

/// The level of a product's stock, as shown to customers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StockLevel {
    InStock,
    LowStock,
    OutOfStock,
}

impl StockLevel {
    /// Returns the level of a stock, with a low-stock threshold.
    pub fn of(stock: i32, low: u32) -> Self {
        match u32::try_from(stock) {
            Ok(0) | Err(_) => Self::OutOfStock,
            Ok(stock) if stock <= low => Self::LowStock,
            Ok(_) => Self::InStock,
        }
    }
}
