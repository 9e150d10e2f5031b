/** The orders of the signed-in user. */
import { useQuery } from "@apollo/client/react";
import { Link } from "react-router";
import { RequireViewer } from "../account/RequireViewer";
import { graphql } from "../graphql";
import { Page } from "../layout/Page";
import { count, formatTime } from "../ui/format";
import { LoadMore } from "../ui/LoadMore";
import { LoadError } from "../ui/Notice";
import { Price } from "../ui/Price";
import { orderStatus } from "./status";

const ORDERS = graphql(`
  query Orders($after: String) {
    me {
      id
      orders(first: 10, after: $after) {
        edges {
          node {
            id
            number
            placedAt
            ...OrderStatus
            lines {
              id
              quantity
            }
            totals {
              total {
                ...Price
              }
            }
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

export function Component() {
  return <RequireViewer>{() => <Orders />}</RequireViewer>;
}

function Orders() {
  const { data, error, refetch, fetchMore } = useQuery(ORDERS, { fetchPolicy: "cache-and-network" });
  const orders = data?.me?.orders;
  const after = orders?.pageInfo.endCursor;
  return (
    <Page title="Your orders">
      {error && <LoadError error={error} retry={refetch} />}
      {orders?.edges.length === 0 && <p>You have no orders yet.</p>}
      <ul className="entries">
        {orders?.edges.map(({ node: { id, number, placedAt, lines, totals, ...order } }) => (
          <li key={id}>
            <p>
              <Link to={`/orders/${id}`}>Order {number}</Link>, <Price money={totals.total} />
            </p>
            <p>{orderStatus(order)}</p>
            <p className="hint">
              {formatTime(placedAt)}, {count(lines.reduce((sum, { quantity }) => sum + quantity, 0), "item", "items")}
            </p>
          </li>
        ))}
      </ul>
      {orders?.pageInfo.hasNextPage && after && (
        <LoadMore after={after} loadMore={(after) => fetchMore({ variables: { after } })} />
      )}
    </Page>
  );
}
