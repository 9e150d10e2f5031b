/** How the list can be narrowed, with the number of products for each choice. */
import { useState } from "react";
import { type FragmentType, graphql, readFragment } from "../graphql";
import { formatMoney } from "../ui/format";
import { AttributeFacets } from "./AttributeFacets";
import { type ListState, NOT_NARROWED } from "./listState";

const FACETS = graphql(`
  fragment Facets on ProductFacets {
    categories(first: 12) {
      values {
        count
        category {
          id
          name
          level
        }
      }
    }
    price {
      buckets {
        count
        from {
          amount
          currency
        }
        to {
          amount
          currency
        }
      }
    }
    stock {
      inStock
    }
    attributes(first: 12) {
      attribute {
        id
        code
        name
        unit
      }
      choices {
        count
        choice {
          id
          code
          name
          swatch
        }
      }
      boolean {
        trueCount
      }
      number {
        min
        max
      }
    }
  }
`);

interface Props {
  facets: FragmentType<typeof FACETS>;
  /** The category of the page. */
  below?: { level: number };
  state: ListState;
  change: (change: Partial<ListState>) => void;
}

export function Facets({ facets, below, state, change }: Props) {
  const { categories, price, stock, attributes } = readFragment(FACETS, facets);
  const [isOpen, setIsOpen] = useState(false);
  // The products of a category are also in the categories above it: only those one level below narrow the list.
  const level = below ? below.level + 1 : 0;
  const choices = categories.values.filter(
    ({ category }) => category.level === level || state.categories.includes(category.id),
  );
  const buckets = price.buckets.filter(({ count, from, to }) => count > 0 || state.price === range(from, to));
  const chosen = state.categories.length + (state.price ? 1 : 0) + (state.inStock ? 1 : 0) + state.attributes.length;

  return (
    <aside className="facets" aria-label="Filters">
      <button
        className="button secondary facets-toggle"
        aria-expanded={isOpen}
        aria-controls="facets"
        onClick={() => setIsOpen(!isOpen)}
      >
        Filters{chosen > 0 && ` (${chosen})`}
      </button>
      <div id="facets" className="facets-body" data-open={isOpen}>
        {choices.length > 0 && (
          <fieldset>
            <legend>Category</legend>
            {choices.map(({ category, count }) => {
              const isChosen = state.categories.includes(category.id);
              const others = state.categories.filter((id) => id !== category.id);
              return (
                <label key={category.id} className="choice">
                  <input
                    type="checkbox"
                    checked={isChosen}
                    onChange={() => change({ categories: isChosen ? others : [...others, category.id] })}
                  />
                  {category.name} <span className="hint">{count}</span>
                </label>
              );
            })}
          </fieldset>
        )}
        {buckets.length > 0 && (
          <fieldset>
            <legend>Price</legend>
            <label className="choice">
              <input type="radio" name="price" checked={state.price === null} onChange={() => change({ price: null })} />
              Any price
            </label>
            {buckets.map(({ from, to, count }) => {
              const value = range(from, to);
              return (
                <label key={value} className="choice">
                  <input
                    type="radio"
                    name="price"
                    checked={state.price === value}
                    onChange={() => change({ price: value })}
                  />
                  {formatMoney(from)} – {formatMoney(to)} <span className="hint">{count}</span>
                </label>
              );
            })}
          </fieldset>
        )}
        <AttributeFacets facets={attributes} chosen={state.attributes} change={(attributes) => change({ attributes })} />
        <fieldset>
          <legend>Availability</legend>
          <label className="choice">
            <input type="checkbox" checked={state.inStock} onChange={() => change({ inStock: !state.inStock })} />
            In stock <span className="hint">{stock.inStock}</span>
          </label>
        </fieldset>
        {chosen > 0 && (
          <button className="link" onClick={() => change(NOT_NARROWED)}>
            Remove all filters
          </button>
        )}
      </div>
    </aside>
  );
}

function range(from: { amount: string }, to: { amount: string }): string {
  return `${from.amount}-${to.amount}`;
}
