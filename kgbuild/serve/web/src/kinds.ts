// Families of entity types: what shares a colour. The colours are in styles.css.

export type Kind =
  | "person"
  | "organization"
  | "place"
  | "time"
  | "number"
  | "work"
  | "event"
  | "idea";

const KINDS: Record<Kind, readonly string[]> = {
  person: ["PERSON", "FAMILY", "NATIONALITY"],
  organization: ["ORGANIZATION", "FACILITY"],
  place: ["CITY", "COUNTRY", "DISTRICT", "LOCATION", "STATE_OR_PROVINCE"],
  time: ["DATE", "TIME", "AGE"],
  number: ["MONEY", "NUMBER", "ORDINAL", "PERCENT"],
  work: ["WORK_OF_ART", "PRODUCT", "AWARD", "LANGUAGE"],
  event: ["EVENT", "CRIME", "PENALTY", "LAW", "DISEASE"],
  idea: ["PROFESSION", "IDEOLOGY", "RELIGION"],
};

const BY_TYPE = new Map(
  Object.entries(KINDS).flatMap(([kind, types]) => types.map((type) => [type, kind as Kind])),
);

export const kindOf = (type: string): Kind => BY_TYPE.get(type) ?? "idea";
