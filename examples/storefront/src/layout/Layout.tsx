/** The parts that all pages share: skip link, header, footer, and the focus after navigation. */
import { useEffect, useRef } from "react";
import { Link, Outlet, ScrollRestoration, useLocation, useNavigation } from "react-router";
import { useShop } from "../api/shop";
import { Header } from "./Header";

export function Layout() {
  const shop = useShop();
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const navigation = useNavigation();

  // Screen readers and the Tab key continue at the new page, as after a page load.
  const shownPath = useRef(pathname);
  useEffect(() => {
    if (shownPath.current === pathname) return;
    shownPath.current = pathname;
    main.current?.focus({ preventScroll: true });
  }, [pathname]);

  return (
    <>
      <a className="skip-link" href="#main">
        Skip to content
      </a>
      <Header />
      <main id="main" ref={main} tabIndex={-1} aria-busy={navigation.state === "loading"}>
        <Outlet />
      </main>
      <footer className="footer">
        <p>{shop?.name}</p>
        <nav aria-label="Footer">
          <Link to="/search">All products</Link>
          <Link to="/orders">Your orders</Link>
          <Link to="/account">Your account</Link>
        </nav>
      </footer>
      <ScrollRestoration />
    </>
  );
}
