/** The images of a product: a large one, and small ones that choose it. */
import { useState } from "react";
import { type FragmentType, graphql, readFragment } from "../graphql";
import { ResponsiveImage } from "../ui/ResponsiveImage";

const GALLERY_IMAGE = graphql(`
  fragment GalleryImage on Image {
    id
    ...ResponsiveImage
  }
`);

interface Props {
  images: FragmentType<typeof GALLERY_IMAGE>[];
  name: string;
}

export function Gallery({ images: masked, name }: Props) {
  const images = readFragment(GALLERY_IMAGE, masked);
  const [chosen, setChosen] = useState(0);
  const shown = images[chosen] ?? images[0];
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
        <ResponsiveImage key={shown.id} image={shown} alt={name} sizes="(min-width: 900px) 560px, 100vw" priority />
      </div>
      {images.length > 1 && (
        <ul className="thumbnails">
          {images.map((image, index) => (
            <li key={image.id}>
              <button
                aria-label={`Show image ${index + 1} of ${images.length}`}
                aria-current={image === shown}
                onClick={() => setChosen(index)}
              >
                <ResponsiveImage image={image} alt="" sizes="80px" />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
