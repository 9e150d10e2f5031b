/** A list of products with facets, order and more pages: of a category, or of a search. */
import { useRef } from "react";
import { type FragmentType, graphql, readFragment } from "../graphql";
import { count } from "../ui/format";
import { LoadMore } from "../ui/LoadMore";
import { Facets } from "./Facets";
import { NOT_NARROWED, SORTS, useListState } from "./listState";
import { ProductCard, ProductCardSkeleton } from "./ProductCard";

export const PAGE_SIZE = 12;

/** Facets are the same on all pages: they are requested with the first one. */
const PRODUCT_LIST = graphql(`
  fragment ProductList on ProductConnection {
    totalCount
    totalCountIsExact
    edges {
      node {
        id
        ...ProductCard
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
    facets @include(if: $withFacets) {
      ...Facets
    }
  }
`);

interface Props {
  /** Undefined while the list is loading. */
  products: FragmentType<typeof PRODUCT_LIST> | undefined;
  /** Whether the products are those of the previous filter. */
  isStale: boolean;
  /** The category of the page. */
  below?: { level: number };
  /** Requests the products after this cursor. */
  loadMore: (after: string) => Promise<unknown>;
  /** Name of the order without a choice. */
  defaultSort: string;
}

export function ProductList({ products, isStale, below, loadMore, defaultSort }: Props) {
  const [state, change] = useListState();
  const list = readFragment(PRODUCT_LIST, products);
  const isNarrowed = state.categories.length > 0 || state.price !== null || state.inStock || state.attributes.length > 0;
  const cards = useRef<HTMLUListElement>(null);

  // The Tab key continues with the first new product, also when the button disappears.
  const loadMoreAndFocus = async (after: string) => {
    const shown = list?.edges.length ?? 0;
    await loadMore(after);
    cards.current?.children[shown]?.querySelector("a")?.focus({ preventScroll: true });
  };

  return (
    <div className="listing">
      {list?.facets ? (
        <Facets facets={list.facets} below={below} state={state} change={change} />
      ) : (
        <div className="facets" />
      )}
      <section aria-label="Products" aria-busy={isStale || !list} className={isStale ? "stale" : ""}>
        <div className="listing-head">
          <p role="status">{list && total(list)}</p>
          <label className="sort">
            Sort by{" "}
            <select
              value={state.sort ?? ""}
              onChange={({ target }) => change({ sort: (target.value || null) as keyof typeof SORTS | null })}
            >
              <option value="">{defaultSort}</option>
              {Object.entries(SORTS)
                .filter(([, { label }]) => label !== defaultSort)
                .map(([name, { label }]) => (
                  <option key={name} value={name}>
                    {label}
                  </option>
                ))}
            </select>
          </label>
        </div>
        {list?.edges.length === 0 ? (
          <div className="notice">
            <p>No product matches.</p>
            {isNarrowed && (
              <button
                className="button secondary"
                onClick={() => change(NOT_NARROWED)}
              >
                Remove all filters
              </button>
            )}
          </div>
        ) : (
          <ul className="cards" ref={cards}>
            {list
              ? list.edges.map(({ node }, index) => (
                  <li key={node.id}>
                    <ProductCard product={node} priority={index < 4} />
                  </li>
                ))
              : Array.from({ length: PAGE_SIZE }, (_, index) => (
                  <li key={index}>
                    <ProductCardSkeleton />
                  </li>
                ))}
          </ul>
        )}
        {list?.pageInfo.hasNextPage && list.pageInfo.endCursor && (
          <LoadMore after={list.pageInfo.endCursor} loadMore={loadMoreAndFocus} />
        )}
      </section>
    </div>
  );
}

function total({ totalCount, totalCountIsExact }: { totalCount: number; totalCountIsExact: boolean }): string {
  return `${totalCountIsExact ? "" : "More than "}${count(totalCount, "product", "products")}`;
}
