/**
 * An order, for its buyer: the user who is signed in, or a visitor with its token. This browser stores the token when
 * the order is placed, or when the link in an email is opened.
 */
import { useApolloClient, useQuery } from "@apollo/client/react";
import { useEffect } from "react";
import { Link, useParams } from "react-router";
import { reloadCart } from "../cart/cart";
import { PostalAddress } from "../checkout/PostalAddress";
import { type FragmentType, graphql, readFragment } from "../graphql";
import { Page } from "../layout/Page";
import { formatTime } from "../ui/format";
import { LoadError } from "../ui/Notice";
import { Totals } from "../ui/Totals";
import { OrderLine } from "./OrderLine";
import { OrderLinkForm } from "./OrderLinkForm";
import { orderToken } from "./orderTokens";
import { PaymentStep } from "./PaymentStep";
import { Refunds } from "./Refunds";
import { Shipments } from "./Shipments";
import { orderStatus } from "./status";

const ORDER = graphql(`
  fragment Order on Order {
    id
    number
    status
    placedAt
    email
    ...OrderStatus
    ...PaymentStep
    lines {
      id
      ...OrderLine
    }
    totals {
      items {
        amount
        currency
      }
      discount {
        amount
        currency
      }
      shipping {
        amount
        currency
      }
      taxIncluded
      total {
        amount
        currency
      }
      taxes {
        name
        rate
        tax {
          amount
          currency
        }
      }
    }
    shippingMethodName
    shippingAddress {
      ...PostalAddress
    }
    ...Shipments
    ...Refunds
  }
`);

const ORDER_QUERY = graphql(`
  query Order($id: ID!, $token: String) {
    order(id: $id, token: $token) {
      ...Order
      ...WaitingForStripe
    }
  }
`);

const WAITING = graphql(`
  fragment WaitingForStripe on Order {
    status
    payments {
      id
      provider
      status
    }
  }
`);

/** In milliseconds. */
const POLL_INTERVAL = 3_000;

/** Returns whether the order changes without a step in this browser: its payment is prepared, or a bank confirms it. */
function isWaitingForStripe(order: FragmentType<typeof WAITING> | null | undefined): boolean {
  const { status, payments = [] } = readFragment(WAITING, order) ?? {};
  const isOpen = payments.some(({ provider, status }) => provider === "STRIPE" && status !== "CANCELED");
  return status === "PENDING" && isOpen;
}

export function Component() {
  const { id = "" } = useParams();
  const token = orderToken(id);
  const { data, error, refetch, startPolling, stopPolling } = useQuery(ORDER_QUERY, {
    variables: { id, token },
    // The shop ships it in the meantime.
    fetchPolicy: "cache-and-network",
  });
  const isWaiting = isWaitingForStripe(data?.order);
  useEffect(() => {
    if (!isWaiting) return;
    startPolling(POLL_INTERVAL);
    return stopPolling;
  }, [isWaiting, startPolling, stopPolling]);

  if (error && !data) return <LoadError error={error} retry={refetch} />;
  if (!data) return <div className="page" aria-busy="true" />;
  if (!data.order) {
    return (
      <Page title="Order not found" className="narrow">
        <p>
          <Link to={`/sign-in?${new URLSearchParams({ next: `/orders/${id}` })}`}>Sign in</Link> if you ordered with an
          account, or get a link by email:
        </p>
        <OrderLinkForm />
      </Page>
    );
  }
  return <Order order={data.order} token={token} />;
}

function Order({ order: masked, token }: { order: FragmentType<typeof ORDER>; token: string | undefined }) {
  const order = readFragment(ORDER, masked);
  const { number, status, placedAt, email, lines, totals, shippingAddress, shippingMethodName } = order;
  const { cache } = useApolloClient();
  useEffect(() => {
    if (status === "CONFIRMED") reloadCart(cache);
  }, [status, cache]);
  return (
    <Page title={number == null ? "Your order" : `Order ${number}`}>
      <p role="status">
        <strong>{orderStatus(order)}</strong>
      </p>
      <p className="hint">
        {formatTime(placedAt)}
        {email && `, ${email}`}
      </p>
      <div className="with-summary">
        <div className="order">
          <PaymentStep order={order} token={token} />
          <ul className="cart-lines">
            {lines.map((line) => (
              <OrderLine key={line.id} line={line} />
            ))}
          </ul>
          <Shipments order={order} />
          <Refunds order={order} />
        </div>
        <section className="summary" aria-labelledby="summary">
          <h2 id="summary">Summary</h2>
          <Totals totals={totals} />
          {shippingAddress && <PostalAddress address={shippingAddress} />}
          {shippingMethodName && <p>{shippingMethodName}</p>}
        </section>
      </div>
    </Page>
  );
}
