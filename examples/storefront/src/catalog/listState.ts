/** The state of a product list is in the address, so that it can be shared, and Back returns to it. */
import { useSearchParams } from "react-router";
import type { AttributeFilter, ProductFilter, ProductSort } from "../graphql/graphql";

export const SORTS = {
  newest: { label: "Newest first", sort: { field: "CREATED_AT", direction: "DESC" } },
  cheapest: { label: "Price: low to high", sort: { field: "PRICE", direction: "ASC" } },
  dearest: { label: "Price: high to low", sort: { field: "PRICE", direction: "DESC" } },
  name: { label: "Name", sort: { field: "NAME", direction: "ASC" } },
} satisfies Record<string, { label: string; sort: ProductSort }>;

type SortName = keyof typeof SORTS;

export interface ListState {
  /** Ids of categories. */
  categories: string[];
  /** Bounds of the price, such as `10.00-19.99`. */
  price: string | null;
  inStock: boolean;
  /** Values of attributes, such as `material:copper`, `dishwasher-safe:true` and `capacity:500~1500`. */
  attributes: string[];
  /** Null: the best matches of a search, otherwise the newest products. */
  sort: SortName | null;
}

export const NOT_NARROWED = { categories: [], price: null, inStock: false, attributes: [] } satisfies Partial<ListState>;

/** Returns the state in the address, and a function that changes parts of it. */
export function useListState(): [ListState, (change: Partial<ListState>) => void] {
  const [parameters, setParameters] = useSearchParams();
  const sort = parameters.get("sort");
  const state: ListState = {
    categories: parameters.getAll("in"),
    price: parameters.get("price"),
    inStock: parameters.has("stock"),
    attributes: parameters.getAll("with"),
    sort: sort !== null && sort in SORTS ? (sort as SortName) : null,
  };

  const change = (part: Partial<ListState>) => {
    const { categories, price, inStock, attributes, sort } = { ...state, ...part };
    setParameters(
      (before) => {
        const after = new URLSearchParams();
        const search = before.get("q");
        if (search) after.set("q", search);
        categories.forEach((id) => after.append("in", id));
        if (price) after.set("price", price);
        if (inStock) after.set("stock", "in");
        attributes.forEach((value) => after.append("with", value));
        if (sort) after.set("sort", sort);
        return after;
      },
      { preventScrollReset: true },
    );
  };
  return [state, change];
}

export function toFilter({ categories, price, inStock, attributes }: ListState): ProductFilter {
  const [gte, lte] = price?.split("-") ?? [];
  return {
    ...(categories.length > 0 && { categoryIds: categories }),
    ...(price && { price: { gte, lte } }),
    ...(inStock && { inStock }),
    ...(attributes.length > 0 && { attributes: toAttributes(attributes) }),
  };
}

/** One of the choices of an attribute suffices. */
function toAttributes(values: string[]): AttributeFilter[] {
  const filters = new Map<string, AttributeFilter>();
  for (const value of values) {
    const [code = "", text = ""] = value.split(":");
    const range = /^(-?[\d.]*)~(-?[\d.]*)$/.exec(text);
    if (range) {
      filters.set(code, { code, number: { gte: range[1] || null, lte: range[2] || null } });
    } else if (text === "true") {
      filters.set(code, { code, boolean: true });
    } else {
      filters.set(code, { code, choices: [...(filters.get(code)?.choices ?? []), text] });
    }
  }
  return [...filters.values()];
}

export function toSort({ sort }: ListState, search: string): ProductSort {
  if (sort) return SORTS[sort].sort;
  return search === "" ? SORTS.newest.sort : { field: "RELEVANCE" };
}
