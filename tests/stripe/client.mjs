// Drives the simulated Stripe with Stripe's own client: `node client.mjs URL SECRET_KEY PUBLISHABLE_KEY PHASE`.
import assert from "node:assert/strict";
import Stripe from "stripe";

const [url, secretKey, publishableKey, phase] = process.argv.slice(2);
const { hostname, port } = new URL(url);
const connect = (key, options) =>
  new Stripe(key, { host: hostname, port, protocol: "http", telemetry: false, ...options });
const stripe = connect(secretKey, { maxNetworkRetries: 2 });
const once = { maxNetworkRetries: 0 };
const RETURN_URL = "https://shop.example/orders/1";

const create = (params, options) =>
  stripe.paymentIntents.create(
    { amount: 1999, currency: "eur", automatic_payment_methods: { enabled: true }, ...params },
    options,
  );
const confirm = (id, method, options) =>
  stripe.paymentIntents.confirm(id, { payment_method: method, return_url: RETURN_URL }, options);
const charge = (id) => stripe.charges.retrieve(id);

/** Returns the error of a class and code. */
async function failure(promise, type, code) {
  const error = await promise.then(
    () => assert.fail(`expected ${type} ${code}`),
    (error) => error,
  );
  assert.equal(error.type, type, error.message);
  assert.equal(error.code, code, error.message);
  return error;
}

async function payments() {
  const account = await stripe.accounts.retrieveCurrent();
  assert.equal(account.charges_enabled, true);

  const created = await create({ currency: "EUR", metadata: { order: "o1", payment: "p1" } });
  assert.match(created.client_secret, new RegExp(`^${created.id}_secret_\\w{25}$`));
  assert.equal(created.status, "requires_payment_method");
  assert.equal(created.currency, "eur");
  assert.equal(created.livemode, false);
  assert.deepEqual(created.metadata, { order: "o1", payment: "p1" });
  assert.match(created.lastResponse.requestId, /^req_/);

  // Declined, and tried again on the same intent.
  const declined = await failure(
    confirm(created.id, "pm_card_visa_chargeDeclinedInsufficientFunds"),
    "StripeCardError",
    "card_declined",
  );
  assert.equal(declined.decline_code, "insufficient_funds");
  assert.equal(declined.payment_intent.status, "requires_payment_method");
  const open = await stripe.paymentIntents.retrieve(created.id);
  assert.equal(open.last_payment_error.code, "card_declined");
  assert.equal((await charge(open.latest_charge)).status, "failed");
  const paid = await confirm(created.id, "pm_card_visa");
  assert.equal(paid.status, "succeeded");
  assert.equal(paid.amount_received, 1999);
  assert.equal(paid.last_payment_error, null);
  const expanded = await stripe.paymentIntents.retrieve(created.id, { expand: ["latest_charge"] });
  assert.equal(expanded.latest_charge.amount_captured, 1999);
  await failure(confirm(created.id, "pm_card_visa"), "StripeInvalidRequestError", "payment_intent_unexpected_state");
  await failure(stripe.paymentIntents.cancel(created.id), "StripeInvalidRequestError", "payment_intent_unexpected_state");

  await idempotencyKeys();
  await manualCapture();
  await refunds(paid);
  await invalidRequests(paid);
  await events();
}

async function idempotencyKeys() {
  const key = { idempotencyKey: "key-1" };
  const first = await create({}, key);
  const second = await create({}, key);
  assert.equal(second.id, first.id);
  assert.equal(first.lastResponse.headers["idempotent-replayed"], undefined);
  assert.equal(second.lastResponse.headers["idempotent-replayed"], "true");
  await failure(create({ amount: 2000 }, key), "StripeIdempotencyError", undefined);
  await failure(stripe.paymentIntents.cancel(first.id, {}, key), "StripeIdempotencyError", undefined);

  // A declined card is stored with its key, an invalid request is not.
  const decline = () => confirm(first.id, "pm_card_visa_chargeDeclined", { idempotencyKey: "key-2" });
  await failure(decline(), "StripeCardError", "card_declined");
  await stripe.paymentIntents.cancel(first.id);
  await failure(decline(), "StripeCardError", "card_declined");
  const invalid = { idempotencyKey: "key-3" };
  await failure(create({ amount: 1 }, invalid), "StripeInvalidRequestError", "amount_too_small");
  await create({ amount: 100 }, invalid);
}

