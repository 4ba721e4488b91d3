// A part of a document's text with its mentions: nested ones are underlined below each other.
import type { ComponentChildren, JSX } from "preact";
import { memo } from "preact/compat";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { useLabels } from "../data";
import { useMessages } from "../i18n";
import { kindOf } from "../kinds";
import { type CodePoints, type Drawn, type Node, tree } from "../text";
import type { StoredMention } from "../types";

export interface Chosen {
  start: number;
  end: number;
}

/** An end of the fact that is looked at. */
export interface End extends Chosen {
  role: "subject" | "object";
}

export interface DocumentTextProps {
  points: CodePoints;
  /** The part that is shown, in code points. */
  start: number;
  end: number;
  mentions: readonly StoredMention[];
  chosen: Chosen | null;
  ends: readonly End[];
  choose(span: Chosen): void;
}

/** What is drawn on the text: a mention, or a place that a link led to. */
type Shape = { mention: StoredMention } | { role: string };

const DEEPEST = 5;

export const DocumentText = memo(function DocumentText(props: DocumentTextProps): JSX.Element {
  const { points, start, end, mentions, chosen, ends } = props;
  const messages = useMessages();
  const host = useRef<HTMLDivElement>(null);
  const text = useMemo(
    () => tree(shapes(mentions, chosen, ends), start, end),
    [mentions, chosen, ends, start, end],
  );
  useEffect(() => {
    const marks = host.current?.querySelectorAll<HTMLElement>(".chosen, .subject, .object") ?? [];
    const first = marks[0];
    if (first !== undefined && !isSeen(first)) first.scrollIntoView({ block: "center" });
  }, [points, chosen, ends]);
  return (
    <div
      ref={host}
      class="text"
      tabIndex={0}
      role="region"
      aria-label={messages.textKeys}
      onClick={(event) => pick(event.target, props)}
      onKeyDown={(event) => walk(event, host.current, props)}
    >
      <Drawing points={points} nodes={text} chosen={chosen} />
    </div>
  );
});

/** Whether an element is in the part of the window that nothing covers. */
function isSeen(element: HTMLElement): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  return top > 60 && bottom < innerHeight * (innerWidth > 960 ? 1 : 0.5);
}

function shapes(
  mentions: readonly StoredMention[],
  chosen: Chosen | null,
  ends: readonly End[],
): Drawn<Shape>[] {
  const drawn: Drawn<Shape>[] = mentions.map((mention) => ({
    start: mention.start,
    end: mention.end,
    value: { mention },
  }));
  const known = (span: Chosen) => mentions.some((m) => m.start === span.start && m.end === span.end);
  if (chosen !== null && !known(chosen)) drawn.unshift({ ...chosen, value: { role: "place" } });
  for (const one of ends) drawn.push({ start: one.start, end: one.end, value: { role: one.role } });
  return drawn;
}

interface DrawingProps {
  points: CodePoints;
  nodes: readonly Node<Shape>[];
  chosen: Chosen | null;
}

function Drawing({ points, nodes, chosen }: DrawingProps): JSX.Element {
  const labels = useLabels();
  const draw = (node: Node<Shape>, key: number): ComponentChildren => {
    if (node.kind === "text") return points.slice(node.start, node.end);
    const { value, start, end } = node.drawn;
    const inside = node.children.map(draw);
    if ("role" in value) {
      const place = value.role === "place" ? "place chosen" : value.role;
      return <mark key={key} class={place}>{inside}</mark>;
    }
    const isChosen = chosen?.start === start && chosen.end === end;
    return (
      <span
        key={key}
        class={`mention h${Math.min(heightOf(node), DEEPEST)}${isChosen ? " chosen" : ""}`}
        data-kind={kindOf(value.mention.type)}
        data-start={start}
        data-end={end}
        tabIndex={-1}
        title={`${labels.type(value.mention.type)}: ${value.mention.name}`}
      >
        {inside}
      </span>
    );
  };
  return <bdi>{nodes.map(draw)}</bdi>;
}

/** How many mentions are nested below one. */
function heightOf(node: Node<Shape>): number {
  if (node.kind === "text") return -1;
  const below = Math.max(-1, ...node.children.map(heightOf));
  return "mention" in node.drawn.value ? below + 1 : below;
}

function pick(target: EventTarget | null, props: DocumentTextProps): void {
  if (!(target instanceof Element)) return;
  const found = target.closest<HTMLElement>(".mention");
  if (found === null || window.getSelection()?.type === "Range") return;
  props.choose({ start: Number(found.dataset.start), end: Number(found.dataset.end) });
}

/** Left and right go from mention to mention, Enter chooses one. */
function walk(event: KeyboardEvent, host: HTMLElement | null, props: DocumentTextProps): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (host === null || (step === undefined && event.key !== "Enter")) return;
  const focused = document.activeElement as HTMLElement | null;
  if (step === undefined) {
    pick(focused, props);
    return;
  }
  const all = [...host.querySelectorAll<HTMLElement>(".mention")];
  const at = focused === null ? -1 : all.indexOf(focused);
  const chosen = all.findIndex((mention) => mention.classList.contains("chosen"));
  const next = all[at >= 0 ? at + step : chosen >= 0 ? chosen + step : 0];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}
