// The drawing itself: sigma over a graph, with a camera that an address can hold.
import Sigma from "sigma";
import { colourOf, hoverIn, looks, type Looks, onTheme } from "./looks";
import { Labels } from "./labels";
import { CROWD, type Drawn, type LineData, type NodeData, pairOf } from "./picture";
import type { Camera, Colour } from "./state";

export interface CanvasEvents {
  node(id: string): void;
  expand(id: string): void;
  line(one: string, other: string): void;
  nothing(): void;
  /** A node was moved by hand. */
  moved(id: string, x: number, y: number): void;
  /** Where the camera is now; null where all nodes are in sight as at first. */
  camera(camera: Camera | null): void;
}

/** Half the width of the square that the camera counts in, in the layout's units: a constant,
 * so that an address means the same place whatever else is drawn. */
const HALF = 10;
/** Pixels left free beside the nodes, most of them to the right for a label, and above and below. */
const SIDE = 150;
const TOP = 60;
/** A window of so many pixels needs no smaller nodes. */
const ROOMY = 550;
const PAN = 60;
const ZOOM = 1.4;

/** Whether this browser can draw at all, and whether the processor does it, for want of a
 * graphics card: then thousands of lines take too long to be drawn while things move. */
function probed(): { draws: boolean; slow: boolean } {
  const probe = document.createElement("canvas");
  const context = probe.getContext("webgl2") ?? probe.getContext("webgl");
  if (context === null) return { draws: false, slow: true };
  const about = context.getExtension("WEBGL_debug_renderer_info");
  const by = about === null ? "" : String(context.getParameter(about.UNMASKED_RENDERER_WEBGL));
  context.getExtension("WEBGL_lose_context")?.loseContext();
  return { draws: true, slow: /swiftshader|llvmpipe|software|basic render/i.test(by) };
}

export const canDraw = (): boolean => probed().draws;

/** Pixels around a node or a line that belong to it: 8, and what the mouse's whole pixels lose. */
export const REACH = 10;

export class Canvas {
  readonly sigma: Sigma<NodeData, LineData>;
  private looks: Looks;
  private hovered: string | null = null;
  private near: ReadonlySet<string> = new Set();
  private chosen: readonly string[] = [];
  private fitted: Camera = { x: 0.5, y: 0.5, ratio: 1 };
  private readonly stopTheme: () => void;
  private readonly slow = probed().slow;
  private telling: ReturnType<typeof setTimeout> | undefined;
  private colour: Colour = "type";
  private readonly labels: Labels;
  /** The node that is being dragged, and whether it moved. */
  private held: { id: string; moved: boolean } | null = null;

  constructor(
    readonly host: HTMLElement,
    private graph: Drawn,
    private readonly events: CanvasEvents,
  ) {
    this.looks = looks(host);
    this.sigma = new Sigma<NodeData, LineData>(graph, host, {
      allowInvalidContainer: true,
      renderLabels: false,
      renderEdgeLabels: false,
      zIndex: true,
      enableCameraRotation: false,
      stagePadding: 0,
      labelSize: 13,
      labelFont: this.looks.font,
      minEdgeThickness: 0.5,
      zoomToSizeRatioFunction: (ratio) => this.shrinking(ratio),
      defaultDrawNodeHover: hoverIn(() => this.looks),
      nodeReducer: (id, data) => this.nodeLooks(id, data),
      edgeReducer: (id, data) => this.lineLooks(id, data),
    });
    this.sigma.setCustomBBox({ x: [-HALF, HALF], y: [-HALF, HALF] });
    // For whoever looks at the page from outside: where things are drawn.
    Object.defineProperty(host, "canvas", { value: this, configurable: true });
    this.labels = new Labels(this.sigma);
    this.sigma.on("afterRender", () => this.name());
    this.stopTheme = onTheme(() => {
      this.looks = looks(host);
      this.sigma.refresh();
    });
    this.listen();
  }

  private listen(): void {
    const { sigma, events } = this;
    sigma.on("clickNode", ({ node }) => {
      if (this.held === null) events.node(node);
    });
    sigma.on("doubleClickNode", (event) => {
      event.preventSigmaDefault();
      events.expand(event.node);
    });
    sigma.on("clickStage", ({ event }) => {
      if (this.held !== null) return;
      const node = this.nodeNear(event);
      const line = node === null ? this.lineNear(event) : null;
      if (node !== null) events.node(node);
      else if (line !== null) events.line(...line);
      else events.nothing();
    });
    sigma.on("doubleClickStage", ({ event, preventSigmaDefault }) => {
      const node = this.nodeNear(event);
      if (node === null) return;
      preventSigmaDefault();
      events.expand(node);
    });
    sigma.on("downNode", ({ node, preventSigmaDefault }) => {
      preventSigmaDefault();
      this.held = { id: node, moved: false };
    });
    sigma.on("downStage", ({ event, preventSigmaDefault }) => {
      const node = this.nodeNear(event);
      if (node === null) return;
      preventSigmaDefault();
      this.held = { id: node, moved: false };
    });
    sigma.on("moveBody", ({ event, preventSigmaDefault }) => {
      if (this.held !== null) {
        preventSigmaDefault();
        this.drag(this.held, event);
      } else if (!this.laborious()) {
        const near = this.nodeNear(event);
        if (near !== this.hovered) this.hover(near);
        if (near === null) this.host.classList.toggle("over", this.lineNear(event) !== null);
      }
    });
    const drop = () => {
      const { held } = this;
      if (held?.moved && this.graph.hasNode(held.id)) {
        const { x, y } = this.graph.getNodeAttributes(held.id);
        events.moved(held.id, x, y);
      }
      // A click that ends a drag comes after this, and is none.
      if (held?.moved) setTimeout(() => (this.held = null));
      else this.held = null;
    };
    sigma.on("upNode", drop);
    sigma.on("upStage", drop);
    sigma.on("enterNode", ({ node }) => this.point(node));
    sigma.on("leaveNode", () => this.point(null));
    sigma.getCamera().on("updated", () => {
      clearTimeout(this.telling);
      this.telling = setTimeout(() => this.tell(), 250);
    });
  }

