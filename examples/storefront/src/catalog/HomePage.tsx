/** The start of the shop: its departments and its newest products. */
import { useQuery } from "@apollo/client/react";
import { Link } from "react-router";
import { graphql } from "../graphql";
import { Title } from "../layout/Page";
import { LoadError } from "../ui/Notice";
import { ResponsiveImage } from "../ui/ResponsiveImage";
import { ProductCard, ProductCardSkeleton } from "./ProductCard";

const HOME_PAGE = graphql(`
  query HomePage {
    categories(filter: { level: 0 }, first: 4) {
      nodes {
        id
        name
        slug
        description
        products(first: 3, sort: { field: PRICE, direction: DESC }) {
          edges {
            node {
              id
              image {
                id
                ...ResponsiveImage
              }
            }
          }
        }
      }
    }
    products(first: 8, sort: { field: CREATED_AT, direction: DESC }) {
      edges {
        node {
          id
          ...ProductCard
        }
      }
    }
  }
`);

export function HomePage() {
  const { data, error, refetch } = useQuery(HOME_PAGE);
  if (error && !data) return <LoadError error={error} retry={refetch} />;
  return (
    <div className="page home">
      <Title>Welcome</Title>
      <div className="hero">
        <h1>Well made, and made to last.</h1>
        <p className="lead">Things for the kitchen, the desk and the garden that get better with use.</p>
        <Link to="/search" className="button">
          See all products
        </Link>
      </div>
      <section aria-labelledby="departments">
        <h2 id="departments">Departments</h2>
        <ul className="departments">
          {!data &&
            Array.from({ length: 4 }, (_, index) => (
              <li key={index}>
                <ProductCardSkeleton />
              </li>
            ))}
          {data?.categories.nodes.map(({ id, name, slug, description, products }, index) => {
            const image = products.edges.find(({ node }) => node.image)?.node.image;
            return (
              <li key={id}>
                <Link to={`/categories/${slug}`} className="department">
                  {image && (
                    <ResponsiveImage image={image} alt="" sizes="(min-width: 900px) 280px, 45vw" priority={index < 4} />
                  )}
                  <span>
                    <strong>{name}</strong>
                    <span className="hint">{description}</span>
                  </span>
                </Link>
              </li>
            );
          })}
        </ul>
      </section>
      <section aria-labelledby="new">
        <div className="page-head">
          <h2 id="new">New in the shop</h2>
          <Link to="/search">All products</Link>
        </div>
        <ul className="cards wide">
          {data
            ? data.products.edges.map(({ node }) => (
                <li key={node.id}>
                  <ProductCard product={node} />
                </li>
              ))
            : Array.from({ length: 8 }, (_, index) => (
                <li key={index}>
                  <ProductCardSkeleton />
                </li>
              ))}
        </ul>
      </section>
    </div>
  );
}
