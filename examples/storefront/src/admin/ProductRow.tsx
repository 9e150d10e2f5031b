/** A product in the table: its fields are a form of their own. */
import { useMutation } from "@apollo/client/react";
import { useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { useShop } from "../api/shop";
import { type FragmentType, graphql, readFragment } from "../graphql";
import type { ProductStatus, UpdateProductInput } from "../graphql/graphql";
import { Field, FormErrorsProvider, formErrors, OtherErrors, SelectField, useForm } from "../ui/form";

export const STATUSES: ProductStatus[] = ["ACTIVE", "DRAFT", "ARCHIVED"];

const PRODUCT_ROW = graphql(`
  fragment ProductRow on Product {
    id
    name
    stock
    status
    price {
      amount
      currency
    }
  }
`);

const UPDATE_PRODUCT = graphql(`
  mutation UpdateProduct($input: UpdateProductInput!) {
    updateProduct(input: $input) {
      product {
        id
        slug
        inStock
        availability
        ...ProductRow
      }
      userErrors {
        currentStock
        ...FormErrors
      }
    }
  }
`);

export function ProductRow({ product: masked }: { product: FragmentType<typeof PRODUCT_ROW> }) {
  const product = readFragment(PRODUCT_ROW, masked);
  const limits = useShop()?.limits;
  const [updateProduct] = useMutation(UPDATE_PRODUCT);
  const [isSaved, setIsSaved] = useState(false);
  // Set after a conflict: saving again replaces this stock.
  const [currentStock, setCurrentStock] = useState<number | null>(null);
  const element = useRef<HTMLFormElement>(null);
  const formId = `form-${product.id}`;

  // Shows the values as the server stored them.
  useEffect(() => {
    if (isSaved) element.current?.reset();
  }, [isSaved, product]);

  const form = useForm(async ({ name = "", price = "", stock = "", status }) => {
    setIsSaved(false);
    if (!/^\d+$/.test(stock)) return [{ field: "stock", message: "Enter a whole number." }];
    // Only changed fields are sent, so that the change of another admin is not undone.
    const input: UpdateProductInput = { id: product.id };
    if (name !== product.name) input.name = name;
    if (price !== product.price.amount) input.price = price;
    if (status !== product.status) input.status = status as ProductStatus;
    if (Number(stock) !== product.stock) {
      input.stock = Number(stock);
      // Units that were sold since the table was loaded are not overwritten.
      input.expectedStock = currentStock ?? product.stock;
    }
    const { data } = await updateProduct({ variables: { input } });
    const payload = data?.updateProduct;
    const errors = formErrors(payload?.userErrors);
    setCurrentStock(payload?.userErrors.find(({ currentStock }) => currentStock != null)?.currentStock ?? null);
    setIsSaved(errors.length === 0);
    return errors.map((error) => (error.field === "expectedStock" ? { ...error, field: "stock" } : error));
  });

  return (
    <FormErrorsProvider value={form.errors}>
      <tr onInput={() => setIsSaved(false)}>
        <td>
          <Field form={formId} name="name" label="Name" defaultValue={product.name} maxLength={limits?.nameMaxLength} />
        </td>
        <td>
          <Field
            form={formId}
            name="price"
            label={`Price in ${product.price.currency}`}
            inputMode="decimal"
            defaultValue={product.price.amount}
          />
        </td>
        <td>
          <Field form={formId} name="stock" label="Stock" inputMode="numeric" defaultValue={product.stock} />
        </td>
        <td>
          <SelectField form={formId} name="status" label="Status" defaultValue={product.status}>
            {STATUSES.map((status) => (
              <option key={status}>{status}</option>
            ))}
          </SelectField>
        </td>
        <td>
          <form id={formId} ref={element} onSubmit={form.onSubmit} noValidate className="row-actions">
            <button className="button secondary" aria-disabled={form.isSending} aria-label={`Save ${product.name}`}>
              Save
            </button>
            <Link to={`/admin/products/${product.id}/images`} aria-label={`Images of ${product.name}`}>
              Images
            </Link>
          </form>
          <p role="status">{isSaved && "Saved."}</p>
          <OtherErrors errors={form.errors} fields={["name", "price", "stock", "status"]} />
        </td>
      </tr>
    </FormErrorsProvider>
  );
}
