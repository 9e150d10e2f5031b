/** Registration: name, address and password, then the code from the email. */
import { useMutation } from "@apollo/client/react";
import { useState } from "react";
import { Link, Navigate } from "react-router";
import { useSignedIn } from "../api/session";
import { useShop } from "../api/shop";
import { graphql } from "../graphql";
import { Page } from "../layout/Page";
import { Field, formErrors, FormView, useForm } from "../ui/form";
import { VerifyEmailForm } from "./VerifyEmailForm";

const REGISTER = graphql(`
  mutation Register($input: RegisterInput!) {
    register(input: $input) {
      userErrors {
        ...FormErrors
      }
    }
  }
`);

export function Component() {
  const limits = useShop()?.limits;
  const isSignedIn = useSignedIn();
  const [register] = useMutation(REGISTER);
  const [registered, setRegistered] = useState<{ email: string; password: string } | null>(null);
  const form = useForm(async ({ name = "", email = "", password = "" }) => {
    const { data } = await register({ variables: { input: { name, email, password } } });
    const errors = formErrors(data?.register?.userErrors);
    if (errors.length === 0) setRegistered({ email, password });
    return errors;
  });

  if (isSignedIn) return <Navigate replace to="/account" />;
  if (registered) {
    return (
      <Page title="Confirm your email address" className="narrow">
        <VerifyEmailForm {...registered} />
      </Page>
    );
  }
  return (
    <Page title="Create an account" className="narrow">
      <FormView form={form} submit="Create account" fields={["name", "email", "password"]}>
        <Field name="name" label="Name" autoComplete="name" maxLength={limits?.nameMaxLength} required />
        <Field
          name="email"
          label="Email address"
          type="email"
          autoComplete="username"
          maxLength={limits?.emailMaxLength}
          required
        />
        <Field
          name="password"
          label="Password"
          type="password"
          autoComplete="new-password"
          hint={limits && `At least ${limits.passwordMinLength} characters.`}
          maxLength={limits?.passwordMaxLength}
          required
        />
      </FormView>
      <p className="actions">
        <Link to="/sign-in">I have an account</Link>
      </p>
    </Page>
  );
}
