/** The choice of the payment, and the button that orders. */
import { useMutation } from "@apollo/client/react";
import { useNavigate } from "react-router";
import { useShop } from "../api/shop";
import type { Cart } from "../cart/cart";
import { graphql } from "../graphql";
import type { PaymentProvider } from "../graphql/graphql";
import { storeOrderToken } from "../orders/orderTokens";
import { formErrors, FormView, useForm } from "../ui/form";
import { formatMoney } from "../ui/format";

/** When prices or stock have changed, nothing is ordered: the errors say so, and the page shows the returned cart. */
const PLACE_ORDER = graphql(`
  mutation PlaceOrder($input: PlaceOrderInput!) {
    placeOrder(input: $input) {
      order {
        id
      }
      orderToken
      cart {
        ...Cart
      }
      userErrors {
        ...FormErrors
      }
    }
  }
`);

export function PlaceOrder({ cart }: { cart: Cart }) {
  const methods = useShop()?.paymentMethods;
  const navigate = useNavigate();
  const [placeOrder] = useMutation(PLACE_ORDER);
  const { total } = cart.totals;
  const form = useForm(async ({ provider }) => {
    const payment = { provider: provider as PaymentProvider };
    // The total that is shown: the buyer pays this amount, or nothing is ordered.
    const { data } = await placeOrder({ variables: { input: { expectedTotal: total.amount, payment } } });
    const payload = data?.placeOrder;
    if (!payload?.order) return formErrors(payload?.userErrors);
    const { id } = payload.order;
    if (payload.orderToken) storeOrderToken(id, payload.orderToken);
    await navigate(`/orders/${id}`);
  });
  if (!methods) return null;
  if (methods.length === 0) return <p className="notice">The shop takes no orders at the moment.</p>;
  return (
    <FormView form={form} submit={`Order and pay ${formatMoney(total)}`} fields={[]}>
      <fieldset className="choices">
        <legend>Payment</legend>
        {methods.map(({ provider, name, description }, index) => (
          <label key={provider} className="choice">
            <input type="radio" name="provider" value={provider} defaultChecked={index === 0} />
            <span>
              {name}
              {description && <span className="hint"> {description}</span>}
            </span>
          </label>
        ))}
      </fieldset>
    </FormView>
  );
}
