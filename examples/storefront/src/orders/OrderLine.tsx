/** A line of an order, as it was when it was placed. */
import { type FragmentType, graphql, readFragment } from "../graphql";
import { Price } from "../ui/Price";
import { ResponsiveImage } from "../ui/ResponsiveImage";

const ORDER_LINE = graphql(`
  fragment OrderLine on OrderLine {
    id
    name
    options {
      name
      value
    }
    attributes {
      name
      value
    }
    quantity
    canceled
    fulfilled
    returned
    total {
      ...Price
    }
    image {
      ...ResponsiveImage
    }
  }
`);

export function OrderLine({ line }: { line: FragmentType<typeof ORDER_LINE> }) {
  const { name, options, attributes, quantity, canceled, fulfilled, returned, total, image } = readFragment(
    ORDER_LINE,
    line,
  );
  const counts = [
    `Quantity ${quantity}`,
    fulfilled > 0 && `${fulfilled} shipped`,
    canceled > 0 && `${canceled} canceled`,
    returned > 0 && `${returned} returned`,
  ];
  return (
    <li className="cart-line">
      <div className="line-image">{image && <ResponsiveImage image={image} sizes="6rem" alt="" />}</div>
      <div className="line-text">
        {name}
        {[...options, ...attributes].map(({ name, value }) => (
          <p key={name} className="hint">
            {name}: {value}
          </p>
        ))}
        <p className="hint">{counts.filter(Boolean).join(", ")}</p>
      </div>
      <Price money={total} />
    </li>
  );
}
