/** Sends operations with files as multipart requests, and reports their progress. */
import { ApolloLink, Observable } from "@apollo/client";
import { print } from "graphql";
import { API } from "./url";

declare module "@apollo/client" {
  interface DefaultContext {
    /** Is called during an upload with the sent part, from 0 to 1. */
    onProgress?: (sent: number) => void;
  }
}

/** Replaces the files of variables by null, and returns them by their path in the request. */
function takeFiles(value: unknown, path: string, files: Map<string, File>): unknown {
  if (value instanceof File) {
    files.set(path, value);
    return null;
  }
  if (Array.isArray(value)) {
    return value.map((item, index) => takeFiles(item, `${path}.${index}`, files));
  }
  if (value !== null && typeof value === "object") {
    const entries = Object.entries(value);
    return Object.fromEntries(entries.map(([key, item]) => [key, takeFiles(item, `${path}.${key}`, files)]));
  }
  return value;
}

export function hasFiles(operation: ApolloLink.Operation): boolean {
  const files = new Map<string, File>();
  takeFiles(operation.variables, "variables", files);
  return files.size > 0;
}

/** Returns the body in the format of the GraphQL multipart request specification. */
function multipart(operation: ApolloLink.Operation): FormData {
  const files = new Map<string, File>();
  const variables = takeFiles(operation.variables, "variables", files);
  const form = new FormData();
  form.append("operations", JSON.stringify({ query: print(operation.query), variables }));
  form.append("map", JSON.stringify(Object.fromEntries([...files.keys()].map((path, index) => [index, [path]]))));
  [...files.values()].forEach((file, index) => form.append(String(index), file));
  return form;
}

/** XMLHttpRequest, because `fetch` does not report the progress of an upload. */
export const uploadLink = new ApolloLink(
  (operation) =>
    new Observable((observer) => {
      const { headers, onProgress } = operation.getContext();
      const request = new XMLHttpRequest();
      request.open("POST", `${API}/graphql`);
      request.withCredentials = true;
      request.responseType = "json";
      request.setRequestHeader("Accept", "application/graphql-response+json");
      request.setRequestHeader("apollo-require-preflight", "true");
      for (const [name, value] of Object.entries<string>(headers ?? {})) request.setRequestHeader(name, value);
      request.upload.onprogress = ({ loaded, total }) => onProgress?.(loaded / total);
      request.onload = () => {
        if (request.response === null) {
          observer.error(new Error(`The upload failed with status ${request.status}.`));
          return;
        }
        observer.next(request.response);
        observer.complete();
      };
      // As `fetch` does.
      request.onerror = () => observer.error(new TypeError("The upload was interrupted."));
      request.send(multipart(operation));
      return () => request.abort();
    }),
);
