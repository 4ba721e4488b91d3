// Asking the service. A token, where one is needed, is kept for this tab alone.
import { address } from "./router";

const TOKEN = "kgbuild.token";

/** An answer that refuses, with the problem's own words. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    detail: string,
  ) {
    super(detail);
  }
}

let held: string | null = null;

/** The token of the link that the service printed: it stands behind the #, which no request
 * carries, and leaves the address at once. */
export function takeTokenOfLink(): void {
  const found = new URLSearchParams(location.hash.slice(1)).get("token");
  if (found === null) return;
  setToken(found);
  history.replaceState(null, "", location.pathname + location.search);
}

export function token(): string | null {
  if (held !== null) return held;
  try {
    return sessionStorage.getItem(TOKEN);
  } catch {
    return null;
  }
}

export function setToken(value: string | null): void {
  held = value;
  try {
    if (value === null) sessionStorage.removeItem(TOKEN);
    else sessionStorage.setItem(TOKEN, value);
  } catch {
    // kept as long as the page
  }
}

/** Sends a request; a refusal is thrown. */
export async function send(url: string, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  const known = token();
  if (known !== null) headers.set("Authorization", `Bearer ${known}`);
  const response = await fetch(url, { ...init, headers });
  if (!response.ok) throw new Refusal(response.status, await detailOf(response));
  return response;
}

async function detailOf(response: Response): Promise<string> {
  try {
    const problem: unknown = await response.json();
    if (typeof problem === "object" && problem !== null && "detail" in problem) {
      return String(problem.detail);
    }
  } catch {
    // no problem+json: a proxy in between, or nothing at all
  }
  return `${response.status} ${response.statusText}`;
}

export async function get<Value>(url: string, signal?: AbortSignal): Promise<Value> {
  const response = await send(url, { signal: signal ?? null });
  return (await response.json()) as Value;
}

/** Posts JSON under a key of its own: what is sent twice is carried out once. */
export async function post<Value>(url: string, body: unknown): Promise<Value> {
  const response = await send(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Idempotency-Key": newKey() },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Value;
}

export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// The addresses behind the pages: each page's link to its JSON is one of these.

export const entityUrl = (id: string, rest = ""): string =>
  `/v1/entities/${encodeURIComponent(id)}${rest}`;

export const documentUrl = (source: string): string => address("/v1/document", { source });

type Wanted = Record<string, string | number | boolean | null | undefined>;

export const factsUrl = (wanted: Wanted): string => address("/v1/facts", { limit: 200, ...named(wanted) });

function named(wanted: Wanted): Record<string, string | number | null | undefined> {
  return Object.fromEntries(
    Object.entries(wanted).map(([name, value]) => [name, value === true ? "true" : value || null]),
  );
}

/** The data of server-sent events, one after another, as the service streams them. */
export async function* events(url: string, signal: AbortSignal): AsyncGenerator<string> {
  const response = await send(url, { signal });
  if (response.body === null) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const lines = block.split("\n").filter((line) => line.startsWith("data: "));
      if (lines.length > 0) yield lines.map((line) => line.slice(6)).join("\n");
    }
  }
}