async function manualCapture() {
  const authorize = async () => {
    const { id } = await create({ capture_method: "manual" });
    return confirm(id, "pm_card_visa");
  };
  const intent = await authorize();
  assert.equal(intent.status, "requires_capture");
  assert.equal(intent.amount_capturable, 1999);
  assert.equal((await charge(intent.latest_charge)).captured, false);
  const noCharge = stripe.refunds.create({ payment_intent: intent.id });
  await failure(noCharge, "StripeInvalidRequestError", undefined);
  const tooMuch = stripe.paymentIntents.capture(intent.id, { amount_to_capture: 2000 });
  await failure(tooMuch, "StripeInvalidRequestError", "amount_too_large");
  const captured = await stripe.paymentIntents.capture(intent.id);
  assert.equal(captured.status, "succeeded");
  assert.equal(captured.amount_received, 1999);
  const twice = stripe.paymentIntents.capture(intent.id);
  const error = await failure(twice, "StripeInvalidRequestError", "payment_intent_unexpected_state");
  assert.equal(error.payment_intent.id, intent.id);

  const voided = await authorize();
  const canceled = await stripe.paymentIntents.cancel(voided.id, { cancellation_reason: "abandoned" });
  assert.equal(canceled.status, "canceled");
  assert.equal(canceled.cancellation_reason, "abandoned");
  const released = await charge(voided.latest_charge);
  assert.deepEqual([released.captured, released.amount_captured, released.refunded], [false, 0, false]);
  await failure(confirm(voided.id, "pm_card_visa"), "StripeInvalidRequestError", "payment_intent_unexpected_state");
}

async function refunds({ id, latest_charge }) {
  const first = await stripe.refunds.create({ payment_intent: id, amount: 999, metadata: { refund: "r1" } });
  assert.deepEqual([first.status, first.amount, first.charge], ["succeeded", 999, latest_charge]);
  const tooMuch = stripe.refunds.create({ payment_intent: id, amount: 1001 });
  await failure(tooMuch, "StripeInvalidRequestError", undefined);
  assert.equal((await charge(latest_charge)).refunded, false);
  const rest = await stripe.refunds.create({ payment_intent: id });
  assert.equal(rest.amount, 1000);
  assert.equal((await charge(latest_charge)).refunded, true);
  const again = stripe.refunds.create({ payment_intent: id });
  await failure(again, "StripeInvalidRequestError", "charge_already_refunded");
  const { data } = await stripe.refunds.list({ payment_intent: id });
  assert.deepEqual(data.map(({ id }) => id), [rest.id, first.id]);
  assert.deepEqual((await stripe.refunds.retrieve(first.id)).metadata, { refund: "r1" });
}

