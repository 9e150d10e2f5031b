// Chromium, the pages it shows, and the checks of each page.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chromium } from "playwright-core";

/** A busy machine is slow. */
const TIMEOUT = 60_000;

export async function launch() {
  const program = process.env.CHROMIUM ?? "chromium";
  const executablePath = execFileSync("sh", ["-c", 'command -v "$1"', "sh", program]).toString().trim();
  return chromium.launch({
    executablePath,
    // Chromium's sandbox does not work for root.
    chromiumSandbox: process.getuid?.() !== 0,
    args: ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  });
}

/**
 * Opens a window of its own cookies. Errors and warnings that its pages log are added to `problems`.
 *
 * @param {import("playwright-core").Browser} browser
 * @param {string} baseURL
 * @param {string[]} problems
 */
export async function openWindow(browser, baseURL, problems) {
  const context = await browser.newContext({ baseURL, viewport: { width: 1280, height: 900 } });
  context.setDefaultTimeout(TIMEOUT);
  context.on("console", (message) => {
    const isOurs = message.page()?.url().startsWith(baseURL) ?? true;
    if (isOurs && ["error", "warning"].includes(message.type())) {
      problems.push(`${message.text()} ${message.location().url}`);
    }
  });
  context.on("weberror", (error) => problems.push(String(error.error())));
  return context;
}

/**
 * Repeats the check until it does not throw.
 *
 * @param {() => unknown} check
 */
export async function eventually(check) {
  const end = Date.now() + TIMEOUT;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/**
 * Checks titles, labels, alternative texts and layout, on a wide and on a narrow screen.
 *
 * @param {import("playwright-core").Page} page
 */
export async function checkPage(page) {
  // The name of the shop arrives after the page.
  await page.waitForFunction(() => document.querySelector(".shop-name")?.textContent?.trim());
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 844 });
    const faults = await page.evaluate(findFaults);
    assert.deepEqual(faults, [], `${page.url()} at ${width} pixels`);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

/** Runs in the page. */
function findFaults() {
  const faults = [];
  /** @param {string} selector */
  const all = (selector) => [...document.querySelectorAll(selector)];
  const isVisible = (/** @type {Element} */ element) => element.checkVisibility();

  if (document.documentElement.lang === "") faults.push("the page has no language");
  if (document.title === "") faults.push("the page has no title");
  if (all("h1").length !== 1) faults.push(`the page has ${all("h1").length} headings of the first level`);
  if (all("main").length !== 1) faults.push("the page has no main part");
  const overflow = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (overflow > 0) faults.push(`the page is ${overflow} pixels wider than the screen`);

  const ids = all("[id]").map(({ id }) => id);
  ids.filter((id, index) => ids.indexOf(id) !== index).forEach((id) => faults.push(`the id ${id} is not unique`));

  for (const image of all("img")) {
    const { alt, outerHTML } = /** @type {HTMLImageElement} */ (image);
    // An image without a text stands beside one that says the same: in a link, a button, or a line with a name.
    const isBesideText = (image.closest("a, button, .avatar-form, .cart-line")?.textContent ?? "").trim() !== "";
    const isNamed = image.closest("[aria-label]") !== null;
    if (!image.hasAttribute("alt") || (alt === "" && !isBesideText && !isNamed)) {
      faults.push(`no alternative text: ${outerHTML.slice(0, 200)}`);
    }
  }
  for (const control of all("input, select, textarea")) {
    const { labels } = /** @type {HTMLInputElement} */ (control);
    const label = [...(labels ?? [])].map((label) => label.textContent).join("") || control.getAttribute("aria-label");
    if (!label?.trim()) faults.push(`no label: ${control.outerHTML.slice(0, 200)}`);
  }
  for (const control of all("a, button").filter(isVisible)) {
    const name = control.getAttribute("aria-label") || control.textContent;
    if (!name?.trim()) faults.push(`no name: ${control.outerHTML.slice(0, 200)}`);
  }
  for (const element of all("[aria-controls], [aria-labelledby], [aria-describedby], label[for]").filter(isVisible)) {
    for (const attribute of ["aria-controls", "aria-labelledby", "aria-describedby", "for"]) {
      const id = element.getAttribute(attribute);
      if (id && !document.getElementById(id)) faults.push(`${attribute} refers to nothing: ${id}`);
    }
  }
  return faults;
}
