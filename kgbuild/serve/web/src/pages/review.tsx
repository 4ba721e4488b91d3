// What waits for a person: pairs of names, the facts that are least sure, names to join.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { factsUrl } from "../api";
import { Confidence, EntityLink, Head, TypeName, useTitle, Waiting } from "../parts/basics";
import { FactRow } from "../parts/facts";
import { Refused, useAuthor, useJudging } from "../parts/judge";
import { Passages } from "../parts/passages";
import { Picker } from "../parts/picker";
import { useData, useMayEdit, useShared } from "../data";
import { useMessages } from "../i18n";
import { address, Link, type Place } from "../router";
import type { Doubt, Entity, Fact, Page, SearchAnswer } from "../types";

const TABS = ["pairs", "facts", "merge"] as const;
type Tab = (typeof TABS)[number];

export function Review({ place }: { place: Place }): JSX.Element {
  const messages = useMessages();
  const mayEdit = useMayEdit();
  const asked = place.search.get("tab");
  const tab: Tab = TABS.find((known) => known === asked) ?? "pairs";
  const names = { pairs: messages.pairs, facts: messages.doubtfulFacts, merge: messages.merge };
  const twins = {
    pairs: "/v1/review?limit=20",
    facts: factsUrl({ weakest: true, limit: 30 }),
    merge: "/v1/judgements",
  };
  useTitle(messages.review);
  return (
    <>
      <Head title={messages.review} twin={twins[tab]} />
      <nav class="tabs" aria-label={messages.review}>
        {TABS.map((name) => (
          <Link key={name} href={address("/review", { tab: name })} current={name === tab}>
            {names[name]}
          </Link>
        ))}
        <Link href="/judgements">{messages.judgements}</Link>
      </nav>
      {mayEdit ? <Author /> : <p class="warning">{messages.readOnly}</p>}
      {tab === "pairs" && <Pairs url={twins.pairs} />}
      {tab === "facts" && <Facts url={twins.facts} />}
      {tab === "merge" && <Merge />}
    </>
  );
}

function Author(): JSX.Element {
  const messages = useMessages();
  const [author, setAuthor] = useAuthor();
  const name = useShared().session?.name;
  if (name) return <p class="author">{messages.author}: <bdi>{name}</bdi></p>;
  return (
    <p class="author">
      <label for="author">{messages.author}</label>
      <input
        id="author"
        value={author}
        maxLength={200}
        autocomplete="name"
        onInput={(event) => setAuthor(event.currentTarget.value)}
      />
    </p>
  );
}

function Pairs({ url }: { url: string }): JSX.Element {
  const messages = useMessages();
  const loaded = useData<Doubt[]>(url);
  const judging = useJudging();
  return (
    <section aria-label={messages.pairs}>
      <Waiting of={loaded} />
      <Refused judging={judging} />
      {loaded.value?.length === 0 && <p>{messages.noPairs}</p>}
      <ul class="doubts">
        {loaded.value?.map((doubt) => (
          <li key={`${doubt.reason.one} ${doubt.reason.other}`}>
            <Pair doubt={doubt} judge={judging.judge} busy={judging.busy} />
          </li>
        ))}
      </ul>
    </section>
  );
}

interface PairProps {
  doubt: Doubt;
  judge: ReturnType<typeof useJudging>["judge"];
  busy: boolean;
}

function Pair({ doubt, judge, busy }: PairProps): JSX.Element {
  const messages = useMessages();
  const mayEdit = useMayEdit();
  const { one, other, reason } = doubt;
  const say = (verdict: string) => () =>
    judge({ verdict, subject: reason.one, object: reason.other });
  return (
    <>
      <div class="pair">
        <Side entity={one} most={one.id === other.id ? 4 : 2} />
        {one.id !== other.id && <Side entity={other} most={2} />}
      </div>
      <div class="verdict">
        <span>{reason.joined ? messages.joinedNow : messages.apartNow}</span>
        {reason.score !== null && <Confidence value={reason.score} />}
        {mayEdit && (
          <>
            <button type="button" class="item" disabled={busy} onClick={say("same")}>{messages.same}</button>
            <button type="button" disabled={busy} onClick={say("not_same")}>{messages.notSame}</button>
            <button type="button" disabled={busy} onClick={say("unsure")}>{messages.unsure}</button>
          </>
        )}
      </div>
    </>
  );
}

/** One of two names, with sentences that mention its bearer. */
function Side({ entity, most }: { entity: Entity; most: number }): JSX.Element {
  const url = address("/v1/search", {
    text: entity.name.slice(0, 200),
    entity: entity.id,
    mode: "lexical",
    limit: most,
  });
  const found = useData<SearchAnswer>(url).value;
  return (
    <div class="one-of-pair">
      <p>
        <EntityLink entity={entity} /> <TypeName type={entity.type} />
      </p>
      <p class="aliases"><bdi>{entity.aliases.slice(0, 6).join(", ")}</bdi></p>
      {found !== undefined && <Passages passages={found.passages} />}
    </div>
  );
}

function Facts({ url }: { url: string }): JSX.Element {
  const messages = useMessages();
  const loaded = useData<Page<Fact>>(url);
  return (
    <section aria-label={messages.doubtfulFacts}>
      <Waiting of={loaded} />
      {loaded.value?.items.length === 0 && <p>{messages.noFacts}</p>}
      <ul class="plain-list">
        {loaded.value?.items.map((fact) => <FactRow key={fact.id} fact={fact} />)}
      </ul>
    </section>
  );
}

function Merge(): JSX.Element {
  const messages = useMessages();
  const mayEdit = useMayEdit();
  const [one, setOne] = useState<Entity>();
  const [other, setOther] = useState<Entity>();
  const judging = useJudging();
  const say = (verdict: string) => () => {
    if (one && other) judging.judge({ verdict, subject: one.id, object: other.id });
  };
  const ready = mayEdit && !judging.busy && one !== undefined && other !== undefined && one.id !== other.id;
  return (
    <section aria-label={messages.merge}>
      <p class="quiet">{messages.mergeNote}</p>
      <div class="pair">
        <Picker label={messages.firstName} chosen={one} choose={setOne} />
        <Picker label={messages.secondName} chosen={other} choose={setOther} />
      </div>
      <div class="verdict">
        <button type="button" disabled={!ready} onClick={say("same")}>{messages.same}</button>
        <button type="button" disabled={!ready} onClick={say("not_same")}>{messages.notSame}</button>
        <Refused judging={judging} />
      </div>
    </section>
  );
}
