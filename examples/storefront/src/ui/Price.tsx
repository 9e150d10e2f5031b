import { type FragmentType, graphql, readFragment } from "../graphql";
import { formatMoney } from "./format";

const PRICE = graphql(`
  fragment Price on Money {
    amount
    currency
  }
`);

export function Price({ money }: { money: FragmentType<typeof PRICE> }) {
  return <span className="price">{formatMoney(readFragment(PRICE, money))}</span>;
}
