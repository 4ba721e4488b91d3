// What waits for a person: pairs of names, the facts that are least sure, names to join.
import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import { factsUrl } from "../api";
import { Confidence, EntityLink, Head, TypeName, useTitle, Waiting } from "../parts/basics";
import { Preview } from "../parts/correct";
import { EvidenceList, Triple } from "../parts/facts";
import { Refused, useAuthor, useJudging } from "../parts/judge";
import { Passages } from "../parts/passages";
import { Picker } from "../parts/picker";
import { QueueList, useQueue } from "../parts/queue";
import { useData, useMayEdit, useShared } from "../data";
import { useMessages } from "../i18n";
import { address, Link, type Place } from "../router";
import type { Doubt, Entity, Fact, Page, SearchAnswer, Unreviewed } from "../types";

const TABS = ["pairs", "facts", "merge"] as const;
/** So many of what waits are loaded at once; more come before these are done. */
const LOADED = 40;

const NONE: readonly never[] = [];

type Tab = (typeof TABS)[number];

export function Review({ place }: { place: Place }): JSX.Element {
  const messages = useMessages();
  const mayEdit = useMayEdit();
  const asked = place.search.get("tab");
  const tab: Tab = TABS.find((known) => known === asked) ?? "pairs";
  const names = { pairs: messages.pairs, facts: messages.doubtfulFacts, merge: messages.merge };
  const twins = {
    pairs: `/v1/review?limit=${LOADED}`,
    facts: factsUrl({ weakest: true, limit: LOADED }),
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

function useWaiting(): Unreviewed {
  return useData<Unreviewed>("/v1/review/waiting").value ?? { pairs: 0, facts: 0 };
}

const pairKey = ({ reason }: Doubt) => `${reason.one} ${reason.other}`;

function Pairs({ url }: { url: string }): JSX.Element {
  const messages = useMessages();
  const mayEdit = useMayEdit();
  const loaded = useData<Doubt[]>(url);
  const list = loaded.value ?? NONE;
  const queue = useQueue<Doubt>({ list, total: useWaiting().pairs, keyOf: pairKey });
  const say = (verdict: string) => (doubt: Doubt) =>
    queue.judge(doubt, { verdict, subject: doubt.reason.one, object: doubt.reason.other });
  const choices = [
    { label: messages.same, act: say("same") },
    { label: messages.notSame, act: say("not_same") },
    { label: messages.skipIt, act: queue.skip },
    { label: messages.unsure, act: say("unsure") },
  ];
  return (
    <>
      <Waiting of={loaded} />
      {loaded.value !== undefined && queue.remaining === 0 && <p>{messages.noPairs}</p>}
      <QueueList
        label={messages.pairs}
        queue={queue}
        choices={mayEdit ? choices : NONE}
        keyOf={pairKey}
        draw={(doubt) => <Pair doubt={doubt} />}
      />
    </>
  );
}

function Pair({ doubt }: { doubt: Doubt }): JSX.Element {
  const messages = useMessages();
  const { one, other, reason, sentences } = doubt;
  return (
    <>
      <div class="pair">
        <Side entity={one} most={one.id === other.id ? 4 : 2} sentence={sentences[0]} />
        {one.id !== other.id && <Side entity={other} most={2} sentence={sentences[1]} />}
      </div>
      <p class="quiet">
        {reason.joined ? messages.joinedNow : messages.apartNow}{" "}
        {reason.score !== null && <Confidence value={reason.score} />}
      </p>
    </>
  );
}

/** One of two names, with sentences that mention its bearer. */
function Side({ entity, most, sentence }: { entity: Entity; most: number; sentence: string }): JSX.Element {
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
      {found !== undefined ? (
        <Passages passages={found.passages} />
      ) : (
        sentence && <blockquote><p class="passage">{sentence}</p></blockquote>
      )}
    </div>
  );
}

const factKey = (fact: Fact) => fact.id;

function Facts({ url }: { url: string }): JSX.Element {
  const messages = useMessages();
  const mayEdit = useMayEdit();
  const loaded = useData<Page<Fact>>(url);
  // What a person accepted is certain, and waits no more.
  const list = useMemo(() => loaded.value?.items.filter((fact) => fact.confidence < 1) ?? NONE, [loaded.value]);
  const queue = useQueue<Fact>({ list, total: useWaiting().facts, keyOf: factKey });
  const say = (verdict: string) => (fact: Fact) => queue.judge(fact, { verdict, fact: fact.id });
  const choices = [
    { label: messages.accept, act: say("accept") },
    { label: messages.reject, act: say("reject") },
    { label: messages.skipIt, act: queue.skip },
  ];
  return (
    <>
      <Waiting of={loaded} />
      {loaded.value !== undefined && queue.remaining === 0 && <p>{messages.noFacts}</p>}
      <QueueList
        label={messages.doubtfulFacts}
        queue={queue}
        choices={mayEdit ? choices : NONE}
        keyOf={factKey}
        draw={(fact) => (
          <>
            <p><Triple fact={fact} /> <Confidence value={fact.confidence} /></p>
            <EvidenceList evidence={fact.evidence} />
          </>
        )}
      />
    </>
  );
}

function Merge(): JSX.Element {
  const messages = useMessages();
  const mayEdit = useMayEdit();
  const [one, setOne] = useState<Entity>();
  const [other, setOther] = useState<Entity>();
  const judging = useJudging();
  // What was said of two isn't previewed any more: they may be one by now.
  const [said, setSaid] = useState<string>();
  const both = `${one?.id} ${other?.id}`;
  const say = (verdict: string) => () => {
    if (!one || !other) return;
    setSaid(both);
    void judging.judge({ verdict, subject: one.id, object: other.id });
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
      {one !== undefined && other !== undefined && one.id !== other.id && said !== both && <Preview one={one} other={other} />}
    </section>
  );
}
