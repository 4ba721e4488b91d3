// The whole view: the drawing with its tools, and beside it what is chosen, the list, the filters.
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { get } from "../api";
import { SharedContext, type Shared } from "../data";
import { LanguageContext } from "../i18n";
import type { Ontology } from "../types";
import { type Canvas, canDraw } from "./canvas";
import { Chosen } from "./cards";
import { Drawing } from "./drawing";
import { Filters } from "./filters";
import type { GraphOptions } from "./index";
import { Legend, NodeList } from "./list";
import type { Picture } from "./picture";
import { asked, format, parse, type View } from "./state";
import { Status, Tools } from "./tools";

const MOST_STEPS = 50;

/** What the view lets its parts do. */
export interface Acts {
  update(changes: Partial<View>): void;
  choose(ids: readonly string[]): void;
  expand(id: string): void;
  path(from: string, to: string): void;
  open(id: string): void;
}

export function GraphView({ options }: { options: GraphOptions }): JSX.Element {
  const [view, setView] = useState(() => parse(options.search));
  const shared = useSharedHere();
  const loaded = usePicture(`/v1/graph?${asked(view)}`);
  const canvas = useRef<Canvas | null>(null);
  const drawing = useMemo(canDraw, []);
  const acts = useMemo(() => actsOn(setView, options), []);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) options.onSearch(format(view));
    first.current = false;
  }, [view]);
  const { picture } = loaded;
  const list = useMemo(
    () => picture && <NodeList picture={picture} acts={acts} canvas={canvas} />,
    [picture, shared.ontology],
  );
  const drawn = drawing && picture !== undefined;
  return (
    <LanguageContext.Provider value={options.language}>
      <SharedContext.Provider value={shared}>
        <div class={drawing ? "graph" : "graph undrawn"}>
          <div class="graph-main">
            <Tools view={view} acts={acts} canvas={canvas} drawing={drawing} />
            {drawn && <Drawing picture={picture} view={view} acts={acts} canvas={canvas} />}
            <Status loaded={loaded} view={view} drawing={drawing} />
            {picture && <Legend picture={picture} />}
          </div>
          <div class="graph-side">
            {picture && <Chosen picture={picture} view={view} acts={acts} />}
            <Filters view={view} acts={acts} />
            {list}
          </div>
        </div>
      </SharedContext.Provider>
    </LanguageContext.Provider>
  );
}

type SetView = (change: (view: View) => View) => void;

function actsOn(setView: SetView, options: GraphOptions): Acts {
  const update = (changes: Partial<View>) => setView((view) => ({ ...view, ...changes }));
  const step = (added: string, changes: Partial<View>) =>
    setView((view) => {
      const more = !view.steps.includes(added) && view.steps.length < MOST_STEPS;
      return { ...view, ...changes, steps: more ? [...view.steps, added] : view.steps };
    });
  return {
    update,
    choose: (chosen) => update({ chosen }),
    expand: (id) => step(id, { chosen: [id] }),
    path: (from, to) => step(`${from}~${to}`, { from: "" }),
    open: (id) => options.openEntity(id),
  };
}

export interface LoadedPicture {
  picture: Picture | undefined;
  error: Error | undefined;
  loading: boolean;
}

/** The picture of an address; the one before stays until it is there. */
function usePicture(url: string): LoadedPicture {
  const [state, setState] = useState<LoadedPicture>({
    picture: undefined,
    error: undefined,
    loading: true,
  });
  useEffect(() => {
    const abort = new AbortController();
    setState((before) => ({ ...before, loading: true }));
    get<Picture>(url, abort.signal).then(
      (picture) => setState({ picture, error: undefined, loading: false }),
      (error: Error) => {
        if (!abort.signal.aborted) setState((before) => ({ ...before, error, loading: false }));
      },
    );
    return () => abort.abort();
  }, [url]);
  return state;
}

/** What the parts of other pages look for around them: here the names of types and relations. */
function useSharedHere(): Shared {
  const [ontology, setOntology] = useState<Ontology>();
  useEffect(() => {
    get<Ontology>("/v1/ontology").then(setOntology, () => undefined); // then ids are shown
  }, []);
  return useMemo(
    () => ({
      session: undefined,
      ontology,
      changes: 0,
      changed: () => undefined,
      judged: () => undefined,
      locked: () => undefined,
    }),
    [ontology],
  );
}
