// What a person says of the graph.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { post, Refusal } from "../api";
import { useShared } from "../data";
import { useMessages } from "../i18n";
import { remember, remembered } from "../theme";
import type { Fact, Judgement } from "../types";

const AUTHOR = "kgbuild.author";

/** The name that goes with one's judgements. */
export function useAuthor(): [string, (name: string) => void] {
  const [name, setName] = useState(() => remembered(AUTHOR) ?? "");
  const keep = (chosen: string) => {
    remember(AUTHOR, chosen);
    setName(chosen);
  };
  return [name, keep];
}

export interface Said {
  verdict: string;
  subject?: string;
  object?: string;
  fact?: string;
  mentions?: { document: string; start: number; end: number }[];
}

export interface Judging {
  busy: boolean;
  /** The judgement that was made last, and what went wrong. */
  made: Judgement | undefined;
  error: string;
  judge(said: Said): void;
  undo(id: number): void;
}

/** Sends judgements; everything shown is loaded again after each. */
export function useJudging(): Judging {
  const { changed, locked, session } = useShared();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const [made, setMade] = useState<Judgement>();
  const act = async (url: string, body: unknown) => {
    setBusy(true);
    setError("");
    try {
      setMade(await post<Judgement>(url, body));
      changed();
    } catch (failure) {
      if (failure instanceof Refusal && failure.status === 401) locked();
      setError(failure instanceof Error ? failure.message : String(failure));
    } finally {
      setBusy(false);
    }
  };
  return {
    busy,
    made,
    error,
    judge: (said) => {
      const author = session?.name ? "" : (remembered(AUTHOR) ?? "").trim();
      void act("/v1/judgements", author ? { ...said, author } : said);
    },
    undo: (id) => void act(`/v1/judgements/${id}/undo`, {}),
  };
}

/** What came of a judgement, with a way back. */
export function Outcome({ judging }: { judging: Judging }): JSX.Element {
  const messages = useMessages();
  const { made, error } = judging;
  return (
    <span class="outcome" role="status">
      {error && <span class="failure"><bdi>{error}</bdi></span>}
      {!error && made !== undefined && made.undone_at === null && (
        <>
          {messages.judged} №{made.id}{" "}
          <button type="button" class="plain" disabled={judging.busy} onClick={() => judging.undo(made.id)}>
            {messages.undo}
          </button>
        </>
      )}
      {!error && made !== undefined && made.undone_at !== null && messages.undone}
    </span>
  );
}

/** Accept or reject a fact. */
export function FactVerdict({ fact }: { fact: Fact }): JSX.Element {
  const messages = useMessages();
  const judging = useJudging();
  const say = (verdict: string) => () => judging.judge({ verdict, fact: fact.id });
  return (
    <div class="verdict">
      <button type="button" disabled={judging.busy} onClick={say("accept")}>{messages.accept}</button>
      <button type="button" disabled={judging.busy} onClick={say("reject")}>{messages.reject}</button>
      <Outcome judging={judging} />
    </div>
  );
}
