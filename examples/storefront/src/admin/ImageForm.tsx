/** An image with its alternative text. */
import { useMutation } from "@apollo/client/react";
import { useState } from "react";
import { useShop } from "../api/shop";
import { type FragmentType, graphql, readFragment } from "../graphql";
import { Field, formErrors, FormView, useForm } from "../ui/form";
import { ResponsiveImage } from "../ui/ResponsiveImage";

const IMAGE_FORM = graphql(`
  fragment ImageForm on Image {
    id
    alt
    ...ResponsiveImage
  }
`);

const UPDATE_IMAGE = graphql(`
  mutation UpdateProductImage($id: ID!, $alt: String!) {
    updateProductImage(input: { id: $id, alt: $alt }) {
      image {
        id
        alt
      }
      userErrors {
        ...FormErrors
      }
    }
  }
`);

const DELETE_IMAGE = graphql(`
  mutation DeleteProductImage($id: ID!) {
    deleteProductImage(input: { id: $id }) {
      imageId
      userErrors {
        ...FormErrors
      }
    }
  }
`);

interface Props {
  image: FragmentType<typeof IMAGE_FORM>;
  position: number;
  onRemoved: () => Promise<unknown>;
}

export function ImageForm({ image: masked, position, onRemoved }: Props) {
  const image = readFragment(IMAGE_FORM, masked);
  const limits = useShop()?.limits;
  const [update] = useMutation(UPDATE_IMAGE);
  const [remove] = useMutation(DELETE_IMAGE);
  const [isSaved, setIsSaved] = useState(false);
  const form = useForm(async ({ alt = "" }) => {
    setIsSaved(false);
    const { data } = await update({ variables: { id: image.id, alt } });
    const errors = formErrors(data?.updateProductImage?.userErrors);
    setIsSaved(errors.length === 0);
    return errors;
  });
  const removal = useForm(async () => {
    const { data } = await remove({ variables: { id: image.id } });
    const errors = formErrors(data?.deleteProductImage?.userErrors);
    if (errors.length === 0) await onRemoved();
    return errors;
  });
  return (
    <>
      <ResponsiveImage image={image} alt={`Image ${position}`} sizes="240px" />
      <FormView form={form} submit="Save" fields={["alt"]}>
        <Field
          name="alt"
          label={`Description of image ${position}`}
          hint="Read aloud to people who can't see the image."
          defaultValue={image.alt}
          maxLength={limits?.altMaxLength}
        />
      </FormView>
      <form onSubmit={removal.onSubmit} className="actions">
        <button className="link" aria-label={`Delete image ${position}`}>
          Delete
        </button>
        <span role="status">{isSaved && "Saved."}</span>
        {removal.errors.map(({ message }) => (
          <p key={message} className="form-error" role="alert">
            {message}
          </p>
        ))}
      </form>
    </>
  );
}
