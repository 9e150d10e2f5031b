/** The cart of a visitor who signs in. */
import { client } from "../api/client";
import { graphql } from "../graphql";

const CLAIM_CART = graphql(`
  mutation ClaimCart {
    claimCart {
      cart {
        id
      }
    }
  }
`);

/**
 * Gives the cart of this browser to the user who signs in with this token. It is merged with the cart that the user has.
 * Call it before the session starts: all pages then load the right cart.
 */
export async function claimCart(accessToken: string | null | undefined): Promise<void> {
  const headers = { authorization: `Bearer ${accessToken}` };
  // After a failure the cookie still has the cart, and the next sign-in takes it over.
  await client.mutate({ mutation: CLAIM_CART, context: { headers } }).catch(() => {});
}
