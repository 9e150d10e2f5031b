// The steps of a purchase that several test files share.
import assert from "node:assert/strict";
import { address, asAdmin, button, link, page } from "./suite.js";

/** @param {string} amount The text of a row of the totals. */
export const row = (amount) => page.locator(".totals > div").filter({ hasText: amount });
export const orderButton = () => page.getByRole("button", { name: /^Order and pay/ });

/**
 * Runs a mutation as admin.
 *
 * @param {string} name
 * @param {object} input
 */
export async function change(name, input) {
  const type = name.charAt(0).toUpperCase() + name.slice(1);
  const mutation = `mutation ($input: ${type}Input!) { ${name}(input: $input) { userErrors { message } } }`;
  const data = await asAdmin(mutation, input);
  assert.deepEqual(data[name].userErrors, []);
}

/** @param {string} product The slug of a product with the size M. */
export async function fillCart(product) {
  await page.goto(`/products/${product}`);
  await page.getByRole("radio", { name: "M", exact: true }).check();
  await page.getByLabel("Quantity").fill("2");
  await button("Add to cart").click();
  await page.getByText("Added.").waitFor();
  await link("Cart, 2 items").waitFor();
}

export async function fillAddress() {
  await page.getByLabel("Country").selectOption("Germany");
  await page.getByLabel("Name", { exact: true }).fill("Kim Lee");
  await page.getByLabel("Street and number").fill("Main Street 1");
  await page.getByLabel("City").fill("Berlin");
  await page.getByLabel("Postal code").fill("10115");
}

export async function chooseParcel() {
  await button("Continue").click();
  await page.getByText("10115 Berlin").waitFor();
  await page.getByRole("radio", { name: /^Parcel/ }).check();
  await row("Shipping").getByText("$4.90").waitFor();
}

/** @param {"MANUAL" | "STRIPE" | "TEST"} provider */
export async function placeOrder(provider) {
  await page.locator(`input[name=provider][value=${provider}]`).check();
  await orderButton().click();
  await address(/^\/orders\/order_/);
}
