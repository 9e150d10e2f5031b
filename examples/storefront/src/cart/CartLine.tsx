/** A line of the cart: the item, its quantity, and its problems. */
import { useMutation } from "@apollo/client/react";
import { Link } from "react-router";
import { type FragmentType, graphql, readFragment } from "../graphql";
import type { CartFragment } from "../graphql/graphql";
import { Field, FormErrorsProvider, formErrors, OtherErrors, useForm } from "../ui/form";
import { Price } from "../ui/Price";
import { ResponsiveImage } from "../ui/ResponsiveImage";
import { QUANTITY, withQuantity } from "./quantity";

const CART_LINE = graphql(`
  fragment CartLine on CartLine {
    id
    quantity
    attributes {
      name
      value
    }
    total {
      ...Price
    }
    variant {
      id
      maxQuantity
      options {
        name
        value
      }
      image {
        ...ResponsiveImage
      }
      product {
        id
        name
        slug
        image {
          ...ResponsiveImage
        }
      }
    }
  }
`);

const UPDATE_CART_LINE = graphql(`
  mutation UpdateCartLine($line: CartLineUpdateInput!) {
    updateCartLines(input: { lines: [$line] }) {
      cart {
        ...Cart
      }
      userErrors {
        ...FormErrors
      }
    }
  }
`);

interface Props {
  line: FragmentType<typeof CART_LINE>;
  problems: CartFragment["problems"];
}

export function CartLine({ line: masked, problems }: Props) {
  const { id, quantity, attributes, total, variant } = readFragment(CART_LINE, masked);
  const [updateLine] = useMutation(UPDATE_CART_LINE);
  const update = async (quantity: number) => {
    const { data } = await updateLine({ variables: { line: { lineId: id, quantity } } });
    return formErrors(data?.updateCartLines?.userErrors);
  };
  const form = useForm((values) => withQuantity(values, update));
  const removal = useForm(() => update(0));

  const name = variant?.product.name ?? "An item that is no longer for sale";
  const image = variant?.image ?? variant?.product.image;
  const details = [...(variant?.options ?? []), ...attributes];
  return (
    <li className="cart-line">
      <div className="line-image">{image && <ResponsiveImage image={image} sizes="6rem" alt="" />}</div>
      <div className="line-text">
        {variant ? <Link to={`/products/${variant.product.slug}`}>{name}</Link> : name}
        {details.map(({ name, value }) => (
          <p key={name} className="hint">
            {name}: {value}
          </p>
        ))}
        {problems.map(({ code, message }) => (
          <p key={code} className="field-error">
            {message}
          </p>
        ))}
        <FormErrorsProvider value={form.errors}>
          <form className="line-quantity" onSubmit={form.onSubmit} noValidate>
            <Field
              name={QUANTITY}
              label="Quantity"
              aria-label={`Quantity of ${name}`}
              type="number"
              min={1}
              max={variant?.maxQuantity}
              defaultValue={quantity}
            />
            <button className="button secondary" aria-disabled={form.isSending} aria-label={`Update ${name}`}>
              Update
            </button>
          </form>
          <OtherErrors errors={[...form.errors, ...removal.errors]} fields={[QUANTITY]} />
        </FormErrorsProvider>
        <form onSubmit={removal.onSubmit}>
          <button className="link" aria-label={`Remove ${name}`}>
            Remove
          </button>
        </form>
      </div>
      {total && <Price money={total} />}
    </li>
  );
}
