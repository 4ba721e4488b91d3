// The service's picture, and the graph that is drawn of it.
import Graph from "graphology";
import { kindOf, type Kind } from "../kinds";

export interface GraphNode {
  id: string;
  name: string;
  type: string;
  x: number;
  y: number;
  size: number;
  degree: number;
}

export interface GraphEdge {
  id: string;
  subject: string;
  object: string;
  relation: string;
  label_ru: string;
  label_en: string;
  confidence: number;
  sources: number;
  dates: string[];
  on_path: boolean;
}

export interface Picture {
  nodes: GraphNode[];
  edges: GraphEdge[];
  truncated: boolean;
}

export interface NodeData {
  x: number;
  y: number;
  size: number;
  label: string;
  kind: Kind;
}

/** A line stands for all facts between two entities. */
export interface LineData {
  facts: GraphEdge[];
  label: string;
  size: number;
  type: "arrow" | "line";
  onPath: boolean;
}

export type Drawn = Graph<NodeData, LineData>;

const LONGEST = 40;

/** A name as one short line: nothing in it can turn the direction of what stands around it. */
export function shown(name: string, longest = LONGEST): string {
  const line = name
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\u2028\u2029]/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  const letters = [...line];
  return letters.length > longest ? `${letters.slice(0, longest - 1).join("")}…` : line;
}

/** The two ends of a line, whichever way its facts go. */
export const pairOf = (one: string, other: string): string =>
  one < other ? `${one}~${other}` : `${other}~${one}`;

/** How much smaller nodes are where there are many. */
export const crowding = (nodes: number): number =>
  Math.max(0.45, Math.min(1, Math.sqrt(250 / (nodes + 1))));

export function drawn(picture: Picture, language: "ru" | "en"): Drawn {
  const graph: Drawn = new Graph({ type: "directed", multi: false, allowSelfLoops: false });
  const factor = crowding(picture.nodes.length);
  for (const node of picture.nodes) {
    graph.mergeNode(node.id, {
      x: node.x,
      y: node.y,
      size: Math.min(node.size, 18) * factor,
      label: shown(node.name),
      kind: kindOf(node.type),
    });
  }
  for (const [pair, facts] of lines(picture)) {
    const first = facts[0];
    if (first === undefined || !graph.hasNode(first.subject) || !graph.hasNode(first.object)) continue;
    const bothWays = facts.some((fact) => fact.subject !== first.subject);
    const label = first[`label_${language}`];
    graph.addEdgeWithKey(pair, first.subject, first.object, {
      facts,
      label: facts.length > 1 ? `${label} +${facts.length - 1}` : label,
      size: (0.6 + 1.6 * first.confidence) * Math.max(0.6, factor),
      type: bothWays ? "line" : "arrow",
      onPath: facts.some((fact) => fact.on_path),
    });
  }
  return graph;
}

/** Facts by the two entities that they join, the most confident first. */
function lines(picture: Picture): Map<string, GraphEdge[]> {
  const found = new Map<string, GraphEdge[]>();
  for (const edge of picture.edges) {
    if (edge.subject === edge.object) continue;
    const pair = pairOf(edge.subject, edge.object);
    const facts = found.get(pair);
    if (facts === undefined) found.set(pair, [edge]);
    else facts.push(edge);
  }
  return found;
}
