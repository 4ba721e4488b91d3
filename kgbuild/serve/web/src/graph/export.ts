// The picture as a file.
import type { Canvas } from "./canvas";
import { looks } from "./looks";

const LAYERS = ["edges", "edgeLabels", "nodes", "labels", "hovers", "hoverNodes"];
const SVG = "http://www.w3.org/2000/svg";

/** What is seen now, as PNG. */
export function png(canvas: Canvas): Promise<Blob | null> {
  const layers = canvas.sigma.getCanvases();
  const first = layers["nodes"];
  const picture = document.createElement("canvas");
  picture.width = first?.width ?? 1;
  picture.height = first?.height ?? 1;
  const context = picture.getContext("2d");
  if (context === null) return Promise.resolve(null);
  context.fillStyle = looks(canvas.host).paper;
  context.fillRect(0, 0, picture.width, picture.height);
  canvas.sigma.refresh(); // WebGL keeps what it drew only until this turn ends
  for (const name of LAYERS) {
    const layer = layers[name];
    if (layer !== undefined) context.drawImage(layer, 0, 0, picture.width, picture.height);
  }
  return new Promise((done) => picture.toBlob(done, "image/png"));
}

/** What is drawn, in sight or not, as SVG: lines, circles and names. */
export function svg(canvas: Canvas): Blob {
  const { ink, soft, paper, edge, accent, kinds, font } = looks(canvas.host);
  const { sigma } = canvas;
  const { width, height } = sigma.getDimensions();
  const graph = sigma.getGraph();
  const root = make("svg", { viewBox: `0 0 ${width} ${height}`, "font-family": font });
  root.append(make("rect", { width, height, fill: paper }));
  const at = (id: string) => sigma.graphToViewport(graph.getNodeAttributes(id));
  const text = (words: string, x: number, y: number, attributes: Attributes) => {
    const label = make("text", { x, y, ...attributes });
    label.textContent = words;
    root.append(label);
  };
  graph.forEachEdge((_, data, source, target) => {
    const [one, other] = [at(source), at(target)];
    root.append(make("line", {
      x1: one.x, y1: one.y, x2: other.x, y2: other.y,
      stroke: data.onPath ? accent   : edge, "stroke-width": data.size,
    }));
    if (graph.size <= 200) {
      text(data.label, (one.x + other.x) / 2, (one.y + other.y) / 2, {
        "font-size": 9, fill: soft, "text-anchor": "middle",
      });
    }
  });
  graph.forEachNode((id, data) => {
    const { x, y } = at(id);
    const radius = sigma.scaleSize(data.size);
    root.append(make("circle", { cx: x, cy: y, r: radius, fill: kinds[data.kind] }));
    text(data.label, x + radius + 3, y + 4, { "font-size": 12, fill: ink });
  });
  return new Blob([new XMLSerializer().serializeToString(root)], { type: "image/svg+xml" });
}

type Attributes = Record<string, string | number>;

function make(name: string, attributes: Attributes): SVGElement {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, typeof value === "number" ? String(Math.round(value * 100) / 100) : value);
  }
  return element;
}

export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
