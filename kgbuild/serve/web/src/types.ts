// What /v1 answers, as /openapi.json describes it. Offsets are code points.

export interface Page<Item> {
  items: Item[];
  next: string | null;
}

export interface Entity {
  id: string;
  type: string;
  name: string;
  aliases: string[];
  mention_count: number;
}

export interface Span {
  start: number;
  end: number;
  type: string;
  score: number;
}

export interface Evidence {
  document: string;
  start: number;
  end: number;
  text: string;
  subject: Span;
  object: Span;
  confidence: number;
}

export interface Fact {
  id: string;
  relation: string;
  subject: Entity;
  object: Entity;
  confidence: number;
  evidence: Evidence[];
  /** On whose word it stands; empty where on documents' alone. */
  stated_by: string;
}

/** What two entities would be as one. */
export interface MergePreview {
  names: string[];
  mentions: number;
  documents: number;
  facts: number;
  /** Of the facts, those that are stated of both now. */
  shared: number;
  /** Facts that join the two, and would be gone. */
  between: Fact[];
  /** Of each only one fact can be true. */
  contradictions: Fact[][];
}

export interface StoredMention extends Span {
  document: string;
  text: string;
  entity: string;
  name: string;
}

export interface DocumentSummary {
  source: string;
  sha256: string;
  media_type: string;
  characters: number;
  title: string;
  added_at: string | null;
  copy_of: string;
}

export interface Collection {
  name: string;
  pattern: string;
  documents: number;
}

export interface Suggestions {
  entities: { entity: Entity; name: string; described: string; detail: string }[];
  documents: { source: string; title: string }[];
}

export interface Counts {
  types: { name: string; count: number }[];
  relations: { name: string; count: number }[];
}

export interface WholeDocument {
  source: string;
  sha256: string;
  media_type: string;
  title: string;
  added_at: string | null;
  copy_of: string;
  text: string;
  mentions: StoredMention[];
}

export interface Job {
  id: string;
  state: "queued" | "running" | "done" | "failed" | "cancelled";
  documents: string[];
  done: number;
  added: number;
  unchanged: number;
  replaced: number;
  failed: { document: string; reason: string }[];
}

export interface Passage {
  document: string;
  start: number;
  end: number;
  text: string;
  score: number;
  highlights: [number, number][];
  found_by: string[];
}

export interface AnswerItem {
  text: string;
  entity: string;
  confidence: number;
  relation: string;
  evidence: Evidence[];
  /** Whom the question's name was taken for; empty: nobody, or several. */
  about: string;
  /** The id of that entity, and those of the facts that the answer rests on. */
  subject: string;
  facts: string[];
}

export type Abstention = "unknown_entity" | "unknown_relation" | "no_fact" | "ambiguous";

export interface Answer {
  question: string;
  abstained: boolean;
  answers: AnswerItem[];
  passages: Passage[];
  abstention: Abstention | null;
  reason: string;
  choices: Entity[];
  conflicting: boolean;
  tentative: boolean;
  plan: string | null;
}

export interface SearchAnswer {
  text: string;
  mode: string;
  passages: Passage[];
  corrections: { asked: string; meant: string }[];
}

export interface Dated {
  date: string;
  fact: Fact;
  through: Fact | null;
}

export interface Nested {
  parts: Entity[];
  wholes: Entity[];
}

export interface ExternalId {
  scheme: string;
  value: string;
  label: string;
}

export interface Doubt {
  one: Entity;
  other: Entity;
  reason: { one: string; other: string; joined: boolean; rule: string; score: number | null };
  sentences: [string, string];
}

export interface Unreviewed {
  pairs: number;
  facts: number;
}

export interface Comparison {
  one: Entity;
  other: Entity;
  facts: Fact[];
  common: { entity: Entity; one: Fact[]; other: Fact[] }[];
  documents: { source: string; title: string; one: number; other: number }[];
  timeline: (Dated & { of: string })[];
}

export interface News {
  since: string;
  documents: { source: string; title: string }[];
  entities: Entity[];
  facts: Fact[];
  watched: { list: string; listed: string; certain: boolean; entity: Entity; mentions: number }[];
  counts: { name: string; count: number }[];
}

export interface Judgement {
  id: number;
  verdict: string;
  subject: string;
  relation: string | null;
  object: string | null;
  value: string | null;
  type: string | null;
  mentions: { document: string; start: number; end: number }[];
  author: string;
  made_at: string;
  undone_at: string | null;
}

export interface Stats {
  documents: number;
  sentences: number;
  mentions: number;
  entities: number;
  facts: number;
  evidence: number;
  entities_by_type: { name: string; count: number }[];
  facts_by_relation: { name: string; count: number }[];
}

export interface Session {
  role: "reader" | "editor";
  /** The token's name; null where the service asks for none. */
  name: string | null;
  tokens: boolean;
  /** The endings of file names that are read. */
  formats: string[];
}

export interface TypeLabel {
  name: string;
  label_ru: string;
  label_en: string;
}

export interface RelationLabel extends TypeLabel {
  inverse_ru: string;
  inverse_en: string;
  symmetric: boolean;
}

export interface Ontology {
  types: TypeLabel[];
  relations: RelationLabel[];
}
