// A field that finds an entity as its name is typed.
import type { JSX } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import { useMessages } from "../i18n";
import type { Entity } from "../types";
import { TypeName } from "./basics";
import { useSuggestions } from "./suggest";

interface PickerProps {
  label: string;
  chosen: Entity | undefined;
  choose(entity: Entity | undefined): void;
  /** What is looked for before anything is typed. */
  initial?: string;
}

export function Picker({ label, chosen, choose, initial = "" }: PickerProps): JSX.Element {
  const messages = useMessages();
  const id = useId();
  const [text, setText] = useState(initial);
  const found = useSuggestions(text);
  const list = useRef<HTMLUListElement>(null);
  // Enter is for who is found, not for the form around: nobody is added by looking for somebody.
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Enter" && event.key !== "ArrowDown") return;
    event.preventDefault();
    list.current?.querySelector<HTMLElement>(".item")?.focus();
  };
  if (chosen !== undefined) {
    return (
      <div class="picker">
        <p class="quiet">{label}</p>
        <p>
          <bdi>{chosen.name}</bdi> <TypeName type={chosen.type} />{" "}
          <button type="button" class="plain" onClick={() => choose(undefined)}>{messages.other}</button>
        </p>
      </div>
    );
  }
  return (
    <div class="picker">
      <label for={id}>{label}</label>
      <input
        id={id}
        value={text}
        maxLength={200}
        autocomplete="off"
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={press}
      />
      <ul class="plain-list" ref={list}>
        {text.trim() !== "" && found?.entities.map(({ entity, detail }) => (
          <li key={entity.id}>
            <button type="button" class="plain item" onClick={() => choose(entity)}>
              <bdi>{entity.name}</bdi>
            </button>{" "}
            <TypeName type={entity.type} /> <span class="quiet"><bdi>{detail}</bdi></span>
          </li>
        ))}
      </ul>
    </div>
  );
}
