import { Link } from "react-router";
import { Page } from "./Page";

export function NotFound() {
  return (
    <Page title="Page not found" className="narrow">
      <p>There is no page at this address. It may have been removed, or the link has a typo.</p>
      <p className="actions">
        <Link to="/" className="button">
          To the shop
        </Link>
        <Link to="/search">All products</Link>
      </p>
    </Page>
  );
}
