// The service's picture, and the graph that is drawn of it.
import Graph from "graphology";
import { kindOf, type Kind } from "../kinds";
import { type View } from "./state";

export interface GraphNode {
  id: string;
  name: string;
  type: string;
  x: number;
  y: number;
  size: number;
  degree: number;
  /** Its community's number, the largest first; -1 for a node without lines. */
  community: number;
  /** Its PageRank among what is drawn, the highest as 1. */
  centrality: number;
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
  community: number;
  centrality: number;
}

/** A line stands for all facts between two nodes. */
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

/** Lines of which so many are drawn faintly and without heads. */
export const CROWD = 800;

/** How much smaller nodes are where there are many. */
export const crowding = (nodes: number): number =>
  Math.max(0.45, Math.min(1, Math.sqrt(250 / (nodes + 1))));

/** What of a picture a view draws: hidden nodes are left out, communities that were drawn
 * together stand as their foremost member, and moved nodes where they were put. */
export function seen(picture: Picture, view: View): Picture {
  const hidden = new Set(view.hidden);
  const left = picture.nodes.filter((node) => !hidden.has(node.id));
  const folded = new Set(
    left.filter((node) => view.groups.includes(node.id) && node.community >= 0).map((n) => n.community),
  );
  const stands = new Map<string, string>();
  const heads = new Map<number, GraphNode>();
  for (const node of [...left].sort((one, other) => other.degree - one.degree)) {
    if (!folded.has(node.community)) continue;
    const head = heads.get(node.community) ?? node;
    heads.set(node.community, head);
    stands.set(node.id, head.id);
  }
  const count = (id: string) => [...stands.values()].filter((head) => head === id).length;
  const nodes = left
    .filter((node) => (stands.get(node.id) ?? node.id) === node.id)
    .map((node) => {
      const [x, y] = view.pinned[node.id] ?? [node.x, node.y];
      const more = stands.has(node.id) ? count(node.id) - 1 : 0;
      return { ...node, x, y, name: more > 0 ? `${shown(node.name)} +${more}` : node.name };
    });
  const drawn = new Set(nodes.map((node) => node.id));
  const edges = picture.edges.flatMap((edge) => {
    const subject = stands.get(edge.subject) ?? edge.subject;
    const object = stands.get(edge.object) ?? edge.object;
    if (subject === object || !drawn.has(subject) || !drawn.has(object)) return [];
    return [{ ...edge, subject, object }];
  });
  return { nodes, edges, truncated: picture.truncated };
}

export function drawn(picture: Picture, language: "ru" | "en", size: View["size"]): Drawn {
  const graph: Drawn = new Graph({ type: "directed", multi: false, allowSelfLoops: false });
  const factor = crowding(picture.nodes.length);
  const radius = (node: GraphNode): number => {
    if (size === "same") return 6;
    return size === "centrality" ? 3 + 15 * Math.sqrt(node.centrality) : Math.min(node.size, 18);
  };
  for (const node of picture.nodes) {
    graph.mergeNode(node.id, {
      x: node.x,
      y: node.y,
      size: radius(node) * factor,
      label: shown(node.name),
      kind: kindOf(node.type),
      community: node.community,
      centrality: node.centrality,
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
      type: bothWays || picture.edges.length > CROWD ? "line" : "arrow",
      onPath: facts.some((fact) => fact.on_path),
    });
  }
  return graph;
}

/** Facts by the two entities that they join, the most confident first. */
export function lines(picture: Picture): Map<string, GraphEdge[]> {
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
