// Small parts that every page uses.
import type { ComponentChildren, JSX } from "preact";
import { useEffect } from "preact/hooks";
import { send, token } from "../api";
import { type Loaded, useLabels } from "../data";
import { useLanguage, useMessages } from "../i18n";
import { kindOf } from "../kinds";
import { entityAddress, Link } from "../router";
import type { Entity } from "../types";

/** Sets the window's title. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} — kgbuild` : "kgbuild";
  }, [title]);
}

interface HeadProps {
  title: ComponentChildren;
  /** The /v1 address behind the page. */
  twin?: string;
  children?: ComponentChildren;
}

/** A page's heading, with the link to its JSON. */
export function Head({ title, twin, children }: HeadProps): JSX.Element {
  return (
    <div class="head">
      <h1>{title}</h1>
      {children}
      {twin !== undefined && <Twin url={twin} />}
    </div>
  );
}

/** A link to the JSON behind a page. A token is no part of an address: with one, the JSON is
 * fetched here and opened as a file. */
export function Twin({ url }: { url: string }): JSX.Element {
  const messages = useMessages();
  const open = (event: MouseEvent) => {
    if (token() === null) return;
    event.preventDefault();
    void send(url)
      .then((response) => response.blob())
      .then((blob) => window.open(URL.createObjectURL(blob), "_blank", "noopener"));
  };
  return (
    <a class="twin" href={url} target="_blank" rel="noopener" title={messages.twin} onClick={open}>
      JSON
    </a>
  );
}

/** How sure something is, as a number and a bar. */
export function Confidence({ value }: { value: number }): JSX.Element {
  const messages = useMessages();
  const language = useLanguage();
  const format = new Intl.NumberFormat(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  // Only what a person accepted is certain: 0.996 isn't shown as 1.
  const shown = format.format(value < 1 ? Math.min(value, 0.99) : 1);
  return (
    <span class="confidence" title={messages.confidence}>
      <span class="bar-of" aria-hidden="true">
        <span style={{ width: `${Math.round(value * 100)}%` }} />
      </span>
      <span class="sr">{messages.confidence} </span>
      {shown}
    </span>
  );
}

/** The name of a type, in its colour. */
export function TypeName({ type }: { type: string }): JSX.Element {
  const labels = useLabels();
  return <span class="type" data-kind={kindOf(type)}>{labels.type(type)}</span>;
}

interface TypeSelectProps {
  value: string;
  choose(type: string): void;
  /** Whether none may be chosen. */
  empty?: boolean;
}

/** A choice of one type, in the order of the page's language. */
export function TypeSelect({ value, choose, empty }: TypeSelectProps): JSX.Element {
  const labels = useLabels();
  const types = [...labels.types].sort((one, other) => labels.type(one).localeCompare(labels.type(other)));
  return (
    <select value={value} onChange={(event) => choose(event.currentTarget.value)}>
      {empty && <option value="" />}
      {types.map((known) => <option key={known} value={known}>{labels.type(known)}</option>)}
    </select>
  );
}

/** An entity's name as a link to its page. Names are anybody's text: isolated, so that their
 * direction changes nothing around them. */
export function EntityLink({ entity, item }: { entity: Named; item?: boolean }): JSX.Element {
  return (
    <Link href={entityAddress(entity.id)} class={item ? "entity item" : "entity"}>
      <bdi>{entity.name.trim() || entity.id}</bdi>
    </Link>
  );
}

export type Named = Pick<Entity, "id" | "name">;

/** What stands in the place of data that isn't there. */
export function Waiting({ of }: { of: Loaded<unknown> }): JSX.Element | null {
  const messages = useMessages();
  if (of.error) {
    return (
      <p class="failure" role="alert">
        {messages.failed} <bdi>{of.error.message}</bdi>
      </p>
    );
  }
  return of.loading ? <p class="quiet loading" role="status">{messages.loading}</p> : null;
}

interface PagerProps {
  next: string | null;
  cursor: string | null;
  /** The address of the page at a cursor; without one, of the first. */
  at(cursor: string | null): string;
}

/** Links to the following page and back to the first. */
export function Pager({ next, cursor, at }: PagerProps): JSX.Element | null {
  const messages = useMessages();
  if (next === null && cursor === null) return null;
  return (
    <nav class="pager" aria-label={messages.pages}>
      {cursor !== null && <Link href={at(null)}>{messages.toFirst}</Link>}
      {next !== null && <Link href={at(next)}>{messages.further} →</Link>}
    </nav>
  );
}
