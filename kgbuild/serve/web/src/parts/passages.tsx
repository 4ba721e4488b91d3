// Sentences that were found, with what matched in them.
import type { JSX } from "preact";
import { documentAddress, Link } from "../router";
import type { Passage } from "../types";
import { Marked } from "./marked";

export function Passages({ passages }: { passages: readonly Passage[] }): JSX.Element {
  return (
    <ol class="evidence passages">
      {passages.map((passage) => (
        <li key={`${passage.document} ${passage.start} ${passage.end}`}>
          <blockquote>
            <Marked
              text={passage.text}
              start={passage.start}
              spans={passage.highlights.map(([start, end]) => ({ start, end, value: "hit" }))}
            />
            <footer>
              <Link
                class="source item"
                href={documentAddress(passage.document, passage.start, passage.end)}
              >
                <bdi>{passage.document}</bdi>
              </Link>
              <span class="quiet">{passage.score.toFixed(3)}</span>
              <span class="quiet">{passage.found_by.join(" · ")}</span>
            </footer>
          </blockquote>
        </li>
      ))}
    </ol>
  );
}
