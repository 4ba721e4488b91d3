// A question with its answers: of whom each is, how sure, and by which sentence.
import type { JSX } from "preact";
import { Confidence, EntityLink, Head, TypeName, useTitle, Waiting } from "../parts/basics";
import { EvidenceList } from "../parts/facts";
import { FactVerdict } from "../parts/judge";
import { Passages } from "../parts/passages";
import { useData, useLabels, useMayEdit } from "../data";
import { useMessages, useLanguage } from "../i18n";
import { entityUrl } from "../api";
import { address, Link } from "../router";
import type { Abstention, Answer, AnswerItem, Entity, Fact, Page } from "../types";

export function Asked({ question, meaning }: { question: string; meaning: string | null }): JSX.Element {
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
  const subjects = [...new Set(answer.answers.map((item) => item.subject).filter(Boolean))];
  const namesakes = subjects.length > 1;
  return (
    <>
      {answer.tentative && <p class="warning">{messages.tentative}</p>}
      {answer.conflicting && <p class="warning">{messages.conflicting}</p>}
      {namesakes ? (
        <Namesakes answer={answer} subjects={subjects} />
      ) : (
        <Items items={answer.answers} label={messages.answers} />
      )}
    </>
  );
}

/** Answers about several people of one name: never as if they were one. */
function Namesakes({ answer, subjects }: { answer: Answer; subjects: string[] }): JSX.Element {
  const messages = useMessages();
  const rest = answer.answers.filter((item) => !item.subject);
  return (
    <>
      <p class="warning which" role="status">
        <strong>{subjects.length === 2 ? messages.whichOfTwo : messages.whichOfThem}</strong> {messages.namesakes}
      </p>
      {subjects.map((id) => {
        const items = answer.answers.filter((item) => item.subject === id);
        const name = items[0]?.about ?? id;
        return (
          <section key={id} class="namesake" aria-label={name}>
            <p class="of">
              <EntityLink entity={{ id, name }} /> <EntityDetail id={id} />{" "}
              <Link href={address("/", { question: answer.question, meaning: id })}>{messages.onlyThis}</Link>
            </p>
            <Items items={items} label={`${messages.answers}: ${name}`} />
          </section>
        );
      })}
      {rest.length > 0 && <Items items={rest} label={messages.answers} />}
    </>
  );
}

function Items({ items, label }: { items: readonly AnswerItem[]; label: string }): JSX.Element {
  return (
    <ol class="answers" aria-label={label}>
      {items.map((item) => (
        <li key={`${item.entity} ${item.text} ${item.relation} ${item.subject}`}>
          <AnswerHead item={item} />
          <EvidenceList evidence={item.evidence} />
        </li>
      ))}
    </ol>
  );
}

function AnswerHead({ item }: { item: AnswerItem }): JSX.Element {
  const labels = useLabels();
  const messages = useMessages();
  const mayEdit = useMayEdit();
  const relation = item.relation && labels.relation(item.relation);
  return (
    <>
    <h2>
      {item.entity ? (
        <EntityLink entity={{ id: item.entity, name: item.text }} item />
      ) : (
        <bdi>{item.text}</bdi>
      )}{" "}
      {relation && <span class="relation">{relation}</span>} <Confidence value={item.confidence} />{" "}
      <Sure value={item.confidence} />
    </h2>
    <p class="of-whom">
      {item.about && (
        <span>
          {messages.ofWhom}{" "}
          {item.subject ? (
            <EntityLink entity={{ id: item.subject, name: item.about }} />
          ) : (
            <bdi>{item.about}</bdi>
          )}
        </span>
      )}
      {mayEdit &&
        item.facts.map((fact) => (
          <FactVerdict key={fact} fact={fact} what={`${item.about} — ${relation} — ${item.text}`} />
        ))}
    </p>
    </>
  );
}

/** How sure an answer is, in a word. */
function Sure({ value }: { value: number }): JSX.Element {
  const messages = useMessages();
  const said = value >= 1 ? messages.sureByPerson : value >= 0.8 ? messages.sureHigh : value >= 0.5 ? messages.sureMiddle : messages.sureLow;
  return <span class="sure relation">{said}</span>;
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
        <strong>
          {!ambiguous ? messages.noAnswer : answer.choices.length === 2 ? messages.whichOfTwo : messages.whichOfThem}
        </strong>{" "}
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

