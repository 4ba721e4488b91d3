// Files on their way into the graph.
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { events, newKey, send } from "../api";
import { useShared } from "../data";
import { useMessages } from "../i18n";
import { address, go } from "../router";
import type { Job } from "../types";
import { Twin } from "./basics";

/** The form, and the progress of the upload whose id the page's address holds. */
export function Upload({ job }: { job: string | null }): JSX.Element {
  const messages = useMessages();
  const files = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const upload = async (event: Event) => {
    event.preventDefault();
    const chosen = files.current?.files;
    if (!chosen || chosen.length === 0) return;
    setBusy(true);
    setError("");
    const body = new FormData();
    for (const file of chosen) body.append("files", file, file.name);
    try {
      const headers = { "Idempotency-Key": newKey() };
      const response = await send("/v1/documents", { method: "POST", body, headers });
      const made = (await response.json()) as Job;
      if (files.current) files.current.value = "";
      go(address("/documents", { job: made.id }), true);
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <section class="upload">
      <form onSubmit={(event) => void upload(event)}>
        <label for="files">{messages.addDocuments}</label>
        <input id="files" ref={files} type="file" multiple required />
        <button type="submit" disabled={busy}>{messages.upload}</button>
      </form>
      {error && <p class="failure" role="alert"><bdi>{error}</bdi></p>}
      {job !== null && <Progress key={job} id={job} />}
    </section>
  );
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
      {goesOn && <button type="button" class="plain" onClick={cancel}>{messages.cancel}</button>}
      <Twin url={`/v1/jobs/${encodeURIComponent(id)}`} />
      {job.failed.map(({ document, reason }) => (
        <p key={document} class="failure"><bdi>{document}</bdi>: <bdi>{reason}</bdi></p>
      ))}
    </div>
  );
}
