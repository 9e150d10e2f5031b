// The session of the user. The access token is only in memory. The refresh token is in a cookie that scripts can't read.

export const endpoint = '/graphql';

const requestTimeout = 15_000;
const payloadFields = 'accessToken accessTokenExpiresAt user { name email role } userErrors { code message }';

// Null while nobody is signed in.
let session = null;
let pendingRefresh = null;
let onChange = () => {};

// The other tabs of this browser share the cookie.
const otherTabs = new BroadcastChannel('wares-session');
otherTabs.onmessage = () => refresh().catch(() => {});

export const user = () => session?.user ?? null;

// Returns an access token that is valid for its whole lifetime.
export async function accessToken() {
  await refresh();
  return session?.accessToken ?? '';
}

// Sets the function that is called after each change of the user.
export const setOnChange = listener => { onChange = listener; };

export async function signIn(email, password) {
  await open('login', 'LoginInput', { email, password, refreshTokenIn: 'COOKIE' });
}

export async function signInWithCode(code, verifier) {
  await open('exchangeOAuthCode', 'ExchangeOAuthCodeInput', { code, verifier, refreshTokenIn: 'COOKIE' });
}

export async function signOut() {
  await exclusively(() => mutate('mutation SignOut { payload: logout { userErrors { code message } } }'));
  change(null);
  otherTabs.postMessage('changed');
}

// Gets the next access token with the cookie. Without a valid cookie nobody is signed in afterwards.
// Concurrent calls share one request.
export function refresh() {
  pendingRefresh ??= exclusively(async () => {
    const query = `mutation Refresh { payload: refreshToken(input: {}) { ${payloadFields} } }`;
    const { payload, receivedAt } = await mutate(query);
    change(payload.userErrors.length > 0 ? null : toSession(payload, receivedAt));
  }).finally(() => { pendingRefresh = null; });
  return pendingRefresh;
}

// Like `fetch`, with the access token. A request with an `Authorization` header of its own is sent unchanged.
export async function fetchAsUser(url, options = {}) {
  const headers = new Headers(options.headers);
  if (headers.has('authorization')) return fetch(url, options);

  await pendingRefresh?.catch(() => {});
  if (session && Date.now() >= session.refreshAt) await refresh();
  const send = () => {
    if (session) headers.set('authorization', `Bearer ${session.accessToken}`);
    return fetch(url, { ...options, headers });
  };
  const response = await send();
  // With status 401 nothing was executed, so any request can be repeated.
  if (response.status !== 401 || !session) return response;
  await refresh();
  return session ? send() : response;
}

async function open(mutation, inputType, input) {
  const query = `mutation SignIn($input: ${inputType}!) { payload: ${mutation}(input: $input) { ${payloadFields} } }`;
  await exclusively(async () => {
    const { payload, receivedAt } = await mutate(query, { input });
    if (payload.userErrors.length > 0) throw new Error(payload.userErrors[0].message);
    change(toSession(payload, receivedAt));
  });
  otherTabs.postMessage('changed');
}

function change(next) {
  const isOtherUser = next?.user.email !== session?.user.email;
  session = next;
  if (isOtherUser) onChange();
}

function toSession({ accessToken, accessTokenExpiresAt, user }, receivedAt) {
  // Both times are the server's, because the clock of this computer may be wrong.
  const lifetime = Date.parse(accessTokenExpiresAt) - receivedAt;
  return { accessToken, user, refreshAt: Date.now() + 0.9 * lifetime };
}

// Executes one change of the cookie at a time, in all tabs: a response that arrives late would replace a newer cookie,
// and an old refresh token ends the session. Browsers have no locks on pages without TLS, except on localhost.
function exclusively(change) {
  return navigator.locks ? navigator.locks.request('wares-session', change) : change();
}

async function mutate(query, variables) {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'apollo-require-preflight': 'true' },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(requestTimeout),
  });
  const { data, errors } = await response.json();
  if (!data?.payload) throw new Error(errors?.[0]?.message ?? 'The server sent an unexpected response.');
  return { payload: data.payload, receivedAt: Date.parse(response.headers.get('date')) || Date.now() };
}
