/** The signed-in user. */
import { useQuery } from "@apollo/client/react";
import { useSignedIn } from "../api/session";
import { graphql, readFragment } from "../graphql";
import type { ViewerFragment } from "../graphql/graphql";

const VIEWER = graphql(`
  fragment Viewer on User {
    id
    name
    email
    role
    avatar {
      id
      url(transform: { width: 160, height: 160, fit: COVER })
    }
  }
`);

const VIEWER_QUERY = graphql(`
  query Viewer {
    me {
      ...Viewer
    }
  }
`);

export type Viewer = ViewerFragment;

/** Returns undefined while the user is loading, and null if the visitor is not signed in. */
export function useViewer(): { viewer: Viewer | null | undefined; error: unknown; retry: () => unknown } {
  const isSignedIn = useSignedIn();
  const { data, error, refetch } = useQuery(VIEWER_QUERY, { skip: !isSignedIn });
  const viewer = isSignedIn ? readFragment(VIEWER, data?.me) : null;
  return { viewer, error, retry: refetch };
}
