// Where the page is, as its address says; links that change the address without a reload.
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

export interface Place {
  path: string;
  search: URLSearchParams;
}

function here(): Place {
  const path = location.pathname.replace(/\/+$/, "") || "/";
  return { path, search: new URLSearchParams(location.search) };
}

const listeners = new Set<() => void>();

function changed(): void {
  for (const listener of listeners) listener();
}

addEventListener("popstate", changed);

/** The place, kept up to date. */
export function usePlace(): Place {
  const [place, setPlace] = useState(here);
  useEffect(() => {
    const listener = () => setPlace(here());
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, []);
  return place;
}

/** Go to an address of this site; `replace` leaves no entry in the history. */
export function go(address: string, replace = false): void {
  if (replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  changed();
}

type Values = Record<string, string | number | undefined | null | false>;

/** An address with its query; values that are empty are left out. */
export function address(path: string, values: Values = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== false && value !== "") {
      search.set(name, String(value));
    }
  }
  const query = search.toString();
  return query ? `${path}?${query}` : path;
}

export const entityAddress = (id: string): string => address("/entity", { id });

export function documentAddress(source: string, start?: number, end?: number): string {
  return address("/document", { source, at: start === undefined ? "" : `${start}-${end}` });
}

interface LinkProps {
  href: string;
  class?: string;
  title?: string;
  label?: string;
  current?: boolean;
  children: ComponentChildren;
}

/** A link within the explorer. */
export function Link({ href, current, label, children, ...rest }: LinkProps): JSX.Element {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) {
      return;
    }
    event.preventDefault();
    go(href);
  };
  return (
    <a
      {...rest}
      href={href}
      aria-label={label}
      aria-current={current ? "page" : undefined}
      onClick={follow}
    >
      {children}
    </a>
  );
}
