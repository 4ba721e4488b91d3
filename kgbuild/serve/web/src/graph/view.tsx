// The whole view: the drawing with its tools, and beside it what is chosen, the list, the filters.
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { get } from "../api";
import { useShared } from "../data";
import { entityAddress, go } from "../router";
import { type Canvas, canDraw } from "./canvas";
import { Chosen } from "./cards";
import { Drawing } from "./drawing";
import { Filters } from "./filters";
import { Legend, NodeList } from "./list";
import { type Picture, seen } from "./picture";
import { type Acts, asked, format, parse, type View } from "./state";
import { Status, Tools } from "./tools";

const MOST_STEPS = 50;

/** The view of an address; what is done in it goes to the address, and back with the browser. */
export function GraphView({ search }: { search: URLSearchParams }): JSX.Element {
  const query = search.toString();
  const [view, setView] = useState(() => parse(search));
  const told = useRef(query);
  const { changes } = useShared();
  const loaded = usePicture(`/v1/graph?${asked(view)}`, changes);
  const canvas = useRef<Canvas | null>(null);
  const drawing = useMemo(canDraw, []);
  const acts = useMemo(() => actsOn(setView), []);
  useEffect(() => {
    if (told.current === query) return;
    // Drawn late, for an address that was told since: it is no longer the browser's.
    if (query !== new URLSearchParams(location.search).toString()) return;
    told.current = query; // another address than the view told: the browser went back or on
    setView(parse(search));
  }, [query]);
  const first = useRef(true);
  const before = useRef(view);
  useEffect(() => {
    const now = format(view).toString();
    // Where one looks from is no step to go back to.
    const step = format({ ...before.current, camera: null }).toString() !== format({ ...view, camera: null }).toString();
    before.current = view;
    if (first.current) first.current = false;
    else if (now !== format(parse(new URLSearchParams(told.current))).toString()) {
      told.current = now;
      go(now ? `/graph?${now}` : "/graph", !step);
    }
  }, [view]);
  const whole = loaded.picture;
  const picture = useMemo(
    () => whole && seen(whole, view),
    [whole, view.hidden, view.pinned, view.groups],
  );
  return (
    <div class={drawing ? "graph" : "graph undrawn"}>
      <div class="graph-main">
        <Tools view={view} acts={acts} canvas={canvas} drawing={drawing} picture={picture} />
        {drawing && picture !== undefined && (
          <Drawing picture={picture} view={view} acts={acts} canvas={canvas} />
        )}
        <Status picture={picture} error={loaded.error} loading={loaded.loading} view={view} drawing={drawing} />
        {picture && <Legend picture={picture} view={view} canvas={canvas} />}
      </div>
      <div class="graph-side">
        {picture && <Chosen picture={picture} view={view} acts={acts} />}
        <Filters view={view} acts={acts} />
        {picture && <NodeList picture={picture} acts={acts} canvas={canvas} />}
      </div>
    </div>
  );
}

type SetView = (change: (view: View) => View) => void;

function actsOn(setView: SetView): Acts {
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
    open: (id) => go(entityAddress(id)),
  };
}

interface LoadedPicture {
  picture: Picture | undefined;
  error: Error | undefined;
  loading: boolean;
}

/** The picture of an address, read again after `changes`; the one before stays until it is there. */
function usePicture(url: string, changes: number): LoadedPicture {
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
  }, [url, changes]);
  return state;
}
