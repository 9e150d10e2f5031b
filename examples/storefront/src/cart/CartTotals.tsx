import { type FragmentType, graphql, readFragment } from "../graphql";
import { Totals } from "../ui/Totals";

const CART_TOTALS = graphql(`
  fragment CartTotals on CartTotals {
    items {
      amount
      currency
    }
    discount {
      amount
      currency
    }
    shipping {
      amount
      currency
    }
    taxIncluded
    total {
      amount
      currency
    }
    taxes {
      name
      rate
      tax {
        amount
        currency
      }
    }
  }
`);

export function CartTotals({ totals }: { totals: FragmentType<typeof CART_TOTALS> }) {
  return <Totals totals={readFragment(CART_TOTALS, totals)} />;
}
