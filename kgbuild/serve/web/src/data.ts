// Data for a page: loaded from an address, loaded again when the graph was changed from here.
import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import { get, Refusal } from "./api";
import type { Counts, Judgement, Ontology, RelationLabel, Session } from "./types";
import { useLanguage } from "./i18n";
import { address } from "./router";

export interface Loaded<Value> {
  value: Value | undefined;
  error: Error | undefined;
  loading: boolean;
}

/** What all parts of the page share. */
export interface Shared {
  session: Session | undefined;
  ontology: Ontology | undefined;
  /** Counts the changes made from this page; data is loaded again when it grows. */
  changes: number;
  changed(): void;
  /** Tells what was judged or taken back just now; undefined puts it away. */
  judged(made: Judgement | undefined): void;
  /** What was judged or taken back last. */
  made: Judgement | undefined;
  /** The service wants a token, or another one. */
  locked(): void;
}

export const SharedContext = createContext<Shared>({
  session: undefined,
  ontology: undefined,
  changes: 0,
  changed: () => undefined,
  judged: () => undefined,
  made: undefined,
  locked: () => undefined,
});

export const useShared = (): Shared => useContext(SharedContext);

export const useMayEdit = (): boolean => useShared().session?.role === "editor";

/** What an address answers; null asks nothing. The old value stays until the new one is there,
 * unless the address is another. */
export function useData<Value>(url: string | null): Loaded<Value> {
  const { changes, locked } = useShared();
  const [state, setState] = useState<Loaded<Value> & { url: string | null }>({
    url: null,
    value: undefined,
    error: undefined,
    loading: false,
  });
  useEffect(() => {
    if (url === null) return;
    const abort = new AbortController();
    get<Value>(url, abort.signal).then(
      (value) => setState({ url, value, error: undefined, loading: false }),
      (error: Error) => {
        if (abort.signal.aborted) return;
        if (error instanceof Refusal && error.status === 401) locked();
        setState({ url, value: undefined, error, loading: false });
      },
    );
    return () => abort.abort();
  }, [url, changes]);
  if (url === null) return { value: undefined, error: undefined, loading: false };
  if (state.url !== url) return { value: undefined, error: undefined, loading: true };
  return state;
}

/** How many entities of each type and facts of each relation there are, in all documents or in
 * those of a source pattern. */
export function useCounts(document: string | null): Counts {
  return useData<Counts>(address("/v1/counts", { document })).value ?? { types: [], relations: [] };
}

/** Names of types and relations in the page's language. */
export interface Labels {
  type(name: string): string;
  /** What the relation is, read from its subject, or from its object with `inverse`. */
  relation(name: string, inverse?: boolean): string;
  types: readonly string[];
  relations: readonly string[];
}

export function useLabels(): Labels {
  const language = useLanguage();
  const { ontology } = useShared();
  const types = new Map(ontology?.types.map((type) => [type.name, type]));
  const relations = new Map<string, RelationLabel>(
    ontology?.relations.map((relation) => [relation.name, relation]),
  );
  return {
    type: (name) => types.get(name)?.[`label_${language}`] ?? name,
    relation: (name, inverse = false) =>
      relations.get(name)?.[`${inverse ? "inverse" : "label"}_${language}` as const] ?? name,
    types: [...types.keys()],
    relations: [...relations.keys()],
  };
}
