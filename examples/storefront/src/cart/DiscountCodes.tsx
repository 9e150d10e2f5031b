/** The discount codes of the cart. A code without effect stays, with the reason. */
import { useState } from "react";
import { Field, FormView, useForm } from "../ui/form";
import type { Cart } from "./cart";
import { useUpdateCart } from "./updateCart";

export function DiscountCodes({ cart }: { cart: Cart }) {
  const update = useUpdateCart();
  const codes = cart.discountCodes.map(({ code }) => code);
  // Counts the added codes. Each empties the field.
  const [added, setAdded] = useState(0);
  const form = useForm(async ({ code = "" }) => {
    const errors = await update({ discountCodes: [...codes, code] });
    if (errors.length === 0) setAdded(added + 1);
    return errors.map((error) => ({ ...error, field: "code" }));
  });
  const removal = useForm(async ({ code }) => update({ discountCodes: codes.filter((other) => other !== code) }));
  return (
    <div className="discount-codes">
      <ul>
        {cart.discountCodes.map(({ code, applied }) => (
          <li key={code}>
            <form className="actions" onSubmit={removal.onSubmit}>
              <input type="hidden" name="code" value={code} aria-label="Code" />
              <strong>{code}</strong>
              <button className="link" aria-label={`Remove ${code}`}>
                Remove
              </button>
            </form>
            {!applied && <p className="field-error">{cart.problems.find((it) => it.discountCode === code)?.message}</p>}
          </li>
        ))}
      </ul>
      <FormView key={added} form={form} submit="Apply" fields={["code"]}>
        <Field name="code" label="Discount code" autoComplete="off" />
      </FormView>
    </div>
  );
}
