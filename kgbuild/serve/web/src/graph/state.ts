// What the view shows, as its address says it. The same names as /v1/graph has, and some more.

export interface Camera {
  x: number;
  y: number;
  ratio: number;
}

export interface View {
  centres: readonly string[];
  depth: number;
  /** So many entities of the whole graph; 0 where there are centres or only steps. */
  top: number;
  /** What was added, in order: `ID` or `ID~ID`. */
  steps: readonly string[];
  types: readonly string[];
  relations: readonly string[];
  confidence: number;
  since: string;
  until: string;
  /** The chosen node, or the two ends of the chosen line. */
  chosen: readonly string[];
  /** Where a path is to begin. */
  from: string;
  camera: Camera | null;
}

export const DEFAULT_TOP = 150;

export function parse(search: URLSearchParams): View {
  const centres = [...search.getAll("centre"), ...search.getAll("entity")].filter(Boolean);
  const steps = search.getAll("step").filter(Boolean);
  const whole = centres.length === 0 && steps.length === 0;
  return {
    centres,
    depth: within(search.get("depth"), 1, 3, 1),
    top: within(search.get("top"), 1, 2000, whole ? DEFAULT_TOP : 0),
    steps,
    types: search.getAll("type"),
    relations: search.getAll("relation"),
    confidence: within(search.get("confidence"), 0, 1, 0),
    since: search.get("since") ?? "",
    until: search.get("until") ?? "",
    chosen: (search.get("chosen") ?? "").split("~").filter(Boolean),
    from: search.get("from") ?? "",
    camera: cameraOf(search.get("camera")),
  };
}

function within(text: string | null, least: number, most: number, fallback: number): number {
  const value = Number(text);
  return text === null || text === "" || !(value >= least && value <= most) ? fallback : value;
}

function cameraOf(text: string | null): Camera | null {
  const [x, y, ratio] = (text ?? "").split(",").map(Number);
  if (x === undefined || y === undefined || ratio === undefined) return null;
  return [x, y, ratio].every(Number.isFinite) && ratio > 0 ? { x, y, ratio } : null;
}

/** The address' query of a view: what is as it would be anyway is left out. */
export function format(view: View): URLSearchParams {
  const search = asked(view);
  if (view.chosen.length > 0) search.set("chosen", view.chosen.join("~"));
  if (view.from) search.set("from", view.from);
  if (view.camera) {
    const { x, y, ratio } = view.camera;
    search.set("camera", [x, y, ratio].map((value) => value.toPrecision(5)).join(","));
  }
  return search;
}

/** What the service is asked for. */
export function asked(view: View): URLSearchParams {
  const search = new URLSearchParams();
  const all = (name: string, values: readonly string[]) => {
    for (const value of values) search.append(name, value);
  };
  all("centre", view.centres);
  if (view.centres.length > 0 && view.depth !== 1) search.set("depth", String(view.depth));
  const usual = view.top === DEFAULT_TOP && view.steps.length === 0;
  if (view.centres.length === 0 && view.top > 0 && !usual) search.set("top", String(view.top));
  all("step", view.steps);
  all("type", view.types);
  all("relation", view.relations);
  if (view.confidence > 0) search.set("confidence", String(view.confidence));
  if (view.since) search.set("since", view.since);
  if (view.until) search.set("until", view.until);
  return search;
}
