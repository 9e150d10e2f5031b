//! Ids of orders and their lines, for the features that orders are made of.

crate::typed_id!(
    /// The id of an order.
    OrderId,
    "order",
    "order"
);

crate::typed_id!(
    /// The id of a line of an order.
    OrderLineId,
    "orderline",
    "line of an order"
);
