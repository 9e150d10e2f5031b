/** Sign-in with a password or with Google. */
import { useEffect, useState } from "react";
import { Link, Navigate, useSearchParams } from "react-router";
import { completeGoogleSignIn, signInWithGoogle } from "../api/google";
import { useSignedIn } from "../api/session";
import { useShop } from "../api/shop";
import { Page } from "../layout/Page";
import { Field, FormView, useForm } from "../ui/form";
import { signIn } from "./signIn";
import { VerifyEmailForm } from "./VerifyEmailForm";

export function Component() {
  const isSignedIn = useSignedIn();
  const [parameters] = useSearchParams();
  const [unverified, setUnverified] = useState<{ email: string; password: string } | null>(null);
  const form = useForm(async ({ email = "", password = "" }) => {
    const { errors, isUnverified } = await signIn(email, password);
    if (isUnverified) setUnverified({ email, password });
    return errors;
  });

  // Only addresses of this site: `next` comes from the address bar.
  const next = parameters.get("next") ?? "/account";
  if (isSignedIn) return <Navigate replace to={/^\/(?!\/|\\)/.test(next) ? next : "/account"} />;
  if (unverified) {
    return (
      <Page title="Confirm your email address" className="narrow">
        <VerifyEmailForm {...unverified} />
      </Page>
    );
  }
  return (
    <Page title="Sign in" className="narrow">
      <FormView form={form} submit="Sign in" fields={["email", "password"]}>
        <Field name="email" label="Email address" type="email" autoComplete="username" required />
        <Field name="password" label="Password" type="password" autoComplete="current-password" required />
      </FormView>
      <Google />
      <p className="actions">
        <Link to="/sign-up">Create an account</Link>
        <Link to="/reset-password">Forgot your password?</Link>
      </p>
    </Page>
  );
}

function Google() {
  const shop = useShop();
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    void completeGoogleSignIn().then(setFailure);
  }, []);
  // Browsers have the functions that it needs on pages with TLS and on localhost only.
  if (!shop?.signInMethods.includes("GOOGLE") || !window.isSecureContext) return null;
  return (
    <div className="google">
      {failure && (
        <p className="form-error" role="alert">
          {failure}
        </p>
      )}
      <button className="button secondary" onClick={() => void signInWithGoogle()}>
        Sign in with Google
      </button>
    </div>
  );
}
