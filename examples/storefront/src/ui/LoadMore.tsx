/** The button below a list that has another page. */
import { useState } from "react";
import { errorMessage } from "../api/errors";

interface Props {
  /** Cursor of the last item. */
  after: string;
  /** Requests the items after this cursor. */
  loadMore: (after: string) => Promise<unknown>;
}

export function LoadMore({ after, loadMore }: Props) {
  const [isLoading, setIsLoading] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const load = async () => {
    setIsLoading(true);
    setError(null);
    try {
      await loadMore(after);
    } catch (failure) {
      setError(failure);
    }
    setIsLoading(false);
  };
  return (
    <div className="load-more">
      {error !== null && <p role="alert">{errorMessage(error)}</p>}
      {/* Not disabled while loading, because it would lose the focus. */}
      <button className="button secondary" aria-disabled={isLoading} onClick={() => !isLoading && void load()}>
        {isLoading ? "Loading…" : "Load more"}
      </button>
    </div>
  );
}
