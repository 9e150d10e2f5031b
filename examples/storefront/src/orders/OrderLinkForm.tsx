/** Sends the link to an order again. The answer is the same whether or not there is such an order. */
import { useMutation } from "@apollo/client/react";
import { useState } from "react";
import { graphql } from "../graphql";
import { Field, formErrors, FormView, useForm } from "../ui/form";

const SEND_ORDER_LINK = graphql(`
  mutation SendOrderLink($input: SendOrderLinkInput!) {
    sendOrderLink(input: $input) {
      userErrors {
        ...FormErrors
      }
    }
  }
`);

export function OrderLinkForm() {
  const [sendLink] = useMutation(SEND_ORDER_LINK);
  const [isSent, setIsSent] = useState(false);
  const form = useForm(async ({ number = "", email = "" }) => {
    if (!/^\d{1,9}$/.test(number)) return [{ field: "number", message: "Enter the number of the order." }];
    const { data } = await sendLink({ variables: { input: { number: Number(number), email } } });
    const errors = formErrors(data?.sendOrderLink?.userErrors);
    setIsSent(errors.length === 0);
    return errors;
  });
  return (
    <>
      <FormView form={form} submit="Send the link" fields={["number", "email"]}>
        <Field name="number" label="Order number" inputMode="numeric" required />
        <Field name="email" label="Email address" type="email" autoComplete="email" required />
      </FormView>
      <p role="status">{isSent && "If there is such an order, you will receive an email with a link to it."}</p>
    </>
  );
}
