/** The quantity of a line, in forms. */
import type { FormError } from "../ui/form";

/** Path of the field in mutations with one line. */
export const QUANTITY = "lines.0.quantity";

/** Calls `send` with the quantity, or returns the error of a text that is not a whole number. */
export async function withQuantity(
  values: Record<string, string>,
  send: (quantity: number) => Promise<readonly FormError[]>,
): Promise<readonly FormError[]> {
  const text = values[QUANTITY] ?? "";
  return /^\d{1,9}$/.test(text) ? send(Number(text)) : [{ field: QUANTITY, message: "Enter a whole number." }];
}
