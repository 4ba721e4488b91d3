// The drawing itself: sigma over a graph, with a camera that an address can hold.
import Sigma from "sigma";
import { hoverIn, looks, type Looks, onTheme } from "./looks";
import { CROWD, crowding, type Drawn, type LineData, type NodeData, pairOf } from "./picture";
import type { Camera } from "./state";

export interface CanvasEvents {
  node(id: string): void;
  expand(id: string): void;
  line(one: string, other: string): void;
  nothing(): void;
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

/** Pixels: a name is about so wide, and of more names in so much room one is written. */
const ROOM_OF_A_LABEL = 170;

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

  constructor(
    readonly host: HTMLElement,
    private graph: Drawn,
    private readonly events: CanvasEvents,
  ) {
    this.looks = looks(host);
    this.sigma = new Sigma<NodeData, LineData>(graph, host, {
      allowInvalidContainer: true,
      enableEdgeEvents: true,
      renderEdgeLabels: true,
      zIndex: true,
      enableCameraRotation: false,
      stagePadding: 0,
      labelSize: 13,
      edgeLabelSize: 11,
      labelFont: this.looks.font,
      edgeLabelFont: this.looks.font,
      labelGridCellSize: ROOM_OF_A_LABEL,
      minEdgeThickness: 0.5,
      zoomToSizeRatioFunction: (ratio) => this.shrinking(ratio),
      defaultDrawNodeHover: hoverIn(() => this.looks),
      nodeReducer: (id, data) => this.nodeLooks(id, data),
      edgeReducer: (id, data) => this.lineLooks(id, data),
    });
    this.sigma.setCustomBBox({ x: [-HALF, HALF], y: [-HALF, HALF] });
    this.applyColours();
    this.stopTheme = onTheme(() => {
      this.looks = looks(host);
      this.applyColours();
    });
    this.listen();
  }

  private listen(): void {
    const { sigma, events } = this;
    sigma.on("clickNode", ({ node }) => events.node(node));
    sigma.on("doubleClickNode", (event) => {
      event.preventSigmaDefault();
      events.expand(event.node);
    });
    sigma.on("clickEdge", ({ edge }) => {
      const [one, other] = this.graph.extremities(edge);
      if (one !== undefined && other !== undefined) events.line(one, other);
    });
    sigma.on("clickStage", () => events.nothing());
    sigma.on("enterNode", ({ node }) => this.point(node));
    sigma.on("leaveNode", () => this.point(null));
    sigma.on("enterEdge", () => this.host.classList.add("over"));
    sigma.on("leaveEdge", () => this.host.classList.remove("over"));
    sigma.getCamera().on("updated", () => {
      clearTimeout(this.telling);
      this.telling = setTimeout(() => this.tell(), 250);
    });
  }

  private applyColours(): void {
    this.sigma.setSetting("labelColor", { color: this.looks.ink });
    this.sigma.setSetting("edgeLabelColor", { color: this.looks.soft });
    this.sigma.refresh();
  }

  /** Draws a graph, seen from a camera, or all of it. */
  show(graph: Drawn, camera: Camera | null): void {
    const { sigma } = this;
    this.hovered = null;
    this.near = new Set();
    this.graph = graph;
    sigma.setGraph(graph);
    sigma.setSetting("hideLabelsOnMove", graph.order > 400);
    sigma.setSetting("hideEdgesOnMove", this.laborious());
    sigma.setSetting("labelRenderedSizeThreshold", graph.order > 60 ? 6 * crowding(graph.order) : 0);
    sigma.setSetting("renderEdgeLabels", graph.size <= 600);
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
    const { kinds, focus } = this.looks;
    const chosen = this.chosen.includes(id);
    return {
      ...data,
      color: chosen ? focus : kinds[data.kind],
      highlighted: chosen || id === this.hovered,
      forceLabel: chosen || this.near.has(id),
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
      forceLabel: marked || near,
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

/** The drawing as the view's parts know it: null until there is one. */
export interface CanvasRef {
  current: Canvas | null;
}
