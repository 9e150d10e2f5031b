/** Chooses files. Refuses too large ones before they are sent. */
import { type ChangeEvent, useId } from "react";
import { formatBytes } from "./format";

interface Props {
  label: string;
  accept: string[] | undefined;
  maxBytes: number | undefined;
  multiple?: boolean;
  onFiles: (files: File[]) => void;
  onRefused: (message: string, name: string) => void;
}

export function FileButton({ label, accept, maxBytes = Infinity, multiple = false, onFiles, onRefused }: Props) {
  const id = useId();
  const onChange = ({ currentTarget: input }: ChangeEvent<HTMLInputElement>) => {
    const files = [...(input.files ?? [])];
    // The same file can be chosen again.
    input.value = "";
    const tooLarge = files.find(({ size }) => size > maxBytes);
    if (tooLarge) onRefused(`${tooLarge.name} is larger than ${formatBytes(maxBytes)}.`, tooLarge.name);
    const accepted = files.filter(({ size }) => size <= maxBytes);
    if (accepted.length > 0) onFiles(accepted);
  };
  return (
    <span className="file-button">
      <input id={id} type="file" accept={accept?.join(",")} multiple={multiple} onChange={onChange} />
      <label htmlFor={id} className="button secondary">
        {label}
      </label>
    </span>
  );
}
