/** Signing in and out. */
import { client } from "../api/client";
import { endSession, startSession } from "../api/session";
import { claimCart } from "../cart/claimCart";
import { graphql } from "../graphql";
import { type FormError, formErrors } from "../ui/form";

const LOGIN = graphql(`
  mutation Login($email: String!, $password: String!) {
    login(input: { email: $email, password: $password, refreshTokenIn: COOKIE }) {
      accessToken
      accessTokenExpiresAt
      userErrors {
        code
        ...FormErrors
      }
    }
  }
`);

const LOGOUT = graphql(`
  mutation Logout {
    logout {
      userErrors {
        ...FormErrors
      }
    }
  }
`);

interface SignInResult {
  errors: readonly FormError[];
  /** The password is right, but the code of the registration was not entered yet. */
  isUnverified: boolean;
}

export async function signIn(email: string, password: string): Promise<SignInResult> {
  const { data } = await client.mutate({ mutation: LOGIN, variables: { email, password } });
  const payload = data?.login;
  const errors = formErrors(payload?.userErrors);
  const isUnverified = payload?.userErrors.some(({ code }) => code === "EMAIL_NOT_VERIFIED") ?? false;
  if (payload && errors.length === 0) {
    await claimCart(payload.accessToken);
    startSession(payload);
  }
  return { errors, isUnverified };
}

export async function signOut(): Promise<readonly FormError[]> {
  const { data } = await client.mutate({ mutation: LOGOUT });
  const errors = formErrors(data?.logout?.userErrors);
  if (errors.length === 0) endSession();
  return errors;
}
