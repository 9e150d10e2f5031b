//! Checks of the totals, the numbers and the lines of orders.

use super::Check;
use crate::core::id::TypedId;
use crate::sales::order_id::{OrderId, OrderLineId};

pub const CHECKS: [Check; 15] = [
    Check {
        name: "orders.items is the sum of order_lines",
        prefix: OrderId::PREFIX,
        query: "SELECT orders.id AS id, orders.items AS found, COALESCE((
                SELECT SUM(lines.unit_price * lines.quantity) FROM order_lines AS lines WHERE lines.order_id = orders.id
            ), 0) AS expected FROM orders",
    },
    Check {
        name: "orders.discount is the sum of order_lines and shipping",
        prefix: OrderId::PREFIX,
        query: "SELECT orders.id AS id, orders.discount AS found, orders.shipping_discount + COALESCE((
                SELECT SUM(lines.discount) FROM order_lines AS lines WHERE lines.order_id = orders.id
            ), 0) AS expected FROM orders",
    },
    Check {
        name: "orders.discount is the sum of order_discounts",
        prefix: OrderId::PREFIX,
        query: "SELECT orders.id AS id, orders.discount AS found, COALESCE((
                SELECT SUM(parts.amount) FROM order_discounts AS parts WHERE parts.order_id = orders.id
            ), 0) AS expected FROM orders",
    },
    Check {
        name: "orders.tax is the sum of order_lines and shipping",
        prefix: OrderId::PREFIX,
        query: "SELECT orders.id AS id, orders.tax AS found, orders.shipping_tax + COALESCE((
                SELECT SUM(lines.tax) FROM order_lines AS lines WHERE lines.order_id = orders.id
            ), 0) AS expected FROM orders",
    },
    Check {
        name: "orders.tax is the sum of order_taxes",
        prefix: OrderId::PREFIX,
        query: "SELECT orders.id AS id, orders.tax AS found, COALESCE((
                SELECT SUM(parts.amount) FROM order_taxes AS parts WHERE parts.order_id = orders.id
            ), 0) AS expected FROM orders",
    },
    Check {
        name: "orders.total is the sum of its parts",
        prefix: OrderId::PREFIX,
        query: "SELECT id, total AS found, items - discount + shipping
                + (CASE WHEN prices_include_tax THEN 0 ELSE tax END) AS expected FROM orders",
    },
    Check {
        name: "order_lines.total is the sum of its parts",
        prefix: OrderLineId::PREFIX,
        query: "SELECT id, total AS found, unit_price * quantity - discount AS expected FROM order_lines",
    },
    Check {
        name: "orders.number has no gap before it",
        prefix: OrderId::PREFIX,
        query: "SELECT orders.id AS id, orders.number AS found, COALESCE((
                SELECT MAX(former.number) FROM orders AS former WHERE former.number < orders.number
            ) + 1, orders.number) AS expected FROM orders WHERE orders.number IS NOT NULL",
    },
    Check {
        name: "the first number of orders is that of an order",
        prefix: OrderId::PREFIX,
        // Unknown if a server of an earlier version has counted the first order.
        query: "SELECT CAST(NULL AS UUID) AS id, COALESCE(numbers.first, 0) AS found,
                COALESCE(counters.first_number, numbers.first, 0) AS expected
            FROM counters CROSS JOIN (SELECT MIN(number) AS first FROM orders) AS numbers
            WHERE counters.name = 'orders'",
    },
    Check {
        name: "counters.value of orders is the last number",
        prefix: OrderId::PREFIX,
        query: "SELECT CAST(NULL AS UUID) AS id, COALESCE(counters.value, 0) AS found,
                COALESCE(numbers.last, counters.value, 0) AS expected
            FROM (SELECT MAX(number) AS last FROM orders) AS numbers
            LEFT JOIN counters ON counters.name = 'orders'",
    },
    Check {
        name: "order_lines.fulfilled is the sum of fulfillment_lines",
        prefix: OrderLineId::PREFIX,
        query: "SELECT lines.id AS id, lines.fulfilled AS found, COALESCE(shipped.units, 0) AS expected
            FROM order_lines AS lines
            LEFT JOIN (
                SELECT parts.line_id, SUM(parts.quantity) AS units
                FROM fulfillment_lines AS parts
                JOIN fulfillments ON fulfillments.id = parts.fulfillment_id
                WHERE fulfillments.canceled_at IS NULL
                GROUP BY parts.line_id
            ) AS shipped ON shipped.line_id = lines.id",
    },
    Check {
        name: "orders.fulfillment_status is that of order_lines",
        prefix: OrderId::PREFIX,
        // 0: none, 1: partial, 2: fulfilled.
        query: "SELECT orders.id AS id,
                (CASE orders.fulfillment_status WHEN 'NONE' THEN 0 WHEN 'PARTIAL' THEN 1 ELSE 2 END) AS found,
                (CASE WHEN COALESCE(units.fulfilled, 0) = 0 THEN 0 WHEN units.open > 0 THEN 1 ELSE 2 END) AS expected
            FROM orders
            LEFT JOIN (
                SELECT order_id, SUM(fulfilled) AS fulfilled, SUM(quantity - canceled - fulfilled) AS open
                FROM order_lines GROUP BY order_id
            ) AS units ON units.order_id = orders.id",
    },
    Check {
        name: "order_lines.fulfilled and canceled are at most the quantity",
        prefix: OrderLineId::PREFIX,
        query: "SELECT id, fulfilled + canceled AS found, quantity AS expected FROM order_lines
            WHERE fulfilled + canceled > quantity",
    },
    Check {
        name: "order_lines.returned is at most fulfilled",
        prefix: OrderLineId::PREFIX,
        query: "SELECT id, returned AS found, fulfilled AS expected FROM order_lines WHERE returned > fulfilled",
    },
    Check {
        name: "a confirmed order has a number, other open ones have none",
        prefix: OrderId::PREFIX,
        query: "SELECT id, (CASE WHEN number IS NULL THEN 0 ELSE 1 END) AS found,
                (CASE status WHEN 'CONFIRMED' THEN 1 ELSE 0 END) AS expected
            FROM orders WHERE status <> 'CANCELED'",
    },
];
