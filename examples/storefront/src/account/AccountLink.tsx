/** The links at the top right: sign-in, or the account of the user. */
import { Link } from "react-router";
import { Avatar } from "./Avatar";
import { useViewer } from "./viewer";

export function AccountLink() {
  const { viewer } = useViewer();
  if (viewer === undefined) return <span className="account-link" />;
  if (viewer === null) {
    return (
      <div className="account-link">
        <Link to="/sign-in">Sign in</Link>
      </div>
    );
  }
  return (
    <div className="account-link">
      {viewer.role === "ADMIN" && <Link to="/admin/products">Admin</Link>}
      <Link to="/account" aria-label={`Account of ${viewer.name}`}>
        <Avatar viewer={viewer} size={36} />
      </Link>
    </div>
  );
}
