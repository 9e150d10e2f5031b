/** The image of the user: upload and removal. The payload updates it in the cache, and so in the header. */
import { useMutation } from "@apollo/client/react";
import { useState } from "react";
import { errorMessage } from "../api/errors";
import { useShop } from "../api/shop";
import { graphql } from "../graphql";
import { FileButton } from "../ui/FileButton";
import { formErrors } from "../ui/form";
import { Avatar } from "./Avatar";
import type { Viewer } from "./viewer";

const UPLOAD_AVATAR = graphql(`
  mutation UploadAvatar($file: Upload!) {
    uploadAvatar(file: $file) {
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

const DELETE_AVATAR = graphql(`
  mutation DeleteAvatar {
    deleteAvatar {
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

export function AvatarForm({ viewer }: { viewer: Viewer }) {
  const limits = useShop()?.limits;
  const [upload] = useMutation(UPLOAD_AVATAR);
  const [remove] = useMutation(DELETE_AVATAR);
  const [sent, setSent] = useState<number | null>(null);
  const [failure, setFailure] = useState<string | null>(null);

  const attempt = async (action: () => Promise<string | undefined>) => {
    setFailure(null);
    try {
      setFailure((await action()) ?? null);
    } catch (error) {
      setFailure(errorMessage(error));
    }
    setSent(null);
  };
  const uploadFile = (file: File) =>
    attempt(async () => {
      const { data } = await upload({ variables: { file }, context: { onProgress: setSent } });
      return formErrors(data?.uploadAvatar?.userErrors)[0]?.message;
    });
  const removeAvatar = () =>
    attempt(async () => {
      const { data } = await remove();
      return formErrors(data?.deleteAvatar?.userErrors)[0]?.message;
    });

  return (
    <div className="avatar-form">
      <Avatar viewer={viewer} size={96} />
      <div>
        <p>
          <strong>{viewer.name}</strong>
          <br />
          {viewer.email}
        </p>
        <p className="actions">
          <FileButton
            label="Upload an image"
            accept={limits?.imageTypes}
            maxBytes={limits?.avatarMaxBytes}
            onFiles={([file]) => file && void uploadFile(file)}
            onRefused={setFailure}
          />
          {viewer.avatar && (
            <button className="link" onClick={() => void removeAvatar()}>
              Remove
            </button>
          )}
        </p>
        {sent !== null && <progress value={sent} aria-label="Upload" />}
        {failure && (
          <p className="field-error" role="alert">
            {failure}
          </p>
        )}
      </div>
    </div>
  );
}
