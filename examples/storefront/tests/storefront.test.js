// Drives the production build in Chromium, against a running server. The steps build on each other.
//
//   ADMIN_PASSWORD=... npm test        after `npm run build`; see README.md for the other variables
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkPage, eventually, openWindow } from "./browser.js";
import { codeFor, emails } from "./mail.js";
import { png } from "./png.js";
import {
  ADMIN,
  address,
  asAdmin,
  browser,
  button,
  heading,
  link,
  page,
  problems,
  signIn,
  start,
  step,
  usePage,
  window,
} from "./suite.js";

// Each run registers a customer of its own.
const CUSTOMER = { email: `ann-${Date.now()}@example.com`, password: "correct horse 9" };

const cards = () => page.locator(".cards .card:not(.skeleton)");
/** The text of the number of products. */
const total = () => page.locator(".listing-head [role=status]").textContent();

/**
 * Invites a customer.
 *
 * @param {string} email
 */
async function invite(email) {
  const invitation = "mutation ($input: InviteUserInput!) { inviteUser(input: $input) { userErrors { message } } }";
  const sent = await asAdmin(invitation, { email, name: "Kim Lee" });
  assert.deepEqual(sent.inviteUser.userErrors, []);
}

start();

describe("visitors", () => {
  step("find categories in the menu, by keyboard", async () => {
    await page.goto("/");
    await heading("Well made, and made to last.");
    await cards().first().waitFor();
    await checkPage(page);

    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Skip to content");
    const menu = button("Kitchen & Table");
    await menu.focus();
    await page.keyboard.press("Enter");
    assert.equal(await menu.getAttribute("aria-expanded"), "true");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Escape");
    assert.equal(await menu.getAttribute("aria-expanded"), "false");
    assert.ok(await menu.evaluate((element) => element === document.activeElement));
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await address(/^\/categories\/kitchen$/);
    await heading("Kitchen & Table");
    assert.ok(await page.evaluate(() => document.activeElement?.id === "main"));
    assert.equal(await page.title(), "Kitchen & Table · Wares");
  });

  step("narrow, sort and continue a list, and the address holds its state", async () => {
    await eventually(async () => assert.equal(await total(), "20 products"));
    await checkPage(page);
    assert.equal(await cards().count(), 12);
    await button("Load more").click();
    await eventually(async () => assert.equal(await cards().count(), 20));
    assert.equal(await button("Load more").count(), 0);

    await page.getByRole("checkbox", { name: /^Tableware/ }).click();
    await eventually(async () => assert.equal(await total(), "10 products"));
    await page.getByRole("radio", { name: /^\$10\.00/ }).click();
    await page.getByRole("checkbox", { name: /^In stock/ }).click();
    await page.getByLabel("Sort by").selectOption("Price: low to high");
    await address(/in=cat_.*&price=10\.00-19\.99&stock=in&sort=cheapest/);
    await eventually(async () => {
      const prices = (await page.locator(".cards .price").allTextContents()).map((price) => Number(price.slice(1)));
      assert.ok(prices.length > 0 && prices.every((price) => price >= 10 && price <= 19.99), String(prices));
      assert.deepEqual(prices, prices.toSorted((a, b) => a - b));
    });
    const narrowed = await total();
    await page.reload();
    await eventually(async () => assert.equal(await total(), narrowed));
    assert.ok(await page.getByRole("checkbox", { name: /^Tableware/ }).isChecked());
    await button("Remove all filters").click();
    await eventually(async () => assert.equal(await total(), "20 products"));
    await page.goBack();
    await eventually(async () => assert.equal(await total(), narrowed));
  });

  step("search with suggestions, by keyboard", async () => {
    const search = page.getByRole("combobox", { name: "Search products" });
    await search.fill("beesw");
    const suggestion = page.getByRole("option").first();
    await suggestion.waitFor();
    assert.equal(await search.getAttribute("aria-expanded"), "true");
    await search.press("ArrowDown");
    assert.equal(await suggestion.getAttribute("aria-selected"), "true");
    assert.equal(await search.getAttribute("aria-activedescendant"), await suggestion.getAttribute("id"));
    await search.press("Enter");
    await address(/^\/search\?q=beeswax$/);
    await search.fill("beesw");
    await page.getByRole("option", { name: /^Beeswax / }).first().click();
    await address(/^\/products\/beeswax/);

    await search.fill("beesw");
    await suggestion.waitFor();
    await search.press("Escape");
    await suggestion.waitFor({ state: "hidden" });
    assert.equal(await search.inputValue(), "beesw");
    await search.fill("candel");
    await search.press("Enter");
    await address(/^\/search\?q=candel$/);
    await heading("Results for “candel”");
    await cards().first().waitFor();
    assert.equal(await page.getByRole("listbox").count(), 0);
    await checkPage(page);
    await page.getByRole("link", { name: "candle", exact: true }).click();
    await address(/^\/search\?q=candle$/);
    await page.getByText("Did you mean").waitFor({ state: "hidden" });

    await search.fill("candle zyzzyva");
    await search.press("Enter");
    await page.getByText("No product has all words; showing the best matches. Nothing was found for “zyzzyva”.").waitFor();
    await cards().first().waitFor();
    await checkPage(page);

    await search.fill("zyzzyva");
    await search.press("Enter");
    await page.getByText("No product matches.").waitFor();
    await checkPage(page);
  });

  step("see a product with its images", async () => {
    await page.goto("/products/cast-iron-skillet-24");
    await heading("Cast-Iron Skillet Ø 24 cm");
    const image = page.locator(".gallery-image img");
    // A new shop is still making the images of its demo products.
    await eventually(async () => {
      await page.reload();
      await heading("Cast-Iron Skillet Ø 24 cm");
      assert.equal(await page.locator(".thumbnails img").count(), 3);
    });
    assert.match((await image.getAttribute("srcset")) ?? "", /^http.* 640w$/);
    const first = await image.getAttribute("alt");
    const isLoaded = () => image.evaluate((element) => element instanceof HTMLImageElement && element.naturalWidth > 0);
    await eventually(async () => assert.ok(await isLoaded()));
    await button("Show image 2 of 3").focus();
    await page.keyboard.press("Enter");
    await eventually(async () => assert.notEqual(await image.getAttribute("alt"), first));
    await checkPage(page);
    await page.getByRole("navigation", { name: "Breadcrumbs" }).getByRole("link", { name: "Pots & Pans" }).click();
    await heading("Pots & Pans");
  });

  step("get a page for unknown addresses", async () => {
    for (const path of ["/products/nothing", "/categories/nothing", "/nothing/at/all"]) {
      await page.goto(path);
      await heading("Page not found");
    }
    await checkPage(page);
  });

  step("use the menu on a narrow screen", async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto("/");
    await button("Menu").click();
    await button("Home & Living").click();
    await link("Lighting").click();
    await heading("Lighting");
    await button("Filters").click();
    await page.getByRole("checkbox", { name: /^In stock/ }).click();
    await button("Filters (1)").waitFor();
    await page.setViewportSize({ width: 1280, height: 900 });
  });
});

