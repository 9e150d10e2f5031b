/** Apollo Client: the links that each request passes, and the cache. */
import { ApolloClient, ApolloLink, HttpLink } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";
import { ErrorLink } from "@apollo/client/link/error";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { from, mergeMap } from "rxjs";
import { cache } from "./cache";
import { hasCode } from "./errors";
import { accessToken, onViewerChange, renew } from "./session";
import { hasFiles, uploadLink } from "./uploadLink";
import { API } from "./url";

/** Sends the access token with each request. */
const authentication = new SetContextLink(async ({ headers }) => {
  const token = await accessToken();
  return { token, headers: token ? { ...headers, authorization: `Bearer ${token}` } : headers };
});

/** Renews an access token that the server rejects, and repeats the request once. */
const renewal = new ErrorLink(({ error, operation, forward }) => {
  const { token } = operation.getContext();
  if (hasCode(error, "UNAUTHENTICATED") && token) return from(renew(token)).pipe(mergeMap(() => forward(operation)));
});

/** Browsers have no hash function on pages without TLS, except on localhost. Secrets do not belong into addresses. */
const canBeCached = ({ variables }: ApolloLink.Operation) => window.isSecureContext && !("token" in variables);

/** Queries are sent by GET with the hash of their document, so that browsers and CDNs can cache the responses. */
const persistedQueries = new PersistedQueryLink({ sha256, useGETForHashedQueries: true });

async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const http = new HttpLink({
  uri: `${API}/graphql`,
  credentials: "include",
  headers: { "apollo-require-preflight": "true" },
});

export const client = new ApolloClient({
  cache,
  link: ApolloLink.from([
    renewal,
    authentication,
    ApolloLink.split(hasFiles, uploadLink, ApolloLink.split(canBeCached, persistedQueries.concat(http), http)),
  ]),
});

// The viewer determines what the catalog shows.
onViewerChange(() => {
  // A query that fails reports it in its component.
  client.resetStore().catch(() => {});
});
