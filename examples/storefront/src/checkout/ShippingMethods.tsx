/** The shipping methods that the shop offers for the address. */
import { useState } from "react";
import { errorMessage } from "../api/errors";
import type { Cart } from "../cart/cart";
import { useUpdateCart } from "../cart/updateCart";
import { graphql, readFragment } from "../graphql";
import { Price } from "../ui/Price";

const SHIPPING_METHOD = graphql(`
  fragment ShippingMethod on ShippingQuote {
    methodId
    name
    description
    minDays
    maxDays
    price {
      ...Price
    }
  }
`);

export function ShippingMethods({ cart }: { cart: Cart }) {
  const update = useUpdateCart();
  const [failure, setFailure] = useState<string | null>(null);
  const methods = readFragment(SHIPPING_METHOD, cart.shippingMethods);
  const choose = async (shippingMethodId: string) => {
    try {
      const [error] = await update({ shippingMethodId });
      setFailure(error?.message ?? null);
    } catch (error) {
      setFailure(errorMessage(error));
    }
  };
  return (
    <fieldset className="choices">
      <legend>Shipping</legend>
      {methods.length === 0 && <p>Nothing is shipped to this address.</p>}
      {methods.map(({ methodId, name, description, minDays, maxDays, price }) => (
        <label key={methodId} className="choice">
          <input
            type="radio"
            name="shippingMethodId"
            defaultChecked={cart.shippingMethod?.methodId === methodId}
            onChange={() => void choose(methodId)}
          />
          <span>
            {name}
            {minDays != null && maxDays != null && `, ${minDays} to ${maxDays} days`}
            {description && <span className="hint"> {description}</span>}
          </span>
          <Price money={price} />
        </label>
      ))}
      {failure && (
        <p className="form-error" role="alert">
          {failure}
        </p>
      )}
    </fieldset>
  );
}
