// A mention that no model saw: whom or what the selected words of a document name.
import type { JSX, RefObject } from "preact";
import { useState } from "preact/hooks";
import { useMessages } from "../i18n";
import { documentAddress, Link } from "../router";
import type { Entity, WholeDocument } from "../types";
import { TypeName, TypeSelect } from "./basics";
import { NAME_LENGTH } from "./correct";
import type { Chosen } from "./document-text";
import { Refused, useJudging } from "./judge";
import { Picker } from "./picker";

interface NewMentionProps {
  document: WholeDocument;
  span: Chosen;
  /** The words at the span. */
  text: string;
  form: RefObject<HTMLFormElement | null>;
  close(): void;
  saved(): void;
}

export function NewMention({ document, span, text, form, close, saved }: NewMentionProps): JSX.Element {
  const messages = useMessages();
  const judging = useJudging();
  const [entity, setEntity] = useState<Entity>();
  const [type, setType] = useState("");
  const { start, end } = span;
  const here = document.mentions.filter((known) => known.start === start && known.end === end);
  const same = here.find((known) => known.type === type);
  const isLong = end - start > NAME_LENGTH;
  const choose = (chosen: Entity | undefined) => {
    setEntity(chosen);
    if (chosen !== undefined) setType(chosen.type);
  };
  const add = async (event: Event) => {
    event.preventDefault();
    const mentions = [{ document: document.source, start, end }];
    const taken = await judging.judge({ verdict: "mention", mentions, type, value: text, subject: entity?.id });
    if (taken) saved();
  };
  return (
    <form ref={form} class="new-mention" aria-labelledby="new-mention" onSubmit={add}>
      <h2 id="new-mention">{messages.newMention}</h2>
      <p class="quoted"><bdi>{text}</bdi></p>
      {isLong ? (
        <p class="warning">{messages.tooLong}</p>
      ) : (
        <>
          <Picker
            key={`${start}-${end}`}
            label={messages.whoIsNamed}
            chosen={entity}
            choose={choose}
            initial={text.replace(/\s+/g, " ")}
          />
          <label>
            {messages.type} <TypeSelect value={type} choose={setType} empty />
          </label>
          {entity === undefined && <p class="quiet">{messages.newEntityNote}</p>}
          {same !== undefined && (
            <p class="failure" role="alert">
              {messages.alreadyMention}{" "}
              <Link href={documentAddress(document.source, start, end)}><bdi>{same.name}</bdi></Link>{" "}
              <TypeName type={same.type} />
            </p>
          )}
          <button disabled={judging.busy || type === "" || same !== undefined}>{messages.addMention}</button>
        </>
      )}{" "}
      <button type="button" class="plain" onClick={close}>{messages.close} (Esc)</button>
      <Refused judging={judging} />
    </form>
  );
}
