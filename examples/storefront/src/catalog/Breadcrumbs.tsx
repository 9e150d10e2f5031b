/** The categories above a category, or above a product. */
import { Link } from "react-router";
import { type FragmentType, graphql, readFragment } from "../graphql";

const BREADCRUMBS = graphql(`
  fragment Breadcrumbs on Category {
    id
    name
    slug
    ancestors {
      id
      name
      slug
    }
  }
`);

interface Props {
  category: FragmentType<typeof BREADCRUMBS>;
  /** Name of the product. Without it, the page is that of the category. */
  product?: string;
}

export function Breadcrumbs({ category, product }: Props) {
  const { ancestors, ...own } = readFragment(BREADCRUMBS, category);
  const above = product === undefined ? ancestors : [...ancestors, own];
  return (
    <nav aria-label="Breadcrumbs">
      <ol className="breadcrumbs">
        <li>
          <Link to="/">Home</Link>
        </li>
        {above.map(({ id, name, slug }) => (
          <li key={id}>
            <Link to={`/categories/${slug}`}>{name}</Link>
          </li>
        ))}
        <li aria-current="page">{product ?? own.name}</li>
      </ol>
    </nav>
  );
}
