// An entity on paper: all its facts, each with the sentences that state it, its dates and documents.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { entityUrl, factsUrl, get } from "../api";
import { Confidence, Head, TypeName, useTitle, Waiting } from "../parts/basics";
import { grouped, otherEnd } from "../parts/facts";
import { MarkedEvidence } from "../parts/marked";
import { EntityTimeline } from "../parts/timeline";
import { useData, useLabels } from "../data";
import { useLanguage, useMessages } from "../i18n";
import { entityAddress, Link, type Place } from "../router";
import type { Entity, Evidence, Fact, Page } from "../types";

/** Facts that are printed; more would be no dossier. */
const MOST = 2000;

export function Dossier({ place }: { place: Place }): JSX.Element {
  const messages = useMessages();
  const id = place.search.get("id") ?? "";
  const loaded = useData<Entity>(id ? entityUrl(id) : null);
  const entity = loaded.value;
  useTitle(entity === undefined ? "" : `${entity.name}: ${messages.dossier}`);
  if (!id) return <p>{messages.notFound}</p>;
  if (entity === undefined) return <Waiting of={loaded} />;
  return <Sheet entity={entity} />;
}

function Sheet({ entity }: { entity: Entity }): JSX.Element {
  const messages = useMessages();
  const labels = useLabels();
  const { facts, whole, error } = useAllFacts(entity.id);
  const conflicts = useData<Fact[][]>(entityUrl(entity.id, "/conflicts")).value;
  const disputed = new Set(conflicts?.flat().map((fact) => fact.id));
  const day = new Intl.DateTimeFormat(useLanguage(), { dateStyle: "long" }).format(new Date());
  const sources = [...new Set(facts.flatMap((fact) => fact.evidence.map((one) => one.document)))].sort();
  const others = entity.aliases.filter((alias) => alias !== entity.name);
  return (
    <article class="dossier">
      <Head title={<bdi>{entity.name}</bdi>}>
        <TypeName type={entity.type} />
        <nav class="actions" aria-label={messages.actions}>
          <Link href={entityAddress(entity.id)}>{messages.back}</Link>
        </nav>
        <button type="button" disabled={!whole} onClick={() => print()}>{messages.print}</button>
      </Head>
      {others.length > 0 && <p>{messages.alsoCalled}: <bdi>{others.slice(0, 40).join(", ")}</bdi></p>}
      <p class="quiet">{messages.dossierNote} {day}</p>
      {error && <p class="failure" role="alert"><bdi>{error}</bdi></p>}
      {!whole && !error && <p class="quiet loading" role="status">{messages.loading}</p>}
      {whole && facts.length === 0 && <p>{messages.noFacts}</p>}
      {grouped(facts, entity.id).map((group) => (
        <section key={`${group.relation} ${group.inverse}`}>
          <h2>{labels.relation(group.relation, group.inverse)}</h2>
          {group.facts.map((fact) => (
            <section key={fact.id} class="told">
              <h3>
                <bdi>{otherEnd(fact, entity.id).name}</bdi> <Confidence value={fact.confidence} />
                {disputed.has(fact.id) && <span class="warning">{messages.conflicts}</span>}
              </h3>
              {fact.evidence.map((one) => (
                <Quotation
                  key={`${one.document} ${one.start} ${one.subject.start} ${one.object.start}`}
                  evidence={one}
                  number={sources.indexOf(one.document) + 1}
                />
              ))}
            </section>
          ))}
        </section>
      ))}
      {facts.length >= MOST && <p class="quiet">{messages.firstOnly} {facts.length}</p>}
      <EntityTimeline entity={entity} />
      {sources.length > 0 && (
        <section>
          <h2>{messages.documents}</h2>
          <ol class="numbered">{sources.map((source) => <li key={source}><bdi>{source}</bdi></li>)}</ol>
        </section>
      )}
    </article>
  );
}

function Quotation({ evidence, number }: { evidence: Evidence; number: number }): JSX.Element {
  return (
    <blockquote>
      <MarkedEvidence evidence={evidence} /> <span class="quiet">[{number}]</span>
    </blockquote>
  );
}

interface All {
  facts: readonly Fact[];
  whole: boolean;
  error: string;
}

/** Every fact of an entity, page after page. */
function useAllFacts(id: string): All {
  const [all, setAll] = useState<All>({ facts: [], whole: false, error: "" });
  useEffect(() => {
    const abort = new AbortController();
    const load = async () => {
      const facts: Fact[] = [];
      let cursor: string | null = null;
      do {
        const page: Page<Fact> = await get<Page<Fact>>(factsUrl({ entity: id, cursor }), abort.signal);
        facts.push(...page.items);
        cursor = page.next;
      } while (cursor !== null && facts.length < MOST);
      setAll({ facts, whole: true, error: "" });
    };
    setAll({ facts: [], whole: false, error: "" });
    load().catch((failure: Error) => {
      if (!abort.signal.aborted) setAll({ facts: [], whole: false, error: failure.message });
    });
    return () => abort.abort();
  }, [id]);
  return all;
}
