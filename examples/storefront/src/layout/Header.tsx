/** The top of all pages: name of the shop, search, cart, account, category menu. */
import { Link } from "react-router";
import { useShop } from "../api/shop";
import { AccountLink } from "../account/AccountLink";
import { CartLink } from "../cart/CartLink";
import { CategoryMenu } from "./CategoryMenu";
import { SearchBox } from "./SearchBox";

export function Header() {
  const shop = useShop();
  return (
    <header className="header">
      <div className="header-row">
        <Link to="/" className="shop-name">
          {shop?.name ?? "\u00a0"}
        </Link>
        <SearchBox />
        <div className="header-links">
          <CartLink />
          <AccountLink />
        </div>
      </div>
      <CategoryMenu />
    </header>
  );
}
