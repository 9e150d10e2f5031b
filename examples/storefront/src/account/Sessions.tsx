/** The devices on which the user is signed in. */
import { useMutation, useQuery } from "@apollo/client/react";
import { useState } from "react";
import { errorMessage } from "../api/errors";
import { endSession } from "../api/session";
import { graphql } from "../graphql";
import { formErrors } from "../ui/form";
import { formatTime } from "../ui/format";
import { LoadError } from "../ui/Notice";
import { deviceName } from "./deviceName";

const SESSIONS = graphql(`
  query Sessions {
    sessions {
      id
      userAgent
      address
      lastUsedAt
      current
    }
  }
`);

const REVOKE_SESSION = graphql(`
  mutation RevokeSession($id: ID!) {
    revokeSession(input: { id: $id }) {
      sessionId
      userErrors {
        ...FormErrors
      }
    }
  }
`);

const LOGOUT_ALL = graphql(`
  mutation LogoutAll {
    logoutAll {
      userErrors {
        ...FormErrors
      }
    }
  }
`);

export function Sessions() {
  const { data, error, refetch } = useQuery(SESSIONS, { fetchPolicy: "cache-and-network" });
  const [revokeSession] = useMutation(REVOKE_SESSION, { refetchQueries: [SESSIONS], awaitRefetchQueries: true });
  const [logoutAll] = useMutation(LOGOUT_ALL);
  const [failure, setFailure] = useState<string | null>(null);

  const attempt = async (action: () => Promise<string | undefined>) => {
    setFailure(null);
    try {
      setFailure((await action()) ?? null);
    } catch (error) {
      setFailure(errorMessage(error));
    }
  };
  const revoke = (id: string) =>
    attempt(async () => {
      const { data } = await revokeSession({ variables: { id } });
      return formErrors(data?.revokeSession?.userErrors)[0]?.message;
    });
  const revokeAll = () =>
    attempt(async () => {
      const { data } = await logoutAll();
      const [error] = formErrors(data?.logoutAll?.userErrors);
      if (!error) endSession();
      return error?.message;
    });

  return (
    <section aria-labelledby="sessions">
      <h2 id="sessions">Devices</h2>
      {error && !data && <LoadError error={error} retry={refetch} />}
      <ul className="sessions">
        {data?.sessions?.map(({ id, userAgent, address, lastUsedAt, current }) => (
          <li key={id}>
            <div>
              <strong>{deviceName(userAgent)}</strong>
              {current && <span className="badge">This device</span>}
              <br />
              <span className="hint">
                {address}, last used {formatTime(lastUsedAt)}
              </span>
            </div>
            {!current && (
              <button className="link" onClick={() => void revoke(id)}>
                Sign out
                <span className="visually-hidden"> {deviceName(userAgent)}, last used {formatTime(lastUsedAt)}</span>
              </button>
            )}
          </li>
        ))}
      </ul>
      {failure && (
        <p className="form-error" role="alert">
          {failure}
        </p>
      )}
      <button className="button secondary" onClick={() => void revokeAll()}>
        Sign out all devices
      </button>
    </section>
  );
}
