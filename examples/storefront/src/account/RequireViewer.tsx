/** Shows a page to signed-in users only. Others are sent to the sign-in and come back. */
import type { ReactNode } from "react";
import { Navigate, useLocation } from "react-router";
import { Page } from "../layout/Page";
import { LoadError } from "../ui/Notice";
import { useViewer, type Viewer } from "./viewer";

interface Props {
  /** Whether the page is for admins. The server checks it for each request: this is for the message. */
  admin?: boolean;
  children: (viewer: Viewer) => ReactNode;
}

export function RequireViewer({ admin = false, children }: Props) {
  const { viewer, error, retry } = useViewer();
  const { pathname } = useLocation();
  if (viewer === null) return <Navigate replace to={`/sign-in?${new URLSearchParams({ next: pathname })}`} />;
  if (viewer === undefined) {
    return error ? <LoadError error={error} retry={retry} /> : <div className="page" aria-busy="true" />;
  }
  if (admin && viewer.role !== "ADMIN") {
    return (
      <Page title="For admins" className="narrow">
        <p>This page is for admins of the shop. You are signed in as {viewer.email}.</p>
      </Page>
    );
  }
  return children(viewer);
}
