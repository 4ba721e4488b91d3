// What waits for a person, one thing after another: what is judged goes at once and is sent behind
// it, so that no answer has to be waited for. Keys act on what has the focus, or on the first.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { post, Refusal } from "../api";
import { useShared } from "../data";
import { useMessages, useNumbers } from "../i18n";
import { FIELDS } from "../keyboard";
import type { Judgement } from "../types";
import { authored, type Said, WhyNot } from "./judge";

/** How many are drawn: the one in hand and those behind it, whose sentences load meanwhile. */
const DRAWN = 5;

/** A list with fewer left than this is asked for again, while they are judged. */
const FEW = 4;

export interface Queue<Item> {
  shown: readonly Item[];
  remaining: number;
  skipped: number;
  error: Error | undefined;
  judge(item: Item, said: Said): void;
  skip(item: Item): void;
  /** Lets those that were skipped come back. */
  again(): void;
  undo(): void;
}

interface Waiting<Item> {
  /** What waits; of `total` the first ones. */
  list: readonly Item[];
  total: number;
  keyOf(item: Item): string;
}

export function useQueue<Item>({ list, total, keyOf }: Waiting<Item>): Queue<Item> {
  const { changed, locked, session, judged, made } = useShared();
  // Of everything judged here its judgement's number, undefined as long as it is on its way.
  const [gone, setGone] = useState<ReadonlyMap<string, number | undefined>>(new Map());
  const [skipped, setSkipped] = useState<ReadonlySet<string>>(new Set());
  const [error, setError] = useState<Error>();
  const line = useRef<Promise<void>>(Promise.resolve());
  const waiting = list.filter((item) => !gone.has(keyOf(item)));
  const open = waiting.filter((item) => !skipped.has(keyOf(item)));
  const mark = (key: string, id: number | undefined) => setGone((before) => new Map(before).set(key, id));
  const forget = (which: (key: string, id: number | undefined) => boolean) =>
    setGone((before) => new Map([...before].filter(([key, id]) => !which(key, id))));

  const send = (act: () => Promise<void>) => {
    line.current = line.current.then(act).catch((failure: unknown) => {
      if (failure instanceof Refusal && failure.status === 401) locked();
      setError(failure instanceof Error ? failure : new Error(String(failure)));
    });
  };
  useEffect(() => {
    if (made?.undone_at != null) forget((_, id) => id === made.id);
  }, [made]);
  const settled = [...gone.values()].every((id) => id !== undefined);
  const used = list.length - waiting.length;
  useEffect(() => {
    if (used > 0 && settled && open.length < FEW && (open.length === 0 || total > list.length)) changed();
  }, [used, settled, list]);
  return {
    shown: open.slice(0, DRAWN),
    remaining: Math.max(waiting.length, total - used),
    skipped: waiting.length - open.length,
    error,
    judge: (item, said) => {
      const key = keyOf(item);
      mark(key, undefined);
      setError(undefined);
      send(async () => {
        try {
          const recorded = await post<Judgement>("/v1/judgements", authored(said, session));
          mark(key, recorded.id);
          judged(recorded);
        } catch (failure) {
          forget((one) => one === key);
          throw failure;
        }
      });
    },
    skip: (item) => setSkipped((before) => new Set(before).add(keyOf(item))),
    again: () => setSkipped(new Set()),
    undo: () =>
      send(async () => {
        const last = Math.max(...[...gone.values()].map((id) => id ?? 0));
        if (last <= 0) return;
        judged(await post<Judgement>(`/v1/judgements/${last}/undo`, {}));
        changed();
      }),
  };
}

/** What a key does to an item. */
export interface Choice<Item> {
  label: string;
  act(item: Item): void;
}

interface ListProps<Item> {
  label: string;
  queue: Queue<Item>;
  choices: readonly Choice<Item>[];
  keyOf(item: Item): string;
  draw(item: Item): JSX.Element;
}

export function QueueList<Item>({ label, queue, choices, keyOf, draw }: ListProps<Item>): JSX.Element {
  const messages = useMessages();
  const number = useNumbers();
  const place = useRef<HTMLUListElement>(null);
  useKeys((digit) => {
    if (digit === 0) queue.undo();
    const held = place.current?.querySelector<HTMLElement>(":scope > li:focus-within");
    const item = queue.shown.find((one) => keyOf(one) === held?.dataset["key"]) ?? queue.shown[0];
    const choice = choices[digit - 1];
    if (item === undefined || choice === undefined) return;
    choice.act(item);
    if (held) stay();
  });
  // Whoever had the focus in what goes has it in what comes.
  const stay = () => requestAnimationFrame(() => place.current?.querySelector<HTMLElement>(":scope > li")?.focus());
  return (
    <section aria-label={label}>
      <p class="remaining">
        <span role="status">{messages.remaining}: {number(queue.remaining)}</span>{" "}
        <span class="quiet">{messages.reviewKeys}</span>
      </p>
      {queue.error && <p><WhyNot error={queue.error} /></p>}
      <ul class="queue" ref={place}>
        {queue.shown.map((item) => (
          <li key={keyOf(item)} data-key={keyOf(item)} tabIndex={-1}>
            {draw(item)}
            <div class="verdict" role="group" aria-label={messages.verdict}>
              {choices.map((choice, at) => (
                <button
                  key={choice.label}
                  type="button"
                  class={at === 0 ? "item" : undefined}
                  onClick={() => {
                    choice.act(item);
                    stay();
                  }}
                >
                  <kbd aria-hidden="true">{at + 1}</kbd> {choice.label}
                </button>
              ))}
            </div>
          </li>
        ))}
      </ul>
      {queue.skipped > 0 && (
        <p>
          <button type="button" class="plain" onClick={queue.again}>
            {messages.skippedAgain} ({number(queue.skipped)})
          </button>
        </p>
      )}
    </section>
  );
}

/** Digits, wherever they lie on the keyboard, when nothing is being typed. */
function useKeys(press: (digit: number) => void): void {
  const held = useRef(press);
  held.current = press;
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      if (document.activeElement?.matches(FIELDS)) return;
      const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code)?.[1];
      if (digit === undefined) return;
      event.preventDefault();
      held.current(Number(digit));
    };
    addEventListener("keydown", listener);
    return () => removeEventListener("keydown", listener);
  }, []);
}
