/** The checkout: contact and address, shipping, payment, and the order. */
import { useState } from "react";
import { Link, Navigate } from "react-router";
import { useSignedIn } from "../api/session";
import { type Cart, useCart } from "../cart/cart";
import { CartTotals } from "../cart/CartTotals";
import { DiscountCodes } from "../cart/DiscountCodes";
import { Page } from "../layout/Page";
import { LoadError } from "../ui/Notice";
import { DetailsForm } from "./DetailsForm";
import { PlaceOrder } from "./PlaceOrder";
import { PostalAddress } from "./PostalAddress";
import { ShippingMethods } from "./ShippingMethods";

export function Component() {
  const { cart, error, retry } = useCart();
  if (error && !cart) return <LoadError error={error} retry={retry} />;
  if (cart === undefined) return <div className="page" aria-busy="true" />;
  if (cart === null || cart.lines.length === 0) return <Navigate replace to="/cart" />;
  return <Checkout cart={cart} />;
}

function Checkout({ cart }: { cart: Cart }) {
  const isSignedIn = useSignedIn();
  const [isEditing, setIsEditing] = useState(false);
  const needsAddress = cart.lines.some(({ variant }) => variant?.requiresShipping);
  const isIncomplete = (needsAddress && !cart.shippingAddress) || (!isSignedIn && !cart.email);
  const lineProblem = cart.problems.find(({ lineId }) => lineId);
  return (
    <Page title="Checkout">
      {lineProblem && (
        <p className="form-error" role="status">
          {lineProblem.message} <Link to="/cart">Change the cart</Link>
        </p>
      )}
      <div className="with-summary">
        <div className="checkout">
          {isEditing || isIncomplete ? (
            <section aria-labelledby="details">
              <h2 id="details">{needsAddress ? "Where to ship it" : "Contact"}</h2>
              {!isSignedIn && (
                <p>
                  <Link to="/sign-in?next=/checkout">Sign in</Link> or order without an account.
                </p>
              )}
              <DetailsForm cart={cart} needsAddress={needsAddress} onSaved={() => setIsEditing(false)} />
            </section>
          ) : (
            <>
              <section aria-labelledby="details">
                <h2 id="details">{needsAddress ? "Where to ship it" : "Contact"}</h2>
                {!isSignedIn && <p>{cart.email}</p>}
                {cart.shippingAddress && <PostalAddress address={cart.shippingAddress} />}
                <button className="link" onClick={() => setIsEditing(true)}>
                  Change
                </button>
              </section>
              {needsAddress && <ShippingMethods cart={cart} />}
              <PlaceOrder cart={cart} />
            </>
          )}
        </div>
        <section className="summary" aria-labelledby="summary">
          <h2 id="summary">Summary</h2>
          <CartTotals totals={cart.totals} />
          <DiscountCodes cart={cart} />
        </section>
      </div>
    </Page>
  );
}
