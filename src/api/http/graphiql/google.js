// Sign-in with Google, as docs/storefront.md describes it: the browser returns with a code in the fragment.

const verifierKey = 'wares-google-verifier';

const messages = {
  access_denied: 'You declined at Google.',
  provider_unavailable: 'Google cannot be reached. Try again later.',
  email_not_verified: 'Google has not verified this email address.',
  link_required: 'An account with this email address exists. Sign in with its password.',
  account_disabled: 'The account is disabled.',
};

// Google redirects to one origin, where the cookie of a pending sign-in is sent. Browsers have no hash functions on pages
// without TLS, except on localhost.
export const isAvailable = document.documentElement.dataset.googleOrigin === location.origin && Boolean(crypto.subtle);

export async function begin() {
  const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const challenge = base64url(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier)));
  sessionStorage.setItem(verifierKey, verifier);
  const parameters = new URLSearchParams({ return_to: `${location.origin}/graphql`, challenge });
  location.assign(`/auth/google/login?${parameters}`);
}

// Returns the code and its verifier if this page load is the return from Google, otherwise null.
export function takeCode() {
  const { code, error } = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
  if (!code && !error) return null;
  history.replaceState(null, '', location.pathname + location.search);
  const verifier = sessionStorage.getItem(verifierKey);
  sessionStorage.removeItem(verifierKey);
  // Without a verifier this tab began no sign-in: the link is of somebody who wants this user to use their account.
  if (!verifier) return null;
  if (error) throw new Error(messages[error] ?? 'The sign-in with Google failed. Try again.');
  return { code, verifier };
}

const base64url = bytes => btoa(String.fromCharCode(...new Uint8Array(bytes)))
  .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
