// The parts that all test files share: the server of the pages, the browser, and the steps.
import { after, before, it } from "node:test";
import { preview } from "vite";
import { launch, openWindow } from "./browser.js";

export const ADMIN = { email: process.env.ADMIN_EMAIL ?? "admin@example.com", password: process.env.ADMIN_PASSWORD ?? "" };
if (!ADMIN.password) {
  console.error("Set ADMIN_PASSWORD to the password of the admin that the server printed at its first start.");
  process.exit(1);
}

/**
 * Errors and warnings that pages logged.
 *
 * @type {string[]}
 */
export const problems = [];
/** @type {import("vite").PreviewServer} */
let server;
/** @type {import("playwright-core").Browser} */
export let browser;
/** @type {import("playwright-core").BrowserContext} */
export let window;
/** @type {import("playwright-core").Page} */
export let page;

let hasFailed = false;

/** Starts the server of the pages and the browser, before the first step of a file. */
export function start() {
  before(async () => {
    server = await preview({ preview: { host: "localhost", port: 0 } });
    browser = await launch();
    window = await openWindow(browser, url(), problems);
    page = await window.newPage();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });
}

/** @returns {string} The address of the pages. */
export function url() {
  const [url] = server.resolvedUrls?.local ?? [];
  if (!url) throw new Error("The server of the pages has no address.");
  return url;
}

/**
 * The next steps use this page.
 *
 * @param {import("playwright-core").Page} other
 */
export function usePage(other) {
  page = other;
}

/**
 * A step. The steps after one that fails are skipped.
 *
 * @param {string} name
 * @param {() => Promise<void>} run
 */
export function step(name, run) {
  it(name, async (test) => {
    if (hasFailed) return test.skip("an earlier step failed");
    try {
      await run();
    } catch (error) {
      hasFailed = true;
      const text = await page.locator("body").innerText();
      throw new Error(`${error}\n\n${page.url()} shows:\n${text}\n\n${problems.join("\n")}`, { cause: error });
    }
  });
}

/** @param {string} name */
export const button = (name) => page.getByRole("button", { name, exact: true });
/** @param {string} name */
export const link = (name) => page.getByRole("link", { name, exact: true });
/** @param {string} name */
export const heading = (name) => page.getByRole("heading", { name, exact: true, level: 1 }).waitFor();
/** @param {RegExp} pattern */
export const address = (pattern) => page.waitForURL((url) => pattern.test(url.pathname + url.search));

/** @param {{ email: string, password: string }} user */
export async function signIn({ email, password }) {
  await page.goto("/sign-in");
  await page.getByLabel("Email address").fill(email);
  await page.getByLabel("Password").fill(password);
  await button("Sign in").click();
  await address(/^\/account$/);
  await heading("Your account");
}

/**
 * Sends an operation.
 *
 * @param {string} query
 * @param {object} [input]
 * @param {Record<string, string>} [headers]
 */
export async function send(query, input, headers) {
  const response = await page.request.post("/graphql", { headers, data: { query, variables: { input } } });
  const { data } = await response.json();
  return data;
}

/** The admin signs in once, because sign-ins are limited. */
let adminToken = "";

/**
 * Sends an operation as admin.
 *
 * @param {string} query
 * @param {object} [input]
 */
export async function asAdmin(query, input) {
  const login = "mutation ($input: LoginInput!) { login(input: $input) { accessToken } }";
  adminToken ||= (await send(login, ADMIN)).login.accessToken;
  return send(query, input, { authorization: `Bearer ${adminToken}` });
}
