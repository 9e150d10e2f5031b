/**
 * A new password: the address, then the code from the email and the new password. The link in an invitation has both:
 * `#email=...&code=...`.
 */
import { useMutation } from "@apollo/client/react";
import { useState } from "react";
import { Link, Navigate, useLocation } from "react-router";
import { useSignedIn } from "../api/session";
import { useShop } from "../api/shop";
import { graphql } from "../graphql";
import { Page } from "../layout/Page";
import { Field, formErrors, FormView, useForm } from "../ui/form";
import { signIn } from "./signIn";

const FORGOT_PASSWORD = graphql(`
  mutation ForgotPassword($email: String!) {
    forgotPassword(input: { email: $email }) {
      userErrors {
        ...FormErrors
      }
    }
  }
`);

const RESET_PASSWORD = graphql(`
  mutation ResetPassword($input: ResetPasswordInput!) {
    resetPassword(input: $input) {
      userErrors {
        ...FormErrors
      }
    }
  }
`);

export function Component() {
  const isSignedIn = useSignedIn();
  const invitation = new URLSearchParams(useLocation().hash.slice(1));
  const [email, setEmail] = useState(invitation.get("email"));
  if (isSignedIn) return <Navigate replace to="/account" />;
  return (
    <Page title="Set a new password" className="narrow">
      {email === null ? (
        <AddressForm onSent={setEmail} />
      ) : (
        <PasswordForm email={email} code={invitation.get("code")} />
      )}
      <p className="actions">
        <Link to="/sign-in">Back to the sign-in</Link>
      </p>
    </Page>
  );
}

function AddressForm({ onSent }: { onSent: (email: string) => void }) {
  const [forgotPassword] = useMutation(FORGOT_PASSWORD);
  const form = useForm(async ({ email = "" }) => {
    const { data } = await forgotPassword({ variables: { email } });
    const errors = formErrors(data?.forgotPassword?.userErrors);
    if (errors.length === 0) onSent(email);
    return errors;
  });
  return (
    <FormView form={form} submit="Send a code" fields={["email"]}>
      <Field name="email" label="Email address" type="email" autoComplete="username" required />
    </FormView>
  );
}

function PasswordForm({ email, code }: { email: string; code: string | null }) {
  const limits = useShop()?.limits;
  const [resetPassword] = useMutation(RESET_PASSWORD);
  const form = useForm(async ({ otp = "", newPassword = "" }) => {
    const { data } = await resetPassword({ variables: { input: { email, otp, newPassword } } });
    const errors = formErrors(data?.resetPassword?.userErrors);
    return errors.length > 0 ? errors : (await signIn(email, newPassword)).errors;
  });
  return (
    <>
      {code === null ? (
        <p>
          If <strong>{email}</strong> has an account, we have sent it a code.
        </p>
      ) : (
        <p>
          Choose a password for <strong>{email}</strong>.
        </p>
      )}
      <FormView form={form} submit="Set password" fields={["otp", "newPassword"]}>
        <Field
          name="otp"
          label="Code"
          defaultValue={code ?? undefined}
          inputMode={code === null ? "numeric" : undefined}
          autoComplete="one-time-code"
          required
        />
        <Field
          name="newPassword"
          label="New password"
          type="password"
          autoComplete="new-password"
          hint={limits && `At least ${limits.passwordMinLength} characters.`}
          maxLength={limits?.passwordMaxLength}
          required
        />
      </FormView>
    </>
  );
}
