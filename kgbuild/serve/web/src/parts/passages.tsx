// Sentences that were found, with what matched in them.
import type { JSX } from "preact";
import { useMessages } from "../i18n";
import { documentAddress, Link } from "../router";
import { nameOf } from "../sources";
import type { Passage } from "../types";
import { Marked } from "./marked";

export function Passages({ passages }: { passages: readonly Passage[] }): JSX.Element {
  const messages = useMessages();
  const ways: Record<string, string> = {
    lexical: messages.foundByWords,
    semantic: messages.foundByMeaning,
    graph: messages.foundByGraph,
  };
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
                title={passage.document}
              >
                <bdi>{nameOf(passage.document)}</bdi>
              </Link>
              <span class="quiet">{passage.score.toFixed(3)}</span>
              <span class="quiet">{passage.found_by.map((way) => ways[way] ?? way).join(" · ")}</span>
            </footer>
          </blockquote>
        </li>
      ))}
    </ol>
  );
}
