// Where an entity is mentioned, by document; mentions can be chosen and moved out of it.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { entityUrl } from "../api";
import { useData, useMayEdit } from "../data";
import { useMessages } from "../i18n";
import { address, documentAddress, Link } from "../router";
import { nameOf } from "../sources";
import type { Entity, Page, StoredMention } from "../types";
import { Twin, Waiting } from "./basics";
import { Refused, useJudging } from "./judge";

const keyOf = (m: StoredMention): string => `${m.document}\n${m.start}\n${m.end}`;

export function Documents({ entity }: { entity: Entity }): JSX.Element {
  const messages = useMessages();
  const mayEdit = useMayEdit();
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const [splitting, setSplitting] = useState(false);
  const [chosen, setChosen] = useState<ReadonlyMap<string, StoredMention>>(new Map());
  const judging = useJudging();
  const cursor = cursors.at(-1) ?? null;
  const url = address(entityUrl(entity.id, "/mentions"), { cursor, limit: 200 });
  const loaded = useData<Page<StoredMention>>(url);
  const found = loaded.value;
  const toggle = (mention: StoredMention) => {
    const next = new Map(chosen);
    if (!next.delete(keyOf(mention))) next.set(keyOf(mention), mention);
    setChosen(next);
  };
  const split = () => {
    const mentions = [...chosen.values()].map(({ document, start, end }) => ({ document, start, end }));
    void judging.judge({ verdict: "split", subject: entity.id, mentions });
    setChosen(new Map());
  };
  return (
    <section aria-labelledby="documents">
      <div class="head">
        <h2 id="documents">{messages.documents}</h2>
        {mayEdit && (
          <button type="button" class="plain" aria-pressed={splitting} onClick={() => setSplitting(!splitting)}>
            {messages.split}
          </button>
        )}
        <Twin url={url} />
      </div>
      {splitting && <p class="quiet">{messages.splitNote}</p>}
      <Waiting of={loaded} />
      <ul class="mentioned">
        {byDocument(found?.items ?? []).map(([source, mentions]) => (
          <li key={source}>
            <Link class="source" href={address("/document", { source })} title={source}><bdi>{nameOf(source)}</bdi></Link>
            <ul>
              {mentions.map((mention) => (
                <li key={keyOf(mention)}>
                  {splitting && (
                    <input
                      type="checkbox"
                      aria-label={`${mention.text} ${mention.start}–${mention.end}`}
                      checked={chosen.has(keyOf(mention))}
                      onChange={() => toggle(mention)}
                    />
                  )}
                  <Link href={documentAddress(source, mention.start, mention.end)}>
                    <bdi>{mention.text}</bdi>
                  </Link>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {splitting && (
        <button type="button" disabled={judging.busy || chosen.size === 0} onClick={split}>
          {messages.moveOut} ({chosen.size})
        </button>
      )}
      <Refused judging={judging} />
      <div class="pager">
        {cursors.length > 0 && (
          <button type="button" class="plain" onClick={() => setCursors(cursors.slice(0, -1))}>
            ← {messages.back}
          </button>
        )}
        {found?.next != null && (
          <button type="button" class="plain" onClick={() => setCursors([...cursors, found.next ?? ""])}>
            {messages.further} →
          </button>
        )}
      </div>
    </section>
  );
}

function byDocument(mentions: readonly StoredMention[]): [string, StoredMention[]][] {
  const found = new Map<string, StoredMention[]>();
  for (const mention of mentions) {
    const known = found.get(mention.document);
    if (known === undefined) found.set(mention.document, [mention]);
    else known.push(mention);
  }
  return [...found];
}