  private drag(held: { id: string; moved: boolean }, to: { x: number; y: number }): void {
    if (!this.graph.hasNode(held.id)) return;
    const place = this.sigma.viewportToGraph(to);
    held.moved = true;
    this.graph.mergeNodeAttributes(held.id, { x: place.x, y: place.y });
  }

  /** The node within reach of a point, the nearest. */
  private nodeNear(point: { x: number; y: number }): string | null {
    let best: string | null = null;
    let least = Infinity;
    this.graph.forEachNode((id, data) => {
      const at = this.sigma.graphToViewport(data);
      const away = Math.hypot(at.x - point.x, at.y - point.y) - this.sigma.scaleSize(data.size);
      if (away < Math.min(REACH, least)) [best, least] = [id, away];
    });
    return best;
  }

  /** The ends of the line within reach of a point, the nearest. */
  private lineNear(point: { x: number; y: number }): [string, string] | null {
    let best: [string, string] | null = null;
    let least = REACH;
    this.graph.forEachEdge((_, __, source, target) => {
      const one = this.sigma.graphToViewport(this.graph.getNodeAttributes(source));
      const other = this.sigma.graphToViewport(this.graph.getNodeAttributes(target));
      const away = fromSegment(point, one, other);
      if (away < least) [best, least] = [[source, target], away];
    });
    return best;
  }

  /** Writes the names: those of the chosen, pointed at and marked first. */
  private name(): void {
    const first = new Set([...this.chosen, ...this.near, ...(this.hovered === null ? [] : [this.hovered])]);
    this.labels.draw(this.graph, this.looks, first, (edge) => this.isMarked(edge));
  }

  private isMarked(edge: string): boolean {
    const ends = this.graph.extremities(edge);
    const [one, other] = this.chosen;
    const chosen = one !== undefined && other !== undefined && pairOf(one, other) === edge;
    return (
      chosen ||
      this.graph.getEdgeAttribute(edge, "onPath") ||
      (this.hovered !== null && ends.includes(this.hovered))
    );
  }

  get colouring(): Colour {
    return this.colour;
  }

  /** Colours nodes by something else. */
  paint(colour: Colour): void {
    if (this.colour === colour) return;
    this.colour = colour;
    this.sigma.refresh();
  }

  /** Draws a graph, seen from a camera, or all of it. */
  show(graph: Drawn, camera: Camera | null): void {
    const { sigma } = this;
    this.held = null;
    this.hovered = null;
    this.near = new Set();
    this.graph = graph;
    sigma.setGraph(graph);
    sigma.setSetting("hideEdgesOnMove", this.laborious());
    this.fitted = this.whole();
    sigma.getCamera().setState(camera ?? this.fitted);
    sigma.refresh();
    this.tell();
  }

  /** What sizes are divided by: they grow with the zoom, but less, and suit a small window. */
  private shrinking(ratio: number): number {
    const { clientWidth, clientHeight } = this.host;
    const small = Math.max(1, ROOMY / Math.max(1, Math.min(clientWidth, clientHeight)));
    return Math.sqrt(small) * Math.max(0.5, Math.sqrt(ratio / this.fitted.ratio));
  }

  private tell(): void {
    const now = this.camera();
    const same = (["x", "y", "ratio"] as const).every(
      (name) => Math.abs(now[name] - this.fitted[name]) < 1e-4 * this.fitted.ratio,
    );
    this.events.camera(same ? null : now);
  }

  private laborious(): boolean {
    return this.slow && this.graph.size > CROWD;
  }

  choose(ids: readonly string[]): void {
    const before = this.chosen;
    this.chosen = ids;
    this.redraw([...before, ...ids]);
  }

  /** The pointer is on a node: sigma itself shows its name; its lines where that is quick. */
  private point(id: string | null): void {
    if (!this.laborious()) this.hover(id);
    else this.host.classList.toggle("over", id !== null);
  }

