// A field that finds an entity as its name is typed.
import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { useMessages } from "../i18n";
import type { Entity } from "../types";
import { TypeName } from "./basics";
import { useSuggestions } from "./suggest";

interface PickerProps {
  label: string;
  chosen: Entity | undefined;
  choose(entity: Entity | undefined): void;
}

export function Picker({ label, chosen, choose }: PickerProps): JSX.Element {
  const messages = useMessages();
  const id = useId();
  const [text, setText] = useState("");
  const found = useSuggestions(text);
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
      />
      <ul class="plain-list">
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
