//! Selling: carts, and the prices of orders.
//!
//! - [`cart`]: carts of customers and of clients that are not signed in.
//! - [`demo`]: zones, taxes and discounts of the demo shop.
//! - [`destination`]: the place that an order is shipped to.
//! - [`discount`]: discounts, automatic or by code.
//! - [`order`]: orders, from the cart to the refund.
//! - [`order_id`]: ids of orders and their lines.
//! - [`payment`]: payments of orders, and their ledger.
//! - [`quote`]: prices, discounts and shipping methods of a cart.
//! - [`row`]: lookups of rows in mutations.
//! - [`shipping`]: shipping zones, their countries and methods.
//! - [`shop`]: shop settings for clients: name, currency, countries, limits of form fields.
//! - [`tax`]: tax classes and tax rates.
//! - [`verify`]: checks of the stored sums of stock, orders and payments.

pub mod cart;
pub mod demo;
pub mod destination;
pub mod discount;
pub mod order;
pub mod order_id;
pub mod payment;
pub mod quote;
pub mod row;
pub mod shipping;
pub mod shop;
pub mod tax;
pub mod verify;
