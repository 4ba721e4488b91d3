// What the graph holds; with a question, its answers.
import type { JSX } from "preact";
import { EntityLink, Head, TypeName, useTitle, Waiting } from "../parts/basics";
import { useData, useLabels } from "../data";
import { useMessages, useNumbers } from "../i18n";
import { address, Link, type Place } from "../router";
import type { Entity, Page, Stats } from "../types";
import { Asked } from "./asked";

export function Home({ place }: { place: Place }): JSX.Element {
  const question = place.search.get("question");
  const about = place.search.get("meaning");
  return question ? <Asked question={question} meaning={about} /> : <Overview />;
}

function Overview(): JSX.Element {
  const messages = useMessages();
  const labels = useLabels();
  const number = useNumbers();
  const stats = useData<Stats>("/v1/stats");
  useTitle("");
  const counts = stats.value;
  return (
    <>
      <Head title={messages.overview} twin="/v1/stats" />
      <Waiting of={stats} />
      {counts !== undefined && (
        <>
          <dl class="counts">
            {(["documents", "sentences", "mentions", "entities", "facts"] as const).map((name) => (
              <div key={name}>
                <dt>{messages[name]}</dt>
                <dd>{number(counts[name])}</dd>
              </div>
            ))}
          </dl>
          {counts.documents === 0 && <p>{messages.empty}</p>}
        </>
      )}
      <div class="columns">
        <Most title={messages.mostPeople} types={["PERSON"]} />
        <Most title={messages.mostOrganizations} types={["ORGANIZATION"]} />
        <Most title={messages.mostPlaces} types={["CITY", "COUNTRY", "DISTRICT", "LOCATION", "STATE_OR_PROVINCE"]} />
        <section>
          <h2>{messages.byType}</h2>
          <ul class="rows">
            {counts?.entities_by_type.slice(0, 12).map(({ name, count }) => (
              <li key={name}>
                <Link href={address("/entities", { type: name })}>{labels.type(name)}</Link>
                <span class="number">{number(count)}</span>
              </li>
            ))}
          </ul>
        </section>
        <section>
          <h2>{messages.byRelation}</h2>
          <ul class="rows">
            {counts?.facts_by_relation.slice(0, 12).map(({ name, count }) => (
              <li key={name}>
                <span>{labels.relation(name)}</span>
                <span class="number">{number(count)}</span>
              </li>
            ))}
          </ul>
        </section>
      </div>
      <p class="quiet keys">{messages.keys}</p>
    </>
  );
}

/** The most mentioned entities of some types. */
function Most({ title, types }: { title: string; types: readonly string[] }): JSX.Element | null {
  const number = useNumbers();
  const url = `/v1/entities?${types.map((type) => `type=${type}`).join("&")}&limit=8`;
  const found = useData<Page<Entity>>(url).value;
  if (found?.items.length === 0) return null;
  return (
    <section>
      <h2>{title}</h2>
      <ul class="rows">
        {found?.items.map((entity) => (
          <li key={entity.id}>
            <span class="end">
              <EntityLink entity={entity} item /> {types.length > 1 && <TypeName type={entity.type} />}
            </span>
            <span class="number">{number(entity.mention_count)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
