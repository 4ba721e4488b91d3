// Questions and their answers; without a question, what the graph holds.
import type { JSX } from "preact";
import { Confidence, EntityLink, Head, TypeName, useTitle, Waiting } from "../parts/basics";
import { EvidenceList } from "../parts/facts";
import { Passages } from "../parts/passages";
import { useData, useLabels } from "../data";
import { useMessages, useLanguage, useNumbers } from "../i18n";
import { entityUrl } from "../api";
import { address, Link, type Place } from "../router";
import type { Abstention, Answer, AnswerItem, Entity, Fact, Page, Stats } from "../types";

export function Home({ place }: { place: Place }): JSX.Element {
  const question = place.search.get("question");
  const about = place.search.get("meaning");
  return question ? <Asked question={question} meaning={about} /> : <Overview />;
}

function Asked({ question, meaning }: { question: string; meaning: string | null }): JSX.Element {
  const messages = useMessages();
  const url = address("/v1/ask", { question, meaning, explain: "true" });
  const loaded = useData<Answer>(url);
  const answer = loaded.value;
  useTitle(question);
  return (
    <article class="asked">
      <Head title={<bdi>{question}</bdi>} twin={url} />
      {meaning !== null && <Meant id={meaning} />}
      <Waiting of={loaded} />
      {answer !== undefined && (answer.abstained ? <Abstained answer={answer} /> : <Answers answer={answer} />)}
      {answer?.plan && (
        <details class="plan">
          <summary>{messages.plan}</summary>
          <pre lang="ru">{answer.plan}</pre>
        </details>
      )}
    </article>
  );
}

/** Which of several of one name was chosen. */
function Meant({ id }: { id: string }): JSX.Element | null {
  const messages = useMessages();
  const entity = useData<Entity>(entityUrl(id)).value;
  if (entity === undefined) return null;
  return <p class="quiet">{messages.meant} <EntityLink entity={entity} /></p>;
}

function Answers({ answer }: { answer: Answer }): JSX.Element {
  const messages = useMessages();
  return (
    <>
      {answer.tentative && <p class="warning">{messages.tentative}</p>}
      {answer.conflicting && <p class="warning">{messages.conflicting}</p>}
      <ol class="answers" aria-label={messages.answers}>
        {answer.answers.map((item) => (
          <li key={`${item.entity} ${item.text} ${item.relation}`}>
            <AnswerHead item={item} />
            <EvidenceList evidence={item.evidence} />
          </li>
        ))}
      </ol>
    </>
  );
}

function AnswerHead({ item }: { item: AnswerItem }): JSX.Element {
  const labels = useLabels();
  return (
    <h2>
      {item.entity ? (
        <EntityLink entity={{ id: item.entity, name: item.text }} item />
      ) : (
        <bdi>{item.text}</bdi>
      )}{" "}
      {item.relation && <span class="relation">{labels.relation(item.relation)}</span>}{" "}
      {item.about && <bdi class="relation">{item.about}</bdi>}{" "}
      <Confidence value={item.confidence} />
    </h2>
  );
}

function Abstained({ answer }: { answer: Answer }): JSX.Element {
  const messages = useMessages();
  const language = useLanguage();
  const whys: Record<Abstention, string> = {
    unknown_entity: messages.unknownEntity,
    unknown_relation: messages.unknownRelation,
    no_fact: messages.noFact,
    ambiguous: messages.ambiguous,
  };
  const why = answer.abstention === null ? "" : whys[answer.abstention];
  const ambiguous = answer.choices.length > 0;
  return (
    <>
      <p class="abstained" role="status">
        <strong>{ambiguous ? messages.whichOne : messages.noAnswer}</strong>{" "}
        {language === "ru" && answer.reason && !ambiguous ? <bdi>{answer.reason}</bdi> : why}
      </p>
      {ambiguous && <Choices question={answer.question} choices={answer.choices} />}
      {answer.passages.length > 0 && (
        <section class="nearest" aria-labelledby="nearest">
          <h2 id="nearest">{messages.passages}</h2>
          <p class="quiet">{messages.passagesNote}</p>
          <Passages passages={answer.passages} />
        </section>
      )}
    </>
  );
}

function Choices({ question, choices }: { question: string; choices: Entity[] }): JSX.Element {
  return (
    <ul class="choices">
      {choices.map((entity) => (
        <li key={entity.id}>
          <Link class="item" href={address("/", { question, meaning: entity.id })}>
            <bdi>{entity.name}</bdi>
          </Link>{" "}
          <TypeName type={entity.type} /> <EntityDetail id={entity.id} />
        </li>
      ))}
    </ul>
  );
}

/** A few facts that tell namesakes apart. */
function EntityDetail({ id }: { id: string }): JSX.Element | null {
  const labels = useLabels();
  const loaded = useData<Page<Fact>>(address("/v1/facts", { subject: id, limit: 3 }));
  if (loaded.value === undefined) return null;
  const told = loaded.value.items.map((f) => `${labels.relation(f.relation)}: ${f.object.name}`);
  return <span class="quiet"><bdi>{told.join("; ")}</bdi></span>;
}

function Overview(): JSX.Element {
  const messages = useMessages();
  const labels = useLabels();
  const number = useNumbers();
  const stats = useData<Stats>("/v1/stats");
  const most = useData<Page<Entity>>("/v1/entities?limit=12");
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
        <section>
          <h2>{messages.mostMentioned}</h2>
          <ul class="rows">
            {most.value?.items.map((entity) => (
              <li key={entity.id}>
                <span class="end">
                  <EntityLink entity={entity} item /> <TypeName type={entity.type} />
                </span>
                <span class="number">{number(entity.mention_count)}</span>
              </li>
            ))}
          </ul>
        </section>
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
