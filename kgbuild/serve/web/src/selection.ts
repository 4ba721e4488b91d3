// Words selected in a text: where they stand in it, and selecting them by keys. Inside this file
// offsets are UTF-16 units of what the element shows, as the browser counts.

export interface Units {
  start: number;
  end: number;
}

/** A selection with a direction: keys move its focus. */
export interface Directed {
  anchor: number;
  focus: number;
}

/** What a mention can't begin or end with: what the service takes for blank. */
const BLANKS_BEFORE = /^[\s\x1c-\x1f\x85]+/;
const BLANKS_BEHIND = /[\s\x1c-\x1f\x85]+$/;

/** What is selected in an element, without blanks around it: null where that is nothing,
 * undefined where the selection is elsewhere. What goes beyond the element is left out. */
export function selectedIn(host: HTMLElement): Units | null | undefined {
  const selection = getSelection();
  if (selection === null || selection.rangeCount === 0 || !host.contains(selection.anchorNode)) return undefined;
  const whole = document.createRange();
  whole.selectNodeContents(host);
  const range = selection.getRangeAt(0).cloneRange();
  if (range.compareBoundaryPoints(Range.START_TO_START, whole) < 0) range.setStart(host, 0);
  if (range.compareBoundaryPoints(Range.END_TO_END, whole) > 0) range.setEnd(host, host.childNodes.length);
  const text = range.toString();
  const bare = text.replace(BLANKS_BEFORE, "");
  const start = offsetOf(host, range.startContainer, range.startOffset) + text.length - bare.length;
  const length = bare.replace(BLANKS_BEHIND, "").length;
  return length === 0 ? null : { start, end: start + length };
}

/** The selection in an element with its direction; null where nothing is selected in it. */
export function directedIn(host: HTMLElement): Directed | null {
  const selection = getSelection();
  if (selection?.type !== "Range") return null;
  const { anchorNode, anchorOffset, focusNode, focusOffset } = selection;
  if (anchorNode === null || focusNode === null) return null;
  if (!host.contains(anchorNode) || !host.contains(focusNode)) return null;
  return { anchor: offsetOf(host, anchorNode, anchorOffset), focus: offsetOf(host, focusNode, focusOffset) };
}

/** Where the caret of a click stands in an element; null where it isn't in it. */
export function caretIn(host: HTMLElement): number | null {
  const selection = getSelection();
  if (selection?.type !== "Caret" || selection.anchorNode === null) return null;
  if (!host.contains(selection.anchorNode)) return null;
  return offsetOf(host, selection.anchorNode, selection.anchorOffset);
}

/** Where an element within a text begins and ends. */
export function unitsOf(host: HTMLElement, inner: HTMLElement): Units {
  const start = offsetOf(host, inner, 0);
  return { start, end: start + (inner.textContent?.length ?? 0) };
}

/** Selects, and brings what was selected last into sight. */
export function setSelection(host: HTMLElement, { anchor, focus }: Directed): void {
  getSelection()?.setBaseAndExtent(...placeAt(host, anchor), ...placeAt(host, focus));
  const { top, bottom } = rangeOf(host, Math.min(anchor, focus), Math.max(anchor, focus)).getBoundingClientRect();
  if (top < 60 || bottom > innerHeight) scrollBy(0, top - innerHeight / 3);
}

export function rangeOf(host: HTMLElement, start: number, end: number): Range {
  const range = document.createRange();
  range.setStart(...placeAt(host, start));
  range.setEnd(...placeAt(host, end));
  return range;
}

/** The selection after a key. Without `held`, or where it isn't to grow, it is the word next to it
 * or to `from`; else its focus goes a word on. Null where there is no more word. */
export function byWord(
  text: string,
  step: 1 | -1,
  held: Directed | null,
  from: number,
  grow: boolean,
): Directed | null {
  const words = wordsOf(text);
  if (held !== null && grow) {
    const focus = step > 0
      ? words.find((word) => word.end > held.focus)?.end
      : words.filter((word) => word.start < held.focus).at(-1)?.start;
    return focus === undefined ? null : { anchor: held.anchor, focus };
  }
  const at = held === null ? from : step > 0 ? Math.max(held.anchor, held.focus) : Math.min(held.anchor, held.focus);
  const word = step > 0 ? words.find((one) => one.start >= at) : words.filter((one) => one.end <= at).at(-1);
  if (word === undefined) return null;
  return step > 0 ? { anchor: word.start, focus: word.end } : { anchor: word.end, focus: word.start };
}

function wordsOf(text: string): Units[] {
  const found: Units[] = [];
  for (const { segment, index, isWordLike } of new Intl.Segmenter("ru", { granularity: "word" }).segment(text)) {
    if (isWordLike) found.push({ start: index, end: index + segment.length });
  }
  return found;
}

function offsetOf(host: HTMLElement, node: Node, offset: number): number {
  const before = document.createRange();
  before.setStart(host, 0);
  before.setEnd(node, offset);
  return before.toString().length;
}

function placeAt(host: HTMLElement, unit: number): [Node, number] {
  const walker = document.createTreeWalker(host, NodeFilter.SHOW_TEXT);
  let rest = unit;
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const { length } = node as Text;
    if (rest <= length) return [node, rest];
    rest -= length;
  }
  return [host, host.childNodes.length];
}
