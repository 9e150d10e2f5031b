// Buys as a guest and as a customer, in Chromium, against a running server. The steps build on each other.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkPage, openWindow } from "./browser.js";
import { change, chooseParcel, fillAddress, fillCart, orderButton, placeOrder, row } from "./checkout.js";
import { codeFor, emails } from "./mail.js";
import {
  asAdmin,
  browser,
  button,
  heading,
  link,
  page,
  problems,
  send,
  signIn,
  start,
  step,
  url,
  usePage,
} from "./suite.js";

const RUN = Date.now();
const GUEST = `kim-${RUN}@example.com`;
const CUSTOMER = { name: "Lou", email: `lou-${RUN}@example.com`, password: "correct horse 9" };
const SOCKS = `wool-socks-${RUN}`;

/** @type {{ id: string, stock: number }} The socks in size M. */
let variant;
/**
 * The emails before the guest paid.
 *
 * @type {Set<string>}
 */
let earlier;

const quantity = () => page.getByLabel("Quantity of Wool Socks");

start();

describe("guests", () => {
  step("put a variant into the cart", async () => {
    const { category } = await asAdmin('{ category(slug: "garden") { id } }');
    await change("createProduct", {
      name: "Wool Socks",
      slug: SOCKS,
      status: "ACTIVE",
      categoryId: category.id,
      options: [{ name: "Size", values: ["S", "M"] }],
      variants: [
        { options: [{ name: "Size", value: "S" }], stock: 5, price: "10" },
        { options: [{ name: "Size", value: "M" }], stock: 5, price: "12" },
      ],
    });
    const { product } = await asAdmin(`{ product(slug: "${SOCKS}") { variants(first: 2) { id stock } } }`);
    variant = product.variants[1];

    await page.goto(`/products/${SOCKS}`);
    await button("Add to cart").click();
    await page.getByText("Choose an option first.").waitFor();
    await page.getByRole("radio", { name: "M", exact: true }).check();
    await page.getByLabel("Quantity").fill("0");
    await button("Add to cart").click();
    await page.locator("[aria-invalid=true]").waitFor();
    await checkPage(page);
    await fillCart(SOCKS);
  });

  step("change quantities and codes", async () => {
    await link("To the cart").click();
    await heading("Your cart");
    await page.getByText("Size: M").waitFor();
    await checkPage(page);
    await quantity().fill("9");
    await quantity().press("Enter");
    await page.getByText("Only 5 of this item are left.").waitFor();
    await quantity().fill("2.5");
    await quantity().press("Enter");
    await page.locator("[aria-invalid=true]").waitFor();
    await quantity().fill("3");
    await quantity().press("Enter");
    await link("Cart, 3 items").waitFor();

    await page.getByLabel("Discount code").fill("nonsense");
    await button("Apply").click();
    await page.getByText("There is no discount with this code.").waitFor();
    await checkPage(page);
    await button("Remove nonsense").click();
    await page.getByLabel("Discount code").fill("WELCOME10");
    await button("Apply").click();
    await row("Discount").getByText("-$3.60").waitFor();
    await row("Total").getByText("$32.40").waitFor();
  });

  step("enter their address, and choose how it is shipped", async () => {
    await link("Check out").click();
    await heading("Checkout");
    await button("Continue").click();
    await page.locator("input[name=email][aria-invalid=true]").waitFor();
    await page.locator("input[name='shippingAddress.street1'][aria-invalid=true]").waitFor();
    await checkPage(page);
    await page.getByLabel("Email address").fill(GUEST);
    await page.getByLabel("Postal code").fill("1011");
    await page.getByLabel("Country").selectOption("Germany");
    await button("Continue").click();
    await page.locator("input[name='shippingAddress.postalCode'][aria-invalid=true]").waitFor();
    await fillAddress();
    await button("Continue").click();
    await page.getByText("10115 Berlin").waitFor();
    await orderButton().click();
    await page.getByRole("alert").filter({ hasText: "The shipping method is missing." }).waitFor();
    await button("Change").click();
    await chooseParcel();
    await checkPage(page);
  });

  step("do not pay another amount than the one they have seen", async () => {
    const shown = await orderButton().textContent();
    await change("updateVariant", { id: variant.id, price: "13" });
    await orderButton().click();
    await page.getByRole("alert").waitFor();
    await row("Items").getByText("$39.00").waitFor();
    assert.notEqual(await orderButton().textContent(), shown);
  });

  step("are told what is sold out meanwhile", async () => {
    await change("setStock", { variantId: variant.id, quantity: 1 });
    await orderButton().click();
    await page.getByText("Only 1 of this item is left. Change the cart").waitFor();
    await checkPage(page);
    await change("setStock", { variantId: variant.id, quantity: 9 });
    await link("Change the cart").click();
    await quantity().fill("2");
    await quantity().press("Enter");
    await link("Cart, 2 items").waitFor();
    await link("Check out").click();
  });

  step("pay with the second attempt", async () => {
    await placeOrder("TEST");
    await heading("Your order");
    await page.getByText("Waiting for the payment").waitFor();
    await checkPage(page);
    await button("Let the payment be declined").click();
    await page.getByRole("alert").waitFor();
    earlier = emails();
    await button("Pay").click();
    await page.getByText("Confirmed, paid").waitFor();
    await page.getByRole("heading", { name: /^Order \d+$/ }).waitFor();
    await link("Cart, 0 items").waitFor();
    await checkPage(page);

  });

  // With a server whose emails link to orders: with `ORDER_LINK_URL`.
  if (process.env.ORDER_LINK_URL) {
    step("open their order elsewhere, with the link in the email", async () => {
      const link = await codeFor(GUEST, earlier, /\/order#id=order_\w+&token=[\w-]+/);
      const path = new URL(page.url()).pathname;
      const [here, elsewhere] = [page, await openWindow(browser, url(), problems)];
      usePage(await elsewhere.newPage());
      await page.goto(path);
      await heading("Order not found");
      await checkPage(page);
      await page.goto(link);
      await page.getByText("Confirmed, paid").waitFor();
      assert.equal(new URL(page.url()).hash, "");
      await page.reload();
      await page.getByText("Confirmed, paid").waitFor();
      await elsewhere.close();
      usePage(here);
    });
  }

  step("see what was shipped and refunded", async () => {
    const id = page.url().split("/").at(-1);
    const { order } = await asAdmin(`{ order(id: "${id}") { id lines { id } } }`);
    const lines = [{ lineId: order.lines[0].id, quantity: 1 }];
    await change("fulfillOrder", { orderId: id, lines, trackingNumber: "00340434161094015902" });
    await change("refundOrder", { orderId: id, lines, reason: "A hole in it" });
    await page.reload();
    await page.getByText(/^Partly shipped, /).waitFor();
    await page.getByText("00340434161094015902").waitFor();
    await page.getByText("A hole in it").waitFor();
    await checkPage(page);
  });
});

describe("customers", () => {
  step("keep the cart that they filled before they signed in", async () => {
    const earlier = emails();
    await send("mutation ($input: RegisterInput!) { register(input: $input) { userErrors { message } } }", CUSTOMER);
    const otp = await codeFor(CUSTOMER.email, earlier);
    const verify = "mutation ($input: VerifyEmailInput!) { verifyEmail(input: $input) { userErrors { message } } }";
    await send(verify, { email: CUSTOMER.email, otp });
    await fillCart(SOCKS);
    await signIn(CUSTOMER);
    await link("Cart, 2 items").waitFor();
    await page.reload();
    await link("Cart, 2 items").click();
    await link("Check out").click();
    await heading("Checkout");
    assert.equal(await page.getByLabel("Email address").count(), 0);
    await fillAddress();
    await page.getByLabel("Save this address in my account").check();
    await chooseParcel();
  });

  step("order on account, and find the order in their list", async () => {
    await placeOrder("MANUAL");
    await page.getByText("Confirmed, not paid yet").waitFor();
    const number = (await page.getByRole("heading", { name: /^Order \d+$/ }).textContent()) ?? "";
    await page.locator(".instructions").waitFor();
    await checkPage(page);
    await link("Cart, 0 items").waitFor();
    await link("Your orders").click();
    await heading("Your orders");
    await checkPage(page);
    await link(number).click();
    await heading(number);
  });

  step("order again to their saved address, and cancel the order", async () => {
    await fillCart(SOCKS);
    await link("To the cart").click();
    await link("Check out").click();
    await page.getByLabel("Saved addresses").selectOption({ label: "Kim Lee, Main Street 1, Berlin" });
    await checkPage(page);
    await chooseParcel();
    await placeOrder("TEST");
    await button("Cancel the order").click();
    await page.getByText("Canceled").waitFor();
  });

  step("do not see their orders when they are signed out", async () => {
    const { pathname } = new URL(page.url());
    await page.goto("/account");
    await button("Sign out").click();
    await heading("Sign in");
    await page.evaluate(() => localStorage.clear());
    await page.goto(pathname);
    await heading("Order not found");
    await checkPage(page);
    await page.getByLabel("Order number").fill("first");
    await button("Send the link").click();
    await page.locator("input[name=number][aria-invalid=true]").waitFor();
  });
});

it("no page logged an error or a warning", () => assert.deepEqual(problems, []));
