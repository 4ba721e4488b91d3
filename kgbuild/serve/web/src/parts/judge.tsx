// What a person says of the graph.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { post, Refusal } from "../api";
import { useShared } from "../data";
import { useMessages } from "../i18n";
import { remember, remembered } from "../theme";
import type { Judgement, Session } from "../types";

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
  value?: string;
  relation?: string;
  mentions?: { document: string; start: number; end: number }[];
}

export interface Judging {
  busy: boolean;
  /** What went wrong; what was judged is told at the page's foot. */
  error: string;
  judge(said: Said): void;
  undo(id: number): void;
}

/** A judgement with its author's name, where no token tells it. */
export function authored(said: Said, session: Session | undefined): Said & { author?: string } {
  const author = session?.name ? "" : (remembered(AUTHOR) ?? "").trim();
  return author ? { ...said, author } : said;
}

/** Sends judgements; everything shown is loaded again after each. */
export function useJudging(): Judging {
  const { changed, locked, session, judged } = useShared();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const act = async (url: string, body: unknown) => {
    setBusy(true);
    setError("");
    try {
      judged(await post<Judgement>(url, body));
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
    error,
    judge: (said) => void act("/v1/judgements", authored(said, session)),
    undo: (id) => void act(`/v1/judgements/${id}/undo`, {}),
  };
}

/** Verdicts in words. */
export function useVerdicts(): Record<string, string> {
  const messages = useMessages();
  return {
    same: messages.same,
    not_same: messages.notSame,
    unsure: messages.unsure,
    accept: messages.accepted,
    reject: messages.rejected,
    split: messages.split,
    rename: messages.renamed,
    retype: messages.retyped,
    state: messages.stated,
    mention: messages.mentioned,
  };
}

/** Why a judgement wasn't taken. */
export function Refused({ judging }: { judging: Judging }): JSX.Element | null {
  if (!judging.error) return null;
  return <span class="failure" role="alert"><bdi>{judging.error}</bdi></span>;
}

/** The judgement that was made last, with a way back: it stays at the foot of the page, though
 * what was judged is gone from it. */
export function Outcome({ made }: { made: Judgement }): JSX.Element {
  const messages = useMessages();
  const { judged } = useShared();
  const judging = useJudging();
  const verdicts = useVerdicts();
  const undone = made.undone_at !== null;
  return (
    <div class="outcome">
      <span role="status">
        {undone ? messages.takenBack : messages.judged} №{made.id}
        {verdicts[made.verdict] && `: ${verdicts[made.verdict]}`}
      </span>
      {!undone && (
        <button type="button" disabled={judging.busy} onClick={() => judging.undo(made.id)}>
          {messages.undo}
        </button>
      )}
      <Refused judging={judging} />
      <button type="button" class="plain" aria-label={messages.close} onClick={() => judged(undefined)}>
        ×
      </button>
    </div>
  );
}

/** Accept or reject a fact (an id); `what` names it for those who don't see where it stands. */
export function FactVerdict({ fact, what }: { fact: string; what: string }): JSX.Element {
  const messages = useMessages();
  const judging = useJudging();
  const button = (verdict: string, label: string, sign: string) => (
    <button
      type="button"
      class={verdict}
      disabled={judging.busy}
      title={label}
      aria-label={`${label}: ${what}`}
      onClick={() => judging.judge({ verdict, fact })}
    >
      <span aria-hidden="true">{sign}</span> {label}
    </button>
  );
  return (
    <span class="verdict" role="group" aria-label={messages.verdict}>
      {button("accept", messages.accept, "✓")}
      {button("reject", messages.reject, "✗")}
      <Refused judging={judging} />
    </span>
  );
}
