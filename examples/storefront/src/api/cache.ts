/** The cache. Objects are stored once under their `id`, so that a mutation's payload updates them on all pages. */
import { InMemoryCache } from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";

/** A list is identified by these arguments. Pages, which differ in `after`, are appended to it. */
const products = relayStylePagination(["search", "filter", "sort"]);

export const cache = new InMemoryCache({
  typePolicies: {
    Query: { fields: { products } },
    Category: { fields: { products } },
    User: { fields: { orders: relayStylePagination() } },
    // There is one shop, without an id.
    Shop: { keyFields: [] },
  },
});
