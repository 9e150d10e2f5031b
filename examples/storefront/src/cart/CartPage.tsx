/** The cart with its lines, discount codes and totals. */
import { Link } from "react-router";
import { Page } from "../layout/Page";
import { LoadError } from "../ui/Notice";
import { useCart } from "./cart";
import { CartLine } from "./CartLine";
import { CartTotals } from "./CartTotals";
import { DiscountCodes } from "./DiscountCodes";

export function Component() {
  const { cart, error, retry } = useCart();
  if (error && !cart) return <LoadError error={error} retry={retry} />;
  if (cart === undefined) return <div className="page" aria-busy="true" />;
  if (cart === null || cart.lines.length === 0) {
    return (
      <Page title="Your cart" className="narrow">
        <p>Your cart is empty.</p>
        <p className="actions">
          <Link to="/search">All products</Link>
        </p>
      </Page>
    );
  }
  const isOfCart = (problem: (typeof cart.problems)[number]) => problem.code === "LINES_REMOVED";
  return (
    <Page title="Your cart">
      {cart.problems.filter(isOfCart).map(({ code, message }) => (
        <p key={code} className="form-error" role="status">
          {message}
        </p>
      ))}
      <div className="with-summary">
        <ul className="cart-lines">
          {cart.lines.map((line) => (
            <CartLine key={line.id} line={line} problems={cart.problems.filter(({ lineId }) => lineId === line.id)} />
          ))}
        </ul>
        <section className="summary" aria-labelledby="summary">
          <h2 id="summary">Summary</h2>
          <CartTotals totals={cart.totals} />
          <DiscountCodes cart={cart} />
          <Link to="/checkout" className="button">
            Check out
          </Link>
        </section>
      </div>
    </Page>
  );
}
