/** Above the results of a search: "did you mean", and whether they match all words. */
import { Link } from "react-router";
import { type FragmentType, graphql, readFragment } from "../graphql";
import { searchPath } from "../ui/searchPath";

const SEARCH_NOTICE = graphql(`
  fragment SearchNotice on ProductConnection {
    searchInfo {
      matched
      corrected
      ignoredWords
    }
  }
`);

interface Props {
  /** Undefined while the list is loading. */
  products: FragmentType<typeof SEARCH_NOTICE> | undefined;
}

export function SearchNotice({ products }: Props) {
  const info = readFragment(SEARCH_NOTICE, products)?.searchInfo;
  if (!info) return null;
  const { matched, corrected, ignoredWords } = info;
  return (
    <div className="search-notice" role="status">
      {corrected !== null && (
        <p>
          Did you mean <Link to={searchPath(corrected)}>{corrected}</Link>?
        </p>
      )}
      {matched === "PARTIAL" && (
        <p>
          No product has all words; showing the best matches.
          {ignoredWords.length > 0 && ` Nothing was found for ${ignoredWords.map(quoted).join(" and ")}.`}
        </p>
      )}
    </div>
  );
}

function quoted(word: string): string {
  return `“${word}”`;
}
