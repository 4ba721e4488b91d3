// Files on their way into the graph: dropped or chosen, each by itself taken or refused.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { events, newKey, Refusal, send } from "../api";
import { useData, useShared } from "../data";
import { filesOf, named } from "../dropped";
import { useMessages } from "../i18n";
import { address, go } from "../router";
import type { Job, Page } from "../types";
import { Twin } from "./basics";

/** Files of one request: so many a service takes at once for certain. */
const TOGETHER = 200;
const SHOWN_JOBS = 5;

interface Refused {
  name: string;
  reason: string;
}

/** The form, and every upload that isn't finished, whichever page or tab began it. */
export function Upload({ job, empty }: { job: string | null; empty: boolean | undefined }): JSX.Element {
  const messages = useMessages();
  const { session } = useShared();
  const [busy, setBusy] = useState(false);
  const [over, setOver] = useState(false);
  const [refused, setRefused] = useState<readonly Refused[]>([]);
  const [error, setError] = useState("");
  const take = async (chosen: readonly File[]) => {
    if (chosen.length === 0) return;
    setBusy(true);
    setError("");
    const { good, bad } = sorted(chosen, session?.formats ?? [], messages);
    setRefused(bad);
    try {
      let last: Job | undefined;
      for (let at = 0; at < good.length; at += TOGETHER) {
        const sent = await submitted(good.slice(at, at + TOGETHER));
        setRefused((before) => [...before, ...sent.bad]);
        last = sent.job ?? last;
      }
      if (last !== undefined) go(address("/documents", { job: last.id }), true);
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <section
      class={over ? "upload over" : "upload"}
      aria-label={messages.addDocuments}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (event.dataTransfer) void filesOf(event.dataTransfer).then(take);
      }}
    >
      {empty && (
        <>
          <h2>{messages.threeSteps}</h2>
          <ol class="steps">
            <li>{messages.stepOne}</li>
            <li>{messages.stepTwo}</li>
            <li>{messages.stepThree}</li>
          </ol>
        </>
      )}
      <p class="choose">
        <Chooser id="files" label={messages.dropHere} busy={busy} take={take} />
        <Chooser id="folder" label={messages.chooseFolder} busy={busy} take={take} folder />
        {busy && <span role="status">{messages.sending}</span>}
      </p>
      {error && <p class="failure" role="alert"><bdi>{error}</bdi></p>}
      <Refusals title={messages.notTaken} refused={refused} />
      <Jobs named={job} />
    </section>
  );
}

interface ChooserProps {
  id: string;
  label: string;
  busy: boolean;
  folder?: boolean;
  take(files: readonly File[]): Promise<void>;
}

function Chooser({ id, label, busy, folder, take }: ChooserProps): JSX.Element {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (folder && input.current) input.current.webkitdirectory = true;
  }, [folder]);
  return (
    <>
      <label for={id}>{label}</label>
      <input
        id={id}
        ref={input}
        type="file"
        multiple
        disabled={busy}
        onChange={(event) => {
          const chosen = [...(event.currentTarget.files ?? [])].map((file) => named(file));
          void take(chosen).then(() => {
            if (input.current) input.current.value = "";
          });
        }}
      />
    </>
  );
}

/** The files that can be read by their names, and why the others can't. */
function sorted(
  files: readonly File[],
  formats: readonly string[],
  messages: ReturnType<typeof useMessages>,
): { good: File[]; bad: Refused[] } {
  const good: File[] = [];
  const bad: Refused[] = [];
  for (const file of files) {
    const ending = /\.[^./]+$/.exec(file.name)?.[0]?.toLowerCase() ?? "";
    if (formats.length > 0 && !formats.includes(ending)) {
      bad.push({ name: file.name, reason: messages.notThisFormat });
    } else if (file.size === 0) {
      bad.push({ name: file.name, reason: messages.emptyFile });
    } else good.push(file);
  }
  return { good, bad };
}

