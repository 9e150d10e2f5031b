/** The amounts of a cart or of an order. */
import { formatMoney } from "./format";

interface Money {
  amount: string;
  currency: string;
}

export interface TotalsProps {
  totals: {
    items: Money;
    discount: Money;
    shipping: Money;
    taxIncluded: boolean;
    total: Money;
    taxes: { name: string; rate: string; tax: Money }[];
  };
}

export function Totals({ totals: { items, discount, shipping, taxIncluded, total, taxes } }: TotalsProps) {
  const taxRows = taxes.map(({ name, rate, tax }) => (
    <Row key={`${name} ${rate}`} label={`${taxIncluded ? "Including" : "Plus"} ${rate} % ${name}`} money={tax} />
  ));
  return (
    <dl className="totals">
      <Row label="Items" money={items} />
      {Number(discount.amount) > 0 && <Row label="Discount" money={{ ...discount, amount: `-${discount.amount}` }} />}
      <Row label="Shipping" money={shipping} />
      {!taxIncluded && taxRows}
      <Row label="Total" money={total} className="total" />
      {taxIncluded && taxRows}
    </dl>
  );
}

function Row({ label, money, className }: { label: string; money: Money; className?: string }) {
  return (
    <div className={className}>
      <dt>{label}</dt>
      <dd>{formatMoney(money)}</dd>
    </div>
  );
}
