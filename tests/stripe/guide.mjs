// Pays with a card in Chromium, on a page made of the script in docs/payments.md. Before each line that it prints, the
// payment has reached the state of that name; it continues when a line is entered.
//
// node guide.mjs API STRIPE_SCRIPT PAGE_SCRIPT

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const [api, stripeScript, pageScript] = process.argv.slice(2);
const script = readFileSync(pageScript, "utf8");
const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
async function reach(state) {
  console.log(state);
  await input.next();
}

const executablePath = execFileSync("sh", ["-c", "command -v chromium"]).toString().trim();
const browser = await chromium.launch({
  executablePath,
  chromiumSandbox: process.getuid() !== 0,
  args: [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    // A page that is fulfilled below has no address: it could not load a script of the loopback interface.
    "--disable-features=LocalNetworkAccessChecks",
  ],
});
const page = await browser.newPage();
page.setDefaultTimeout(60_000);
// The page is of the same origin as the API.
await page.route(/\/page/, (route) =>
  route.fulfill({
    contentType: "text/html",
    body: `<!doctype html><title>Shop</title><div id="form"></div><script src="${stripeScript}"></script><script>${script}</script>`,
  }),
);
await page.goto(`${api}/page`);

const total = await page.evaluate(async () => {
  const { product } = await api(`{ product(slug: "cast-iron-skillet-24") { variants(first: 1) { id } } }`);
  const lines = [{ variantId: product.variants[0].id }];
  await api("mutation ($input: CreateCartInput!) { createCart(input: $input) { cart { id } } }", {
    input: { lines, tokenIn: "COOKIE" },
  });
  const update = `mutation ($input: UpdateCartInput!) { updateCart(input: $input) {
    cart { shippingMethods { methodId } totals { total { amount } } } userErrors { message } } }`;
  const address = { name: "Ann Lee", street1: "Main Street 1", city: "Berlin", postalCode: "10115", country: "DE" };
  const { updateCart } = await api(update, { input: { email: "ann@example.com", shippingAddress: address } });
  const [{ methodId }] = updateCart.cart.shippingMethods;
  const { updateCart: ready } = await api(update, { input: { shippingMethodId: methodId } });
  return ready.cart.totals.total.amount;
});
await page.evaluate((total) => order(total), total);
await reach("placed");

const show = () => page.evaluate(async () => void (window.form = await showForm("#form")));
const card = page.frameLocator("iframe");
async function fill(number) {
  await card.getByLabel("Card number").fill(number);
  await card.getByLabel("Expiration date").fill("12 / 34");
  await card.getByLabel("Security code").fill("123");
}
const pay = () => page.evaluate(() => pay(form, `${location.origin}/page?back`));
await show();
await fill("4000000000000002");
assert.equal(await pay(), "Your card was declined.");
await reach("declined");

await fill("4242424242424242");
const back = page.waitForURL(/redirect_status=succeeded/);
// The page is left before the call returns.
pay().catch(() => {});
await back;
await reach("paid");

assert.deepEqual(await page.evaluate(() => finish()), { order: "CONFIRMED", payment: "CAPTURED", lastError: null });
assert.equal(page.url(), `${api}/page`);
assert.equal(await page.evaluate(() => showForm("#form")), null);
await reach("confirmed");
await browser.close();
process.exit();
