/** Selectors for the variants of a product. They offer only combinations that exist and can be ordered. */
import { type FragmentType, graphql, readFragment } from "../graphql";
import type { VariantsFragment } from "../graphql/graphql";

export const VARIANTS = graphql(`
  fragment Variants on Product {
    options {
      id
      name
      values {
        id
        name
        swatch
      }
    }
    variants(first: 100) {
      id
      sku
      stock
      availability
      maxQuantity
      price {
        ...Price
      }
      options {
        name
        value
      }
    }
  }
`);

/** The chosen value of each option, by the names. */
export type Chosen = Record<string, string>;

type Variant = VariantsFragment["variants"][number];

/** Returns the variant with all chosen values: that of a product without options, or undefined while one is missing. */
export function findVariant(
  { options, variants }: VariantsFragment,
  chosen: Chosen,
): Variant | undefined {
  if (options.some((option) => !chosen[option.name])) return undefined;
  return variants.find((variant) => matches(variant, chosen));
}

function matches(variant: Variant, chosen: Chosen) {
  return variant.options.every(({ name, value }) => !chosen[name] || chosen[name] === value);
}

export function VariantSelectors(props: {
  product: FragmentType<typeof VARIANTS>;
  chosen: Chosen;
  choose: (chosen: Chosen) => void;
}) {
  const { options, variants } = readFragment(VARIANTS, props.product);
  return options.map((option) => (
    <fieldset key={option.id} className="option">
      <legend>{option.name}</legend>
      {option.values.map((value) => {
        const next = { ...props.chosen, [option.name]: value.name };
        const exists = variants.some((variant) => variant.maxQuantity > 0 && matches(variant, next));
        return (
          <label key={value.id} className={exists ? "value" : "value unavailable"}>
            <input
              type="radio"
              name={option.name}
              value={value.name}
              checked={props.chosen[option.name] === value.name}
              disabled={!exists}
              onChange={() => props.choose(next)}
            />
            {value.swatch && <span className="swatch" style={{ backgroundColor: value.swatch }} />}
            {value.name}
          </label>
        );
      })}
      {props.chosen[option.name] && (
        <button
          type="button"
          className="link"
          onClick={() => {
            const { [option.name]: _, ...rest } = props.chosen;
            props.choose(rest);
          }}
        >
          Clear
        </button>
      )}
    </fieldset>
  ));
}
