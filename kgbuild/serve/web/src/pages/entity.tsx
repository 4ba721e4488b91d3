// One entity: its names, facts, dates, neighbours, documents.
import type { JSX } from "preact";
import { entityUrl, factsUrl } from "../api";
import { EntityLink, Head, TypeName, useTitle, Waiting } from "../parts/basics";
import { Corrections } from "../parts/correct";
import { Documents } from "../parts/entity-documents";
import { FactRow, grouped } from "../parts/facts";
import { EntityTimeline } from "../parts/timeline";
import { useData, useLabels } from "../data";
import { useMessages } from "../i18n";
import { address, Link, type Place } from "../router";
import type { Entity, ExternalId, Fact, Nested, Page } from "../types";

export function EntityPage({ place }: { place: Place }): JSX.Element {
  const messages = useMessages();
  const id = place.search.get("id") ?? "";
  const loaded = useData<Entity>(id ? entityUrl(id) : null);
  const entity = loaded.value;
  useTitle(entity?.name ?? "");
  if (!id) return <p>{messages.notFound}</p>;
  if (entity === undefined) return <Waiting of={loaded} />;
  return (
    <article>
      <Head title={<bdi>{entity.name}</bdi>} twin={entityUrl(entity.id)}>
        <TypeName type={entity.type} />
        <nav class="actions" aria-label={messages.actions}>
          <Link href={address("/graph", { entity: entity.id })}>{messages.inGraph}</Link>
          <Link href={address("/search", { text: entity.name.slice(0, 200), entity: entity.id })}>
            {messages.inTexts}
          </Link>
          <Link href={address("/compare", { one: entity.id })}>{messages.compareWith}</Link>
          <Link href={address("/dossier", { id: entity.id })}>{messages.dossier}</Link>
        </nav>
      </Head>
      <Names entity={entity} />
      <Corrections entity={entity} />
      <Conflicts entity={entity} />
      <div class="split">
        <Facts entity={entity} />
        <div>
          <EntityTimeline entity={entity} />
          <NestedNames entity={entity} />
          <Registers entity={entity} />
        </div>
      </div>
      <Documents entity={entity} />
    </article>
  );
}

function Names({ entity }: { entity: Entity }): JSX.Element {
  const messages = useMessages();
  const others = entity.aliases.filter((alias) => alias !== entity.name);
  return (
    <p class="names">
      {others.slice(0, 30).map((alias) => <bdi key={alias} class="alias">{alias}</bdi>)}
      <span class="quiet">
        {messages.mentions}: {entity.mention_count} · <code>{entity.id}</code>
      </span>
    </p>
  );
}

/** What documents say of an entity and can't all be true; or two people are taken for one. */
function Conflicts({ entity }: { entity: Entity }): JSX.Element | null {
  const messages = useMessages();
  const labels = useLabels();
  const found = useData<Fact[][]>(entityUrl(entity.id, "/conflicts")).value;
  if (found === undefined || found.length === 0) return null;
  return (
    <section class="conflict" aria-labelledby="conflicts">
      <h2 id="conflicts" class="warning">{messages.conflicts}</h2>
      <p class="quiet">{messages.conflictsNote}</p>
      {found.map((facts) => (
        <section key={facts[0]?.relation}>
          <h3>{labels.relation(facts[0]?.relation ?? "")}</h3>
          <ul class="plain-list">
            {facts.map((fact) => <FactRow key={fact.id} fact={fact} of={entity.id} />)}
          </ul>
        </section>
      ))}
    </section>
  );
}

function Facts({ entity }: { entity: Entity }): JSX.Element {
  const messages = useMessages();
  const labels = useLabels();
  const url = factsUrl({ entity: entity.id });
  const loaded = useData<Page<Fact>>(url);
  const found = loaded.value;
  return (
    <section class="facts" aria-labelledby="facts">
      <h2 id="facts">{messages.facts}</h2>
      <Waiting of={loaded} />
      {found?.items.length === 0 && <p class="quiet">{messages.noFacts}</p>}
      {grouped(found?.items ?? [], entity.id).map((group) => (
        <section key={`${group.relation} ${group.inverse}`} class="group">
          <h3>{labels.relation(group.relation, group.inverse)}</h3>
          <ul class="plain-list">
            {group.facts.map((fact) => <FactRow key={fact.id} fact={fact} of={entity.id} />)}
          </ul>
        </section>
      ))}
      {found?.next != null && <p class="quiet">{messages.firstOnly} {found.items.length}</p>}
    </section>
  );
}

function NestedNames({ entity }: { entity: Entity }): JSX.Element | null {
  const messages = useMessages();
  const nested = useData<Nested>(entityUrl(entity.id, "/nested")).value;
  if (nested === undefined || nested.parts.length + nested.wholes.length === 0) return null;
  const list = (title: string, entities: readonly Entity[]) =>
    entities.length > 0 && (
      <section>
        <h2>{title}</h2>
        <ul class="plain-list">
          {entities.slice(0, 20).map((other) => (
            <li key={other.id}>
              <EntityLink entity={other} item /> <TypeName type={other.type} />
            </li>
          ))}
        </ul>
      </section>
    );
  return (
    <>
      {list(messages.namedInside, nested.parts)}
      {list(messages.namedAfter, nested.wholes)}
    </>
  );
}

function Registers({ entity }: { entity: Entity }): JSX.Element | null {
  const messages = useMessages();
  const found = useData<ExternalId[]>(entityUrl(entity.id, "/external")).value;
  if (found === undefined || found.length === 0) return null;
  return (
    <section>
      <h2>{messages.registers}</h2>
      <ul class="plain-list">
        {found.map((one) => (
          <li key={`${one.scheme} ${one.value}`}>
            {one.scheme}: <code>{one.value}</code> <bdi>{one.label}</bdi>
          </li>
        ))}
      </ul>
    </section>
  );
}
