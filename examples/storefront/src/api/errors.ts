/** Errors as texts for users. Errors of form fields are `userErrors` of a payload: see `ui/form.tsx`. */
import { CombinedGraphQLErrors } from "@apollo/client";

/** Whether the server returned an error with this code. */
export function hasCode(error: unknown, code: string): boolean {
  return CombinedGraphQLErrors.is(error) && error.errors.some(({ extensions }) => extensions?.code === code);
}

export function errorMessage(error: unknown): string {
  if (CombinedGraphQLErrors.is(error)) {
    const first = error.errors[0];
    const { code, retryAfterSeconds, requestId } = first?.extensions ?? {};
    switch (code) {
      case "RATE_LIMITED":
        return `Too many attempts. Try again in ${duration(Number(retryAfterSeconds))}.`;
      case "INTERNAL_SERVER_ERROR":
        return `Something went wrong on our side. If it happens again, tell us this number: ${requestId}.`;
      default:
        return first?.message ?? "The request failed.";
    }
  }
  // `fetch` fails with a TypeError when there is no connection.
  if (error instanceof TypeError) return "The shop cannot be reached. Check your connection and try again.";
  return "The shop is not available at the moment. Try again in a minute.";
}

function duration(seconds: number): string {
  return seconds < 90 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`;
}
