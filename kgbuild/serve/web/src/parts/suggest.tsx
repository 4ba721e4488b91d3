// Suggestions: whom a text can mean, a moment after the typing stops.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useData } from "../data";
import { useMessages } from "../i18n";
import { address } from "../router";
import type { Suggestions } from "../types";
import { EntityLink, TypeName } from "./basics";

const MOMENT = 120;

/** What is suggested for a text; undefined as long as nothing is. */
export function useSuggestions(text: string, limit = 8): Suggestions | undefined {
  const [asked, setAsked] = useState("");
  const wanted = text.trim();
  useEffect(() => {
    const timer = setTimeout(() => setAsked(wanted), MOMENT);
    return () => clearTimeout(timer);
  }, [wanted]);
  const ready = wanted !== "" && asked !== "";
  return useData<Suggestions>(ready ? address("/v1/suggest", { text: asked, limit }) : null).value;
}

/** The entities that a text names, above the passages that hold its words. */
export function Named({ text }: { text: string }): JSX.Element | null {
  const messages = useMessages();
  const found = useData<Suggestions>(address("/v1/suggest", { text, limit: 6 })).value;
  if (found === undefined || found.entities.length === 0) return null;
  return (
    <section aria-labelledby="named">
      <h2 id="named">{messages.entities}</h2>
      <ul class="rows named">
        {found.entities.map(({ entity, described, detail }) => (
          <li key={entity.id}>
            <span class="end">
              <EntityLink entity={entity} item /> <TypeName type={entity.type} />{" "}
              <span class="quiet"><bdi>{[described, detail].filter(Boolean).join(" · ")}</bdi></span>
            </span>
            <span class="number" title={messages.mentions}>{entity.mention_count}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