async function invalidRequests({ id, client_secret }) {
  const invalid = "StripeInvalidRequestError";
  await failure(create({ amount: 49 }), invalid, "amount_too_small");
  await failure(create({ amount: 100_000_000 }), invalid, "amount_too_large");
  await failure(create({ amount: "19.99" }), invalid, "parameter_invalid_integer");
  await failure(create({ currency: "xyz" }), invalid, undefined);
  await failure(create({ currency: "kwd", amount: 10_005 }), invalid, undefined);
  await failure(create({ currency: "isk", amount: 10_050 }), invalid, undefined);
  await failure(stripe.paymentIntents.create({ amount: 1999 }), invalid, "parameter_missing");
  const unknown = await failure(create({ colour: "red" }), invalid, "parameter_unknown");
  assert.equal(unknown.param, "colour");
  const missing = await failure(stripe.paymentIntents.retrieve("pi_1"), invalid, "resource_missing");
  assert.equal(missing.statusCode, 404);
  await failure(stripe.events.list({ ending_before: "evt_1" }), invalid, "resource_missing");
  await failure(stripe.events.list({ limit: 101 }), invalid, "parameter_invalid_integer");
  await failure(stripe.refunds.create({ payment_intent: "pi_1" }), invalid, "resource_missing");

  const authentication = "StripeAuthenticationError";
  await failure(connect("sk_test_wrong").paymentIntents.retrieve(id), authentication, undefined);
  const browser = connect(publishableKey);
  await failure(browser.refunds.list(), authentication, "secret_key_required");
  await failure(browser.paymentIntents.retrieve(id), invalid, "parameter_missing");
  const other = { client_secret: `${id}_secret_other` };
  await failure(browser.paymentIntents.retrieve(id, other), invalid, "resource_missing");
  const visible = await browser.paymentIntents.retrieve(id, { client_secret });
  assert.equal(visible.status, "succeeded");
  assert.equal(visible.metadata, undefined);
}

async function events() {
  const all = [];
  for await (const event of stripe.events.list({ limit: 3 })) all.push(event);
  assert.equal(new Set(all.map(({ id }) => id)).size, all.length);
  assert.ok(all.every(({ created }, index) => index === 0 || created <= all[index - 1].created));
  const oldest = all.at(-1);
  assert.equal(oldest.type, "payment_intent.created");

  // From a cursor forwards, page by page, as the events happened.
  const later = [];
  for await (const event of stripe.events.list({ ending_before: oldest.id, limit: 3 })) later.push(event);
  assert.deepEqual(later.map(({ id }) => id), all.slice(0, -1).reverse().map(({ id }) => id));
  const { data, has_more } = await stripe.events.list({ ending_before: oldest.id, limit: 2 });
  assert.deepEqual(data.map(({ id }) => id), all.slice(-3, -1).map(({ id }) => id));
  assert.equal(has_more, true);

  const refunded = await stripe.events.list({ types: ["charge.refunded", "charge.dispute.created"], limit: 100 });
  assert.equal(refunded.data.length, 2);
  assert.ok(refunded.data.every(({ type }) => type === "charge.refunded"));
  const [{ data: partly }] = refunded.data.filter(({ data }) => data.object.amount_refunded === 999);
  assert.deepEqual(partly.previous_attributes, { amount_refunded: 0 });
  const keyed = all.find(({ request }) => request.idempotency_key === "key-1");
  assert.equal(keyed.type, "payment_intent.created");
}

/** The test has injected a fault for each of these steps, in this order. */
async function faults() {
  const named = (order) => ({ metadata: { order } });
  await create(named("status-500"));
  await create(named("lost-response"));
  await failure(create(named("status-429")), "StripeRateLimitError", "rate_limit");
  await create(named("status-409"));

  const stored = { idempotencyKey: "stored-500" };
  await failure(create(named("stored-500"), stored), "StripeAPIError", undefined);
  const again = await failure(create(named("stored-500"), stored), "StripeAPIError", undefined);
  assert.equal(again.headers["idempotent-replayed"], "true");
  await failure(create(named("500-afterwards")), "StripeAPIError", undefined);

  const slow = { idempotencyKey: "slow", ...once };
  const [first, second] = await Promise.allSettled([create(named("slow"), slow), create(named("slow"), slow)]);
  const refused = [first, second].filter(({ status }) => status === "rejected");
  assert.equal(refused.length, 1);
  assert.equal(refused[0].reason.statusCode, 409);
  assert.equal(refused[0].reason.code, "idempotency_key_in_use");
  await create(named("slow"), slow);

  await failure(create(named("html"), once), "StripeAPIError", undefined);
  const timeout = { ...once, timeout: 300 };
  await failure(create(named("timeout"), timeout), "StripeConnectionError", undefined);
  const changed = await create(named("changed"));
  assert.equal(changed.amount, 1);
}

await { payments, faults }[phase]();
// The client leaves the timer of a lost connection, of 80 seconds.
process.exit();
