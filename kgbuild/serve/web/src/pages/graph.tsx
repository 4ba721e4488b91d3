// The page of the graph view, which is loaded only here.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { GraphHandle } from "../graph/index";
import { useLanguage, useMessages } from "../i18n";
import { entityAddress, go, type Place } from "../router";

export function GraphPage({ place }: { place: Place }): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const language = useLanguage();
  const messages = useMessages();
  const [state, setState] = useState<"loading" | "ready" | "failed">("loading");
  const query = place.search.toString();
  const told = useRef(query);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    // Only an address that the view didn't tell of itself mounts it anew.
    if (told.current === query) return;
    told.current = query;
    setTurn((before) => before + 1);
  }, [query]);
  useEffect(() => {
    let handle: GraphHandle | undefined;
    let left = false;
    const mount = async () => {
      const { mountGraph } = await import("../graph/index");
      if (left || !host.current) return;
      setState("ready");
      handle = mountGraph(host.current, {
        language,
        search: new URLSearchParams(told.current),
        onSearch(params) {
          told.current = params.toString();
          go(told.current ? `/graph?${told.current}` : "/graph", true);
        },
        openEntity: (id) => go(entityAddress(id)),
      });
    };
    mount().catch(() => setState("failed"));
    return () => {
      left = true;
      handle?.destroy();
    };
  }, [language, turn]);
  return (
    <section class="graph-page" aria-label={messages.graph}>
      {state === "loading" && <p class="quiet">{messages.loading}</p>}
      {state === "failed" && <p role="alert">{messages.failed}</p>}
      <div ref={host} class="graph-host" />
    </section>
  );
}
