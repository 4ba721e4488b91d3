// All documents by title, with dates, sorted and searched; the upload of more.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { documentUrl, send } from "../api";
import { Head, Pager, useTitle, Waiting } from "../parts/basics";
import { Within } from "../parts/collections";
import { Upload } from "../parts/upload";
import { useData, useMayEdit, useShared } from "../data";
import { useLanguage, useMessages, useNumbers } from "../i18n";
import { address, go, Link, type Place } from "../router";
import { nameOf } from "../sources";
import type { DocumentSummary, Page } from "../types";

const SORTS = ["source", "newest", "oldest", "longest"] as const;

export function Documents({ place }: { place: Place }): JSX.Element {
  const messages = useMessages();
  const mayEdit = useMayEdit();
  const [text, sort, document, cursor] = ["text", "sort", "document", "cursor"].map((n) => place.search.get(n));
  const wanted = { text, sort, document };
  const url = address("/v1/documents", { ...wanted, cursor, limit: 50 });
  const loaded = useData<Page<DocumentSummary>>(url);
  const found = loaded.value;
  useTitle(messages.documents);
  return (
    <>
      <Head title={messages.documents} twin={url} />
      {mayEdit && <Upload job={place.search.get("job")} empty={found?.items.length === 0 && !text && !document} />}
      <Narrow wanted={wanted} />
      <Waiting of={loaded} />
      {found?.items.length === 0 && <p>{text || document ? messages.nothingFound : messages.empty}</p>}
      <ul class="rows sources-list">
        {found?.items.map((one) => <li key={one.source}><Row document={one} /></li>)}
      </ul>
      {found !== undefined && (
        <Pager next={found.next} cursor={cursor ?? null} at={(to) => address("/documents", { ...wanted, cursor: to })} />
      )}
    </>
  );
}

interface NarrowProps {
  wanted: { text?: string | null; sort?: string | null; document?: string | null };
}

function Narrow({ wanted }: NarrowProps): JSX.Element {
  const messages = useMessages();
  const [typed, setTyped] = useState(wanted.text ?? "");
  useEffect(() => setTyped(wanted.text ?? ""), [wanted.text]);
  const names = {
    source: messages.byName,
    newest: messages.newestFirst,
    oldest: messages.oldestFirst,
    longest: messages.longestFirst,
  };
  const to = (more: Record<string, string>) => address("/documents", { ...wanted, ...more });
  return (
    <form
      class="filters"
      onSubmit={(event) => {
        event.preventDefault();
        go(to({ text: typed.trim() }));
      }}
    >
      <label>
        <span>{messages.titleHolds}</span>
        <input value={typed} maxLength={200} onInput={(event) => setTyped(event.currentTarget.value)} />
      </label>
      <label>
        <span>{messages.order}</span>
        <select value={wanted.sort ?? "source"} onChange={(event) => go(to({ sort: event.currentTarget.value }))}>
          {SORTS.map((name) => <option key={name} value={name}>{names[name]}</option>)}
        </select>
      </label>
      <Within chosen={wanted.document ?? null} choose={(document) => go(to({ document }))} />
      <button type="submit">{messages.show}</button>
    </form>
  );
}

function Row({ document }: { document: DocumentSummary }): JSX.Element {
  const messages = useMessages();
  const number = useNumbers();
  const mayEdit = useMayEdit();
  const when = new Intl.DateTimeFormat(useLanguage(), { dateStyle: "medium" });
  const name = nameOf(document.source);
  return (
    <>
      <span class="end">
        <Link class="source item" href={address("/document", { source: document.source })} title={document.source}>
          <bdi>{document.title}</bdi>
        </Link>
        {document.title !== name && <span class="aliases"><bdi>{name}</bdi></span>}
      </span>
      <span class="quiet" title={messages.addedAt}>
        {document.added_at && when.format(new Date(document.added_at))}
      </span>
      <span class="number" title={messages.characters}>{number(document.characters)}</span>
      {mayEdit && <Deletion source={document.source} title={document.title} />}
    </>
  );
}

interface DeletionProps {
  source: string;
  title: string;
  /** What to do when it is gone. */
  gone?: () => void;
}

/** A document's deletion, asked twice: there is no way back but to read the file again. */
export function Deletion({ source, title, gone }: DeletionProps): JSX.Element {
  const messages = useMessages();
  const { changed } = useShared();
  const [asking, setAsking] = useState(false);
  const [error, setError] = useState("");
  const remove = () => {
    send(documentUrl(source), { method: "DELETE" }).then(
      () => {
        gone?.();
        changed();
      },
      (failure: Error) => setError(failure.message),
    );
  };
  return (
    <span class="deletion">
      {asking ? (
        <>
          <button type="button" onClick={remove} aria-label={`${messages.deleteForGood}: ${title}`}>
            {messages.deleteForGood}
          </button>{" "}
          <button type="button" class="plain" onClick={() => setAsking(false)}>{messages.keep}</button>
        </>
      ) : (
        <button type="button" class="plain" onClick={() => setAsking(true)} aria-label={`${messages.delete}: ${title}`}>
          {messages.delete}
        </button>
      )}
      {error && <span class="failure" role="alert"><bdi>{error}</bdi></span>}
    </span>
  );
}
