// A passage of a document with spans marked in it.
import type { ComponentChildren, JSX } from "preact";
import { CodePoints, type Drawn, type Node, tree } from "../text";
import type { Evidence } from "../types";

interface MarkedProps {
  /** The passage, and where it begins in its document. */
  text: string;
  start: number;
  /** Spans in the document, each with the class that its mark gets. */
  spans: readonly Drawn<string>[];
}

/** The passage with its spans as <mark>, nested ones too. */
export function Marked({ text, start, spans }: MarkedProps): JSX.Element {
  const points = new CodePoints(text);
  const moved = spans.map((span) => ({ ...span, start: span.start - start, end: span.end - start }));
  const draw = (node: Node<string>, key: number): ComponentChildren => {
    if (node.kind === "text") return points.slice(node.start, node.end);
    return <mark key={key} class={node.drawn.value}>{node.children.map(draw)}</mark>;
  };
  return <bdi class="passage">{tree(moved, 0, points.length).map(draw)}</bdi>;
}

/** A fact's sentence with its two ends marked. */
export function MarkedEvidence({ evidence }: { evidence: Evidence }): JSX.Element {
  const { subject, object } = evidence;
  const spans = [
    { start: subject.start, end: subject.end, value: "subject" },
    { start: object.start, end: object.end, value: "object" },
  ];
  return <Marked text={evidence.text} start={evidence.start} spans={spans} />;
}
