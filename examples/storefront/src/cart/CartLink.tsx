import { Link } from "react-router";
import { count } from "../ui/format";
import { useCart } from "./cart";

export function CartLink() {
  const { cart } = useCart();
  const quantity = cart?.quantity ?? 0;
  return (
    <Link to="/cart" aria-label={`Cart, ${count(quantity, "item", "items")}`}>
      Cart{quantity > 0 && <span className="cart-quantity">{quantity}</span>}
    </Link>
  );
}
