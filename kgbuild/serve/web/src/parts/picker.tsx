// A field that finds an entity by the beginning of its name.
import type { JSX } from "preact";
import { useId, useState } from "preact/hooks";
import { useData } from "../data";
import { useMessages } from "../i18n";
import { address } from "../router";
import type { Entity, Page } from "../types";
import { TypeName } from "./basics";

interface PickerProps {
  label: string;
  chosen: Entity | undefined;
  choose(entity: Entity | undefined): void;
}

export function Picker({ label, chosen, choose }: PickerProps): JSX.Element {
  const messages = useMessages();
  const id = useId();
  const [text, setText] = useState("");
  const prefix = text.trim();
  const url = prefix ? address("/v1/entities", { prefix, limit: 8 }) : null;
  const found = useData<Page<Entity>>(url).value;
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
        {found?.items.map((entity) => (
          <li key={entity.id}>
            <button type="button" class="plain item" onClick={() => choose(entity)}>
              <bdi>{entity.name}</bdi>
            </button>{" "}
            <TypeName type={entity.type} /> <span class="quiet">{entity.mention_count}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
