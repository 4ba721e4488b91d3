// Offsets: the service counts code points, JavaScript counts UTF-16 units.

/** A text that can be cut at code points. */
export class CodePoints {
  /** Of each code point its first unit; null where every unit is a code point. */
  private readonly units: Uint32Array | null;
  readonly length: number;

  constructor(readonly text: string) {
    this.units = /[\ud800-\udbff][\udc00-\udfff]/.test(text) ? starts(text) : null;
    this.length = this.units === null ? text.length : this.units.length - 1;
  }

  /** The unit at which a code point begins; offsets beyond an end are that end. */
  unit(point: number): number {
    const inside = Math.max(0, Math.min(point, this.length));
    return this.units === null ? inside : (this.units[inside] ?? this.text.length);
  }

  /** The code point that a unit belongs to. */
  point(unit: number): number {
    const inside = Math.max(0, Math.min(unit, this.text.length));
    if (this.units === null) return inside;
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.units[middle] ?? 0) <= inside) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  slice(start: number, end: number): string {
    return this.text.slice(this.unit(start), this.unit(end));
  }
}

function starts(text: string): Uint32Array {
  const found = new Uint32Array(text.length + 1);
  let count = 0;
  for (let unit = 0; unit < text.length; count += 1) {
    found[count] = unit;
    const first = text.charCodeAt(unit);
    const second = text.charCodeAt(unit + 1);
    const pair = first >= 0xd800 && first < 0xdc00 && second >= 0xdc00 && second < 0xe000;
    unit += pair ? 2 : 1;
  }
  found[count] = text.length;
  return found.slice(0, count + 1);
}

/** A span that is to be drawn on a text. */
export interface Drawn<Value> {
  start: number;
  end: number;
  value: Value;
}

/** A stretch of text, or a span with what is in it; `height` counts the spans below it. */
export type Node<Value> =
  | { kind: "text"; start: number; end: number }
  | { kind: "span"; drawn: Drawn<Value>; children: Node<Value>[]; height: number };

/** Nested spans as a tree over [start, end). Where two cross, the later is cut at the
 * earlier's end; what remains of it follows. */
export function tree<Value>(spans: readonly Drawn<Value>[], start: number, end: number): Node<Value>[] {
  const inside = spans
    .map((span) => ({ drawn: span, start: Math.max(span.start, start), end: Math.min(span.end, end) }))
    .filter((piece) => piece.start < piece.end);
  return grow(inside.sort(before), start, end);
}

interface Piece<Value> {
  drawn: Drawn<Value>;
  start: number;
  end: number;
}

function before<Value>(one: Piece<Value>, other: Piece<Value>): number {
  return one.start - other.start || other.end - one.end;
}

function grow<Value>(pieces: readonly Piece<Value>[], start: number, end: number): Node<Value>[] {
  const nodes: Node<Value>[] = [];
  let at = start;
  let next = 0;
  let waiting: Piece<Value>[] = [...pieces];
  while (next < waiting.length) {
    const outer = waiting[next];
    if (outer === undefined) break;
    next += 1;
    if (outer.start > at) nodes.push({ kind: "text", start: at, end: outer.start });
    const inner: Piece<Value>[] = [];
    const cut: Piece<Value>[] = [];
    while (next < waiting.length) {
      const piece = waiting[next];
      if (piece === undefined || piece.start >= outer.end) break;
      next += 1;
      inner.push({ ...piece, end: Math.min(piece.end, outer.end) });
      if (piece.end > outer.end) cut.push({ ...piece, start: outer.end });
    }
    const children = grow(inner, outer.start, outer.end);
    const heights = children.map((child) => (child.kind === "span" ? child.height + 1 : 0));
    nodes.push({ kind: "span", drawn: outer.drawn, children, height: Math.max(0, ...heights) });
    at = outer.end;
    if (cut.length > 0) {
      waiting = [...waiting.slice(next), ...cut].sort(before);
      next = 0;
    }
  }
  if (at < end) nodes.push({ kind: "text", start: at, end });
  return nodes;
}
