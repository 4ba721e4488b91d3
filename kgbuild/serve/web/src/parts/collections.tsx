// Collections: the folders that documents lie in, as a filter of every list.
import type { JSX } from "preact";
import { useData } from "../data";
import { useMessages } from "../i18n";
import type { Collection } from "../types";

interface WithinProps {
  chosen: string | null;
  choose(pattern: string): void;
}

/** A choice of one collection, or of all (""); without collections nothing. */
export function Within({ chosen, choose }: WithinProps): JSX.Element | null {
  const messages = useMessages();
  const found = useData<Collection[]>("/v1/collections").value ?? [];
  const known = found.some((one) => one.pattern === chosen);
  if (found.length === 0 && !chosen) return null;
  return (
    <label>
      <span>{messages.collection}</span>
      <select value={chosen ?? ""} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="">{messages.everything}</option>
        {chosen && !known && <option value={chosen}>{chosen}</option>}
        {found.map(({ name, pattern, documents }) => (
          <option key={pattern} value={pattern}>{`${name} (${documents})`}</option>
        ))}
      </select>
    </label>
  );
}
