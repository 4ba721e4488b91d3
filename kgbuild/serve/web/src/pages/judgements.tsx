// What people have said of the graph, and taking it back.
import type { JSX } from "preact";
import { Head, Pager, useTitle, Waiting } from "../parts/basics";
import { Refused, useJudging, useVerdicts } from "../parts/judge";
import { useData, useLabels, useMayEdit } from "../data";
import { useLanguage, useMessages } from "../i18n";
import { address, entityAddress, go, Link, type Place } from "../router";
import type { Judgement, Page } from "../types";
import { entityUrl } from "../api";
import type { Entity } from "../types";

export function Judgements({ place }: { place: Place }): JSX.Element {
  const messages = useMessages();
  const cursor = place.search.get("cursor");
  const undone = place.search.get("undone");
  const url = address("/v1/judgements", { undone, cursor, limit: 50 });
  const loaded = useData<Page<Judgement>>(url);
  const judging = useJudging();
  useTitle(messages.judgements);
  const found = loaded.value;
  return (
    <>
      <Head title={messages.judgements} twin={url} />
      <nav class="tabs" aria-label={messages.review}>
        <Link href="/review">{messages.pairs}</Link>
        <Link href="/review?tab=facts">{messages.doubtfulFacts}</Link>
        <Link href="/review?tab=merge">{messages.merge}</Link>
        <Link href="/judgements" current>{messages.judgements}</Link>
      </nav>
      <label class="check">
        <input
          type="checkbox"
          checked={undone !== null}
          onChange={(event) => go(address("/judgements", { undone: event.currentTarget.checked && "true" }))}
        />{" "}
        {messages.withUndone}
      </label>
      <Waiting of={loaded} />
      <Refused judging={judging} />
      {found?.items.length === 0 && <p>{messages.noJudgements}</p>}
      <ol class="judgements">
        {found?.items.map((judgement) => (
          <li key={judgement.id} class={judgement.undone_at === null ? "" : "taken-back"}>
            <Line judgement={judgement} undo={judging.undo} busy={judging.busy} />
          </li>
        ))}
      </ol>
      {found !== undefined && (
        <Pager next={found.next} cursor={cursor} at={(to) => address("/judgements", { undone, cursor: to })} />
      )}
    </>
  );
}

interface LineProps {
  judgement: Judgement;
  undo(id: number): void;
  busy: boolean;
}

function Line({ judgement, undo, busy }: LineProps): JSX.Element {
  const messages = useMessages();
  const labels = useLabels();
  const mayEdit = useMayEdit();
  const when = new Intl.DateTimeFormat(useLanguage(), { dateStyle: "medium", timeStyle: "short" });
  const verdicts = useVerdicts();
  return (
    <>
      <span class="quiet">№{judgement.id}</span>
      <span>
        <strong>{verdicts[judgement.verdict] ?? judgement.verdict}</strong>:{" "}
        <Bearer id={judgement.subject} />
        {judgement.relation && <> <span class="relation">{labels.relation(judgement.relation)}</span></>}
        {judgement.object && <> <Bearer id={judgement.object} /></>}
        {judgement.value && (
          <> → <bdi>{judgement.verdict === "retype" ? labels.type(judgement.value) : judgement.value}</bdi></>
        )}
        {judgement.verdict === "split" && (
          <span class="quiet"> {messages.mentions}: {judgement.mentions.length}</span>
        )}
      </span>
      <span class="quiet">
        <bdi>{judgement.author}</bdi>, {when.format(new Date(judgement.made_at))}
      </span>
      {mayEdit && judgement.undone_at === null && (
        <button type="button" class="item" disabled={busy} onClick={() => undo(judgement.id)}>
          {messages.undo}
        </button>
      )}
      {judgement.undone_at !== null && <span class="quiet">{messages.undone}</span>}
    </>
  );
}

/** The entity that a name's id belongs to now. */
function Bearer({ id }: { id: string }): JSX.Element {
  const entity = useData<Entity>(entityUrl(id)).value;
  return <Link href={entityAddress(id)}><bdi>{entity?.name ?? id}</bdi></Link>;
}
