/** The states of an order as texts. */
import { graphql, type FragmentType, readFragment } from "../graphql";

const ORDER_STATUS = graphql(`
  fragment OrderStatus on Order {
    status
    paymentStatus
    fulfillmentStatus
  }
`);

const STATUS = {
  PENDING: "Waiting for the payment",
  CLOSING: "Canceled",
  CANCELED: "Canceled",
  EXPIRED: "Expired, because it was not paid in time",
};
const PAYMENT = {
  UNPAID: "not paid yet",
  PROCESSING: "payment in progress",
  AUTHORIZED: "payment reserved",
  PAID: "paid",
  PARTIALLY_REFUNDED: "partly refunded",
  REFUNDED: "refunded",
};
const FULFILLMENT = { NONE: "Confirmed", PARTIAL: "Partly shipped", FULFILLED: "Shipped" };

export function orderStatus(order: FragmentType<typeof ORDER_STATUS>): string {
  const { status, paymentStatus, fulfillmentStatus } = readFragment(ORDER_STATUS, order);
  if (status === "CONFIRMED") return `${FULFILLMENT[fulfillmentStatus]}, ${PAYMENT[paymentStatus]}`;
  return paymentStatus === "UNPAID" ? STATUS[status] : `${STATUS[status]}, ${PAYMENT[paymentStatus]}`;
}
