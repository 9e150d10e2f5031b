// Shows GraphiQL with the session of the user.

import * as account from './account.js';
import { endpoint, fetchAsUser } from './session.js';
import { defaultTabs } from './tabs.js';

// A package of GraphiQL reads the nonce of its style sheets from this variable.
globalThis.__webpack_nonce__ = document.querySelector('link[nonce]').nonce;

const address = new URLSearchParams(location.search);
const linkedQuery = address.get('query') || undefined;
// An empty string, because undefined would let GraphiQL pair the linked query with variables of an earlier visit.
const linkedVariables = linkedQuery && (address.get('variables') ?? '');

const storage = GraphiQL.createLocalStorage({ namespace: 'wares' });
const { setItem } = storage;
// The history stores the headers of each run despite shouldPersistHeaders; tokens must not be stored on disk.
storage.setItem = (key, value) => setItem(key, /:(queries|favorites)$/.test(key)
  ? JSON.stringify(JSON.parse(value), (name, part) => name === 'headers' ? undefined : part) : value);

const send = GraphiQL.createFetcher({
  url: endpoint,
  fetch: fetchAsUser,
  // The second one is required for the cookie of a cart.
  headers: { accept: 'application/graphql-response+json, application/json', 'apollo-require-preflight': 'true' },
  enableIncrementalDelivery: false,
});

// For a moment after a change of tab, GraphiQL names an operation of the previous tab.
function fetcher({ operationName, ...request }, options) {
  const isDefined = new RegExp(`\\b(query|mutation)\\s+${operationName}\\b`).test(request.query);
  return send(isDefined ? { operationName, ...request } : request, options);
}

account.start();
ReactDOM.createRoot(document.getElementById('graphiql')).render(React.createElement(GraphiQL, {
  fetcher,
  storage,
  defaultTabs: linkedQuery ? [{ query: linkedQuery, variables: linkedVariables }, ...defaultTabs.slice(1)] : defaultTabs,
  defaultQuery: '',
  query: linkedQuery,
  variables: linkedVariables,
  // Null instead of undefined: do not request the schema.
  schema: document.documentElement.dataset.introspection === 'true' ? undefined : null,
  isHeadersEditorEnabled: true,
  shouldPersistHeaders: false,
  defaultEditorToolsVisibility: true,
  plugins: [GraphiQLPluginExplorer.explorerPlugin()],
}));
