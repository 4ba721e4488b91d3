// What a person says of the graph.
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { post, Refusal } from "../api";
import { useShared } from "../data";
import { useMessages } from "../i18n";
import type { Messages } from "../messages";
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
  subject?: string | undefined;
  object?: string;
  fact?: string;
  value?: string;
  relation?: string;
  type?: string;
  mentions?: { document: string; start: number; end: number }[];
}

export interface Judging {
  busy: boolean;
  /** What went wrong; what was judged is told at the page's foot. */
  error: Error | undefined;
  /** Says whether the judgement was taken. */
  judge(said: Said): Promise<boolean>;
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
  const [error, setError] = useState<Error>();
  const act = async (url: string, body: unknown): Promise<boolean> => {
    setBusy(true);
    setError(undefined);
    try {
      judged(await post<Judgement>(url, body));
      changed();
      return true;
    } catch (failure) {
      if (failure instanceof Refusal) {
        if (failure.status === 401) locked();
        else changed(); // somebody may have changed what is shown
      }
      setError(failure instanceof Error ? failure : new Error(String(failure)));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return {
    busy,
    error,
    judge: (said) => act("/v1/judgements", authored(said, session)),
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
  return judging.error === undefined ? null : <WhyNot error={judging.error} />;
}

/** What went wrong, in the page's language and in the service's own words. */
export function WhyNot({ error }: { error: Error }): JSX.Element {
  const messages = useMessages();
  return (
    <span class="failure" role="alert">
      {inWords(error, messages)} <bdi class="quiet" lang="en">{error.message}</bdi>
    </span>
  );
}

function inWords(error: Error, messages: Messages): string {
  if (!(error instanceof Refusal)) return messages.noService;
  const known: Record<number, string> = {
    403: messages.readOnly,
    404: messages.goneMeanwhile,
    409: messages.changedMeanwhile,
    422: messages.notAccepted,
    503: messages.busyNow,
  };
  return known[error.status] ?? messages.notRecorded;
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
