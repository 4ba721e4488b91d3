// The relations of a document: all of them, or those of the mention that was chosen.
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { type Loaded, useLabels, useMayEdit, useShared } from "../data";
import { useMessages } from "../i18n";
import { Link } from "../router";
import type { Evidence, Fact, Page, StoredMention, WholeDocument } from "../types";
import { Confidence, EntityLink, TypeName, Waiting } from "./basics";
import type { Chosen, End } from "./document-text";
import { EvidenceList, useTold } from "./facts";
import { FactVerdict, Refused, useJudging } from "./judge";

/** Where a fact's ends stand in a document. */
export function factEnds(fact: Fact | null, source: string): End[] {
  const evidence = fact?.evidence.find((one) => one.document === source);
  if (evidence === undefined) return [];
  const { subject, object } = evidence;
  return [
    { start: subject.start, end: subject.end, role: "subject" },
    { start: object.start, end: object.end, role: "object" },
  ];
}

/** Where a document states a fact first. */
function placeIn(fact: Fact, source: string): number {
  const mine = fact.evidence.filter((one) => one.document === source);
  return Math.min(...mine.map((one) => Math.min(one.subject.start, one.object.start)));
}

interface RelationsProps {
  document: WholeDocument;
  loaded: Loaded<Page<Fact>>;
  chosen: Chosen | null;
  fact: Fact | null;
  /** The address that shows a fact in the text. */
  to(fact: string): string;
  close(): void;
  /** What stands above them, or null: the form of a new mention. */
  children: JSX.Element | null;
}

export function Relations(props: RelationsProps): JSX.Element {
  const { document, loaded, chosen, fact } = props;
  const messages = useMessages();
  const facts = useMemo(
    () => [...(loaded.value?.items ?? [])].sort((a, b) => placeIn(a, document.source) - placeIn(b, document.source)),
    [loaded.value, document.source],
  );
  const mentions = chosen === null
    ? []
    : document.mentions.filter((m) => m.start === chosen.start && m.end === chosen.end);
  const shown = mentions.length > 0
    ? facts.filter((one) => one.evidence.some((e) => e.document === document.source && touches(e, chosen)))
    : facts;
  const isPicked = mentions.length > 0 || fact !== null;
  const mayEdit = useMayEdit();
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const current = panel.current?.querySelector<HTMLElement>(".current");
    if (panel.current && current) panel.current.scrollTop = current.offsetTop - 60;
  }, [fact?.id, loaded.value]);
  return (
    <aside
      ref={panel}
      class={isPicked || props.children ? "panel opened-panel" : "panel"}
      aria-label={messages.relations}
    >
      {props.children}
      {isPicked && (
        <button type="button" class="plain close" onClick={props.close}>{messages.close} (Esc)</button>
      )}
      {mentions.map((mention) => (
        <div key={`${mention.type} ${mention.entity}`} class="picked">
          <p class="quoted"><bdi>{mention.text}</bdi></p>
          <p>
            <EntityLink entity={{ id: mention.entity, name: mention.name }} item />{" "}
            <TypeName type={mention.type} /> <Confidence value={mention.score} />{" "}
            {mayEdit && <Undo mention={mention} />}
          </p>
        </div>
      ))}
      <h2>{mentions.length > 0 ? messages.relationsOfMention : messages.relations} ({shown.length})</h2>
      <Waiting of={loaded} />
      {loaded.value !== undefined && shown.length === 0 && <p class="quiet">{messages.noRelations}</p>}
      <ul class="plain-list relations">
        {shown.map((one) => (
          <li key={one.id} class={one.id === fact?.id ? "current" : ""}>
            <RelationLine fact={one} to={props.to} current={one.id === fact?.id} />
            {one.id === fact?.id && <Opened fact={one} />}
          </li>
        ))}
      </ul>
      {loaded.value?.next != null && <p class="quiet">{messages.firstOnly} {facts.length}</p>}
      {mayEdit && !props.children && <p class="quiet">{messages.selectHint}</p>}
    </aside>
  );
}

/** The way back from a mention that was added just now. */
function Undo({ mention }: { mention: StoredMention }): JSX.Element | null {
  const messages = useMessages();
  const judging = useJudging();
  const { made } = useShared();
  const [place] = made?.mentions ?? [];
  const isIt =
    made?.verdict === "mention" && made.undone_at === null && made.type === mention.type &&
    place?.document === mention.document && place.start === mention.start && place.end === mention.end;
  if (!isIt) return null;
  return (
    <>
      <button type="button" disabled={judging.busy} onClick={() => judging.undo(made.id)}>{messages.undo}</button>
      <Refused judging={judging} />
    </>
  );
}

function touches(evidence: Evidence, span: Chosen | null): boolean {
  return [evidence.subject, evidence.object].some(
    (end) => end.start === span?.start && end.end === span.end,
  );
}

interface LineProps {
  fact: Fact;
  to(fact: string): string;
  current: boolean;
}

function RelationLine({ fact, to, current }: LineProps): JSX.Element {
  const labels = useLabels();
  return (
    <Link class="relation-line item" href={to(fact.id)} current={current}>
      <bdi class="subject-name">{fact.subject.name}</bdi>{" "}
      <span class="relation">{labels.relation(fact.relation)}</span>{" "}
      <bdi class="object-name">{fact.object.name}</bdi> <Confidence value={fact.confidence} />
    </Link>
  );
}

function Opened({ fact }: { fact: Fact }): JSX.Element {
  const mayEdit = useMayEdit();
  const told = useTold();
  return (
    <div class="opened">
      <p>
        <EntityLink entity={fact.subject} /> · <EntityLink entity={fact.object} />
      </p>
      <EvidenceList evidence={fact.evidence} />
      {mayEdit && <FactVerdict fact={fact.id} what={told(fact)} />}
    </div>
  );
}
