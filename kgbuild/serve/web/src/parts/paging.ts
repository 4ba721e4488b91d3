// A long text in parts, so that the browser draws one at a time.
import type { CodePoints } from "../text";

const PART = 30_000;

/** Where the parts begin, as code points, and at last the text's end; cut at line ends where
 * there are some. */
export function partsOf(points: CodePoints): number[] {
  const found = [0];
  let at = 0;
  while (points.length - at > PART * 1.5) {
    const piece = points.slice(at, at + PART);
    const line = piece.lastIndexOf("\n");
    // A line end is one unit wherever it stands, but what is before it may be longer.
    const kept = line > 0 ? [...piece.slice(0, line + 1)].length : PART;
    at += kept;
    found.push(at);
  }
  found.push(points.length);
  return found;
}

/** The part that an address asks for, or that holds a place. */
export function partAt(parts: readonly number[], place: number, asked: string | null): number {
  const last = parts.length - 2;
  if (asked !== null && /^\d+$/.test(asked)) return Math.min(Number(asked), last);
  const after = parts.findIndex((start) => start > place);
  return after < 0 ? last : Math.max(0, Math.min(after - 1, last));
}
