/** The images of a product for admins: upload, alternative text, removal. */
import { useQuery } from "@apollo/client/react";
import { Link, useParams } from "react-router";
import { RequireViewer } from "../account/RequireViewer";
import { graphql } from "../graphql";
import { NotFound } from "../layout/NotFound";
import { Page } from "../layout/Page";
import { LoadError } from "../ui/Notice";
import { ImageForm } from "./ImageForm";
import { ImageUpload } from "./ImageUpload";

const PRODUCT_IMAGES = graphql(`
  query ProductImages($id: ID!) {
    product(id: $id) {
      id
      name
      slug
      images {
        id
        ...ImageForm
      }
    }
  }
`);

export function Component() {
  const { id = "" } = useParams();
  return <RequireViewer admin>{() => <ProductImages id={id} />}</RequireViewer>;
}

function ProductImages({ id }: { id: string }) {
  const { data, error, refetch } = useQuery(PRODUCT_IMAGES, { variables: { id } });
  if (error && !data) return <LoadError error={error} retry={refetch} />;
  if (!data) return <div className="page" aria-busy="true" />;
  const { product } = data;
  if (!product) return <NotFound />;
  return (
    <Page title={`Images of ${product.name}`} className="admin">
      <p className="actions">
        <Link to="/admin/products">Back to the products</Link>
        <Link to={`/products/${product.slug}`}>Show in the shop</Link>
      </p>
      <ImageUpload productId={product.id} onUploaded={refetch} />
      {product.images.length === 0 && <p className="notice">There are no images yet.</p>}
      <ul className="image-forms">
        {product.images.map((image, index) => (
          <li key={image.id}>
            <ImageForm image={image} position={index + 1} onRemoved={refetch} />
          </li>
        ))}
      </ul>
    </Page>
  );
}
