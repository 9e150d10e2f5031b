// The part of Stripe.js (https://docs.stripe.com/js) that a storefront uses, for the simulated Stripe of the tests. As
// in the real one, the page never sees the card: the fields are in a frame of this origin.
{
  const origin = new URL(document.currentScript.src).origin;

  class PaymentElement {
    #frame = document.createElement("iframe");
    #listeners = { ready: [], change: [], loaderror: [] };
    #calls = new Map();
    #onMessage = (event) => {
      if (event.source !== this.#frame.contentWindow || event.origin !== origin) return;
      const { type, call, result } = event.data;
      if (type === "result") {
        this.#calls.get(call)?.(result);
        this.#calls.delete(call);
      } else {
        for (const listener of this.#listeners[type] ?? []) listener({ elementType: "payment", ...event.data });
      }
    };

    constructor() {
      this.#frame.src = `${origin}/elements.html`;
      this.#frame.title = "Secure payment input frame";
      this.#frame.style = "border: 0; width: 100%; height: 13rem";
    }

    on(event, listener) {
      this.#listeners[event]?.push(listener);
      return this;
    }

    mount(target) {
      const parent = typeof target === "string" ? document.querySelector(target) : target;
      if (!parent) throw new Error(`The selector you specified (${target}) applies to no DOM elements.`);
      addEventListener("message", this.#onMessage);
      parent.replaceChildren(this.#frame);
    }

    unmount() {
      removeEventListener("message", this.#onMessage);
      this.#frame.remove();
    }

    destroy() {
      this.unmount();
    }

    send(data) {
      const { promise, resolve } = Promise.withResolvers();
      const call = crypto.randomUUID();
      this.#calls.set(call, resolve);
      this.#frame.contentWindow.postMessage({ ...data, call }, origin);
      return promise;
    }
  }

  class Elements {
    element = null;

    constructor({ clientSecret }) {
      if (!clientSecret) throw new Error("You must pass a clientSecret.");
      this.clientSecret = clientSecret;
    }

    create(type) {
      if (type !== "payment") throw new Error(`The simulated Stripe.js has no element of the type ${type}.`);
      this.element = new PaymentElement();
      return this.element;
    }

    getElement(type) {
      return type === "payment" ? this.element : null;
    }

    async submit() {
      return this.element.send({ type: "submit" });
    }
  }

  const intentUrl = (clientSecret) => `${origin}/v1/payment_intents/${clientSecret.split("_secret_")[0]}`;

  window.Stripe = (key) => {
    if (!key?.startsWith("pk_")) throw new Error("Please call Stripe() with your publishable key.");
    return {
      elements: (options) => new Elements(options),

      async confirmPayment({ elements, confirmParams, redirect = "always" }) {
        const { clientSecret } = elements;
        const returnUrl = confirmParams?.return_url;
        if (!returnUrl && redirect === "always") throw new Error("You must provide a return_url.");
        const result = await elements.element.send({ type: "confirm", key, clientSecret, returnUrl });
        if (result.error || redirect === "if_required") return result;
        const url = new URL(returnUrl);
        url.searchParams.set("payment_intent", result.paymentIntent.id);
        url.searchParams.set("payment_intent_client_secret", clientSecret);
        url.searchParams.set("redirect_status", result.paymentIntent.status === "processing" ? "pending" : "succeeded");
        location.assign(url);
        // The page is left: the promise stays pending.
        return new Promise(() => {});
      },

      async retrievePaymentIntent(clientSecret) {
        const query = new URLSearchParams({ key, client_secret: clientSecret });
        const response = await fetch(`${intentUrl(clientSecret)}?${query}`);
        const body = await response.json();
        return body.error ? { error: body.error } : { paymentIntent: body };
      },
    };
  };
}
