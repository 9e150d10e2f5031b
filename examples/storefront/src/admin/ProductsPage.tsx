/** The table of products for admins, with search and more pages. */
import { useQuery } from "@apollo/client/react";
import { useSearchParams } from "react-router";
import { RequireViewer } from "../account/RequireViewer";
import { graphql } from "../graphql";
import type { ProductStatus } from "../graphql/graphql";
import { Page } from "../layout/Page";
import { count } from "../ui/format";
import { LoadMore } from "../ui/LoadMore";
import { LoadError } from "../ui/Notice";
import { useDebounced } from "../ui/useDebounced";
import { ProductRow, STATUSES } from "./ProductRow";

const ADMIN_PRODUCTS = graphql(`
  query AdminProducts($search: String, $filter: ProductFilter, $after: String) {
    products(search: $search, filter: $filter, first: 20, after: $after, sort: { field: NAME }) {
      totalCount
      edges {
        node {
          id
          ...ProductRow
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export function Component() {
  return <RequireViewer admin>{() => <Products />}</RequireViewer>;
}

function Products() {
  const [parameters, setParameters] = useSearchParams();
  const search = parameters.get("q") ?? "";
  const status = STATUSES.find((status) => status === parameters.get("status"));
  const { data, previousData, error, refetch, fetchMore } = useQuery(ADMIN_PRODUCTS, {
    variables: { search: useDebounced(search, 200) || undefined, filter: status && { status: [status] } },
    // Other admins change products too.
    fetchPolicy: "cache-and-network",
  });
  const products = (data ?? previousData)?.products;
  const after = products?.pageInfo.endCursor;

  const show = (search: string, status: string) => {
    const changed = new URLSearchParams();
    if (search !== "") changed.set("q", search);
    if (status !== "") changed.set("status", status);
    setParameters(changed, { replace: true });
  };

  return (
    <Page title="Products" className="admin">
      <form className="admin-tools" role="search" aria-label="Products" onSubmit={(event) => event.preventDefault()}>
        <input
          type="search"
          aria-label="Name or SKU"
          placeholder="Name or SKU"
          defaultValue={search}
          onChange={({ target }) => show(target.value.trim(), status ?? "")}
        />
        <select aria-label="Status" value={status ?? ""} onChange={({ target }) => show(search, target.value)}>
          <option value="">Any status</option>
          {STATUSES.map((status: ProductStatus) => (
            <option key={status}>{status}</option>
          ))}
        </select>
        <p role="status">{products && count(products.totalCount, "product", "products")}</p>
      </form>
      {error && <LoadError error={error} retry={refetch} />}
      {products?.edges.length === 0 && <p className="notice">No product matches.</p>}
      {products && products.edges.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Price</th>
              <th scope="col">Stock</th>
              <th scope="col">Status</th>
              <th scope="col">
                <span className="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {products.edges.map(({ node }) => (
              <ProductRow key={node.id} product={node} />
            ))}
          </tbody>
        </table>
      )}
      {products?.pageInfo.hasNextPage && after && (
        <LoadMore after={after} loadMore={(after) => fetchMore({ variables: { after } })} />
      )}
    </Page>
  );
}
