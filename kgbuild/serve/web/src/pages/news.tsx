// What came since a day: documents, entities, facts, and whom of the watch lists they name.
import type { ComponentChildren, JSX } from "preact";
import { EntityLink, Head, TypeName, useTitle, Waiting } from "../parts/basics";
import { FactRow } from "../parts/facts";
import { useData } from "../data";
import { useLanguage, useMessages, useNumbers } from "../i18n";
import { address, documentAddress, go, Link, type Place } from "../router";
import type { News } from "../types";

const SPANS = [0, 6, 29] as const;
const SHOWN = 100;

/** A day some days ago, as a field for dates has it. */
function daysAgo(days: number): string {
  const day = new Date();
  day.setDate(day.getDate() - days);
  const two = (value: number) => String(value).padStart(2, "0");
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

/** When a day begins here, or null where it is none. */
function beginning(day: string): string | null {
  const moment = new Date(`${day}T00:00`);
  return Number.isNaN(moment.getTime()) ? null : moment.toISOString();
}

export function NewsPage({ place }: { place: Place }): JSX.Element {
  const messages = useMessages();
  const when = new Intl.DateTimeFormat(useLanguage(), { dateStyle: "medium", timeStyle: "short" });
  const day = place.search.get("since") ?? daysAgo(SPANS[1]);
  const since = beginning(day);
  const url = since === null ? null : address("/v1/news", { since, limit: SHOWN });
  const loaded = useData<News>(url);
  const found = loaded.value;
  const count = (name: string) => found?.counts.find((one) => one.name === name)?.count ?? 0;
  const names = { 0: messages.today, 6: messages.week, 29: messages.month };
  useTitle(messages.news);
  return (
    <>
      <Head title={messages.news} {...(url === null ? {} : { twin: url })} />
      <div class="filters">
        <label>
          <span>{messages.since}</span>
          <input
            type="date"
            value={day}
            onChange={(event) => go(address("/news", { since: event.currentTarget.value }))}
          />
        </label>
        {SPANS.map((days) => (
          <Link key={days} href={address("/news", { since: daysAgo(days) })} current={day === daysAgo(days)}>
            {names[days]}
          </Link>
        ))}
      </div>
      <Waiting of={loaded} />
      {found !== undefined && since !== null && Date.parse(found.since) > Date.parse(since) && (
        <p class="warning">{messages.newsLater} {when.format(new Date(found.since))}.</p>
      )}
      {found !== undefined && count("documents") === 0 && <p>{messages.nothingNew}</p>}
      {found !== undefined && found.watched.length > 0 && (
        <section aria-labelledby="watched">
          <h2 id="watched" class="warning">{messages.watchHits}</h2>
          <ul class="rows">
            {found.watched.map((hit) => (
              <li key={`${hit.list} ${hit.listed} ${hit.entity.id}`}>
                <span class="end">
                  <EntityLink entity={hit.entity} item /> <TypeName type={hit.entity.type} />
                  <span class="aliases">
                    {hit.certain ? messages.onList : messages.maybeOnList}: <bdi>{hit.listed}</bdi> (<bdi>{hit.list}</bdi>)
                  </span>
                </span>
                <span class="number" title={messages.mentions}>{hit.mentions}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <Some title={messages.facts} all={count("facts")}>
        {found?.facts.map((fact) => <FactRow key={fact.id} fact={fact} />)}
      </Some>
      <Some title={messages.entities} all={count("entities")} rows>
        {found?.entities.map((entity) => (
          <li key={entity.id}>
            <span class="end"><EntityLink entity={entity} item /> <TypeName type={entity.type} /></span>
            <span class="number" title={messages.mentions}>{entity.mention_count}</span>
          </li>
        ))}
      </Some>
      <Some title={messages.documents} all={count("documents")} rows>
        {found?.documents.map(({ source, title }) => (
          <li key={source}>
            <Link class="source item" href={documentAddress(source)} title={source}><bdi>{title}</bdi></Link>
          </li>
        ))}
      </Some>
    </>
  );
}

interface SomeProps {
  title: string;
  all: number;
  rows?: boolean;
  children: ComponentChildren;
}

/** A list of what is new, under how much there is. */
function Some({ title, all, rows, children }: SomeProps): JSX.Element | null {
  const messages = useMessages();
  const number = useNumbers();
  if (all === 0) return null;
  return (
    <section>
      <h2>{title}: {number(all)}</h2>
      {all > SHOWN && <p class="quiet">{messages.firstOnly} {SHOWN}</p>}
      <ul class={rows ? "rows" : "plain-list"}>{children}</ul>
    </section>
  );
}
