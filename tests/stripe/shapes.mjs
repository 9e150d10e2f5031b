// Compares the objects of the simulated Stripe with the types of Stripe's own client, in both directions: each field
// that it returns must exist with this type, and each field that Stripe always returns must be there.
// `node shapes.mjs URL SECRET_KEY`, in a folder with the packages.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const [url, secretKey] = process.argv.slice(2);
const headers = { authorization: `Bearer ${secretKey}`, "stripe-version": "2026-10-28.endive" };
const get = async (path) => (await fetch(`${url}/v1/${path}`, { headers })).json();

const post = async (path, body) => {
  const parameters = new URLSearchParams(body);
  return (await fetch(`${url}/v1/${path}`, { method: "POST", headers, body: parameters })).json();
};
const create = (more) => post("payment_intents", { amount: 1999, currency: "eur", ...more });
const confirm = ({ id }, payment_method) =>
  post(`payment_intents/${id}/confirm`, { payment_method, return_url: "https://shop.example" });

await create();
await confirm(await create({ capture_method: "manual" }), "pm_card_visa");

/** Each of these types, with objects of it. */
const samples = {
  "Stripe.Account": [await get("account")],
  "Stripe.ApiList<Stripe.PaymentIntent>": [await get("payment_intents?limit=100&expand[]=data.latest_charge")],
  "Stripe.ApiList<Stripe.Charge>": [await get("charges?limit=100")],
  "Stripe.ApiList<Stripe.Refund>": [await get("refunds?limit=100&expand[]=data.charge")],
  "Stripe.ApiList<Stripe.Dispute>": [await get("disputes?limit=100&expand[]=data.payment_intent")],
  "Stripe.ApiList<Stripe.Event>": [await get("events?limit=100")],
};
for (const [type, [{ object, data }]] of Object.entries(samples)) {
  assert.ok(object === "account" || data.length > 0, `no objects of the type ${type}`);
}
const [intents, events] = [samples["Stripe.ApiList<Stripe.PaymentIntent>"][0], samples["Stripe.ApiList<Stripe.Event>"][0]];
const statuses = new Set(intents.data.map(({ status }) => status));
for (const status of ["requires_payment_method", "requires_action", "requires_capture", "canceled", "succeeded"]) {
  assert.ok(statuses.has(status), `no intent is ${status}`);
}
const kinds = new Set(events.data.map(({ type }) => type.split(".")[0]));
assert.deepEqual([...kinds].sort(), ["charge", "payment_intent", "refund"]);

// Errors have the type of the last error of an intent.
const errors = [
  await post("payment_intents"),
  await confirm(await create(), "pm_card_visa_chargeDeclined"),
  await get("payment_intents/pi_1"),
];
samples["{ error: Stripe.PaymentIntent.LastPaymentError }"] = errors;
assert.ok(errors.every(({ error }) => error.message));

/** The same object with one field added, missing, or of another type. */
function wrong([intent]) {
  const { amount_received, ...missing } = intent;
  return [{ ...intent, amount_paid: 1 }, missing, { ...intent, amount: String(amount_received) }];
}

const lines = ['import type Stripe from "stripe";'];
for (const [type, objects] of Object.entries(samples)) {
  for (const object of objects) lines.push(`export const v${lines.length}: ${type} = ${JSON.stringify(object, null, 1)};`);
}
for (const object of wrong(intents.data)) {
  lines.push("// @ts-expect-error", `export const v${lines.length}: Stripe.PaymentIntent = ${JSON.stringify(object)};`);
}
const here = dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(join(here, "shapes-"));
const file = join(folder, "shapes.ts");
writeFileSync(file, lines.join("\n"));
try {
  const flags = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--module", "nodenext", "--types", ""];
  execFileSync(process.execPath, [join(here, "node_modules/typescript/bin/tsc"), ...flags, file], { stdio: "inherit" });
} finally {
  rmSync(folder, { recursive: true });
}
