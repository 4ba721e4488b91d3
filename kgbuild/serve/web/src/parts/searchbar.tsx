// The box that finds, at the top of every page: names as one types, questions, texts.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useMessages } from "../i18n";
import { address, documentAddress, entityAddress, go, type Place } from "../router";
import type { Suggestions } from "../types";
import { TypeName } from "./basics";
import { useSuggestions } from "./suggest";

/** Words that a question begins with, as whoever types it needn't end it with «?». */
const ASKS = /^(кто|что|где|когда|как|какой|какая|какое|какие|какого|какую|каком|каким|сколько|чей|чья|чьё|чьи|куда|откуда|почему|зачем|кем|кому|кого|чем|чему|чего|правда)\s/i;

export const isQuestion = (text: string): boolean => /\?\s*$/.test(text) || ASKS.test(`${text} `);

interface Choice {
  key: string;
  href: string;
  label: JSX.Element;
}

export function SearchBar({ place }: { place: Place }): JSX.Element {
  const messages = useMessages();
  const searching = place.path === "/search";
  const asked = searching ? place.search.get("text") : place.search.get("question");
  const within = place.search.get("document");
  const [text, setText] = useState(asked ?? "");
  const [open, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const box = useRef<HTMLFormElement>(null);
  const found = useSuggestions(open ? text : "");
  useEffect(() => {
    setText(asked ?? "");
    setOpen(false);
  }, [asked, place.path]);
  const wanted = text.trim();
  const choices = open && wanted ? choicesOf(found, wanted, within, messages) : [];
  const close = () => {
    setOpen(false);
    setAt(-1);
  };
  const follow = (href: string) => {
    close();
    go(href);
  };
  const submit = (event: Event) => {
    event.preventDefault();
    const chosen = choices[at];
    if (chosen !== undefined) follow(chosen.href);
    else if (wanted) follow(isQuestion(wanted) ? askAddress(wanted) : searchAddress(wanted, within));
  };
  const press = (event: KeyboardEvent) => {
    if (choices.length === 0) return;
    if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    setAt((before) => (before + step + choices.length + 1) % (choices.length + 1));
  };
  return (
    <form
      ref={box}
      class="searchbar"
      role="search"
      onSubmit={submit}
      onFocusOut={(event) => {
        if (!box.current?.contains(event.relatedTarget as Element | null)) close();
      }}
    >
      <label class="sr" for="q">{messages.query}</label>
      <input
        id="q"
        type="text"
        role="combobox"
        aria-expanded={choices.length > 0}
        aria-controls="suggested"
        aria-autocomplete="list"
        aria-activedescendant={choices[at] === undefined ? undefined : `suggested-${at}`}
        autocomplete="off"
        maxLength={2000}
        placeholder={messages.queryPlaceholder}
        value={text}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setOpen(true);
          setAt(-1);
        }}
        onKeyDown={press}
      />
      <button type="submit" aria-label={messages.doSearch}>→</button>
      <ul id="suggested" role="listbox" aria-label={messages.suggested} hidden={choices.length === 0}>
        {choices.map((choice, number) => (
          <li
            key={choice.key}
            id={`suggested-${number}`}
            role="option"
            aria-selected={number === at}
            onPointerDown={(event) => {
              event.preventDefault();
              follow(choice.href);
            }}
          >
            {choice.label}
          </li>
        ))}
      </ul>
    </form>
  );
}

const askAddress = (question: string): string => address("/", { question });

const searchAddress = (text: string, within: string | null): string =>
  address("/search", { text, document: within });

/** What can be chosen: entities first, then documents, then asking and searching. */
function choicesOf(
  found: Suggestions | undefined,
  text: string,
  within: string | null,
  messages: ReturnType<typeof useMessages>,
): Choice[] {
  const entities = (found?.entities ?? []).map((one): Choice => ({
    key: one.entity.id,
    href: entityAddress(one.entity.id),
    label: (
      <>
        <bdi>{one.entity.name}</bdi> <TypeName type={one.entity.type} />
        <span class="quiet">
          <bdi>{[one.described, one.name === one.entity.name ? "" : one.name, one.detail].filter(Boolean).join(" · ")}</bdi>
        </span>
      </>
    ),
  }));
  const documents = (found?.documents ?? []).map((one): Choice => ({
    key: `document ${one.source}`,
    href: documentAddress(one.source),
    label: <><bdi>{one.title}</bdi> <span class="quiet">{messages.document}</span></>,
  }));
  const asking: Choice = {
    key: "ask",
    href: askAddress(text),
    label: <><span class="quiet">{messages.doAsk}:</span> <bdi>{text}</bdi></>,
  };
  const looking: Choice = {
    key: "search",
    href: searchAddress(text, within),
    label: <><span class="quiet">{messages.inAllTexts}:</span> <bdi>{text}</bdi></>,
  };
  return [...entities, ...documents, ...(isQuestion(text) ? [asking, looking] : [looking, asking])];
}
