//! Prices of orders: taxes, shipping, discounts.

mod codes;
mod discounts;
mod pricing;
mod pricing_cases;
mod pricing_oracle;
mod quote_discounts;
mod quotes;
mod settings;
mod shipping;
mod shop;
mod taxes;
