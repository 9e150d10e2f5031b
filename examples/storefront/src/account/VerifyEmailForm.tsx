/** The form for the code that was sent by email. Signs in after a valid code. */
import { useMutation } from "@apollo/client/react";
import { useState } from "react";
import { errorMessage } from "../api/errors";
import { graphql } from "../graphql";
import { Field, formErrors, FormView, useForm } from "../ui/form";
import { signIn } from "./signIn";

const VERIFY_EMAIL = graphql(`
  mutation VerifyEmail($email: String!, $otp: String!) {
    verifyEmail(input: { email: $email, otp: $otp }) {
      user {
        id
        hasPassword
      }
      userErrors {
        ...FormErrors
      }
    }
  }
`);

const RESEND = graphql(`
  mutation ResendOtp($email: String!) {
    resendOtp(input: { email: $email }) {
      userErrors {
        ...FormErrors
      }
    }
  }
`);

interface Props {
  email: string;
  password: string;
}

export function VerifyEmailForm({ email, password }: Props) {
  const [verify] = useMutation(VERIFY_EMAIL);
  const [requestCode] = useMutation(RESEND);
  const [status, setStatus] = useState<string | null>(null);
  const form = useForm(async ({ otp = "" }) => {
    const { data } = await verify({ variables: { email, otp } });
    const errors = formErrors(data?.verifyEmail?.userErrors);
    if (errors.length > 0) return errors;
    if (data?.verifyEmail?.user?.hasPassword === false) {
      return [{ message: "Your address is confirmed. Set a password with “Forgot your password?”, then sign in." }];
    }
    return (await signIn(email, password)).errors;
  });

  const sendCode = async () => {
    try {
      const { data } = await requestCode({ variables: { email } });
      const [error] = formErrors(data?.resendOtp?.userErrors);
      setStatus(error?.message ?? "We have sent you another code.");
    } catch (error) {
      setStatus(errorMessage(error));
    }
  };
  return (
    <>
      <p>
        We have sent an email with a code to <strong>{email}</strong>.
      </p>
      <FormView form={form} submit="Confirm" fields={["otp"]}>
        <Field name="otp" label="Code" inputMode="numeric" autoComplete="one-time-code" required />
      </FormView>
      <p className="actions">
        <button className="link" onClick={() => void sendCode()}>
          Send another code
        </button>
        <span role="status">{status}</span>
      </p>
    </>
  );
}
