/** The page to which the emails link: `/order#id=...&token=...`. It stores the token and shows the order. */
import { Navigate, useLocation } from "react-router";
import { storeOrderToken } from "./orderTokens";

export function Component() {
  const { hash } = useLocation();
  const parameters = new URLSearchParams(hash.slice(1));
  const [id, token] = [parameters.get("id"), parameters.get("token")];
  if (!id || !token) return <Navigate replace to="/orders" />;
  storeOrderToken(id, token);
  return <Navigate replace to={`/orders/${id}`} />;
}
