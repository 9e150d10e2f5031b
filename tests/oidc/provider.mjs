// The certified OpenID provider `oidc-provider`. Its users sign in with their email address only.
//
// node provider.mjs PORT PICTURE CLIENT SECRET REDIRECT

import { generateKeyPairSync, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [port, picture, client, secret, redirect] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

const people = {
  "ann@gmail.com": { sub: "1001", name: "Ann Lee", email_verified: true, picture: `${issuer}/picture.png` },
  "bob@corp.example": { sub: "1002", name: "Bob Ray", email_verified: true },
  "eve@corp.example": { sub: "1003", name: "Eve Doe", email_verified: false },
};
const claims = Object.entries(people).map(([email, person]) => ({ email, ...person }));
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: client,
      client_secret: secret,
      redirect_uris: [redirect],
      // Allows any port in loopback redirect URIs.
      application_type: "native",
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "picture"] },
  // Includes the claims in the ID token, as Google does.
  conformIdTokenClaims: false,
  cookies: { keys: [randomUUID()] },
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), kid: "first", alg: "RS256", use: "sig" }] },
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => {
    const found = claims.find(({ sub }) => sub === id);
    return found && { accountId: id, claims: () => found };
  },
});

const forms = {
  login: `<label>E-mail <input name="email" type="email"></label><button name="answer" value="next">Next</button>`,
  consent: `<button name="answer" value="allow">Allow</button><button name="answer" value="refuse">Refuse</button>`,
};

async function outcome(form, { prompt, params, session }) {
  if (form.get("answer") === "refuse") {
    return { error: "access_denied", error_description: "<b>No</b>" };
  }
  if (prompt.name === "login") {
    return { login: { accountId: people[form.get("email")].sub } };
  }
  const grant = new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  return { consent: { grantId: await grant.save() } };
}

async function interact(request, response) {
  const details = await provider.interactionDetails(request, response);
  if (request.method === "GET") {
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.end(`<!doctype html><title>Sign in</title><form method="post">${forms[details.prompt.name]}</form>`);
    return;
  }
  const parts = await request.toArray();
  const form = new URLSearchParams(Buffer.concat(parts).toString());
  const result = await outcome(form, details);
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

const others = provider.callback();
createServer((request, response) => {
  if (request.url === "/picture.png") {
    response.setHeader("Content-Type", "image/png");
    response.end(readFileSync(picture));
  } else if (request.url.startsWith("/interaction/")) {
    interact(request, response).catch((error) => {
      console.error(error);
      response.statusCode = 400;
      response.end("This sign-in is over.");
    });
  } else {
    others(request, response);
  }
}).listen(Number(port), "127.0.0.1");
