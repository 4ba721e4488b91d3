// An entity's dates, one below another.
import type { JSX } from "preact";
import { entityUrl } from "../api";
import { useData, useLabels } from "../data";
import { useMessages } from "../i18n";
import type { Dated, Entity } from "../types";
import { Confidence, EntityLink, Twin } from "./basics";
import { otherEnd } from "./facts";

export function EntityTimeline({ entity }: { entity: Entity }): JSX.Element | null {
  const messages = useMessages();
  const url = entityUrl(entity.id, "/timeline");
  const found = useData<Dated[]>(url).value;
  if (found === undefined || found.length === 0) return null;
  return (
    <section aria-labelledby="timeline">
      <div class="head">
        <h2 id="timeline">{messages.timeline}</h2>
        <Twin url={url} />
      </div>
      <ol class="timeline">
        {found.map((moment) => (
          <li key={`${moment.fact.id} ${moment.through?.id ?? ""}`}>
            <Moment moment={moment} of={entity.id} />
          </li>
        ))}
      </ol>
    </section>
  );
}

interface MomentProps {
  moment: Dated;
  of: string;
  /** The entity, where the list is of several. */
  whose?: Entity;
}

export function Moment({ moment, of, whose }: MomentProps): JSX.Element {
  const labels = useLabels();
  const shown = useShownDate();
  const { fact, through } = moment;
  if (through !== null) {
    return (
      <>
        <time dateTime={moment.date}>{shown(moment.date)}</time>
        <span>
          {whose && <Whose entity={whose} />}
          <EntityLink entity={otherEnd(through, of)} />{" "}
          <span class="quiet">{labels.relation(through.relation, through.subject.id !== of)}</span>
        </span>
        <Confidence value={Math.min(fact.confidence, through.confidence)} />
      </>
    );
  }
  return (
    <>
      <time dateTime={moment.date}>{shown(moment.date)}</time>
      <span>
        {whose && <Whose entity={whose} />}
        {labels.relation(fact.relation, fact.subject.id !== of)}{" "}
        <span class="quiet"><bdi>{otherEnd(fact, of).name}</bdi></span>
      </span>
      <Confidence value={fact.confidence} />
    </>
  );
}

/** A date of EDTF as a reader writes it: seasons, decades and years before our era in words. */
function useShownDate(): (date: string) => string {
  const messages = useMessages();
  const seasons = messages.seasons.split("|");
  return (date) => {
    const [, era, year, season] = /^(-?)(\d{4})(?:-2([1-4]))?$/.exec(date) ?? [];
    if (year !== undefined) {
      const number = era ? `${Number(year) + 1} ${messages.beforeOurEra}` : String(Number(year));
      return season === undefined ? number : `${seasons[Number(season) - 1]} ${number}`;
    }
    const decade = /^(\d{3})X$/.exec(date)?.[1];
    return decade === undefined ? date : `${Number(decade)}0${messages.decade}`;
  };
}

function Whose({ entity }: { entity: Entity }): JSX.Element {
  return <span class="whose"><bdi>{entity.name}</bdi>: </span>;
}
