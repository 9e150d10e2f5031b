/** A category: its products, with facets, order and more pages. */
import { useQuery } from "@apollo/client/react";
import { Navigate, useParams } from "react-router";
import { graphql } from "../graphql";
import { NotFound } from "../layout/NotFound";
import { Title } from "../layout/Page";
import { LoadError } from "../ui/Notice";
import { Breadcrumbs } from "./Breadcrumbs";
import { SORTS, toFilter, toSort, useListState } from "./listState";
import { PAGE_SIZE, ProductList } from "./ProductList";

const CATEGORY_PAGE = graphql(`
  query CategoryPage(
    $slug: String!
    $first: Int!
    $after: String
    $filter: ProductFilter
    $sort: ProductSort
    $withFacets: Boolean!
  ) {
    category(slug: $slug) {
      id
      name
      slug
      description
      level
      ...Breadcrumbs
      products(first: $first, after: $after, filter: $filter, sort: $sort) {
        ...ProductList
      }
    }
  }
`);

export function CategoryPage() {
  const { slug = "" } = useParams();
  const [state] = useListState();
  const variables = { slug, first: PAGE_SIZE, filter: toFilter(state), sort: toSort(state, ""), withFacets: true };
  const { data, previousData, error, refetch, fetchMore } = useQuery(CATEGORY_PAGE, { variables });

  if (error && !data) return <LoadError error={error} retry={refetch} />;
  if (data && !data.category) return <NotFound />;
  if (data?.category && data.category.slug !== slug) return <Navigate replace to={`/categories/${data.category.slug}`} />;

  // While a filter is applied, the products before it stay.
  const isSame = previousData?.category?.slug === slug;
  const category = data?.category ?? (isSame ? previousData?.category : null);
  return (
    <div className="page">
      {category ? (
        <>
          <Title>{category.name}</Title>
          <Breadcrumbs category={category} />
          <h1>{category.name}</h1>
          {category.description !== "" && <p className="lead">{category.description}</p>}
        </>
      ) : (
        <div className="skeleton" aria-hidden="true">
          <h1 className="line short">&nbsp;</h1>
        </div>
      )}
      <ProductList
        products={category?.products}
        isStale={!data}
        below={category ?? undefined}
        loadMore={(after) => fetchMore({ variables: { after, withFacets: false } })}
        defaultSort={SORTS.newest.label}
      />
    </div>
  );
}
