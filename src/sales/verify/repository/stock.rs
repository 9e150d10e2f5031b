//! Checks of stock and of the uses of discounts.

use super::Check;
use crate::catalog::product::ProductId;
use crate::catalog::product::entity::variant::VariantId;
use crate::core::id::TypedId;
use crate::sales::discount::DiscountId;
use crate::sales::order_id::OrderId;

pub const CHECKS: [Check; 6] = [
    Check {
        name: "stock_levels.on_hand is the sum of stock_movements",
        prefix: VariantId::PREFIX,
        query: "SELECT levels.variant_id AS id, levels.on_hand AS found, COALESCE(SUM(moved.on_hand_delta), 0) AS expected
            FROM stock_levels AS levels
            LEFT JOIN stock_movements AS moved ON moved.variant_id = levels.variant_id
            GROUP BY levels.variant_id, levels.on_hand",
    },
    Check {
        name: "stock_levels.reserved is the sum of stock_movements",
        prefix: VariantId::PREFIX,
        query: "SELECT levels.variant_id AS id, levels.reserved AS found, COALESCE(SUM(moved.reserved_delta), 0) AS expected
            FROM stock_levels AS levels
            LEFT JOIN stock_movements AS moved ON moved.variant_id = levels.variant_id
            GROUP BY levels.variant_id, levels.reserved",
    },
    Check {
        name: "stock_levels.reserved is the sum of open units of orders",
        prefix: VariantId::PREFIX,
        query: "SELECT levels.variant_id AS id, levels.reserved AS found, COALESCE(ordered.units, 0) AS expected
            FROM stock_levels AS levels
            LEFT JOIN (
                SELECT lines.variant_id, SUM(lines.quantity - lines.canceled - lines.fulfilled) AS units
                FROM order_lines AS lines
                JOIN orders ON orders.id = lines.order_id
                WHERE orders.status IN ('PENDING', 'CLOSING', 'CONFIRMED') AND lines.tracked
                GROUP BY lines.variant_id
            ) AS ordered ON ordered.variant_id = levels.variant_id",
    },
    Check {
        name: "products.stock is the sum of stock_levels.on_hand",
        prefix: ProductId::PREFIX,
        query: "SELECT products.id AS id, products.stock AS found, COALESCE(SUM(levels.on_hand), 0) AS expected
            FROM products
            LEFT JOIN stock_levels AS levels ON levels.product_id = products.id
            GROUP BY products.id, products.stock",
    },
    Check {
        name: "discounts.used is the number of discount_uses",
        prefix: DiscountId::PREFIX,
        query: "SELECT discounts.id AS id, discounts.used AS found, COUNT(uses.id) AS expected
            FROM discounts
            LEFT JOIN discount_uses AS uses ON uses.discount_id = discounts.id
            GROUP BY discounts.id, discounts.used",
    },
    Check {
        name: "an order that was closed unpaid uses no discount",
        prefix: OrderId::PREFIX,
        query: "SELECT orders.id AS id, COUNT(uses.id) AS found, 0 AS expected
            FROM orders
            JOIN discount_uses AS uses ON uses.order_id = orders.id
            WHERE orders.status IN ('CANCELED', 'EXPIRED') AND orders.number IS NULL
            GROUP BY orders.id",
    },
];
