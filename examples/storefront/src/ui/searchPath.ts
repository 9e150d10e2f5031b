/** Returns the address of the products that match a text. */
export function searchPath(text: string): string {
  return text === "" ? "/search" : `/search?${new URLSearchParams({ q: text })}`;
}
