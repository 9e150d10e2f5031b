/** A product in a list. */
import { Link } from "react-router";
import { type FragmentType, graphql, readFragment } from "../graphql";
import { ResponsiveImage } from "../ui/ResponsiveImage";
import { Price } from "../ui/Price";

const PRODUCT_CARD = graphql(`
  fragment ProductCard on Product {
    id
    name
    slug
    availability
    price {
      ...Price
    }
    image {
      ...ResponsiveImage
    }
  }
`);

interface Props {
  product: FragmentType<typeof PRODUCT_CARD>;
  priority?: boolean;
}

export function ProductCard({ product, priority }: Props) {
  const { name, slug, availability, price, image } = readFragment(PRODUCT_CARD, product);
  return (
    <Link to={`/products/${slug}`} className="card">
      <span className="card-image">
        {image ? (
          <ResponsiveImage image={image} alt="" sizes="(min-width: 900px) 280px, 45vw" priority={priority} />
        ) : (
          <span className="no-image" aria-hidden="true">
            {name[0]}
          </span>
        )}
      </span>
      <span className="card-name">{name}</span>
      <span className="card-line">
        <Price money={price} />
        {availability === "OUT_OF_STOCK" && <span className="hint">Sold out</span>}
        {availability === "LOW_STOCK" && <span className="hint">Few left</span>}
      </span>
    </Link>
  );
}

/** The shape of a card while its list is loading. */
export function ProductCardSkeleton() {
  return (
    <div className="card skeleton" aria-hidden="true">
      <span className="card-image" />
      <span className="line" />
      <span className="line short" />
    </div>
  );
}
