// Facts, and the sentences that state them.
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { useLabels, useMayEdit } from "../data";
import { plural, useLanguage, useMessages } from "../i18n";
import { documentAddress, Link } from "../router";
import { nameOf } from "../sources";
import type { Entity, Evidence, Fact } from "../types";
import { Confidence, EntityLink, TypeName } from "./basics";
import { FactVerdict } from "./judge";
import { MarkedEvidence } from "./marked";

const SHOWN = 5;

/** Sentences with their subject and object marked, each with a link to its place. */
export function EvidenceList({ evidence }: { evidence: readonly Evidence[] }): JSX.Element {
  const messages = useMessages();
  const [all, setAll] = useState(false);
  const shown = all ? evidence : evidence.slice(0, SHOWN);
  return (
    <>
      <ul class="evidence">
        {shown.map((one) => (
          <li key={`${one.document} ${one.start} ${one.subject.start} ${one.object.start}`}>
            <EvidenceText evidence={one} />
          </li>
        ))}
      </ul>
      {shown.length < evidence.length && (
        <button type="button" class="plain" onClick={() => setAll(true)}>
          {messages.showAll} ({evidence.length})
        </button>
      )}
    </>
  );
}

function EvidenceText({ evidence }: { evidence: Evidence }): JSX.Element {
  return (
    <blockquote>
      <MarkedEvidence evidence={evidence} />
      <footer>
        <Link class="source" href={documentAddress(evidence.document, evidence.start, evidence.end)} title={evidence.document}>
          <bdi>{nameOf(evidence.document)}</bdi>
        </Link>
        <Confidence value={evidence.confidence} />
      </footer>
    </blockquote>
  );
}

/** «3 источника», by the documents of the evidence. */
export function useSources(): (fact: Fact) => string {
  const language = useLanguage();
  const messages = useMessages();
  return (fact) => {
    const count = new Set(fact.evidence.map((one) => one.document)).size;
    return `${count} ${plural(language, count, messages.sources.split("|"))}`;
  };
}

/** A fact in words: «Иван Орлов — место рождения — Клин». */
export function useTold(): (fact: Fact) => string {
  const labels = useLabels();
  return (fact) => `${fact.subject.name} — ${labels.relation(fact.relation)} — ${fact.object.name}`;
}

interface FactRowProps {
  fact: Fact;
  /** The entity on whose page the fact stands: only the other one is named. */
  of?: string;
  /** With `of`: the relation is named too, where no heading does. */
  named?: boolean;
  children?: ComponentChildren;
}

/** A fact on a line; its evidence opens below. */
export function FactRow({ fact, of, named, children }: FactRowProps): JSX.Element {
  const [open, setOpen] = useState(false);
  const labels = useLabels();
  const messages = useMessages();
  const sources = useSources();
  const told = useTold();
  const mayEdit = useMayEdit();
  return (
    <li class="fact">
      <div class="line">
        {of === undefined ? (
          <Triple fact={fact} />
        ) : (
          <span class="end">
            {named && <><span class="relation">{labels.relation(fact.relation, fact.subject.id !== of)}</span>{" "}</>}
            <Other entity={otherEnd(fact, of)} />
          </span>
        )}
        <span class="side">
          <Confidence value={fact.confidence} />
          {fact.stated_by && <span class="quiet">{messages.onTheWordOf} <bdi>{fact.stated_by}</bdi></span>}
          {fact.evidence.length > 0 && (
            <button
              type="button"
              class="plain sources"
              aria-expanded={open}
              onClick={() => setOpen(!open)}
            >
              {sources(fact)}
            </button>
          )}
          {children}
          {mayEdit && <FactVerdict fact={fact.id} what={told(fact)} />}
        </span>
      </div>
      {open && (
        <div class="opened">
          <EvidenceList evidence={fact.evidence} />
        </div>
      )}
    </li>
  );
}

export interface Group {
  relation: string;
  inverse: boolean;
  facts: Fact[];
}

/** Facts by relation and direction, the surest group first. */
export function grouped(facts: readonly Fact[], of: string): Group[] {
  const groups = new Map<string, Group>();
  for (const fact of facts) {
    const inverse = fact.subject.id !== of;
    const key = `${fact.relation} ${inverse}`;
    const group = groups.get(key) ?? { relation: fact.relation, inverse, facts: [] };
    group.facts.push(fact);
    groups.set(key, group);
  }
  return [...groups.values()];
}

export function otherEnd(fact: Fact, of: string): Entity {
  return fact.subject.id === of ? fact.object : fact.subject;
}

function Other({ entity }: { entity: Entity }): JSX.Element {
  return (
    <span class="end">
      <EntityLink entity={entity} item /> <TypeName type={entity.type} />
    </span>
  );
}

/** Subject, relation, object. */
export function Triple({ fact }: { fact: Fact }): JSX.Element {
  const labels = useLabels();
  return (
    <span class="triple">
      <EntityLink entity={fact.subject} item />{" "}
      <span class="relation">{labels.relation(fact.relation)}</span>{" "}
      <EntityLink entity={fact.object} />
    </span>
  );
}
