/** The payment of an order by card, or by another method that Stripe offers to the buyer: the Payment Element. */
import { useMutation, useQuery } from "@apollo/client/react";
import type { StripeElements } from "@stripe/stripe-js";
import { useEffect, useRef, useState } from "react";
import { useSearchParams } from "react-router";
import { errorMessage } from "../api/errors";
import { useShop } from "../api/shop";
import { loadStripe } from "../api/stripe";
import { graphql } from "../graphql";
import { FormView, useForm } from "../ui/form";
import { LoadError } from "../ui/Notice";

/** Only this component asks for the secret: the server requests it of Stripe each time. */
const CLIENT_SECRET = graphql(`
  query ClientSecret($id: ID!, $token: String) {
    order(id: $id, token: $token) {
      id
      payments {
        id
        clientSecret
      }
    }
  }
`);

const SYNC_PAYMENT = graphql(`
  mutation SyncPayment($input: SyncPaymentInput!) {
    syncPayment(input: $input) {
      order {
        id
        ...Order
      }
      userErrors {
        ...FormErrors
      }
    }
  }
`);

interface Props {
  orderId: string;
  paymentId: string;
  token: string | undefined;
  /** The amount, as a text. */
  amount: string;
}

export function CardPayment({ orderId, paymentId, token, amount }: Props) {
  const publishableKey = useShop()?.stripePublishableKey;
  const { data, error, refetch } = useQuery(CLIENT_SECRET, {
    variables: { id: orderId, token },
    // The secret stays out of the cache.
    fetchPolicy: "no-cache",
  });
  const clientSecret = data?.order?.payments.find(({ id }) => id === paymentId)?.clientSecret;
  const container = useRef<HTMLDivElement>(null);
  const [elements, setElements] = useState<StripeElements | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);

  useEffect(() => {
    if (!publishableKey || !clientSecret || !container.current) return;
    const target = container.current;
    let isLeft = false;
    let unmount = () => {};
    const mount = async () => {
      const stripe = await loadStripe(publishableKey);
      if (isLeft) return;
      const created = stripe.elements({ clientSecret });
      const element = created.create("payment");
      unmount = () => element.destroy();
      element.on("ready", () => setElements(created));
      element.on("loaderror", ({ error }) => setFailure(error));
      element.mount(target);
    };
    mount().catch((error: unknown) => setFailure(error));
    return () => {
      isLeft = true;
      setElements(null);
      unmount();
    };
  }, [publishableKey, clientSecret, attempt]);

  const form = useForm(async () => {
    if (!publishableKey || !elements) return [{ message: "The payment form is still loading. Try again in a moment." }];
    const stripe = await loadStripe(publishableKey);
    // After success Stripe sends the browser to this address. A declined card stays here, and can be tried again.
    const { error } = await stripe.confirmPayment({
      elements,
      confirmParams: { return_url: new URL(`/orders/${orderId}`, location.origin).href },
    });
    return [{ message: error.message ?? "The payment failed. You can try again." }];
  });

  const problem = error ?? failure;
  if (problem) {
    const retry = () => {
      setFailure(null);
      setAttempt(attempt + 1);
      return refetch();
    };
    return <LoadError error={problem} retry={retry} />;
  }
  return (
    <FormView form={form} submit={`Pay ${amount}`} fields={[]}>
      <div ref={container} className="payment-element" aria-busy={!elements} />
    </FormView>
  );
}

/** Requests the state of a payment when Stripe has sent the browser back. */
export function useReturnFromStripe(paymentId: string | undefined, token: string | undefined): string | null {
  const [search, setSearch] = useSearchParams();
  const [sync] = useMutation(SYNC_PAYMENT);
  const [failure, setFailure] = useState<string | null>(null);
  const isReturn = search.has("payment_intent");

  useEffect(() => {
    if (!isReturn) return;
    // The address contains the client secret.
    setSearch({}, { replace: true });
    if (!paymentId) return;
    const input = { paymentId, token };
    // If it fails, the server reads the state by itself a few seconds later.
    sync({ variables: { input } }).catch((error: unknown) => setFailure(errorMessage(error)));
  }, [isReturn, setSearch, paymentId, token, sync]);
  return failure;
}
