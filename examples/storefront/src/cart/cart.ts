/**
 * The cart: that of the signed-in user, or that of the visitor, whose token is in a cookie that scripts cannot read.
 * Each mutation returns the whole cart, so that all pages show its new state.
 */
import type { ApolloCache } from "@apollo/client";
import { useQuery } from "@apollo/client/react";
import { client } from "../api/client";
import { hasCode } from "../api/errors";
import { type FragmentType, graphql, readFragment } from "../graphql";
import type { CartFragment, CartLineInput } from "../graphql/graphql";
import { type FormError, formErrors } from "../ui/form";

const CART = graphql(`
  fragment Cart on Cart {
    id
    quantity
    email
    lines {
      id
      variant {
        id
        requiresShipping
      }
      ...CartLine
    }
    problems {
      code
      message
      lineId
      discountCode
    }
    readyToOrder
    totals {
      total {
        amount
        currency
      }
      ...CartTotals
    }
    shippingAddress {
      ...PostalAddress
    }
    shippingMethods {
      ...ShippingMethod
    }
    shippingMethod {
      methodId
    }
    discountCodes {
      code
      applied
    }
  }
`);

const CART_QUERY = graphql(`
  query Cart {
    cart {
      ...Cart
    }
  }
`);

const CREATE_CART = graphql(`
  mutation CreateCart($line: CartLineInput!) {
    createCart(input: { lines: [$line], tokenIn: COOKIE }) {
      cart {
        ...Cart
      }
      userErrors {
        ...FormErrors
      }
    }
  }
`);

const ADD_CART_LINE = graphql(`
  mutation AddCartLine($line: CartLineInput!) {
    addCartLines(input: { lines: [$line] }) {
      cart {
        ...Cart
      }
      userErrors {
        ...FormErrors
      }
    }
  }
`);

export type Cart = CartFragment;

/** Returns undefined while the cart is loading, and null if there is none. */
export function useCart(): { cart: Cart | null | undefined; error: unknown; retry: () => unknown } {
  const { data, error, refetch } = useQuery(CART_QUERY);
  const isAbsent = hasCode(error, "UNAUTHENTICATED");
  const cart = isAbsent ? null : readFragment(CART, data?.cart);
  return { cart, error: isAbsent ? undefined : error, retry: refetch };
}

/** Adds a line, and creates the cart if there is none. Returns the errors. */
export async function addToCart(line: CartLineInput): Promise<readonly FormError[]> {
  try {
    const { data } = await client.mutate({
      mutation: ADD_CART_LINE,
      variables: { line },
      update: (cache, { data }) => storeCart(cache, data?.addCartLines?.cart),
    });
    return formErrors(data?.addCartLines?.userErrors);
  } catch (error) {
    if (!hasCode(error, "UNAUTHENTICATED")) throw error;
  }
  const { data } = await client.mutate({
    mutation: CREATE_CART,
    variables: { line },
    update: (cache, { data }) => storeCart(cache, data?.createCart?.cart),
  });
  return formErrors(data?.createCart?.userErrors);
}

/** Makes it the cart of all pages. */
function storeCart(cache: ApolloCache, cart: FragmentType<typeof CART> | null | undefined): void {
  if (cart) cache.writeQuery({ query: CART_QUERY, data: { cart } });
}

/** Loads the cart again. That of a confirmed order is deleted. */
export function reloadCart(cache: ApolloCache): void {
  cache.evict({ id: "ROOT_QUERY", fieldName: "cart" });
}
