// Buys with a card in Chromium, with a server that has keys of Stripe and pages built for a simulated Stripe
// (`VITE_STRIPE_JS_URL`). The steps build on each other.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkPage, eventually } from "./browser.js";
import { change, chooseParcel, fillAddress, fillCart, placeOrder } from "./checkout.js";
import { asAdmin, button, heading, link, page, problems, start, step } from "./suite.js";

const RUN = Date.now();
const CAPS = `wool-caps-${RUN}`;
const card = () => page.frameLocator('iframe[title="Secure payment input frame"]');

/** @param {string} number */
async function pay(number) {
  await card().getByLabel("Card number").fill(number);
  await card().getByLabel("Expiration date").fill("12 / 34");
  await card().getByLabel("Security code").fill("123");
  await button("Pay $34.39").click();
}

async function readOrder() {
  const id = page.url().split("/").at(-1);
  const selection = "status paymentStatus payments { status provider amount { amount } captured { amount } refunded { amount } }";
  return (await asAdmin(`{ order(id: "${id}") { id ${selection} } }`)).order;
}

describe("cards", { skip: !process.env.VITE_STRIPE_JS_URL && "the pages use Stripe's own script" }, () => {
  start();

  step("order a product", async () => {
    const { category } = await asAdmin('{ category(slug: "garden") { id } }');
    await change("createProduct", {
      name: "Wool Caps",
      slug: CAPS,
      status: "ACTIVE",
      categoryId: category.id,
      options: [{ name: "Size", values: ["M"] }],
      variants: [{ options: [{ name: "Size", value: "M" }], stock: 5, price: "12" }],
    });
    await fillCart(CAPS);
    await link("To the cart").click();
    await link("Check out").click();
    await page.getByLabel("Email address").fill(`kim-${RUN}@example.com`);
    await fillAddress();
    await chooseParcel();
    await placeOrder("STRIPE");
    await heading("Your order");
    await card().getByLabel("Card number").waitFor();
    await checkPage(page);
  });

  step("see what is missing of their card", async () => {
    await button("Pay $34.39").click();
    await page.getByRole("alert").filter({ hasText: "Your card number is incomplete." }).waitFor();
  });

  step("try again with another card after one is declined", async () => {
    await pay("4000000000009995");
    await page.getByRole("alert").filter({ hasText: "Your card has insufficient funds." }).waitFor();
    assert.equal((await readOrder()).status, "PENDING");
    await checkPage(page);
    await pay("4242424242424242");
    await page.getByText("Confirmed, paid").waitFor();
    await page.getByRole("heading", { name: /^Order \d+$/ }).waitFor();
    assert.equal(new URL(page.url()).search, "");
    const { payments } = await readOrder();
    assert.equal(payments.length, 1);
    assert.equal(payments[0].captured.amount, "34.39");
    await link("Cart, 0 items").waitFor();
    await checkPage(page);
  });

  step("get half of it back", async () => {
    const { id } = await readOrder();
    await change("refundOrder", { orderId: id, amount: "17.20", reason: "Half of it" });
    await eventually(async () => assert.equal((await readOrder()).paymentStatus, "PARTIALLY_REFUNDED"));
    await page.reload();
    await page.getByText("Confirmed, partly refunded").waitFor();
    await page.getByText("Half of it").waitFor();
    await checkPage(page);
  });

  it("no page logged an error or a warning", () => {
    // Chromium logs the status of the declined card.
    assert.deepEqual(problems.filter((problem) => !problem.includes("status of 402")), []);
  });
});
