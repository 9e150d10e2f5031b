import { useMutation } from "@apollo/client/react";
import { useState } from "react";
import { useShop } from "../api/shop";
import { graphql } from "../graphql";
import { Field, formErrors, FormView, useForm } from "../ui/form";
import type { Viewer } from "./viewer";

const UPDATE_NAME = graphql(`
  mutation UpdateName($name: String!) {
    updateMe(input: { name: $name }) {
      user {
        id
        ...Viewer
      }
      userErrors {
        ...FormErrors
      }
    }
  }
`);

export function NameForm({ viewer }: { viewer: Viewer }) {
  const limits = useShop()?.limits;
  const [updateName] = useMutation(UPDATE_NAME);
  const [isSaved, setIsSaved] = useState(false);
  const form = useForm(async ({ name = "" }) => {
    setIsSaved(false);
    const { data } = await updateName({ variables: { name } });
    const errors = formErrors(data?.updateMe?.userErrors);
    setIsSaved(errors.length === 0);
    return errors;
  });
  return (
    <>
      <FormView form={form} submit="Save" fields={["name"]}>
        <Field name="name" label="Name" autoComplete="name" defaultValue={viewer.name} maxLength={limits?.nameMaxLength} />
      </FormView>
      <p role="status">{isSaved && "Saved."}</p>
    </>
  );
}
