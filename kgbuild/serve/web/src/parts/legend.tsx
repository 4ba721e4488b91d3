// Which kinds of mentions a text has, in their colours; each can be hidden.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useLabels } from "../data";
import { useMessages } from "../i18n";
import { type Kind, kindOf } from "../kinds";
import type { StoredMention } from "../types";

export function useHidden(): [ReadonlySet<Kind>, (kind: Kind) => void] {
  const [hidden, setHidden] = useState<ReadonlySet<Kind>>(new Set());
  const toggle = (kind: Kind) => {
    const next = new Set(hidden);
    if (!next.delete(kind)) next.add(kind);
    setHidden(next);
  };
  return [hidden, toggle];
}

interface LegendProps {
  mentions: readonly StoredMention[];
  hidden: ReadonlySet<Kind>;
  toggle(kind: Kind): void;
}

export function Legend({ mentions, hidden, toggle }: LegendProps): JSX.Element | null {
  const messages = useMessages();
  const labels = useLabels();
  const found = new Map<Kind, Set<string>>();
  for (const { type } of mentions) {
    const kind = kindOf(type);
    found.set(kind, (found.get(kind) ?? new Set()).add(type));
  }
  if (found.size === 0) return null;
  return (
    <fieldset class="legend">
      <legend class="sr">{messages.legend}</legend>
      {[...found].map(([kind, types]) => (
        <label key={kind} data-kind={kind}>
          <input type="checkbox" checked={!hidden.has(kind)} onChange={() => toggle(kind)} />
          <span>{[...types].map(labels.type).join(", ")}</span>
        </label>
      ))}
    </fieldset>
  );
}
