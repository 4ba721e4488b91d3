// All entities, the most mentioned first.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Within } from "../parts/collections";
import { EntityLink, Head, Pager, TypeName, useTitle, Waiting } from "../parts/basics";
import { useCounts, useData, useLabels } from "../data";
import { useMessages, useNumbers } from "../i18n";
import { address, go, type Place } from "../router";
import type { Entity, Page } from "../types";

export function Entities({ place }: { place: Place }): JSX.Element {
  const messages = useMessages();
  const number = useNumbers();
  const [type, prefix, document, cursor] = ["type", "prefix", "document", "cursor"].map((n) => place.search.get(n));
  const wanted = { type, prefix, document };
  const url = address("/v1/entities", { ...wanted, cursor, limit: 50 });
  const loaded = useData<Page<Entity>>(url);
  useTitle(messages.entities);
  const found = loaded.value;
  return (
    <>
      <Head title={messages.entities} twin={url} />
      <Narrow type={type ?? ""} prefix={prefix ?? ""} document={document ?? ""} />
      <Waiting of={loaded} />
      {found?.items.length === 0 && <p>{messages.nothingFound}</p>}
      <ul class="rows">
        {found?.items.map((entity) => (
          <li key={entity.id}>
            <span class="end">
              <EntityLink entity={entity} item /> <TypeName type={entity.type} />
              <span class="aliases"><bdi>{otherNames(entity)}</bdi></span>
            </span>
            <span class="number" title={messages.mentions}>{number(entity.mention_count)}</span>
          </li>
        ))}
      </ul>
      {found !== undefined && (
        <Pager
          next={found.next}
          cursor={cursor ?? null}
          at={(to) => address("/entities", { ...wanted, cursor: to })}
        />
      )}
    </>
  );
}

function otherNames(entity: Entity): string {
  return entity.aliases.filter((alias) => alias !== entity.name).slice(0, 4).join(", ");
}

function Narrow({ type, prefix, document }: Record<"type" | "prefix" | "document", string>): JSX.Element {
  const messages = useMessages();
  const labels = useLabels();
  const counts = useCounts(document || null);
  const [typed, setTyped] = useState(prefix);
  useEffect(() => setTyped(prefix), [prefix]);
  const narrow = (event: Event) => {
    event.preventDefault();
    go(address("/entities", { type, document, prefix: typed.trim() }));
  };
  return (
    <form class="filters" onSubmit={narrow}>
      <label>
        <span>{messages.beginsWith}</span>
        <input value={typed} maxLength={200} onInput={(event) => setTyped(event.currentTarget.value)} />
      </label>
      <label>
        <span>{messages.type}</span>
        <select
          value={type}
          onChange={(event) =>
            go(address("/entities", { type: event.currentTarget.value, document, prefix: typed.trim() }))
          }
        >
          <option value="">{messages.any}</option>
          {type && !counts.types.some((one) => one.name === type) && <option value={type}>{labels.type(type)}</option>}
          {counts.types.map(({ name, count }) => (
            <option key={name} value={name}>{`${labels.type(name)} (${count})`}</option>
          ))}
        </select>
      </label>
      <Within chosen={document} choose={(to) => go(address("/entities", { type, prefix: typed.trim(), document: to }))} />
      <button type="submit">{messages.show}</button>
    </form>
  );
}
