// Search: sentences by words, by meaning and by the graph, with filters.
import type { JSX } from "preact";
import { Head, useTitle, Waiting } from "../parts/basics";
import { Within } from "../parts/collections";
import { Named } from "../parts/suggest";
import { Passages } from "../parts/passages";
import { useCounts, useData, useLabels } from "../data";
import { useMessages } from "../i18n";
import { address, go, type Place } from "../router";
import type { SearchAnswer } from "../types";

const FILTERS = ["mode", "type", "relation", "document", "since", "until", "entity"] as const;

export function Search({ place }: { place: Place }): JSX.Element {
  const messages = useMessages();
  const text = place.search.get("text") ?? "";
  const filters = Object.fromEntries(FILTERS.map((name) => [name, place.search.get(name)]));
  const url = text ? address("/v1/search", { text, limit: 30, ...filters }) : null;
  const loaded = useData<SearchAnswer>(url);
  const found = loaded.value;
  useTitle(text || messages.doSearch);
  return (
    <>
      <Head title={text ? <bdi>{text}</bdi> : messages.doSearch} twin={url ?? undefined} />
      <Filters text={text} filters={filters} />
      <Waiting of={loaded} />
      {text && <Named text={text} />}
      {found !== undefined && found.passages.length > 0 && <h2>{messages.inPassages}</h2>}
      {found !== undefined && found.corrections.length > 0 && (
        <p class="quiet">
          {messages.corrected}{" "}
          {found.corrections.map(({ asked, meant }) => `${asked} → ${meant}`).join(", ")}
        </p>
      )}
      {found !== undefined && found.passages.length === 0 && <p>{messages.nothingFound}</p>}
      {found !== undefined && <Passages passages={found.passages} />}
    </>
  );
}

interface FiltersProps {
  text: string;
  filters: Record<string, string | null>;
}

function Filters({ text, filters }: FiltersProps): JSX.Element {
  const messages = useMessages();
  const labels = useLabels();
  const counts = useCounts(filters.document ?? null);
  const choose = (name: string) => (event: Event) => {
    const value = (event.currentTarget as HTMLInputElement | HTMLSelectElement).value.trim();
    go(address("/search", { text, ...filters, [name]: value }));
  };
  const select = (name: string, label: string, options: [string, string][]) => (
    <label>
      <span>{label}</span>
      <select value={filters[name] ?? ""} onChange={choose(name)}>
        {options.map(([value, shown]) => <option key={value} value={value}>{shown}</option>)}
      </select>
    </label>
  );
  const input = (name: string, label: string, hint: string) => (
    <label>
      <span>{label}</span>
      <input value={filters[name] ?? ""} placeholder={hint} maxLength={100} onChange={choose(name)} />
    </label>
  );
  const any: [string, string] = ["", messages.any];
  return (
    <form class="filters" onSubmit={(event) => event.preventDefault()}>
      {select("mode", messages.by, [
        ["", messages.byAll],
        ["lexical", messages.byWords],
        ["semantic", messages.byMeaning],
        ["graph", messages.byGraph],
      ])}
      {select("type", messages.mentionedType, [
        any,
        ...counts.types.map(({ name, count }): [string, string] => [name, `${labels.type(name)} (${count})`]),
      ])}
      {select("relation", messages.statedRelation, [
        any,
        ...counts.relations.map(({ name, count }): [string, string] => [name, `${labels.relation(name)} (${count})`]),
      ])}
      {input("since", messages.since, "1860")}
      {input("until", messages.until, "1917")}
      <Within chosen={filters.document ?? null} choose={(document) => go(address("/search", { text, ...filters, document }))} />
      {filters.entity && (
        <button type="button" onClick={() => go(address("/search", { text, ...filters, entity: "" }))}>
          {messages.anyEntity}
        </button>
      )}
    </form>
  );
}
