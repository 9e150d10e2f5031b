// Signs in with Google in headless Chromium, from the page of a storefront that this program serves. Prints
// observable data as JSON: secrets, requests and the state of pages.
//
// node browser.mjs CHROMIUM PROFILE PAGES PORT EMAIL API

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { chromium } from "playwright-core";

const [program, profile, pages, port, email, api] = process.argv.slice(2);
const storefront = createServer((request, response) => {
  const [, name] = new URL(request.url, "http://shop").pathname.split("/");
  if (!["account", "sign-in", "popup"].includes(name)) {
    response.statusCode = 404;
    response.end();
    return;
  }
  response.setHeader("Content-Type", "text/html; charset=utf-8");
  response.end(readFileSync(`${pages}/${name}.html`));
}).listen(Number(port), "127.0.0.1");

const executablePath = execFileSync("sh", ["-c", 'command -v "$1"', "sh", program]).toString().trim();
const context = await chromium.launchPersistentContext(profile, {
  executablePath,
  headless: true,
  chromiumSandbox: process.getuid() !== 0,
  args: [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});
context.setDefaultTimeout(30_000);

// Secret values by name.
const secrets = {};
const trips = [];
context.on("request", (request) => {
  const url = new URL(request.url());
  trips.push(url.origin + url.pathname);
  if (url.pathname === "/auth/google/callback") {
    secrets.providerCode = url.searchParams.get("code");
    secrets.state = url.searchParams.get("state");
  }
  if (request.method() === "POST" && url.pathname === "/graphql") {
    const input = request.postDataJSON().variables?.input;
    Object.assign(secrets, input?.code && { code: input.code, verifier: input.verifier });
  }
});
const page = context.pages()[0];
const answers = [];
page.on("response", (response) => {
  const request = response.request();
  if (request.method() === "POST" && response.url().endsWith("/graphql")) {
    answers.push(response.json());
  }
});
const errors = [];
page.on("pageerror", (error) => errors.push(String(error)));

await page.goto(`http://localhost:${port}/account?tab=1`);
await page.getByRole("button", { name: "Sign in with Google" }).click();
await page.getByLabel("E-mail").fill(email);
await page.getByRole("button", { name: "Next" }).click();
await page.getByRole("button", { name: "Allow" }).click();
await page.waitForFunction(() => document.querySelector("#who")?.textContent);

const seen = () =>
  page.evaluate(() => ({
    address: location.href,
    who: document.querySelector("#who").textContent,
    state: history.state,
    local: { ...localStorage },
    session: { ...sessionStorage },
    cookies: document.cookie,
    html: document.documentElement.outerHTML,
  }));
const after = await seen();
for (const answer of answers) {
  secrets.accessToken = (await answer).data.exchangeOAuthCode.accessToken;
}
for (const cookie of await context.cookies()) {
  if (cookie.name.includes("wares")) {
    secrets[cookie.name] = cookie.value;
  }
}
const debug = await context.newCDPSession(page);
const { entries } = await debug.send("Page.getNavigationHistory");
const history = entries.map(({ url, userTypedURL }) => [url, userTypedURL]);
await page.goBack();
const back = page.url();
await page.goForward();
await page.waitForSelector("#google");
const again = await seen();

// Signs in with a popup. The provider still has a session of the user.
const before = { ...secrets };
await context.clearCookies({ name: /wares/ });
const behind = await context.newPage();
await behind.goto(`http://localhost:${port}/popup`);
const opening = behind.waitForEvent("popup");
await behind.getByRole("button").click();
const popup = await opening;
const ended = Promise.all([popup.waitForEvent("close"), behind.waitForEvent("load")]);
await popup.getByRole("button", { name: "Allow" }).click();
await ended;
const signedInByPopup = await behind.evaluate(async (api) => {
  const answer = await fetch(`${api}/graphql`, {
    method: "POST",
    credentials: "include",
    headers: { "Content-Type": "application/json", "apollo-require-preflight": "true" },
    body: JSON.stringify({
      query: "mutation { refreshToken(input: {}) { user { name } userErrors { code } } }",
    }),
  });
  return (await answer.json()).data.refreshToken;
}, api);
const another = secrets.code !== before.code;
await context.close();
storefront.close();
console.log(JSON.stringify({ secrets: before, trips, errors, after, history, back, again, signedInByPopup, another }));
