//! Checks of the ledger of payments.

use super::Check;
use crate::core::id::TypedId;
use crate::sales::order_id::OrderId;
use crate::sales::payment::entity::PaymentId;

pub const CHECKS: [Check; 10] = [
    Check {
        name: "orders.authorized is the sum of payment_entries that are not captured",
        prefix: OrderId::PREFIX,
        query: "SELECT orders.id AS id, orders.authorized AS found, COALESCE((
                SELECT SUM(CASE WHEN is_canceled = 0 AND authorized > captured THEN authorized - captured ELSE 0 END)
                FROM (
                    SELECT SUM(CASE entries.kind WHEN 'AUTHORIZED' THEN entries.amount ELSE 0 END) AS authorized,
                        SUM(CASE entries.kind WHEN 'CAPTURED' THEN entries.amount ELSE 0 END) AS captured,
                        MAX(CASE entries.kind WHEN 'CANCELED' THEN 1 ELSE 0 END) AS is_canceled
                    FROM payments JOIN payment_entries AS entries ON entries.payment_id = payments.id
                    WHERE payments.order_id = orders.id GROUP BY payments.id
                ) AS ledgers
            ), 0) AS expected FROM orders",
    },
    Check {
        name: "orders.captured is the sum of payment_entries",
        prefix: OrderId::PREFIX,
        query: "SELECT orders.id AS id, orders.captured AS found, COALESCE((
                SELECT SUM(entries.amount) FROM payments
                JOIN payment_entries AS entries ON entries.payment_id = payments.id
                WHERE payments.order_id = orders.id AND entries.kind = 'CAPTURED'
            ), 0) AS expected FROM orders",
    },
    Check {
        name: "orders.refunded is the sum of payment_entries",
        prefix: OrderId::PREFIX,
        query: "SELECT orders.id AS id, orders.refunded AS found, COALESCE((
                SELECT SUM(CASE entries.kind WHEN 'REFUNDED' THEN entries.amount WHEN 'REFUND_FAILED' THEN -entries.amount
                    ELSE 0 END)
                FROM payments JOIN payment_entries AS entries ON entries.payment_id = payments.id
                WHERE payments.order_id = orders.id
            ), 0) AS expected FROM orders",
    },
    Check {
        name: "orders.refund_pending is the sum of pending refunds",
        prefix: OrderId::PREFIX,
        query: "SELECT orders.id AS id, orders.refund_pending AS found, COALESCE((
                SELECT SUM(refunds.amount) FROM refunds
                WHERE refunds.order_id = orders.id AND refunds.status = 'PENDING'
            ), 0) AS expected FROM orders",
    },
    Check {
        name: "orders.payment_status is that of the sums",
        prefix: OrderId::PREFIX,
        // 0: unpaid, 1: processing, 2: authorized, 3: paid, 4: partially refunded, 5: refunded. What is due of a confirmed
        // order does not include its canceled units, each line rounded half up as in `part_of_units`. An order that costs
        // nothing is paid; servers of earlier versions stored it as unpaid.
        query: "SELECT id,
                (CASE payment_status WHEN 'UNPAID' THEN 0 WHEN 'PROCESSING' THEN 1 WHEN 'AUTHORIZED' THEN 2
                    WHEN 'PAID' THEN 3 WHEN 'PARTIALLY_REFUNDED' THEN 4 ELSE 5 END) AS found,
                (CASE
                    WHEN refunded > 0 AND status = 'CONFIRMED' AND captured < due THEN 0
                    WHEN refunded > 0 AND refunded = captured THEN 5
                    WHEN refunded > 0 THEN 4
                    WHEN captured > 0 AND captured >= due THEN 3
                    WHEN authorized > 0 AND authorized + captured >= due THEN 2
                    WHEN is_processing THEN 1
                    ELSE 0
                END) AS expected
            FROM (
                SELECT orders.id, orders.status, orders.payment_status, orders.authorized, orders.captured, orders.refunded,
                    EXISTS (
                        SELECT 1 FROM payments WHERE payments.order_id = orders.id AND payments.status = 'PROCESSING'
                    ) AS is_processing,
                    orders.total - (CASE WHEN orders.status = 'CONFIRMED' THEN COALESCE((
                        SELECT SUM(lines.price / lines.quantity * lines.canceled
                            + (2 * (lines.price % lines.quantity) * lines.canceled + lines.quantity) / (2 * lines.quantity))
                        FROM (
                            SELECT order_lines.order_id, order_lines.quantity, order_lines.canceled, order_lines.total
                                + (CASE WHEN priced.prices_include_tax THEN 0 ELSE order_lines.tax END) AS price
                            FROM order_lines JOIN orders AS priced ON priced.id = order_lines.order_id
                            WHERE order_lines.canceled > 0
                        ) AS lines
                        WHERE lines.order_id = orders.id
                    ), 0) ELSE 0 END) AS due
                FROM orders WHERE orders.total > 0
            ) AS sums",
    },
    Check {
        name: "a payment captures at most its amount",
        prefix: PaymentId::PREFIX,
        query: "SELECT payments.id AS id, SUM(entries.amount) AS found, payments.amount AS expected
            FROM payments
            JOIN payment_entries AS entries ON entries.payment_id = payments.id AND entries.kind = 'CAPTURED'
            GROUP BY payments.id, payments.amount HAVING SUM(entries.amount) > payments.amount",
    },
    Check {
        name: "a payment refunds at most what it captured",
        prefix: PaymentId::PREFIX,
        query: "SELECT id, refunded AS found, captured AS expected FROM (
                SELECT payments.id AS id,
                    SUM(CASE entries.kind WHEN 'REFUNDED' THEN entries.amount WHEN 'REFUND_FAILED' THEN -entries.amount
                        ELSE 0 END) AS refunded,
                    SUM(CASE entries.kind WHEN 'CAPTURED' THEN entries.amount ELSE 0 END) AS captured
                FROM payments JOIN payment_entries AS entries ON entries.payment_id = payments.id
                GROUP BY payments.id
            ) AS sums WHERE refunded > captured",
    },
    Check {
        name: "a captured payment has captured an amount",
        prefix: PaymentId::PREFIX,
        query: "SELECT payments.id AS id, 0 AS found, payments.amount AS expected
            FROM payments
            WHERE payments.status = 'CAPTURED' AND NOT EXISTS (
                SELECT 1 FROM payment_entries AS entries
                WHERE entries.payment_id = payments.id AND entries.kind = 'CAPTURED'
            )",
    },
    Check {
        name: "a confirmed order was paid or authorized, or is on account",
        prefix: OrderId::PREFIX,
        // An authorization ends when it is not captured in time, and its rest when a part is captured at the provider.
        query: "SELECT orders.id AS id, orders.captured AS found, orders.total AS expected
            FROM orders
            WHERE orders.status = 'CONFIRMED' AND orders.authorized + orders.captured < orders.total
                AND orders.total > COALESCE((
                    SELECT SUM(entries.amount) FROM payments
                    JOIN payment_entries AS entries ON entries.payment_id = payments.id
                    WHERE payments.order_id = orders.id AND entries.kind = 'AUTHORIZED'
                ), 0)
                AND NOT EXISTS (
                    SELECT 1 FROM payments WHERE payments.order_id = orders.id AND payments.provider = 'MANUAL'
                )",
    },
    Check {
        name: "a closed order keeps no money: captured is refunded, unless its refund failed",
        prefix: OrderId::PREFIX,
        query: "SELECT id, refunded + refund_pending AS found, captured AS expected FROM orders
            WHERE status IN ('CANCELED', 'EXPIRED') AND captured > refunded + refund_pending
                AND NOT EXISTS (
                    SELECT 1 FROM refunds WHERE refunds.order_id = orders.id AND refunds.status = 'FAILED'
                )",
    },
];
