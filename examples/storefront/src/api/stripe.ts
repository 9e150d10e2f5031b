/** Stripe.js, which shows the fields of a card in a frame of Stripe's, so that these pages never see a card. */
import type { Stripe, StripeConstructor } from "@stripe/stripe-js";

declare global {
  interface Window {
    Stripe?: StripeConstructor;
  }
}

/** Stripe requires that the script is loaded from its own host. Tests load that of a simulated Stripe. */
const SCRIPT = import.meta.env.VITE_STRIPE_JS_URL ?? "https://js.stripe.com/endive/stripe.js";

let script: Promise<StripeConstructor> | undefined;
let loaded: { key: string; stripe: Stripe } | undefined;

/** Loads Stripe.js, once. After a failure, the next call tries again. */
export async function loadStripe(publishableKey: string): Promise<Stripe> {
  script ??= loadScript().catch((error: unknown) => {
    script = undefined;
    throw error;
  });
  const create = await script;
  if (loaded?.key !== publishableKey) loaded = { key: publishableKey, stripe: create(publishableKey) };
  return loaded.stripe;
}

function loadScript(): Promise<StripeConstructor> {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    const fail = () => {
      element.remove();
      reject(new Error("The payment form can't be loaded. Check your connection and try again."));
    };
    element.src = SCRIPT;
    element.onload = () => (window.Stripe ? resolve(window.Stripe) : fail());
    element.onerror = fail;
    document.head.append(element);
  });
}
