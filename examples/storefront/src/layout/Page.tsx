/** The frame of a page: its title, in the tab and as the heading. */
import type { ReactNode } from "react";
import { useShop } from "../api/shop";

interface Props {
  title: string;
  /** Shown beside the heading. */
  aside?: ReactNode;
  className?: string;
  children: ReactNode;
}

export function Title({ children }: { children: string }) {
  const shop = useShop();
  return <title>{shop ? `${children} · ${shop.name}` : children}</title>;
}

export function Page({ title, aside, className, children }: Props) {
  return (
    <div className={`page ${className ?? ""}`}>
      <Title>{title}</Title>
      <div className="page-head">
        <h1>{title}</h1>
        {aside}
      </div>
      {children}
    </div>
  );
}
