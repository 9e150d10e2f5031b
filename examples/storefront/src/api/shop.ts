/** The settings of the shop: its name, currency, countries, sign-in and payment methods, and limits of form fields. */
import { useQuery } from "@apollo/client/react";
import { graphql } from "../graphql";
import type { ShopQuery } from "../graphql/graphql";

const SHOP = graphql(`
  query Shop {
    shop {
      name
      currency {
        code
        decimals
      }
      signInMethods
      shippingCountries
      paymentMethods {
        provider
        name
        description
      }
      stripePublishableKey
      limits {
        passwordMinLength
        passwordMaxLength
        emailMaxLength
        nameMaxLength
        searchMaxLength
        altMaxLength
        imageTypes
        imageMaxBytes
        avatarMaxBytes
      }
    }
  }
`);

export type Shop = ShopQuery["shop"];

/** Returns undefined while the shop is loading. It is requested once. */
export function useShop(): Shop | undefined {
  return useQuery(SHOP).data?.shop;
}
