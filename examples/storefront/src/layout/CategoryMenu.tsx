/**
 * The menu of categories: a button for each top category opens the links below it. On narrow screens, one button opens
 * the whole menu.
 */
import { useQuery } from "@apollo/client/react";
import { type FocusEvent, type KeyboardEvent, useEffect, useState } from "react";
import { Link, useLocation } from "react-router";
import { graphql } from "../graphql";

const CATEGORY_MENU = graphql(`
  query CategoryMenu {
    categories(filter: { level: 0 }, first: 12) {
      nodes {
        id
        name
        slug
        children {
          id
          name
          slug
        }
      }
    }
  }
`);

export function CategoryMenu() {
  const { data } = useQuery(CATEGORY_MENU);
  const [menuIsOpen, setMenuIsOpen] = useState(false);
  const [openId, setOpenId] = useState<string | null>(null);
  const { pathname } = useLocation();

  const close = () => {
    setMenuIsOpen(false);
    setOpenId(null);
  };
  useEffect(close, [pathname]);

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key !== "Escape" || (!menuIsOpen && openId === null)) return;
    const opener = openId ? `menu-button-${openId}` : "menu-button";
    close();
    document.getElementById(opener)?.focus();
  };
  const onBlur = (event: FocusEvent<HTMLElement>) => {
    if (!event.currentTarget.contains(event.relatedTarget)) setOpenId(null);
  };

  return (
    <nav className="menu" aria-label="Categories" onKeyDown={onKeyDown} onBlur={onBlur}>
      <button
        id="menu-button"
        className="menu-toggle"
        aria-expanded={menuIsOpen}
        aria-controls="menu-list"
        onClick={() => setMenuIsOpen(!menuIsOpen)}
      >
        Menu
      </button>
      <ul id="menu-list" className="menu-list" data-open={menuIsOpen}>
        {data?.categories.nodes.map(({ id, name, slug, children }) => {
          const isOpen = id === openId;
          return (
            <li key={id}>
              <button
                id={`menu-button-${id}`}
                className="menu-item"
                aria-expanded={isOpen}
                aria-controls={`menu-${id}`}
                onClick={() => setOpenId(isOpen ? null : id)}
              >
                {name}
              </button>
              <ul id={`menu-${id}`} className="menu-panel" hidden={!isOpen}>
                <li>
                  <Link to={`/categories/${slug}`} onClick={close}>
                    All {name}
                  </Link>
                </li>
                {children.map((child) => (
                  <li key={child.id}>
                    <Link to={`/categories/${child.slug}`} onClick={close}>
                      {child.name}
                    </Link>
                  </li>
                ))}
              </ul>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