/** Sends files together; where the service refuses one of them, each by itself. */
async function submitted(files: readonly File[]): Promise<{ job: Job | undefined; bad: Refused[] }> {
  const body = new FormData();
  for (const file of files) body.append("files", file, file.name);
  try {
    const headers = { "Idempotency-Key": newKey() };
    const response = await send("/v1/documents", { method: "POST", body, headers });
    return { job: (await response.json()) as Job, bad: [] };
  } catch (failure) {
    if (!(failure instanceof Refusal) || failure.status !== 422) throw failure;
    const [only] = files;
    if (files.length === 1 && only) return { job: undefined, bad: [{ name: only.name, reason: failure.message }] };
  }
  const bad: Refused[] = [];
  let job: Job | undefined;
  for (const file of files) {
    const one = await submitted([file]);
    bad.push(...one.bad);
    job = one.job ?? job;
  }
  return { job, bad };
}

function Refusals({ title, refused }: { title: string; refused: readonly Refused[] }): JSX.Element | null {
  if (refused.length === 0) return null;
  return (
    <div class="failure" role="alert">
      <strong>{title}:</strong>
      <ul>
        {refused.map(({ name, reason }) => (
          <li key={name}><bdi>{name}</bdi>: <bdi>{reason}</bdi></li>
        ))}
      </ul>
    </div>
  );
}

/** The uploads that go on, and the one of the address. */
function Jobs({ named: wanted }: { named: string | null }): JSX.Element {
  const found = useData<Page<Job>>("/v1/jobs?limit=50").value?.items ?? [];
  const going = found.filter((job) => job.state === "queued" || job.state === "running").map((job) => job.id);
  const shown = [...new Set([...(wanted === null ? [] : [wanted]), ...going])].slice(0, SHOWN_JOBS);
  return <>{shown.map((id) => <Progress key={id} id={id} />)}</>;
}

function Progress({ id }: { id: string }): JSX.Element | null {
  const messages = useMessages();
  const { changed } = useShared();
  const [job, setJob] = useState<Job>();
  const [error, setError] = useState("");
  useEffect(() => {
    const abort = new AbortController();
    const follow = async () => {
      for await (const text of events(`/v1/jobs/${encodeURIComponent(id)}/events`, abort.signal)) {
        const told = JSON.parse(text) as Job;
        setJob(told);
        if (told.state !== "queued" && told.state !== "running") changed();
      }
    };
    follow().catch((failure: Error) => {
      if (!abort.signal.aborted) setError(failure.message);
    });
    return () => abort.abort();
  }, [id]);
  if (error) return <p class="failure" role="alert"><bdi>{error}</bdi></p>;
  if (job === undefined) return null;
  const states = {
    queued: messages.queued,
    running: messages.running,
    done: messages.done,
    failed: messages.jobFailed,
    cancelled: messages.cancelled,
  };
  const goesOn = job.state === "queued" || job.state === "running";
  const cancel = () => {
    send(`/v1/jobs/${encodeURIComponent(id)}`, { method: "DELETE" }).catch((failure: Error) =>
      setError(failure.message),
    );
  };
  return (
    <div class="progress" role="status">
      <progress max={job.documents.length} value={job.done} aria-label={messages.upload} />
      <span>
        {states[job.state]}: {job.done} / {job.documents.length}
        {job.state === "done" && ` (${messages.added} ${job.added}, ${messages.replaced} ${job.replaced}, ${messages.unchanged} ${job.unchanged})`}
      </span>
      {goesOn && <span class="quiet">{messages.goesOn}</span>}
      {goesOn && <button type="button" class="plain" onClick={cancel}>{messages.cancel}</button>}
      <Twin url={`/v1/jobs/${encodeURIComponent(id)}`} />
      <Refusals
        title={messages.notRead}
        refused={job.failed.map(({ document, reason }) => ({ name: document, reason }))}
      />
    </div>
  );
}
