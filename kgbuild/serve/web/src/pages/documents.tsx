// All documents, and the upload of more.
import type { JSX } from "preact";
import { Head, Pager, useTitle, Waiting } from "../parts/basics";
import { Upload } from "../parts/upload";
import { useData, useMayEdit } from "../data";
import { useMessages, useNumbers } from "../i18n";
import { address, Link, type Place } from "../router";
import type { DocumentSummary, Page } from "../types";

export function Documents({ place }: { place: Place }): JSX.Element {
  const messages = useMessages();
  const number = useNumbers();
  const mayEdit = useMayEdit();
  const cursor = place.search.get("cursor");
  const url = address("/v1/documents", { cursor, limit: 50 });
  const loaded = useData<Page<DocumentSummary>>(url);
  const found = loaded.value;
  useTitle(messages.documents);
  return (
    <>
      <Head title={messages.documents} twin={url} />
      {mayEdit && <Upload job={place.search.get("job")} />}
      <Waiting of={loaded} />
      {found?.items.length === 0 && <p>{messages.empty}</p>}
      <ul class="rows sources-list">
        {found?.items.map((document) => (
          <li key={document.source}>
            <Link class="source item" href={address("/document", { source: document.source })}>
              <bdi>{document.source}</bdi>
            </Link>
            <span class="quiet">{document.media_type}</span>
            <span class="number" title={messages.characters}>{number(document.characters)}</span>
          </li>
        ))}
      </ul>
      {found !== undefined && (
        <Pager next={found.next} cursor={cursor} at={(to) => address("/documents", { cursor: to })} />
      )}
    </>
  );
}
