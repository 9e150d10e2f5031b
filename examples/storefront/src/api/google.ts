/** Sign-in with Google: the browser leaves for Google and comes back with a code, which is exchanged for tokens. */
import { client } from "./client";
import { startSession } from "./session";
import { API } from "./url";
import { claimCart } from "../cart/claimCart";
import { graphql } from "../graphql";
import { errorMessage } from "./errors";

const EXCHANGE = graphql(`
  mutation ExchangeOAuthCode($code: String!, $verifier: String!) {
    exchangeOAuthCode(input: { code: $code, verifier: $verifier, refreshTokenIn: COOKIE }) {
      accessToken
      accessTokenExpiresAt
      userErrors {
        message
      }
    }
  }
`);

const VERIFIER = "wares.googleVerifier";

const FAILURES: Record<string, string> = {
  access_denied: "You cancelled the sign-in with Google.",
  email_not_verified: "Google has not verified your email address.",
  link_required: "This email address has an account already. Sign in with its password.",
  account_disabled: "This account is disabled.",
  provider_unavailable: "Google cannot be reached. Try again in a minute.",
};

/** Leaves this page. Google returns to it. */
export async function signInWithGoogle(): Promise<void> {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  sessionStorage.setItem(VERIFIER, verifier);
  const parameters = new URLSearchParams({
    return_to: location.origin + location.pathname + location.search,
    challenge: base64url(new Uint8Array(hash)),
  });
  location.assign(`${API}/auth/google/login?${parameters}`);
}

/** The result of Google in the address of this page load. It is read once and removed, because the code is secret. */
const { code, error } = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
const verifier = sessionStorage.getItem(VERIFIER);
if (code ?? error) {
  history.replaceState(history.state, "", location.pathname + location.search);
  sessionStorage.removeItem(VERIFIER);
}

let completion: Promise<string | null> | null = null;

/**
 * Completes the sign-in when this page load is a return from Google. Resolves to the message of a failure, or null.
 * Repeated calls return the same result, because a code is valid once.
 */
export function completeGoogleSignIn(): Promise<string | null> {
  completion ??= exchangeCode();
  return completion;
}

async function exchangeCode(): Promise<string | null> {
  // Without a verifier, this tab began no sign-in: the link of an attacker would sign the visitor in as the attacker.
  if (!verifier) return null;
  if (error) return FAILURES[error] ?? "The sign-in with Google failed. Try again.";
  if (!code) return null;
  try {
    const { data } = await client.mutate({ mutation: EXCHANGE, variables: { code, verifier } });
    const payload = data?.exchangeOAuthCode;
    if (!payload || payload.userErrors.length > 0) return payload?.userErrors[0]?.message ?? "The sign-in failed.";
    await claimCart(payload.accessToken);
    startSession(payload);
    return null;
  } catch (failure) {
    return errorMessage(failure);
  }
}

function base64url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
