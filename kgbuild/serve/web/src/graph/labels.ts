// Names beside the nodes, none over another: the most joined first, on the side that is free.
import type Sigma from "sigma";
import type { Looks } from "./looks";
import type { Drawn, LineData, NodeData } from "./picture";

const LAYER = "names";
const SIZE = 13;
const SMALL = 11;
const GAP = 3;
/** Names that are tried in one window, and lines of which so many are named. */
const MOST = 250;
const MOST_LINES = 120;

interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

export class Labels {
  private readonly context: CanvasRenderingContext2D | null;

  constructor(private readonly sigma: Sigma<NodeData, LineData>) {
    sigma.createCanvasContext(LAYER, { style: { pointerEvents: "none" } });
    sigma.resize(true);
    this.context = sigma.getCanvases()[LAYER]?.getContext("2d") ?? null;
  }

  /** Writes the names of a graph; `first` come before others, and lines that are marked. */
  draw(graph: Drawn, looks: Looks, first: ReadonlySet<string>, marked: (edge: string) => boolean): void {
    const { context, sigma } = this;
    if (context === null) return;
    const { width, height } = sigma.getDimensions();
    context.clearRect(0, 0, width, height);
    const taken: Box[] = [];
    const seen: { id: string; label: string; x: number; y: number; radius: number }[] = [];
    graph.forEachNode((id, data) => {
      const { x, y } = sigma.graphToViewport(data);
      if (x < -50 || y < -20 || x > width + 50 || y > height + 20) return;
      const radius = sigma.scaleSize(data.size);
      seen.push({ id, label: data.label, x, y, radius });
      taken.push({ left: x - radius, top: y - radius, right: x + radius, bottom: y + radius });
    });
    seen.sort((one, other) => Number(first.has(other.id)) - Number(first.has(one.id)) || other.radius - one.radius);
    context.font = `${SIZE}px ${looks.font}`;
    for (const { id, label, x, y, radius } of seen.slice(0, MOST)) {
      const wide = context.measureText(label).width;
      const sides: [number, number][] = [
        [x + radius + GAP, y - SIZE / 2],
        [x - radius - GAP - wide, y - SIZE / 2],
        [x - wide / 2, y + radius + GAP],
        [x - wide / 2, y - radius - GAP - SIZE],
      ];
      const free = sides
        .map(([left, top]) => ({ left, top, right: left + wide, bottom: top + SIZE }))
        .find((box) => !taken.some((other) => overlap(box, other)));
      const box = free ?? (first.has(id) ? { left: x + radius + GAP, top: y - SIZE / 2, right: 0, bottom: 0 } : null);
      if (box === null) continue;
      if (free) taken.push(free);
      write(context, label, box.left, box.top + SIZE * 0.85, looks.paper, looks.ink);
    }
    this.lines(graph, looks, marked, taken);
  }

  private lines(graph: Drawn, looks: Looks, marked: (edge: string) => boolean, taken: Box[]): void {
    const { context, sigma } = this;
    if (context === null) return;
    const all = graph.size <= MOST_LINES;
    context.font = `${SMALL}px ${looks.font}`;
    graph.forEachEdge((edge, data, source, target) => {
      const chosen = marked(edge);
      if (!all && !chosen) return;
      const one = sigma.graphToViewport(graph.getNodeAttributes(source));
      const other = sigma.graphToViewport(graph.getNodeAttributes(target));
      const wide = context.measureText(data.label).width;
      const [x, y] = [(one.x + other.x) / 2, (one.y + other.y) / 2];
      if (!chosen && Math.hypot(one.x - other.x, one.y - other.y) < wide + 30) return;
      const box = { left: x - wide / 2, top: y - SMALL / 2, right: x + wide / 2, bottom: y + SMALL / 2 };
      if (taken.some((before) => overlap(box, before)) && !chosen) return;
      taken.push(box);
      write(context, data.label, box.left, box.top + SMALL * 0.85, looks.paper, looks.soft);
    });
  }
}

/** Text with a rim of the page's colour, so that lines below it don't cross it. */
function write(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  rim: string,
  ink: string,
): void {
  context.lineWidth = 3;
  context.lineJoin = "round";
  context.strokeStyle = rim;
  context.strokeText(text, x, y);
  context.fillStyle = ink;
  context.fillText(text, x, y);
}

function overlap(one: Box, other: Box): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}