describe("customers", () => {
  step("sign up with the code from the email", async () => {
    await page.goto("/account");
    await address(/^\/sign-in/);
    await checkPage(page);
    await link("Create an account").click();
    await heading("Create an account");
    await checkPage(page);
    await page.getByLabel("Name").fill("Ann");
    await page.getByLabel("Email address").fill(CUSTOMER.email);
    const password = page.getByLabel("Password");
    await password.fill("short");
    await button("Create account").click();
    await page.locator("input[name=password][aria-invalid=true]").waitFor();
    await eventually(async () => assert.ok(await password.evaluate((input) => input === document.activeElement)));
    await checkPage(page);

    const earlier = emails();
    await password.fill(CUSTOMER.password);
    await button("Create account").click();
    await heading("Confirm your email address");
    await page.getByLabel("Code").fill("000000");
    await button("Confirm").click();
    await page.locator("input[name=otp][aria-invalid=true]").waitFor();
    await page.getByLabel("Code").fill(await codeFor(CUSTOMER.email, earlier));
    await button("Confirm").click();
    await heading("Your account");
    await link("Account of Ann").waitFor();
    assert.equal(await link("Admin").count(), 0);
    await checkPage(page);
  });

  step("stay signed in, without a token that scripts can read", async () => {
    await page.reload();
    await heading("Your account");
    const stored = await page.evaluate(() => [{ ...localStorage }, document.cookie, JSON.stringify({ ...sessionStorage })]);
    assert.deepEqual(stored.slice(0, 2), [{ "wares.signedIn": "true" }, ""]);
    // A JSON Web Token begins so.
    assert.ok(!String(stored[2]).includes("eyJ"), String(stored[2]));
    const cookies = await window.cookies();
    assert.ok(cookies.some(({ name, httpOnly }) => name.endsWith("wares_refresh") && httpOnly));
  });

  step("get a new access token when the server rejects theirs, once for concurrent requests", async () => {
    let renewals = 0;
    let rejected = 0;
    await page.route("**/graphql*", async (route) => {
      const request = route.request();
      if (request.postData()?.includes("mutation Renew")) renewals += 1;
      const { authorization, ...headers } = await request.allHeaders();
      // The first two requests come with a token that is not valid.
      if (authorization && rejected < 2) {
        rejected += 1;
        await route.continue({ headers: { ...headers, authorization: "Bearer expired" } });
      } else await route.continue();
    });
    await page.reload();
    await heading("Your account");
    await page.getByText("This device").waitFor();
    await page.unroute("**/graphql*");
    // One at the page load, one after the rejection.
    assert.deepEqual([rejected, renewals], [2, 2]);
    // Chromium itself logs responses with the status 401.
    const others = problems.splice(0).filter((problem) => !problem.includes("401"));
    problems.push(...others);
  });

  step("change their name and their image", async () => {
    await page.getByLabel("Name").fill("Ann Lee");
    await button("Save").click();
    await link("Account of Ann Lee").waitFor();
    await page.getByLabel("Upload an image").setInputFiles({ name: "me.png", mimeType: "image/png", buffer: png(90, 90) });
    await page.locator(".account-link img.avatar").waitFor();
    await checkPage(page);
    await button("Remove").click();
    await page.locator(".account-link span.avatar").waitFor();
    await page.getByLabel("Upload an image").setInputFiles({
      name: "me.png",
      mimeType: "image/png",
      buffer: Buffer.from("not an image"),
    });
    await page.getByRole("alert").waitFor();
  });

  step("sign out other devices, and this one in all its tabs", async () => {
    const elsewhere = await openWindow(browser, new URL(page.url()).origin, problems);
    const [here, there] = [page, await elsewhere.newPage()];
    usePage(there);
    await signIn(CUSTOMER);
    usePage(here);
    await page.reload();
    await page.getByRole("button", { name: /^Sign out Chrome/ }).click();
    await eventually(async () => assert.equal(await page.locator(".sessions li").count(), 1));
    await there.reload();
    await there.getByRole("heading", { name: "Sign in" }).waitFor();
    await elsewhere.close();

    const tab = await window.newPage();
    await tab.goto("/account");
    await tab.getByRole("link", { name: "Account of Ann Lee" }).waitFor();
    await button("Sign out").click();
    await heading("Sign in");
    await tab.getByRole("heading", { name: "Sign in" }).waitFor();
    await tab.close();
  });

  step("set a new password", async () => {
    const earlier = emails();
    await link("Forgot your password?").click();
    await heading("Set a new password");
    await page.getByLabel("Email address").fill(CUSTOMER.email);
    await button("Send a code").click();
    await page.getByLabel("Code").fill(await codeFor(CUSTOMER.email, earlier));
    await page.getByLabel("New password").fill("another horse 10");
    await checkPage(page);
    await button("Set password").click();
    await heading("Your account");
    await page.goto("/admin/products");
    await heading("For admins");
    await checkPage(page);
    await page.goto("/account");
    await button("Sign out all devices").click();
    await heading("Sign in");
  });

  // With a server that has an OpenID provider, whose pages this step knows.
  const googleEmail = process.env.GOOGLE_EMAIL;
  if (googleEmail) {
    step("sign in with Google", async () => {
      await button("Sign in with Google").click();
      await page.getByLabel("E-mail").fill(googleEmail);
      await page.getByRole("button", { name: "Next" }).click();
      await page.getByRole("button", { name: "Allow" }).click();
      await heading("Your account");
      await checkPage(page);
      await button("Sign out").click();
      await heading("Sign in");
    });
  }
});

