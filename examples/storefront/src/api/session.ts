/**
 * The session of the signed-in user.
 *
 * The refresh token is in a cookie that scripts cannot read. The access token is in memory only, and is renewed when a
 * request needs it and it is about to expire. All tabs share one session: one tab renews at a time, and gives the new
 * token to the others.
 */
import { print } from "graphql";
import { useSyncExternalStore } from "react";
import { graphql } from "../graphql";
import type { RenewMutation } from "../graphql/graphql";
import { API } from "./url";

const RENEW = graphql(`
  mutation Renew {
    refreshToken(input: {}) {
      accessToken
      accessTokenExpiresAt
      userErrors {
        code
      }
    }
  }
`);

/** The tokens in the payload of a mutation that signs in. */
interface Tokens {
  accessToken: string | null | undefined;
  accessTokenExpiresAt: string | null | undefined;
}

interface AccessToken {
  value: string;
  /** Milliseconds since 1970. */
  renewAt: number;
}

type Message = { event: "signedIn" | "renewed"; token: AccessToken } | { event: "signedOut" };

/** Is set while a refresh cookie may exist, so that visitors who never signed in cause no renewal. */
const SIGNED_IN = "wares.signedIn";
const SECOND = 1000;

let token: AccessToken | null = null;
let renewal: Promise<string | null> | null = null;
const tabs = new BroadcastChannel("wares.session");
const listeners = new Set<() => void>();

export function isSignedIn(): boolean {
  return localStorage.getItem(SIGNED_IN) !== null;
}

/** Calls the listener when the user of this browser signs in or out, in any tab. */
export function onViewerChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useSignedIn(): boolean {
  return useSyncExternalStore(onViewerChange, isSignedIn);
}

/** Starts the session with the payload of `login` or `exchangeOAuthCode`. */
export function startSession(payload: Tokens): void {
  publish({ event: "signedIn", token: toToken(payload) });
}

/** Forgets the session, after `logout` or when the server has ended it. */
export function endSession(): void {
  publish({ event: "signedOut" });
}

/** Returns a valid access token, or null if the visitor is not signed in. */
export async function accessToken(): Promise<string | null> {
  if (!isSignedIn()) return null;
  return isFresh(token) ? token.value : renew(null);
}

/** Replaces an access token that the server has rejected. Returns null if the session has ended. */
export function renew(rejected: string | null): Promise<string | null> {
  renewal ??= alone(async () => {
    // Another request or tab may have renewed it while this one waited.
    if (isFresh(token) && token.value !== rejected) return token.value;
    const payload = await requestTokens();
    if (payload.userErrors.length > 0) {
      endSession();
      return null;
    }
    const renewed = toToken(payload);
    // The user may have signed out in the meantime.
    if (isSignedIn()) publish({ event: "renewed", token: renewed });
    return renewed.value;
  }).finally(() => {
    renewal = null;
  });
  return renewal;
}

async function requestTokens() {
  const response = await fetch(`${API}/graphql`, {
    method: "POST",
    credentials: "include",
    headers: { "Content-Type": "application/json", "apollo-require-preflight": "true" },
    body: JSON.stringify({ query: print(RENEW) }),
  });
  const result: { data?: RenewMutation; errors?: { message: string }[] } = await response.json();
  const payload = result.data?.refreshToken;
  if (!payload) throw new Error(result.errors?.[0]?.message ?? "The session cannot be renewed.");
  return payload;
}

/** Runs one task at a time in all tabs. On pages without TLS, browsers have no locks: there the server copes. */
function alone<T>(task: () => Promise<T>): Promise<T> {
  return navigator.locks ? navigator.locks.request(SIGNED_IN, task) : task();
}

function toToken({ accessToken, accessTokenExpiresAt }: Tokens): AccessToken {
  if (!accessToken || !accessTokenExpiresAt) throw new Error("The server returned no access token.");
  const renewAt = Date.parse(accessTokenExpiresAt) - 30 * SECOND;
  // With a wrong clock, the token seems to have expired already.
  return { value: accessToken, renewAt: Math.max(renewAt, Date.now() + 60 * SECOND) };
}

function isFresh(token: AccessToken | null): token is AccessToken {
  return token !== null && Date.now() < token.renewAt;
}

function publish(message: Message): void {
  if (message.event === "signedOut") localStorage.removeItem(SIGNED_IN);
  else localStorage.setItem(SIGNED_IN, "true");
  tabs.postMessage(message);
  receive(message);
}

function receive(message: Message): void {
  token = message.event === "signedOut" ? null : message.token;
  if (message.event !== "renewed") listeners.forEach((listener) => listener());
}

tabs.onmessage = ({ data }: MessageEvent<Message>) => receive(data);
