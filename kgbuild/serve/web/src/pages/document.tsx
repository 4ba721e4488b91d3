// The reader: a document's text with its mentions drawn on it, and its relations beside it.
import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { documentUrl, factsUrl } from "../api";
import { Head, useTitle, Waiting } from "../parts/basics";
import { Legend, useHidden } from "../parts/legend";
import { type Chosen, DocumentText } from "../parts/document-text";
import { NewMention } from "../parts/new-mention";
import { factEnds, Relations } from "../parts/relations";
import { useData, useMayEdit } from "../data";
import { useLanguage, useMessages, useNumbers } from "../i18n";
import { kindOf } from "../kinds";
import { address, go, Link, type Place } from "../router";
import { nameOf } from "../sources";
import { CodePoints } from "../text";
import { Deletion } from "./documents";
import type { Fact, Page, WholeDocument } from "../types";
import { partAt, partsOf } from "../parts/paging";

export function DocumentPage({ place }: { place: Place }): JSX.Element {
  const messages = useMessages();
  const mayEdit = useMayEdit();
  const source = place.search.get("source") ?? "";
  const loaded = useData<WholeDocument>(source ? documentUrl(source) : null);
  const title = loaded.value?.title ?? nameOf(source);
  useTitle(title);
  if (!source) return <p>{messages.notFound}</p>;
  return (
    <article class="document">
      <Head title={<bdi>{title}</bdi>} twin={documentUrl(source)}>
        {mayEdit && <Deletion source={source} title={title} gone={() => go("/documents")} />}
      </Head>
      <About source={source} title={title} added={loaded.value?.added_at ?? null} original={loaded.value?.copy_of ?? ""} />
      <Waiting of={loaded} />
      {loaded.value !== undefined && <Reader document={loaded.value} place={place} />}
    </article>
  );
}

interface Told {
  source: string;
  title: string;
  added: string | null;
  original: string;
}

/** Where a document lies, when it came, and what it is a copy of. */
function About({ source, title, added, original }: Told): JSX.Element {
  const messages = useMessages();
  const when = new Intl.DateTimeFormat(useLanguage(), { dateStyle: "medium" });
  return (
    <p class="quiet">
      {title !== source && <bdi>{source}</bdi>}
      {added !== null && ` · ${messages.addedAt} ${when.format(new Date(added))}`}
      {original !== "" && (
        <>
          {` · ${messages.copyOf} `}
          <Link href={address("/document", { source: original })}>
            <bdi>{nameOf(original)}</bdi>
          </Link>
        </>
      )}
    </p>
  );
}

/** A span of the address: «12-40». */
function spanOf(text: string | null): Chosen | null {
  const found = /^(\d+)-(\d+)$/.exec(text ?? "");
  return found === null ? null : { start: Number(found[1]), end: Number(found[2]) };
}

function Reader({ document, place }: { document: WholeDocument; place: Place }): JSX.Element {
  const messages = useMessages();
  const { source } = document;
  const at = useMemo(() => spanOf(place.search.get("at")), [place.search.get("at")]);
  const factId = place.search.get("fact");
  const points = useMemo(() => new CodePoints(document.text), [document]);
  const facts = useData<Page<Fact>>(factsUrl({ document: source }));
  const fact = facts.value?.items.find((one) => one.id === factId) ?? null;
  const ends = useMemo(() => factEnds(fact, source), [fact, source]);
  const parts = useMemo(() => partsOf(points), [points]);
  const part = partAt(parts, ends[0]?.start ?? at?.start ?? 0, place.search.get("part"));
  const [hidden, toggle] = useHidden();
  const shown = useMemo(
    () => document.mentions.filter((mention) => !hidden.has(kindOf(mention.type))),
    [document, hidden],
  );
  const to = (values: Record<string, string | null>) => address("/document", { source, ...values });
  const close = () => go(to({ part: part > 0 ? String(part) : null }), true);
  const { held, selected, selecting, host, form, leave } = useSelection(points);
  useEffect(() => {
    const escape = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      if (held !== null) leave();
      else if (at !== null || factId !== null) close();
    };
    addEventListener("keydown", escape);
    return () => removeEventListener("keydown", escape);
  }, [at, factId, source, part, held]);
  const span = (place: Chosen) => to({ at: `${place.start}-${place.end}` });
  return (
    <>
      <Legend mentions={document.mentions} hidden={hidden} toggle={toggle} />
      <Parts count={parts.length - 1} part={part} to={(n) => to({ part: String(n) })} />
      <div class="split reader">
        <DocumentText
          points={points}
          start={parts[part] ?? 0}
          end={parts[part + 1] ?? points.length}
          mentions={shown}
          chosen={at}
          ends={ends}
          choose={(place) => go(span(place), true)}
          host={host}
          selecting={selecting}
        />
        <Relations
          document={document}
          loaded={facts}
          chosen={at}
          fact={fact}
          to={(id) => to({ fact: id })}
          close={close}
        >
          {held && (selected === null ? (
            <p class="failure" role="alert">
              {messages.changedMeanwhile} <bdi>{held.text}</bdi>{" "}
              <button type="button" class="plain" onClick={leave}>{messages.close}</button>
            </p>
          ) : (
            <NewMention
              key={held.form}
              document={document}
              span={held}
              text={held.text}
              form={form}
              close={leave}
              saved={() => {
                leave();
                go(span(held), true);
              }}
            />
          ))}
        </Relations>
      </div>
      <Parts count={parts.length - 1} part={part} to={(n) => to({ part: String(n) })} />
    </>
  );
}

interface Held extends Chosen {
  text: string;
  /** Which form they are in: more or fewer of the same words stay in theirs. */
  form: number;
}

function formOf(span: Chosen, before: Held | null): number {
  if (before === null) return 0;
  return span.start < before.end && before.start < span.end ? before.form : before.form + 1;
}

/** The words that are selected for a new mention, by those who may add one. */
function useSelection(points: CodePoints) {
  const mayEdit = useMayEdit();
  const host = useRef<HTMLDivElement>(null);
  const form = useRef<HTMLFormElement>(null);
  const [held, hold] = useState<Held | null>(null);
  const select = (span: Chosen | null) =>
    hold((before) => span && { ...span, text: points.slice(span.start, span.end), form: formOf(span, before) });
  // A document that was read again may have other words there.
  const selected = held !== null && points.slice(held.start, held.end) === held.text ? held : null;
  const enter = () => form.current?.querySelector<HTMLElement>("input, select, button")?.focus();
  const leave = () => {
    hold(null);
    getSelection()?.removeAllRanges();
    host.current?.focus({ preventScroll: true });
  };
  const selecting = mayEdit ? { selected, select, enter } : undefined;
  return { held, selected, selecting, host, form, leave };
}

interface PartsProps {
  count: number;
  part: number;
  to(part: number): string;
}

/** Long texts are shown in parts. */
function Parts({ count, part, to }: PartsProps): JSX.Element | null {
  const messages = useMessages();
  const number = useNumbers();
  if (count < 2) return null;
  return (
    <nav class="pager" aria-label={messages.pages}>
      {part > 0 && <Link href={to(part - 1)}>← {messages.back}</Link>}
      <span>{messages.part} {number(part + 1)} / {number(count)}</span>
      {part + 1 < count && <Link href={to(part + 1)}>{messages.further} →</Link>}
    </nav>
  );
}
