/** A product with its images, price and description, and the button that puts it into the cart. */
import { useQuery } from "@apollo/client/react";
import { useState } from "react";
import { Navigate, useParams } from "react-router";
import { AddToCart } from "../cart/AddToCart";
import { graphql, readFragment } from "../graphql";
import { NotFound } from "../layout/NotFound";
import { Title } from "../layout/Page";
import { LoadError } from "../ui/Notice";
import { Price } from "../ui/Price";
import { Breadcrumbs } from "./Breadcrumbs";
import { Gallery } from "./Gallery";
import { type Chosen, findVariant, VARIANTS, VariantSelectors } from "./Variants";

const PRODUCT_PAGE = graphql(`
  query ProductPage($slug: String!) {
    product(slug: $slug) {
      id
      name
      slug
      sku
      description
      availability
      stock
      price {
        ...Price
      }
      category {
        id
        ...Breadcrumbs
      }
      images {
        id
        ...GalleryImage
      }
      ...Variants
    }
  }
`);

export function ProductPage() {
  const { slug = "" } = useParams();
  const { data, error, refetch } = useQuery(PRODUCT_PAGE, { variables: { slug } });
  const [chosen, choose] = useState<Chosen>({});

  if (error && !data) return <LoadError error={error} retry={refetch} />;
  if (!data) return <Skeleton />;
  const { product } = data;
  if (!product) return <NotFound />;
  if (product.slug !== slug) return <Navigate replace to={`/products/${product.slug}`} />;

  const variant = findVariant(readFragment(VARIANTS, product), chosen);
  const { availability, stock, sku, price } = variant ?? product;
  return (
    <div className="page">
      <Title>{product.name}</Title>
      <Breadcrumbs category={product.category} product={product.name} />
      <article className="product">
        <Gallery key={product.id} images={product.images} name={product.name} />
        <div className="product-text">
          <h1>{product.name}</h1>
          <p className="product-price">
            {!variant && "From "}
            <Price money={price} />
          </p>
          <VariantSelectors product={product} chosen={chosen} choose={choose} />
          <p className="availability" data-availability={availability}>
            {availability === "IN_STOCK" && "In stock"}
            {availability === "LOW_STOCK" && `Only ${stock} left`}
            {availability === "BACKORDER" && "On order"}
            {availability === "OUT_OF_STOCK" && "Sold out"}
          </p>
          <AddToCart variant={variant} />
          {product.description.split("\n").map((paragraph, index) => (
            <p key={index}>{paragraph}</p>
          ))}
          {sku && <p className="hint">Article number {sku}</p>}
        </div>
      </article>
    </div>
  );
}

function Skeleton() {
  return (
    <div className="page" aria-busy="true">
      <div className="product skeleton" aria-hidden="true">
        <div className="gallery">
          <span className="gallery-image" />
        </div>
        <div className="product-text">
          <span className="line" />
          <span className="line short" />
        </div>
      </div>
    </div>
  );
}
