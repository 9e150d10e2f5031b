/** The search field with suggestions: a combobox as the ARIA Authoring Practices describe it. */
import { useQuery } from "@apollo/client/react";
import { type FormEvent, type KeyboardEvent, useDeferredValue, useEffect, useId, useState } from "react";
import { useLocation, useNavigate, useSearchParams } from "react-router";
import { useShop } from "../api/shop";
import { graphql } from "../graphql";
import { searchPath } from "../ui/searchPath";
import { useDebounced } from "../ui/useDebounced";

const SUGGESTIONS = graphql(`
  query SearchSuggestions($prefix: String!) {
    searchSuggestions(prefix: $prefix, first: 7) {
      text
      query
      category {
        id
        slug
      }
      product {
        id
        slug
      }
    }
  }
`);

export function SearchBox() {
  const id = useId();
  const shop = useShop();
  const navigate = useNavigate();
  const location = useLocation();
  const [parameters] = useSearchParams();
  const searched = location.pathname === "/search" ? (parameters.get("q") ?? "") : "";
  const [text, setText] = useState(searched);
  const [isOpen, setIsOpen] = useState(false);
  const [selected, setSelected] = useState(-1);

  // The field shows what the page shows, also after the Back button.
  useEffect(() => setText(searched), [searched]);

  const prefix = useDebounced(text.trim(), 120);
  const { data, previousData } = useQuery(SUGGESTIONS, { variables: { prefix }, skip: !isOpen || prefix === "" });
  const suggestions = useDeferredValue(prefix === "" ? [] : ((data ?? previousData)?.searchSuggestions ?? []));
  const isExpanded = isOpen && suggestions.length > 0;

  const open = (path: string) => {
    setIsOpen(false);
    setSelected(-1);
    void navigate(path);
  };
  const choose = ({ text, category, product }: (typeof suggestions)[number]) => {
    setText(text);
    open(category ? `/categories/${category.slug}` : product ? `/products/${product.slug}` : searchPath(text));
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    const suggestion = isExpanded ? suggestions[selected] : undefined;
    if (suggestion) choose(suggestion);
    else open(searchPath(text.trim()));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // -1 is the field itself.
    const positions = suggestions.length + 1;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setIsOpen(true);
      const step = event.key === "ArrowDown" ? 1 : positions - 1;
      setSelected(((selected + 1 + step) % positions) - 1);
    } else if (event.key === "Escape" && isExpanded) {
      // The first one closes the list, the second one clears the field.
      event.preventDefault();
      setIsOpen(false);
      setSelected(-1);
    }
  };

  return (
    <form className="search" role="search" onSubmit={onSubmit}>
      <input
        type="search"
        name="q"
        aria-label="Search products"
        placeholder="Search products"
        autoComplete="off"
        maxLength={shop?.limits.searchMaxLength}
        role="combobox"
        aria-expanded={isExpanded}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={isExpanded && selected >= 0 ? `${id}-${selected}` : undefined}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setIsOpen(true);
          setSelected(-1);
        }}
        onKeyDown={onKeyDown}
        onBlur={() => setIsOpen(false)}
      />
      <button aria-label="Search">
        <SearchIcon />
      </button>
      <ul id={`${id}-list`} role="listbox" aria-label="Suggestions" className="suggestions" hidden={!isExpanded}>
        {suggestions.map((suggestion, index) => (
          <li
            key={`${suggestion.text}-${index}`}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === selected}
            // Before the field loses the focus and closes the list.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(suggestion)}
          >
            {suggestion.query !== null && <SearchIcon />}
            {suggestion.text}
            {suggestion.category && <span className="hint">Category</span>}
          </li>
        ))}
      </ul>
    </form>
  );
}

function SearchIcon() {
  return (
    <svg viewBox="0 0 20 20" aria-hidden="true">
      <circle cx="8.5" cy="8.5" r="5.5" />
      <path d="M13 13l4.5 4.5" />
    </svg>
  );
}
