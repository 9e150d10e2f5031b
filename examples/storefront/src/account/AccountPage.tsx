/** The account of the signed-in user. */
import { Link } from "react-router";
import { Page } from "../layout/Page";
import { useForm } from "../ui/form";
import { AvatarForm } from "./AvatarForm";
import { NameForm } from "./NameForm";
import { RequireViewer } from "./RequireViewer";
import { Sessions } from "./Sessions";
import { signOut } from "./signIn";

export function Component() {
  return (
    <RequireViewer>
      {(viewer) => (
        <Page title="Your account" className="account" aside={<SignOut />}>
          <section aria-labelledby="profile">
            <h2 id="profile">Profile</h2>
            <AvatarForm viewer={viewer} />
            <NameForm viewer={viewer} />
          </section>
          <section aria-labelledby="orders">
            <h2 id="orders">Orders</h2>
            <Link to="/orders">All your orders</Link>
          </section>
          <Sessions />
        </Page>
      )}
    </RequireViewer>
  );
}

function SignOut() {
  const form = useForm(signOut);
  return (
    <form onSubmit={form.onSubmit}>
      {form.errors.map(({ message }) => (
        <p key={message} role="alert" className="form-error">
          {message}
        </p>
      ))}
      <button className="button secondary">Sign out</button>
    </form>
  );
}