describe("invited users", () => {
  step("set a password with the link in the email", async () => {
    const invited = { email: `kim+${Date.now()}@example.com`, password: "a storm on the lake" };
    const earlier = emails();
    await invite(invited.email);
    const code = await codeFor(invited.email, earlier, /^[a-z2-9]{5}(-[a-z2-9]{5}){5}/m);
    await page.goto(`/reset-password#email=${encodeURIComponent(invited.email)}&code=${code}`);
    await page.getByText(invited.email).waitFor();
    assert.equal(await page.getByLabel("Code").inputValue(), code);
    await page.getByLabel("New password").fill(invited.password);
    await checkPage(page);
    await button("Set password").click();
    await heading("Your account");
    await button("Sign out").click();
    await heading("Sign in");
  });
});

describe("admins", () => {
  const products = "/admin/products?q=skillet";
  /** @param {import("playwright-core").Page} page */
  const row = (page) => page.getByRole("row").filter({ has: page.locator('input[value^="Cast-Iron Skillet"]') });

  step("edit products in the table", async () => {
    await signIn(ADMIN);
    await link("Admin").click();
    await heading("Products");
    await page.getByRole("searchbox", { name: "Name or SKU" }).fill("skillet");
    await address(/q=skillet/);
    await eventually(async () => assert.equal(await page.locator("tbody tr").count(), 1));
    await checkPage(page);

    const price = row(page).getByLabel("Price");
    await price.fill("free");
    await price.press("Enter");
    await row(page).locator("input[name=price][aria-invalid=true]").waitFor();
    await checkPage(page);
    await price.fill("61.5");
    await price.press("Enter");
    await row(page).getByText("Saved.").waitFor();
    await eventually(async () => assert.equal(await price.inputValue(), "61.50"));
    await page.goto("/products/cast-iron-skillet-24");
    await page.getByText("$61.50").waitFor();
  });

  step("do not overwrite the stock that another one has changed", async () => {
    await page.goto(products);
    const tab = await window.newPage();
    await tab.goto(products);
    const [here, there] = [row(page).getByLabel("Stock"), row(tab).getByLabel("Stock")];
    const stock = Number(await here.inputValue());
    await there.fill(String(stock + 1));
    await there.press("Enter");
    await row(tab).getByText("Saved.").waitFor();
    await tab.close();

    await here.fill(String(stock + 2));
    await here.press("Enter");
    await row(page).locator("input[name=stock][aria-invalid=true]").waitFor();
    assert.ok((await row(page).locator(".field-error").textContent())?.includes(String(stock + 1)));
    await here.press("Enter");
    await row(page).getByText("Saved.").waitFor();
  });

  step("upload images with progress", async () => {
    await link("Images of Cast-Iron Skillet Ø 24 cm").click();
    await heading("Images of Cast-Iron Skillet Ø 24 cm");
    await eventually(async () => assert.equal(await page.locator(".image-forms li").count(), 3));
    await checkPage(page);
    await page.evaluate(() => {
      // The highest value that a progress bar has shown.
      const observer = new MutationObserver(() => {
        const value = document.querySelector("progress")?.value ?? 0;
        const highest = Number(document.body.dataset.progress ?? 0);
        document.body.dataset.progress = String(Math.max(value, highest));
      });
      observer.observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ["value"] });
    });
    await page.getByLabel("Upload images").setInputFiles([
      { name: "large.png", mimeType: "image/png", buffer: png(1300, 1000) },
      { name: "broken.png", mimeType: "image/png", buffer: Buffer.from("not an image") },
    ]);
    await eventually(async () => assert.equal(await page.locator(".image-forms li").count(), 4));
    assert.ok(Number(await page.locator("body").getAttribute("data-progress")) > 0);
    await page.getByRole("alert").waitFor();
    await checkPage(page);
    await button("Dismiss broken.png").click();

    const description = page.getByLabel("Description of image 4");
    await description.fill("The pan over a fire");
    await description.press("Enter");
    await page.getByText("Saved.").waitFor();
    await link("Show in the shop").click();
    await button("Show image 4 of 4").click();
    await page.getByAltText("The pan over a fire").waitFor();
  });

  step("delete images, and sign out", async () => {
    await page.goBack();
    await button("Delete image 4").click();
    await eventually(async () => assert.equal(await page.locator(".image-forms li").count(), 3));
    await page.goto("/account");
    await button("Sign out").click();
    await heading("Sign in");
    await page.goto("/admin/products");
    await address(/^\/sign-in\?next=%2Fadmin%2Fproducts$/);
  });
});

