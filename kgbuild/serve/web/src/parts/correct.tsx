// Putting an entity right: its name, its type, a fact of it; what a merge would bring together.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useData, useLabels, useMayEdit } from "../data";
import { useMessages } from "../i18n";
import { address } from "../router";
import type { Entity, MergePreview } from "../types";
import { TypeSelect, Waiting } from "./basics";
import { FactRow } from "./facts";
import { Refused, useJudging } from "./judge";
import { Picker } from "./picker";

/** The longest name that the service takes. */
export const NAME_LENGTH = 256;

/** Forms for an entity's name and type, folded away until they are wanted. */
export function Corrections({ entity }: { entity: Entity }): JSX.Element | null {
  const messages = useMessages();
  const judging = useJudging();
  const [name, setName] = useState(entity.name);
  const [type, setType] = useState(entity.type);
  useEffect(() => {
    setName(entity.name);
    setType(entity.type);
  }, [entity.id, entity.name, entity.type]);
  if (!useMayEdit()) return null;
  const said = name.trim();
  const give = (verdict: string, value: string) => (event: Event) => {
    event.preventDefault();
    void judging.judge({ verdict, subject: entity.id, value });
  };
  return (
    <details class="corrections">
      <summary>{messages.correct}</summary>
      <form onSubmit={give("rename", said)}>
        <label>
          {messages.name}{" "}
          <input value={name} maxLength={NAME_LENGTH} onInput={(event) => setName(event.currentTarget.value)} />
        </label>{" "}
        <button disabled={judging.busy || said === "" || said === entity.name}>{messages.rename}</button>
      </form>
      <form onSubmit={give("retype", type)}>
        <label>
          {messages.type} <TypeSelect value={type} choose={setType} />
        </label>{" "}
        <button disabled={judging.busy || type === entity.type}>{messages.retype}</button>
      </form>
      <Refused judging={judging} />
      <NewFact entity={entity} />
    </details>
  );
}

/** A fact of the entity on the word of whoever adds it. */
function NewFact({ entity }: { entity: Entity }): JSX.Element {
  const messages = useMessages();
  const labels = useLabels();
  const judging = useJudging();
  const [relation, setRelation] = useState("");
  const [object, setObject] = useState<Entity>();
  const add = async (event: Event) => {
    event.preventDefault();
    if (!object || !relation) return;
    const taken = await judging.judge({ verdict: "state", subject: entity.id, relation, object: object.id });
    if (taken) setObject(undefined);
  };
  const relations = [...labels.relations].sort((one, other) =>
    labels.relation(one).localeCompare(labels.relation(other)),
  );
  return (
    <form onSubmit={add}>
      <label>
        {messages.newFact}{" "}
        <select value={relation} onChange={(event) => setRelation(event.currentTarget.value)}>
          <option value="" />
          {relations.map((known) => <option key={known} value={known}>{labels.relation(known)}</option>)}
        </select>
      </label>{" "}
      <Picker label={messages.withWhom} chosen={object} choose={setObject} />{" "}
      <button disabled={judging.busy || relation === "" || object === undefined}>{messages.addFact}</button>
      <Refused judging={judging} />
    </form>
  );
}

/** What two entities would be as one; nothing is changed by looking. */
export function Preview({ one, other }: { one: Entity; other: Entity }): JSX.Element {
  const messages = useMessages();
  const loaded = useData<MergePreview>(address("/v1/merge-preview", { one: one.id, other: other.id }));
  const seen = loaded.value;
  if (seen === undefined) return <Waiting of={loaded} />;
  return (
    <section class="preview" aria-labelledby="preview">
      <h2 id="preview">{messages.asOne}</h2>
      <p class="names">
        {seen.names.slice(0, 30).map((name) => <bdi key={name} class="alias">{name}</bdi>)}
      </p>
      <p class="quiet">
        {messages.mentions}: {seen.mentions} · {messages.documents}: {seen.documents} · {messages.facts}:{" "}
        {seen.facts}
        {seen.shared > 0 && <> ({messages.ofBoth}: {seen.shared})</>}
      </p>
      {one.type !== other.type && <p class="warning">{messages.twoTypes}</p>}
      {seen.between.length > 0 && (
        <section>
          <h3 class="warning">{messages.wouldGo}</h3>
          <ul class="plain-list">{seen.between.map((fact) => <FactRow key={fact.id} fact={fact} />)}</ul>
        </section>
      )}
      {seen.contradictions.map((facts) => (
        <section key={facts[0]?.relation}>
          <h3 class="warning">{messages.onlyOneTrue}</h3>
          <ul class="plain-list">{facts.map((fact) => <FactRow key={fact.id} fact={fact} />)}</ul>
        </section>
      ))}
    </section>
  );
}
