// The page of the graph view, which is loaded only here.
import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useTitle } from "../parts/basics";
import { useMessages } from "../i18n";
import type { Place } from "../router";

type View = ComponentType<{ search: URLSearchParams }>;

export function GraphPage({ place }: { place: Place }): JSX.Element {
  const messages = useMessages();
  const [Shown, setShown] = useState<View>();
  const [failed, setFailed] = useState(false);
  useTitle(messages.graph);
  useEffect(() => {
    import("../graph/view").then(
      ({ GraphView }) => setShown(() => GraphView),
      () => setFailed(true),
    );
  }, []);
  return (
    <section class="graph-page" aria-label={messages.graph}>
      <h1 class="sr">{messages.graph}</h1>
      {Shown === undefined && !failed && <p class="quiet">{messages.loading}</p>}
      {failed && <p role="alert">{messages.failed}</p>}
      <div class="graph-host">{Shown && <Shown search={place.search} />}</div>
    </section>
  );
}
