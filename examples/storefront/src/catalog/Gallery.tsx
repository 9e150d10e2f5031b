/** The images of a product: a large one, and small ones that choose it. */
import { useState } from "react";
import { type FragmentType, graphql, readFragment } from "../graphql";
import { Picture } from "../ui/Picture";

const GALLERY_IMAGE = graphql(`
  fragment GalleryImage on Image {
    id
    ...Picture
  }
`);

interface Props {
  images: FragmentType<typeof GALLERY_IMAGE>[];
  name: string;
}

export function Gallery({ images, name }: Props) {
  const pictures = readFragment(GALLERY_IMAGE, images);
  const [chosen, setChosen] = useState(0);
  const shown = pictures[chosen] ?? pictures[0];
  if (!shown) {
    return (
      <div className="gallery">
        <span className="gallery-image no-image" aria-hidden="true">
          {name[0]}
        </span>
      </div>
    );
  }
  return (
    <div className="gallery">
      <div className="gallery-image">
        <Picture key={shown.id} image={shown} alt={name} sizes="(min-width: 900px) 560px, 100vw" priority />
      </div>
      {pictures.length > 1 && (
        <ul className="thumbnails">
          {pictures.map((image, index) => (
            <li key={image.id}>
              <button
                aria-label={`Show image ${index + 1} of ${pictures.length}`}
                aria-current={image === shown}
                onClick={() => setChosen(index)}
              >
                <Picture image={image} alt="" sizes="80px" />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
