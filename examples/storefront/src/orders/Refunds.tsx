import { type FragmentType, graphql, readFragment } from "../graphql";
import { formatTime } from "../ui/format";
import { Price } from "../ui/Price";

const REFUNDS = graphql(`
  fragment Refunds on Order {
    id
    refunds {
      id
      amount {
        ...Price
      }
      reason
      status
      createdAt
    }
  }
`);

const STATUS = { PENDING: "being paid back", SUCCEEDED: "paid back", FAILED: "could not be paid back" };

export function Refunds({ order }: { order: FragmentType<typeof REFUNDS> }) {
  const { refunds } = readFragment(REFUNDS, order);
  if (refunds.length === 0) return null;
  return (
    <section aria-labelledby="refunds">
      <h2 id="refunds">Refunds</h2>
      <ul className="entries">
        {refunds.map(({ id, amount, reason, status, createdAt }) => (
          <li key={id}>
            <p>
              <Price money={amount} />, {STATUS[status]}
            </p>
            {reason && <p>{reason}</p>}
            <p className="hint">{formatTime(createdAt)}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
