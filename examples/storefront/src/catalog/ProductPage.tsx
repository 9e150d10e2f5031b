/** A product with its images, price and description. */
import { useQuery } from "@apollo/client/react";
import { Navigate, useParams } from "react-router";
import { graphql } from "../graphql";
import { NotFound } from "../layout/NotFound";
import { Title } from "../layout/Page";
import { LoadError } from "../ui/Notice";
import { Price } from "../ui/Price";
import { Breadcrumbs } from "./Breadcrumbs";
import { Gallery } from "./Gallery";

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
    }
  }
`);

export function ProductPage() {
  const { slug = "" } = useParams();
  const { data, error, refetch } = useQuery(PRODUCT_PAGE, { variables: { slug } });

  if (error && !data) return <LoadError error={error} retry={refetch} />;
  if (!data) return <Skeleton />;
  const { product } = data;
  if (!product) return <NotFound />;
  if (product.slug !== slug) return <Navigate replace to={`/products/${product.slug}`} />;

  return (
    <div className="page">
      <Title>{product.name}</Title>
      <Breadcrumbs category={product.category} product={product.name} />
      <article className="product">
        <Gallery key={product.id} images={product.images} name={product.name} />
        <div className="product-text">
          <h1>{product.name}</h1>
          <p className="product-price">
            <Price money={product.price} />
          </p>
          <p className="availability" data-availability={product.availability}>
            {product.availability === "IN_STOCK" && "In stock"}
            {product.availability === "LOW_STOCK" && `Only ${product.stock} left`}
            {product.availability === "OUT_OF_STOCK" && "Sold out"}
          </p>
          {product.description.split("\n").map((paragraph, index) => (
            <p key={index}>{paragraph}</p>
          ))}
          {product.sku && <p className="hint">Article number {product.sku}</p>}
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