  /** Marks a node as if the pointer were on it, and brings it into sight. */
  hover(id: string | null, follow = false): void {
    const before = this.hovered;
    this.hovered = id !== null && this.graph.hasNode(id) ? id : null;
    this.near = new Set(this.hovered === null ? [] : this.graph.neighbors(this.hovered));
    this.host.classList.toggle("over", this.hovered !== null);
    this.redraw([before, this.hovered]);
    if (follow && this.hovered !== null) this.bringIn(this.hovered);
  }

  /** Draws anew only what these nodes and their lines change: the rest may be thousands. */
  private redraw(around: readonly (string | null)[]): void {
    const nodes = new Set<string>();
    const edges = new Set<string>();
    for (const id of around) {
      if (id === null || !this.graph.hasNode(id)) continue;
      for (const near of [id, ...this.graph.neighbors(id)]) nodes.add(near);
      for (const edge of this.graph.edges(id)) edges.add(edge);
    }
    if (nodes.size === 0) return;
    this.sigma.refresh({
      partialGraph: { nodes: [...nodes], edges: [...edges] },
      skipIndexation: true,
    });
  }

  private bringIn(id: string): void {
    const data = this.sigma.getNodeDisplayData(id);
    if (data === undefined) return;
    const { width, height } = this.sigma.getDimensions();
    const at = this.sigma.framedGraphToViewport(data);
    if (at.x < 30 || at.y < 30 || at.x > width - 30 || at.y > height - 30) {
      this.move({ ...this.camera(), x: data.x, y: data.y });
    }
  }

  private nodeLooks(id: string, data: NodeData): Record<string, unknown> {
    const chosen = this.chosen.includes(id);
    return {
      ...data,
      color: chosen ? this.looks.focus : colourOf(data, this.colour, this.looks),
      highlighted: chosen || id === this.hovered,
    };
  }

  private lineLooks(id: string, data: LineData): Record<string, unknown> {
    const { edge, line, ink, accent, focus } = this.looks;
    const near = this.hovered !== null && this.graph.extremities(id).includes(this.hovered);
    const [one, other] = this.chosen;
    const chosen = one !== undefined && other !== undefined && pairOf(one, other) === id;
    const marked = chosen || data.onPath;
    return {
      ...data,
      color: chosen ? focus : data.onPath ? accent : near ? ink : this.graph.size > CROWD ? line : edge,
      size: marked ? Math.max(3, data.size) : data.size,
      zIndex: marked ? 2 : near ? 1 : 0,
    };
  }

  camera(): Camera {
    const { x, y, ratio } = this.sigma.getCamera().getState();
    return { x, y, ratio };
  }

  move(to: Camera): void {
    const camera = this.sigma.getCamera();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) camera.setState(to);
    else void camera.animate(to, { duration: 200 });
  }

  fit(): void {
    this.fitted = this.whole();
    this.move(this.fitted);
  }

  /** The camera that has all nodes in sight. */
  private whole(): Camera {
    const { graph } = this;
    if (graph.order === 0) return { x: 0.5, y: 0.5, ratio: 1 };
    const xs: number[] = [];
    const ys: number[] = [];
    graph.forEachNode((_, { x, y }) => {
      xs.push(x);
      ys.push(y);
    });
    const [left, right] = [Math.min(...xs), Math.max(...xs)];
    const [low, high] = [Math.min(...ys), Math.max(...ys)];
    const { width, height } = this.sigma.getDimensions();
    const least = Math.max(1, Math.min(width, height));
    const side = Math.min(SIDE, width * 0.25);
    const wide = Math.max(right - left, 4) / (2 * HALF) / Math.max(0.3, (width - side) / least);
    const tall = Math.max(high - low, 4) / (2 * HALF) / Math.max(0.3, (height - TOP) / least);
    const ratio = Math.max(wide, tall);
    return {
      x: 0.5 + (left + right) / 2 / (2 * HALF) + ((side / 3) * ratio) / least,
      y: 0.5 + (low + high) / 2 / (2 * HALF),
      ratio,
    };
  }

  zoom(inwards: boolean): void {
    const now = this.camera();
    this.move({ ...now, ratio: inwards ? now.ratio / ZOOM : now.ratio * ZOOM });
  }

  /** Moves what is seen by some pixels; the camera goes the way of the arrow. */
  pan(right: number, down: number): void {
    const { width, height } = this.sigma.getDimensions();
    const to = this.sigma.viewportToFramedGraph({
      x: width / 2 + right * PAN,
      y: height / 2 + down * PAN,
    });
    this.move({ ...this.camera(), x: to.x, y: to.y });
  }

  destroy(): void {
    clearTimeout(this.telling);
    this.stopTheme();
    this.sigma.kill();
  }
}

/** How far a point is from the segment between two others. */
function fromSegment(point: Point, one: Point, other: Point): number {
  const [dx, dy] = [other.x - one.x, other.y - one.y];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : ((point.x - one.x) * dx + (point.y - one.y) * dy) / length;
  const within = Math.max(0, Math.min(1, along));
  return Math.hypot(point.x - one.x - within * dx, point.y - one.y - within * dy);
}

interface Point {
  x: number;
  y: number;
}

/** The drawing as the view's parts know it: null until there is one. */
export interface CanvasRef {
  current: Canvas | null;
}
