/** Shown when a page throws while rendering, or its code can't be loaded. */
import { errorMessage } from "../api/errors";
import { useRouteError } from "react-router";
import { Page } from "./Page";

export function ErrorPage() {
  return (
    <Page title="Something went wrong" className="narrow">
      <p role="alert">{errorMessage(useRouteError())}</p>
      <p className="actions">
        <button className="button" onClick={() => location.reload()}>
          Load again
        </button>
      </p>
    </Page>
  );
}
