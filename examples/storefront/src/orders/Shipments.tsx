import { type FragmentType, graphql, readFragment } from "../graphql";
import { formatTime } from "../ui/format";

const SHIPMENTS = graphql(`
  fragment Shipments on Order {
    id
    fulfillments {
      id
      lines {
        line {
          id
          name
        }
        quantity
      }
      trackingCompany
      trackingNumber
      trackingUrl
      createdAt
      canceledAt
    }
  }
`);

/** The parcels, with their tracking. */
export function Shipments({ order }: { order: FragmentType<typeof SHIPMENTS> }) {
  const shipments = readFragment(SHIPMENTS, order).fulfillments.filter(({ canceledAt }) => canceledAt === null);
  if (shipments.length === 0) return null;
  return (
    <section aria-labelledby="shipments">
      <h2 id="shipments">Shipments</h2>
      <ul className="entries">
        {shipments.map(({ id, lines, trackingCompany, trackingNumber, trackingUrl, createdAt }) => (
          <li key={id}>
            <p>{lines.map(({ line, quantity }) => `${quantity} × ${line.name}`).join(", ")}</p>
            {(trackingCompany ?? trackingNumber) && (
              <p>
                {trackingCompany} {trackingUrl ? <a href={trackingUrl}>{trackingNumber ?? "Track"}</a> : trackingNumber}
              </p>
            )}
            <p className="hint">{formatTime(createdAt)}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
