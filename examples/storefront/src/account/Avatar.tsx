import type { Viewer } from "./viewer";

/** The image of the user, or the first letter of the name. The name stands beside it. */
export function Avatar({ viewer, size }: { viewer: Viewer; size: number }) {
  return viewer.avatar ? (
    <img className="avatar" src={viewer.avatar.url} alt="" width={size} height={size} />
  ) : (
    <span className="avatar" style={{ width: size, height: size }} aria-hidden="true">
      {viewer.name[0]}
    </span>
  );
}
