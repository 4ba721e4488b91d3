// Two entities side by side: facts between them, what both have to do with, documents, dates.
import type { JSX } from "preact";
import { entityUrl } from "../api";
import { EntityLink, Head, TypeName, useTitle, Waiting } from "../parts/basics";
import { FactRow } from "../parts/facts";
import { Picker } from "../parts/picker";
import { Moment } from "../parts/timeline";
import { useData } from "../data";
import { useMessages } from "../i18n";
import { address, documentAddress, go, Link, type Place } from "../router";
import type { Comparison, Entity } from "../types";

export function Compare({ place }: { place: Place }): JSX.Element {
  const messages = useMessages();
  const one = place.search.get("one");
  const other = place.search.get("other");
  const ends = [useData<Entity>(one && entityUrl(one)).value, useData<Entity>(other && entityUrl(other)).value];
  const url = one && other ? address("/v1/compare", { one, other }) : null;
  const loaded = useData<Comparison>(url);
  const choose = (side: "one" | "other") => (chosen: Entity | undefined) =>
    go(address("/compare", { one, other, [side]: chosen?.id ?? "" }));
  useTitle(messages.compare);
  return (
    <>
      <Head title={messages.compare} {...(url === null ? {} : { twin: url })} />
      <div class="pair">
        <Picker label={messages.firstName} chosen={ends[0]} choose={choose("one")} />
        <Picker label={messages.secondName} chosen={ends[1]} choose={choose("other")} />
      </div>
      <Waiting of={loaded} />
      {loaded.value !== undefined && <Compared found={loaded.value} />}
    </>
  );
}

function Compared({ found }: { found: Comparison }): JSX.Element {
  const messages = useMessages();
  const { one, other } = found;
  const nothing = found.facts.length + found.common.length + found.documents.length === 0;
  return (
    <>
      {nothing && <p>{messages.nothingShared}</p>}
      {found.facts.length > 0 && (
        <section aria-labelledby="between">
          <h2 id="between">{messages.factsBetween}</h2>
          <ul class="plain-list">{found.facts.map((fact) => <FactRow key={fact.id} fact={fact} />)}</ul>
        </section>
      )}
      {found.common.length > 0 && (
        <section aria-labelledby="common">
          <h2 id="common">{messages.inCommon}</h2>
          {found.common.map((common) => (
            <section key={common.entity.id} class="group common">
              <h3><EntityLink entity={common.entity} item /> <TypeName type={common.entity.type} /></h3>
              <ul class="plain-list">
                {[...common.one, ...common.other].map((fact) => <FactRow key={fact.id} fact={fact} />)}
              </ul>
            </section>
          ))}
        </section>
      )}
      {found.documents.length > 0 && (
        <section aria-labelledby="both">
          <h2 id="both">{messages.sharedDocuments}</h2>
          <ul class="rows">
            {found.documents.map((document) => (
              <li key={document.source}>
                <Link class="source item" href={documentAddress(document.source)} title={document.source}>
                  <bdi>{document.title}</bdi>
                </Link>
                <span class="number" title={messages.mentions}>{document.one} + {document.other}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {found.timeline.length > 0 && (
        <section aria-labelledby="timeline">
          <h2 id="timeline">{messages.timeline}</h2>
          <ol class="timeline of-two">
            {found.timeline.map((moment) => {
              const whose = moment.of === one.id ? one : other;
              return (
                <li key={`${moment.of} ${moment.fact.id} ${moment.through?.id ?? ""}`} class={whose === one ? "one" : "other"}>
                  <Moment moment={moment} of={moment.of} whose={whose} />
                </li>
              );
            })}
          </ol>
        </section>
      )}
    </>
  );
}
