/** Puts a variant into the cart. */
import { useState } from "react";
import { Link } from "react-router";
import { Field, FormView, useForm } from "../ui/form";
import { addToCart } from "./cart";
import { QUANTITY, withQuantity } from "./quantity";

interface Props {
  /** Undefined until all options are chosen. */
  variant: { id: string; maxQuantity: number } | undefined;
}

export function AddToCart({ variant }: Props) {
  const [addedId, setAddedId] = useState<string | null>(null);
  const form = useForm(async (values) => {
    setAddedId(null);
    if (!variant) return [{ message: "Choose an option first." }];
    const errors = await withQuantity(values, (quantity) => addToCart({ variantId: variant.id, quantity }));
    if (errors.length === 0) setAddedId(variant.id);
    return errors;
  });
  if (variant?.maxQuantity === 0) return null;
  return (
    <div className="add-to-cart">
      <FormView form={form} submit="Add to cart" fields={[QUANTITY]}>
        <Field name={QUANTITY} label="Quantity" type="number" min={1} max={variant?.maxQuantity} defaultValue={1} />
      </FormView>
      <p role="status">
        {addedId !== null && addedId === variant?.id && (
          <>
            Added. <Link to="/cart">To the cart</Link>
          </>
        )}
      </p>
    </div>
  );
}
