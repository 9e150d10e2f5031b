/** The payment of an order that is not paid yet. The buttons of a test payment simulate the page of a provider. */
import { useMutation } from "@apollo/client/react";
import { useState } from "react";
import { errorMessage } from "../api/errors";
import { type FragmentType, graphql, readFragment } from "../graphql";
import type { TestPaymentOutcome } from "../graphql/graphql";
import { type FormError, formErrors } from "../ui/form";
import { formatMoney, formatTime } from "../ui/format";
import { CardPayment, useReturnFromStripe } from "./CardPayment";

const PAYMENT_STEP = graphql(`
  fragment PaymentStep on Order {
    id
    status
    paymentStatus
    payUntil
    payments {
      id
      provider
      status
      lastError
      instructions
      amount {
        amount
        currency
      }
    }
  }
`);

const FINISH_TEST_PAYMENT = graphql(`
  mutation FinishTestPayment($input: FinishTestPaymentInput!) {
    finishTestPayment(input: $input) {
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

const CANCEL_ORDER = graphql(`
  mutation CancelOrder($input: CancelOrderInput!) {
    cancelOrder(input: $input) {
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
  order: FragmentType<typeof PAYMENT_STEP>;
  token: string | undefined;
}

export function PaymentStep({ order, token }: Props) {
  const { id, status, paymentStatus, payUntil, payments } = readFragment(PAYMENT_STEP, order);
  const [finish] = useMutation(FINISH_TEST_PAYMENT);
  const [cancelOrder] = useMutation(CANCEL_ORDER);
  const [failure, setFailure] = useState<string | null>(null);
  const payment = payments.find(({ status }) => status !== "CANCELED");
  const returnFailure = useReturnFromStripe(payment?.id, token);
  const isOpen = status === "PENDING" || status === "CONFIRMED";
  if (!payment || !isOpen || paymentStatus !== "UNPAID") return null;

  const attempt = async (action: () => Promise<readonly FormError[]>) => {
    try {
      setFailure((await action())[0]?.message ?? null);
    } catch (error) {
      setFailure(errorMessage(error));
    }
  };
  const play = (outcome: TestPaymentOutcome) =>
    attempt(async () => {
      const { data } = await finish({ variables: { input: { paymentId: payment.id, token, outcome } } });
      return formErrors(data?.finishTestPayment?.userErrors);
    });
  const cancel = () =>
    attempt(async () => {
      const { data } = await cancelOrder({ variables: { input: { id, token } } });
      return formErrors(data?.cancelOrder?.userErrors);
    });
  return (
    <section className="notice" aria-labelledby="payment">
      <h2 id="payment">Payment</h2>
      {payment.instructions && <p className="instructions">{payment.instructions}</p>}
      {status === "PENDING" && <p>Please pay until {formatTime(payUntil)}.</p>}
      {(failure ?? returnFailure ?? payment.lastError) && (
        <p className="form-error" role="alert">
          {failure ?? returnFailure ?? "The payment failed. You can try again."}
        </p>
      )}
      {payment.provider === "STRIPE" && payment.status === "NEW" && <p role="status">The payment is being prepared…</p>}
      {payment.provider === "STRIPE" && payment.status === "PENDING" && (
        <CardPayment orderId={id} paymentId={payment.id} token={token} amount={formatMoney(payment.amount)} />
      )}
      <p className="actions">
        {payment.provider === "TEST" && (
          <>
            <button className="button" onClick={() => void play("SUCCEED")}>
              Pay
            </button>
            <button className="button secondary" onClick={() => void play("DECLINE")}>
              Let the payment be declined
            </button>
          </>
        )}
        {status === "PENDING" && (
          <button className="link" onClick={() => void cancel()}>
            Cancel the order
          </button>
        )}
      </p>
    </section>
  );
}
