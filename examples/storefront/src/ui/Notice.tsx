/** A message in place of content, or above it. */
import { errorMessage } from "../api/errors";

/** The failure of a query, with a button that repeats it. */
export function LoadError({ error, retry }: { error: unknown; retry: () => unknown }) {
  return (
    <div className="notice error" role="alert">
      <p>{errorMessage(error)}</p>
      <button className="button secondary" onClick={() => void retry()}>
        Try again
      </button>
    </div>
  );
}
