/** The products that match a search, or all products. */
import { useQuery } from "@apollo/client/react";
import { useSearchParams } from "react-router";
import { graphql } from "../graphql";
import { Page } from "../layout/Page";
import { LoadError } from "../ui/Notice";
import { SORTS, toFilter, toSort, useListState } from "./listState";
import { PAGE_SIZE, ProductList } from "./ProductList";
import { SearchNotice } from "./SearchNotice";

const SEARCH_PAGE = graphql(`
  query SearchPage(
    $search: String
    $first: Int!
    $after: String
    $filter: ProductFilter
    $sort: ProductSort
    $withFacets: Boolean!
  ) {
    products(search: $search, first: $first, after: $after, filter: $filter, sort: $sort) {
      ...SearchNotice
      ...ProductList
    }
  }
`);

export function SearchPage() {
  const [parameters] = useSearchParams();
  const search = parameters.get("q") ?? "";
  const [state] = useListState();
  const { data, previousData, error, refetch, fetchMore } = useQuery(SEARCH_PAGE, {
    variables: {
      search: search === "" ? undefined : search,
      first: PAGE_SIZE,
      filter: toFilter(state),
      sort: toSort(state, search),
      withFacets: true,
    },
  });

  return (
    <Page title={search === "" ? "All products" : `Results for “${search}”`}>
      {error && !data ? (
        <LoadError error={error} retry={refetch} />
      ) : (
        <>
          <SearchNotice products={(data ?? previousData)?.products} />
          <ProductList
            products={(data ?? previousData)?.products}
            isStale={!data}
            loadMore={(after) => fetchMore({ variables: { after, withFacets: false } })}
            defaultSort={search === "" ? SORTS.newest.label : "Best match"}
          />
        </>
      )}
    </Page>
  );
}
