// What of the graph is drawn.
import type { JSX } from "preact";
import { useCounts, useLabels } from "../data";
import { useLanguage } from "../i18n";
import { kindOf } from "../kinds";
import { Within } from "../parts/collections";
import { Picker } from "../parts/picker";
import { type Acts, COLOURS, isWhole, SIZES, type View } from "./state";
import { words } from "./words";

interface FiltersProps {
  view: View;
  acts: Acts;
}

export function Filters({ view, acts }: FiltersProps): JSX.Element {
  const said = words(useLanguage());
  const filtered =
    view.types.length + view.relations.length > 0 || view.confidence > 0 || view.since || view.until || view.document;
  const none = { types: [], relations: [], confidence: 0, since: "", until: "", document: "" };
  return (
    <details class="graph-filters" open={matchMedia("(min-width: 60rem)").matches}>
      <summary>{said.filters}</summary>
      <Picker
        label={said.add}
        chosen={undefined}
        choose={(entity) => {
          if (entity === undefined) return;
          const centres = [...new Set([...view.centres, entity.id])];
          acts.update({ centres, top: 0, chosen: [entity.id], camera: null });
        }}
      />
      <Looks view={view} acts={acts} />
      <Extent view={view} acts={acts} />
      {isWhole(view) && view.types.length === 0 && (
        <label class="check">
          <input
            type="checkbox"
            checked={view.everything}
            onChange={(event) => acts.update({ everything: event.currentTarget.checked, camera: null })}
          />{" "}
          <span>{said.everything}</span>
        </label>
      )}
      <Collections view={view} acts={acts} />
      <Bounds view={view} acts={acts} />
      <Choices view={view} acts={acts} />
      {filtered && (
        <button type="button" onClick={() => acts.update(none)}>{said.reset}</button>
      )}
    </details>
  );
}

/** What colours and sizes tell. */
function Looks({ view, acts }: FiltersProps): JSX.Element {
  const said = words(useLanguage());
  const names = {
    type: said.byType,
    community: said.byCommunity,
    centrality: said.byCentrality,
    facts: said.byFacts,
    same: said.bySame,
  };
  return (
    <div class="graph-dates">
      <label>
        {said.colour}
        <select
          value={view.colour}
          onChange={(event) => acts.update({ colour: event.currentTarget.value as View["colour"] })}
        >
          {COLOURS.map((name) => <option key={name} value={name}>{names[name]}</option>)}
        </select>
      </label>
      <label>
        {said.size}
        <select
          value={view.size}
          onChange={(event) => acts.update({ size: event.currentTarget.value as View["size"] })}
        >
          {SIZES.map((name) => <option key={name} value={name}>{names[name]}</option>)}
        </select>
      </label>
    </div>
  );
}

/** The collection whose documents state what is drawn. */
function Collections({ view, acts }: FiltersProps): JSX.Element | null {
  return (
    <Within
      chosen={view.document || null}
      choose={(document) => acts.update({ document, camera: null })}
    />
  );
}

/** How far the picture reaches: from its centres, or over the whole graph. */
function Extent({ view, acts }: FiltersProps): JSX.Element | null {
  const said = words(useLanguage());
  const around = view.centres.length > 0;
  if (!around && view.top === 0) return null;
  const values = around ? [1, 2, 3] : [50, 150, 500, 1000, 2000];
  const now = around ? view.depth : view.top;
  const all = [...new Set([...values, now])].sort((one, other) => one - other);
  return (
    <label>
      {around ? said.depth : said.top}
      <select
        value={now}
        onChange={(event) => {
          const value = Number(event.currentTarget.value);
          acts.update(around ? { depth: value, camera: null } : { top: value, camera: null });
        }}
      >
        {all.map((value) => (
          <option key={value} value={value}>{value}</option>
        ))}
      </select>
    </label>
  );
}

function Bounds({ view, acts }: FiltersProps): JSX.Element {
  const said = words(useLanguage());
  const date = (name: "since" | "until") => (
    <label>
      {said[name]}
      <input
        value={view[name]}
        maxLength={100}
        placeholder="1834"
        onChange={(event) => acts.update({ [name]: event.currentTarget.value.trim() })}
      />
    </label>
  );
  return (
    <>
      <label>
        <span>
          {said.confidence} <output>{view.confidence.toFixed(2)}</output>
        </span>
        <input
          type="range"
          min={0}
          max={1}
          step={0.05}
          value={view.confidence}
          onInput={(event) => {
            const output = event.currentTarget.parentElement?.querySelector("output");
            if (output) output.textContent = Number(event.currentTarget.value).toFixed(2);
          }}
          onChange={(event) => acts.update({ confidence: Number(event.currentTarget.value) })}
        />
      </label>
      <div class="graph-dates">
        {date("since")}
        {date("until")}
      </div>
    </>
  );
}

function Choices({ view, acts }: FiltersProps): JSX.Element {
  const said = words(useLanguage());
  const labels = useLabels();
  const counts = useCounts(view.document || null);
  return (
    <>
      <Choice
        title={said.types}
        counts={counts.types}
        chosen={view.types}
        label={labels.type}
        kind={kindOf}
        choose={(types) => acts.update({ types })}
      />
      <Choice
        title={said.relations}
        counts={counts.relations}
        chosen={view.relations}
        label={(name) => labels.relation(name)}
        choose={(relations) => acts.update({ relations })}
      />
    </>
  );
}

interface ChoiceProps {
  title: string;
  counts: readonly { name: string; count: number }[];
  chosen: readonly string[];
  label(name: string): string;
  kind?(name: string): string;
  choose(names: string[]): void;
}

/** Names to tick; none ticked is all of them. */
function Choice({ title, counts, chosen, label, kind, choose }: ChoiceProps): JSX.Element {
  const toggle = (name: string) =>
    choose(chosen.includes(name) ? chosen.filter((one) => one !== name) : [...chosen, name]);
  return (
    <details class="graph-choice" open={chosen.length > 0}>
      <summary>
        {title} {chosen.length > 0 && <span class="number">{chosen.length}</span>}
      </summary>
      <ul>
        {counts.map(({ name, count }) => (
          <li key={name}>
            <label data-kind={kind?.(name)}>
              <input type="checkbox" checked={chosen.includes(name)} onChange={() => toggle(name)} />
              <span class={kind && "type"}>{label(name)}</span>
              <span class="number">{count}</span>
            </label>
          </li>
        ))}
      </ul>
    </details>
  );
}
