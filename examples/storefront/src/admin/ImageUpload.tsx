/** Uploads images one after the other, each with its progress. */
import { useMutation } from "@apollo/client/react";
import { useState } from "react";
import { errorMessage } from "../api/errors";
import { useShop } from "../api/shop";
import { graphql } from "../graphql";
import { FileButton } from "../ui/FileButton";
import { formErrors } from "../ui/form";

const UPLOAD_IMAGE = graphql(`
  mutation UploadProductImage($productId: ID!, $file: Upload!) {
    uploadProductImages(input: { productId: $productId, files: [$file] }) {
      images {
        id
      }
      userErrors {
        ...FormErrors
      }
    }
  }
`);

interface Upload {
  id: string;
  name: string;
  /** The sent part, from 0 to 1. */
  sent: number;
  error?: string;
}

interface Props {
  productId: string;
  onUploaded: () => Promise<unknown>;
}

export function ImageUpload({ productId, onUploaded }: Props) {
  const limits = useShop()?.limits;
  const [upload] = useMutation(UPLOAD_IMAGE);
  const [uploads, setUploads] = useState<Upload[]>([]);

  const add = (name: string, error?: string): string => {
    const id = String(Math.random());
    setUploads((uploads) => [...uploads, { id, name, sent: 0, error }]);
    return id;
  };
  const change = (id: string, part: Partial<Upload>) =>
    setUploads((uploads) => uploads.map((upload) => (upload.id === id ? { ...upload, ...part } : upload)));
  const remove = (id: string) => setUploads((uploads) => uploads.filter((upload) => upload.id !== id));

  const send = async (file: File, id: string) => {
    try {
      const { data } = await upload({
        variables: { productId, file },
        context: { onProgress: (sent) => change(id, { sent }) },
      });
      const [error] = formErrors(data?.uploadProductImages?.userErrors);
      if (error) return change(id, { error: error.message });
      await onUploaded();
      remove(id);
    } catch (error) {
      change(id, { error: errorMessage(error) });
    }
  };
  const sendAll = async (files: File[]) => {
    const added = files.map((file) => ({ file, id: add(file.name) }));
    for (const { file, id } of added) await send(file, id);
  };

  return (
    <div className="image-upload">
      <FileButton
        label="Upload images"
        accept={limits?.imageTypes}
        maxBytes={limits?.imageMaxBytes}
        multiple
        onFiles={(files) => void sendAll(files)}
        onRefused={(message, name) => add(name, message)}
      />
      <ul className="uploads" aria-live="polite">
        {uploads.map(({ id, name, sent, error }) => (
          <li key={id}>
            <span>{name}</span>
            {error ? (
              <>
                <span className="field-error" role="alert">
                  {error}
                </span>
                <button className="link" aria-label={`Dismiss ${name}`} onClick={() => remove(id)}>
                  Dismiss
                </button>
              </>
            ) : (
              <progress value={sent} aria-label={`Upload of ${name}`} />
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
