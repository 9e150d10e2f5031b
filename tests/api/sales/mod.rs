//! Prices of orders.

mod pricing;
mod pricing_cases;
mod pricing_oracle;
