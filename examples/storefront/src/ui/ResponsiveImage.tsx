/** An image of the shop: the browser chooses the size from `srcSet`, and shows the placeholder until it has loaded. */
import { useState } from "react";
import { type FragmentType, graphql, readFragment } from "../graphql";

const RESPONSIVE_IMAGE = graphql(`
  fragment ResponsiveImage on Image {
    id
    url(transform: { width: 640 })
    srcSet
    width
    height
    alt
    placeholder
  }
`);

interface Props {
  image: FragmentType<typeof RESPONSIVE_IMAGE>;
  /** Displayed width, as in the `sizes` attribute: `(min-width: 900px) 25vw, 50vw`. */
  sizes: string;
  /** Alternative text of an image that has none. Empty beside a text that says the same: the image is then decoration. */
  alt: string;
  /** Whether the image is in the first view of the page. Others load when they are scrolled to. */
  priority?: boolean;
}

export function ResponsiveImage({ image, sizes, alt, priority = false }: Props) {
  const { id, url, srcSet, width, height, alt: ownAlt, placeholder } = readFragment(RESPONSIVE_IMAGE, image);
  const [loadedId, setLoadedId] = useState<string | null>(null);
  const isLoaded = loadedId === id;
  return (
    <img
      className="responsive-image"
      src={url}
      srcSet={srcSet}
      sizes={sizes}
      width={width}
      height={height}
      alt={alt && (ownAlt || alt)}
      loading={priority ? "eager" : "lazy"}
      fetchPriority={priority ? "high" : "auto"}
      onLoad={() => setLoadedId(id)}
      style={placeholder && !isLoaded ? { backgroundImage: `url("${placeholder}")` } : undefined}
    />
  );
}
