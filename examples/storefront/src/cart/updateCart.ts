/** Changes everything of the cart but its lines: contact, address, shipping method, discount codes. */
import { useMutation } from "@apollo/client/react";
import { graphql } from "../graphql";
import type { UpdateCartInput } from "../graphql/graphql";
import { type FormError, formErrors } from "../ui/form";

const UPDATE_CART = graphql(`
  mutation UpdateCart($input: UpdateCartInput!) {
    updateCart(input: $input) {
      cart {
        ...Cart
      }
      userErrors {
        ...FormErrors
      }
    }
  }
`);

/** Returns a function that changes the cart, and returns the errors. */
export function useUpdateCart(): (input: UpdateCartInput) => Promise<readonly FormError[]> {
  const [updateCart] = useMutation(UPDATE_CART);
  return async (input) => {
    const { data } = await updateCart({ variables: { input } });
    return formErrors(data?.updateCart?.userErrors);
  };
}
