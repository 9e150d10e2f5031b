// Uses GraphiQL in headless Chromium, with no network but the server. Prints what it observes as JSON.
//
// node browser.mjs CHROMIUM PROFILE SERVER EMAIL PASSWORD

import { execFileSync } from "node:child_process";
import { chromium } from "playwright-core";

const [program, profile, server, email, password] = process.argv.slice(2);
const executablePath = execFileSync("sh", ["-c", 'command -v "$1"', "sh", program]).toString().trim();
const context = await chromium.launchPersistentContext(profile, {
  executablePath,
  headless: true,
  chromiumSandbox: process.getuid() !== 0,
  viewport: { width: 1280, height: 800 },
  args: [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
  ],
});
context.setDefaultTimeout(60_000);

const seen = { errors: [], otherServers: [] };
context.on("console", (message) => message.type() === "error" && seen.errors.push(message.text()));
context.on("weberror", (error) => seen.errors.push(String(error.error())));
context.on("request", (request) => {
  const { protocol, origin } = new URL(request.url());
  if (protocol !== "data:" && origin !== server) seen.otherServers.push(request.url());
});
await context.exposeFunction("reportViolation", (violation) => seen.errors.push(violation));
await context.addInitScript(() =>
  addEventListener("securitypolicyviolation", (event) =>
    reportViolation(`${event.violatedDirective} forbids ${event.blockedURI || "inline"} ${event.sample}`),
  ),
);

const isExecuted = (request, name) =>
  request.method() === "POST" && request.postDataJSON().query.includes(`\nquery ${name} {`);
const user = (page) => page.locator("#user");
const waitForUser = (page, text) => page.waitForFunction((text) => document.querySelector("#user").textContent === text, text);

async function open(page) {
  await page.goto(`${server}/`);
  await page.locator(".graphiql-execute-button").waitFor();
  // The schema has arrived when its documentation is shown.
  await page.locator(".graphiql-spinner").waitFor({ state: "detached" });
}

// Opens the tab of this operation, runs it until a response has this status, and waits until this text is shown. Returns
// the tokens of its requests and the last response.
async function run(page, name, text, status = 200) {
  await page.locator(".graphiql-tab-button", { hasText: new RegExp(`^${name}$`) }).click();
  const editor = page.locator(".graphiql-query-editor");
  await editor.getByText(name, { exact: true }).first().waitFor();
  const responses = [];
  const responded = page.waitForResponse((response) => {
    if (isExecuted(response.request(), name)) responses.push(response);
    return responses.at(-1)?.status() === status;
  });
  await page.locator(".graphiql-execute-button").click();
  await responded;
  await page.locator(".result-window").getByText(text).first().waitFor();
  const statuses = responses.map((response) => response.status());
  const tokens = responses.map((response) => response.request().headers().authorization ?? null);
  return { statuses, tokens, ...(await responses.at(-1).json()) };
}

async function signIn(page, password) {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.keyboard.press("Enter");
}

const page = context.pages()[0];
await open(page);
seen.address = page.url();
seen.title = await page.title();
// The demo's images are stored in the background.
for (let attempt = 0; attempt < 60; attempt++) {
  seen.products = await run(page, "Products", "totalCount");
  if (seen.products.data.products.nodes[0].image) break;
  await page.waitForTimeout(500);
}
// Pointing at the URL of an image shows the image.
await page.locator(".result-window").getByText(/\.(webp|png)"/).first().hover();
const preview = page.locator(".CodeMirror-info img");
await preview.waitFor();
await page.waitForFunction((image) => image.naturalWidth > 0, await preview.elementHandle());
seen.preview = await preview.getAttribute("src");
seen.anonymous = await run(page, "Me", "You must be signed in");

// The form, by keyboard alone.
await page.getByRole("button", { name: "Sign in", exact: true }).focus();
await page.keyboard.press("Enter");
seen.google = await page.getByRole("button", { name: "Sign in with Google" }).isVisible();
await signIn(page, "wrong");
const alert = page.getByRole("alert");
await alert.filter({ hasText: "." }).waitFor();
seen.wrongPassword = await alert.textContent();
await signIn(page, password);
await user(page).filter({ hasText: email }).waitFor();
seen.user = await user(page).textContent();
await page.locator("dialog").waitFor({ state: "hidden" });
seen.focused = await page.evaluate(() => document.activeElement.textContent);
seen.me = await run(page, "Me", email);

// A settings dialog adds a style sheet.
await page.getByRole("button", { name: "Open settings dialog" }).click();
await page.getByText("Clear storage").waitFor();
await page.keyboard.press("Escape");

await page.reload();
await waitForUser(page, seen.user);
const second = await context.newPage();
await open(second);
await waitForUser(second, seen.user);
seen.secondPage = await run(second, "Me", email);
// Many refreshes of both pages at once.
const pages = [page, second];
await Promise.all(pages.flatMap((page) => [1, 2, 3].map(() => page.evaluate(async () => {
  const script = document.querySelector("script[type=module]").src;
  const session = await import(new URL("session.js", script));
  await session.refresh();
}))));

// The access token runs out after a second.
await page.waitForFunction((end) => Date.now() > end, Date.now() + 1_000);
seen.afterExpiry = await run(page, "Me", email);

// The server rejects the token.
let rejected = 0;
await page.route("**/graphql", (route) => {
  const request = route.request();
  if (!isExecuted(request, "Me") || rejected++ > 0) return route.continue();
  return route.continue({ headers: { ...request.headers(), authorization: "Bearer revoked" } });
});
seen.afterRejection = await run(page, "Me", email);
await page.unroute("**/graphql");

// The user's own header takes precedence, and is not stored.
await page.getByRole("button", { name: "Headers", exact: true }).click();
await page.locator(".graphiql-editor-tool .CodeMirror:visible").click();
await page.keyboard.insertText('{"authorization": "Bearer own"}');
seen.ownHeader = await run(page, "Me", "is invalid or expired", 401);

seen.cookies = await page.evaluate(() => document.cookie);
seen.stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));

await second.getByRole("button", { name: "Sign out" }).focus();
await second.keyboard.press("Enter");
await Promise.all(pages.map((page) => page.getByRole("button", { name: "Sign in", exact: true }).waitFor()));
seen.userAfterSignOut = await user(page).textContent();
seen.signedOut = await run(second, "Me", "You must be signed in");
await context.close();
console.log(JSON.stringify(seen));
