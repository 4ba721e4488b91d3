// The box that asks and searches, at the top of every page.
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useMessages } from "../i18n";
import { address, go, type Place } from "../router";

export function SearchBar({ place }: { place: Place }): JSX.Element {
  const messages = useMessages();
  const searching = place.path === "/search";
  const asked = searching ? place.search.get("text") : place.search.get("question");
  const [text, setText] = useState(asked ?? "");
  const [mode, setMode] = useState(searching ? "search" : "ask");
  useEffect(() => {
    setText(asked ?? "");
    if (searching) setMode("search");
    else if (asked !== null) setMode("ask");
  }, [asked, searching]);
  const submit = (event: Event) => {
    event.preventDefault();
    const wanted = text.trim();
    if (!wanted) return;
    go(mode === "ask" ? address("/", { question: wanted }) : address("/search", { text: wanted }));
  };
  return (
    <form class="searchbar" role="search" onSubmit={submit}>
      <label class="sr" for="q">{messages.query}</label>
      <input
        id="q"
        type="search"
        autocomplete="off"
        maxLength={2000}
        placeholder={mode === "ask" ? messages.askPlaceholder : messages.searchPlaceholder}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <select aria-label={messages.mode} value={mode} onChange={(event) => setMode(event.currentTarget.value)}>
        <option value="ask">{messages.modeAsk}</option>
        <option value="search">{messages.modeSearch}</option>
      </select>
      <button type="submit" aria-label={mode === "ask" ? messages.doAsk : messages.doSearch}>→</button>
    </form>
  );
}
