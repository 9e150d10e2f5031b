/** The tokens of the orders that were placed or opened in this browser. A token shows its order without an account. */

const KEY = "wares.orders";

function read(): Record<string, string> {
  return JSON.parse(localStorage.getItem(KEY) ?? "{}");
}

export function orderToken(id: string): string | undefined {
  return read()[id];
}

export function storeOrderToken(id: string, token: string): void {
  localStorage.setItem(KEY, JSON.stringify({ ...read(), [id]: token }));
}