describe("variants", () => {
  step("are offered only in combinations that can be ordered", async () => {
    const categories = await asAdmin("{ categories(first: 1) { nodes { id } } }");
    /** @param {string} size @param {string} color @param {number} stock @param {string} price */
    const variant = (size, color, stock, price) => ({
      options: [
        { name: "Size", value: size },
        { name: "Color", value: color },
      ],
      stock,
      price,
    });
    const shirt = {
      name: "Linen Shirt",
      slug: `linen-shirt-${Date.now()}`,
      status: "ACTIVE",
      categoryId: categories.categories.nodes[0].id,
      options: [
        { name: "Size", values: ["S", "M"] },
        { name: "Color", values: ["Red", "Blue"] },
      ],
      variants: [variant("S", "Red", 2, "40"), variant("M", "Red", 0, "41"), variant("M", "Blue", 90, "42")],
    };
    const create = "mutation ($input: CreateProductInput!) { createProduct(input: $input) { userErrors { message } } }";
    assert.deepEqual((await asAdmin(create, shirt)).createProduct.userErrors, []);
    await page.goto(`/products/${shirt.slug}`);
    await heading("Linen Shirt");
    await page.getByText("From $40.00").waitFor();
    /** @param {string} name */
    const choice = (name) => page.getByRole("radio", { name, exact: true });
    await choice("M").check();
    assert.ok(await choice("Red").isDisabled(), "red in M is sold out");
    await choice("Blue").check();
    await page.getByText("$42.00").waitFor();
    assert.ok(await choice("S").isDisabled(), "there is no blue in S");
    await checkPage(page);
    await button("Clear").first().click();
    await button("Clear").click();
    await choice("S").check();
    await choice("Red").check();
    await page.getByText("Only 2 left").waitFor();
  });
});

it("no page logged an error or a warning", () => assert.deepEqual(problems, []));
