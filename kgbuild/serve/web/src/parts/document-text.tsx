// A part of a document's text with its mentions: nested ones are underlined below each other.
// Who may edit selects words in it for a mention that is missing.
import type { ComponentChildren, JSX, RefObject } from "preact";
import { memo } from "preact/compat";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { useLabels } from "../data";
import { useMessages } from "../i18n";
import { kindOf } from "../kinds";
import { byWord, caretIn, directedIn, rangeOf, selectedIn, setSelection, unitsOf } from "../selection";
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
  /** The element of the text. */
  host: RefObject<HTMLDivElement | null>;
  /** Undefined for those who may only look. */
  selecting: Selecting | undefined;
}

/** Words selected for a new mention. */
export interface Selecting {
  selected: Chosen | null;
  select(span: Chosen | null): void;
  /** To the form of the mention. */
  enter(): void;
}

/** What is drawn on the text: a mention, or a place that a link led to. */
type Shape = { mention: StoredMention } | { role: string };

const DEEPEST = 5;

/** Milliseconds without a change after which a selection by keys or handles is what is wanted. */
const SELECTED = 250;

/** The name of what is drawn over selected words (`::highlight(selected)`). */
const HIGHLIGHT = "selected";

export const DocumentText = memo(function DocumentText(props: DocumentTextProps): JSX.Element {
  const { points, start, end, mentions, chosen, ends, host, selecting } = props;
  const messages = useMessages();
  const text = useMemo(
    () => tree(shapes(mentions, chosen, ends), start, end),
    [mentions, chosen, ends, start, end],
  );
  useEffect(() => {
    const marks = host.current?.querySelectorAll<HTMLElement>(".chosen, .subject, .object") ?? [];
    const first = marks[0];
    if (first !== undefined && !isSeen(first)) first.scrollIntoView({ block: "center" });
  }, [points, chosen, ends]);
  useSelecting(props);
  useHighlight(props, text);
  return (
    <div
      ref={host}
      class="text"
      tabIndex={0}
      role="region"
      aria-label={selecting ? `${messages.textKeys}. ${messages.selectKeys}` : messages.textKeys}
      onClick={(event) => pick(event.target, props)}
      onKeyDown={(event) => press(event, props)}
    >
      <Drawing points={points} nodes={text} chosen={chosen} />
    </div>
  );
});

/** Tells of words selected in any way the browser has, once the selecting is over. */
function useSelecting(props: DocumentTextProps): void {
  const held = useRef(props);
  held.current = props;
  const wanted = props.selecting !== undefined;
  useEffect(() => {
    if (!wanted) return;
    const abort = new AbortController();
    const { signal } = abort;
    let timer = 0;
    let pressed = false;
    const look = () => {
      if (!pressed) tell(held.current);
    };
    const lookAfter = (moment: number) => {
      clearTimeout(timer);
      timer = setTimeout(look, moment);
    };
    const released = () => {
      pressed = false;
      lookAfter(0);
    };
    document.addEventListener("selectionchange", () => lookAfter(SELECTED), { signal });
    addEventListener("pointerdown", () => (pressed = true), { signal });
    addEventListener("pointerup", released, { signal });
    addEventListener("pointercancel", released, { signal });
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [wanted]);
}

function tell({ host, points, start, selecting }: DocumentTextProps): void {
  const found = host.current && selectedIn(host.current);
  if (found === undefined || selecting === undefined) return;
  const before = points.unit(start);
  const span = found && { start: points.point(before + found.start), end: points.point(before + found.end) };
  const { selected } = selecting;
  if (span?.start !== selected?.start || span?.end !== selected?.end) selecting.select(span);
}

/** Shows the selected words while the focus is in their form: the browser's own selection is gone
 * then. Browsers that can't have them quoted in the form alone. */
function useHighlight({ host, points, start, end, selecting }: DocumentTextProps, text: readonly Node<Shape>[]): void {
  const selected = selecting?.selected ?? null;
  useEffect(() => {
    if (host.current === null || selected === null || CSS.highlights === undefined) return;
    if (selected.start < start || selected.end > end) return;
    const before = points.unit(start);
    const range = rangeOf(host.current, points.unit(selected.start) - before, points.unit(selected.end) - before);
    CSS.highlights.set(HIGHLIGHT, new Highlight(range));
    return () => {
      CSS.highlights.delete(HIGHLIGHT);
    };
  }, [selected, points, start, end, text]);
}

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

function press(event: KeyboardEvent, props: DocumentTextProps): void {
  const host = props.host.current;
  if (host === null || event.altKey || event.ctrlKey || event.metaKey) return;
  const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : undefined;
  const { selecting } = props;
  const held = selecting === undefined ? null : directedIn(host);
  if (step !== undefined && selecting !== undefined && (event.shiftKey || held !== null)) {
    event.preventDefault();
    const from = held === null ? placeInHand(host, step) : 0;
    const next = byWord(host.textContent ?? "", step, held, from, event.shiftKey);
    if (next === null) return;
    setSelection(host, next);
    tell(props);
  } else if (event.key === "Enter" && selecting?.selected) {
    event.preventDefault();
    selecting.enter();
  } else if (event.key === "Enter") {
    pick(document.activeElement, props);
  } else if (step !== undefined) {
    walk(event, host, step);
  }
}

/** From where a selection by keys begins: the mention in hand, or where one has clicked. */
function placeInHand(host: HTMLElement, step: 1 | -1): number {
  const focused = document.activeElement;
  const edge = (mention: HTMLElement) => unitsOf(host, mention)[step > 0 ? "end" : "start"];
  if (focused instanceof HTMLElement && focused !== host && host.contains(focused)) return edge(focused);
  const caret = caretIn(host);
  if (caret !== null) return caret;
  const chosen = host.querySelector<HTMLElement>(".chosen");
  return chosen === null ? 0 : edge(chosen);
}

/** Left and right go from mention to mention, Enter chooses one. */
function walk(event: KeyboardEvent, host: HTMLElement, step: 1 | -1): void {
  const focused = document.activeElement as HTMLElement | null;
  const all = [...host.querySelectorAll<HTMLElement>(".mention")];
  const at = focused === null ? -1 : all.indexOf(focused);
  const chosen = all.findIndex((mention) => mention.classList.contains("chosen"));
  const next = all[at >= 0 ? at + step : chosen >= 0 ? chosen + step : 0];
  if (next === undefined) return;
  event.preventDefault();
  // Only as long as it has the focus: Chromium selects nothing by a mouse that is pressed on the
  // first letter of what can have it.
  next.tabIndex = -1;
  next.addEventListener("blur", () => next.removeAttribute("tabindex"), { once: true });
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}
