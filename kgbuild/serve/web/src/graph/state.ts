// What the view shows, as its address says it, and what its parts may do with it. The same names
// as /v1/graph has, and some more.

export interface Camera {
  x: number;
  y: number;
  ratio: number;
}

export const COLOURS = ["type", "community", "centrality"] as const;
export type Colour = (typeof COLOURS)[number];
export const SIZES = ["facts", "centrality", "same"] as const;
export type Size = (typeof SIZES)[number];

export interface View {
  centres: readonly string[];
  depth: number;
  /** So many entities of the whole graph; 0 where there are centres or only steps. */
  top: number;
  /** What was added, in order: `ID` or `ID~ID`. */
  steps: readonly string[];
  /** Types that are drawn; none: those of `NAMED` in the whole graph, all around a centre. */
  types: readonly string[];
  /** All types of the whole graph, dates, posts and numbers too. */
  everything: boolean;
  relations: readonly string[];
  confidence: number;
  since: string;
  until: string;
  /** The source of the documents that state what is drawn; `*` in it stands for anything. */
  document: string;
  /** The chosen node, or the two ends of the chosen line. */
  chosen: readonly string[];
  /** Where a path is to begin. */
  from: string;
  camera: Camera | null;
  /** Nodes that aren't drawn. */
  hidden: readonly string[];
  /** Nodes that were moved by hand, and where they stand. */
  pinned: Readonly<Record<string, readonly [number, number]>>;
  /** Nodes whose communities are drawn as one node each. */
  groups: readonly string[];
  colour: Colour;
  size: Size;
}

/** What the view lets its parts do. */
export interface Acts {
  update(changes: Partial<View>): void;
  choose(ids: readonly string[]): void;
  expand(id: string): void;
  path(from: string, to: string): void;
  open(id: string): void;
}

export const DEFAULT_TOP = 150;

/** What the whole graph opens on: what bears a name and acts, or is a place. */
export const NAMED: readonly string[] = [
  "PERSON", "ORGANIZATION", "FACILITY", "FAMILY",
  "CITY", "COUNTRY", "DISTRICT", "LOCATION", "STATE_OR_PROVINCE",
];

export const isWhole = (view: View): boolean => view.centres.length === 0 && view.top > 0;

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
    everything: search.get("all") === "1",
    relations: search.getAll("relation"),
    confidence: within(search.get("confidence"), 0, 1, 0),
    since: search.get("since") ?? "",
    until: search.get("until") ?? "",
    document: search.get("document") ?? "",
    chosen: (search.get("chosen") ?? "").split("~").filter(Boolean),
    from: search.get("from") ?? "",
    camera: cameraOf(search.get("camera")),
    hidden: search.getAll("hide"),
    pinned: Object.fromEntries(search.getAll("pin").flatMap(pinOf)),
    groups: search.getAll("group"),
    colour: COLOURS.find((one) => one === search.get("colour")) ?? "type",
    size: SIZES.find((one) => one === search.get("size")) ?? "facts",
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

/** A pinned node: `ID@x,y`. */
function pinOf(text: string): [string, [number, number]][] {
  const at = text.lastIndexOf("@");
  const [x, y] = text.slice(at + 1).split(",").map(Number);
  if (at < 1 || x === undefined || y === undefined || ![x, y].every(Number.isFinite)) return [];
  return [[text.slice(0, at), [x, y]]];
}

/** The address' query of a view: what is as it would be anyway is left out. */
export function format(view: View): URLSearchParams {
  const search = asked({ ...view, everything: true });
  if (view.everything) search.set("all", "1");
  if (view.chosen.length > 0) search.set("chosen", view.chosen.join("~"));
  if (view.from) search.set("from", view.from);
  for (const id of view.hidden) search.append("hide", id);
  for (const [id, [x, y]] of Object.entries(view.pinned)) {
    search.append("pin", `${id}@${x.toFixed(2)},${y.toFixed(2)}`);
  }
  for (const id of view.groups) search.append("group", id);
  if (view.colour !== "type") search.set("colour", view.colour);
  if (view.size !== "facts") search.set("size", view.size);
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
  const opening = view.types.length === 0 && !view.everything && isWhole(view);
  all("type", opening ? NAMED : view.types);
  all("relation", view.relations);
  if (view.confidence > 0) search.set("confidence", String(view.confidence));
  if (view.since) search.set("since", view.since);
  if (view.until) search.set("until", view.until);
  if (view.document) search.set("document", view.document);
  return search;
}
