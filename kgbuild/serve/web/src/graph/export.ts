// The picture as a file: as it looks, or as a table and a graph for other programs.
import type { Canvas } from "./canvas";
import { colourOf, looks } from "./looks";
import { type Picture, shown } from "./picture";

const LAYERS = ["edges", "nodes", "names", "hovers", "hoverNodes"];
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
  const colours = looks(canvas.host);
  const { ink, soft, paper, edge, accent, font } = colours;
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
    root.append(make("circle", { cx: x, cy: y, r: radius, fill: colourOf(data, canvas.colouring, colours) }));
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

/** What is drawn as a table, a line a fact. */
export function csv(picture: Picture, language: "ru" | "en"): Blob {
  const names = new Map(picture.nodes.map((node) => [node.id, node]));
  const rows = [
    ["subject", "subject_type", "relation", "object", "object_type", "confidence", "documents", "dates", "subject_id", "object_id"],
    ...picture.edges.map((edge) => {
      const [one, other] = [names.get(edge.subject), names.get(edge.object)];
      return [
        one?.name ?? "", one?.type ?? "", edge[`label_${language}`], other?.name ?? "", other?.type ?? "",
        edge.confidence.toFixed(3), String(edge.sources), edge.dates.join("; "), edge.subject, edge.object,
      ];
    }),
  ];
  const text = rows.map((row) => row.map(cell).join(",")).join("\r\n");
  return new Blob([`\ufeff${text}\r\n`], { type: "text/csv;charset=utf-8" });
}

/** A cell that no spreadsheet takes for a formula (OWASP's CSV injection). */
function cell(value: string): string {
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return `"${safe.replaceAll('"', '""')}"`;
}

/** What is drawn as GEXF 1.3, with places, sizes and communities (https://gexf.net). */
export function gexf(picture: Picture, language: "ru" | "en"): Blob {
  const document = new DOMParser().parseFromString(
    '<gexf xmlns="http://gexf.net/1.3" xmlns:viz="http://gexf.net/1.3/viz" version="1.3"/>',
    "application/xml",
  );
  const element = (parent: Element, name: string, attributes: Attributes = {}): Element => {
    const space = name.startsWith("viz:") ? "http://gexf.net/1.3/viz" : "http://gexf.net/1.3";
    const made = document.createElementNS(space, name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
    parent.append(made);
    return made;
  };
  const graph = element(document.documentElement, "graph", { defaultedgetype: "directed" });
  const declare = (of: string, columns: [string, string][]) => {
    const attributes = element(graph, "attributes", { class: of });
    columns.forEach(([title, type], id) => element(attributes, "attribute", { id, title, type }));
  };
  declare("node", [["type", "string"], ["community", "integer"], ["facts", "integer"], ["centrality", "double"]]);
  declare("edge", [["relation", "string"], ["documents", "integer"], ["dates", "string"]]);
  const values = (of: Element, all: (string | number)[]) => {
    const list = element(of, "attvalues");
    all.forEach((value, id) => element(list, "attvalue", { for: id, value }));
  };
  const nodes = element(graph, "nodes");
  for (const node of picture.nodes) {
    const made = element(nodes, "node", { id: node.id, label: shown(node.name, 300) });
    values(made, [node.type, node.community, node.degree, node.centrality]);
    element(made, "viz:position", { x: node.x, y: node.y });
    element(made, "viz:size", { value: node.size });
  }
  const edges = element(graph, "edges");
  picture.edges.forEach((edge, id) => {
    const ends = { id, source: edge.subject, target: edge.object };
    const made = element(edges, "edge", { ...ends, label: edge[`label_${language}`], weight: edge.confidence });
    values(made, [edge.relation, edge.sources, edge.dates.join("; ")]);
  });
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
  return new Blob([head, new XMLSerializer().serializeToString(document)], { type: "application/xml" });
}

export function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
