"""What each protocol and each row of an evaluation counts, in words: printed beside the figures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Protocol:
    """A way of counting: its name and its definition in words."""

    name: str
    definition: str


SYMMETRIC = (
    "A symmetric relation is learnt in both directions and emitted in one, from the mention "
    "that comes first in the text; gold counts in the direction it was annotated."
)

NER = Protocol(
    "ner, strict spans and types",
    "Mentions are found in raw text. One is right where its start, end and type are those of a "
    "gold mention; nested mentions count like the others, a discontinuous gold mention as its "
    "hull.",
)
DOCUMENT = Protocol(
    "relations, gold mentions, document",
    "Gold mentions are given. Every ordered pair of a document's mentions is a candidate and "
    "every gold relation of the document counts, those across sentences too; a pair gets one "
    "label at most, over a threshold chosen on held-out training documents. Right is the "
    f"relation with its direction and both mentions. {SYMMETRIC}",
)
RELATED = Protocol(
    "relations, gold mentions, related pairs only",
    "Gold mentions are given, and only pairs that have a gold relation are asked which one: the "
    "best allowed relation is taken without a threshold. A pair that no window holds counts as "
    f"missed. {SYMMETRIC}",
)
FACTS = Protocol(
    "facts of a document, gold mentions",
    "The relations of the document protocol, with the mentions of one document grouped by "
    "their Wikidata id and by gold ALTERNATIVE_NAME and ABBREVIATION links: a (group, relation, "
    "group) counts once, however often it is stated; relations inside a group don't count.",
)
END_TO_END = Protocol(
    "relations, end to end, strict",
    "Mentions and relations are found in raw text. A relation is right where its label, its "
    "direction and the start, end and type of both mentions are gold's; every gold relation of "
    f"the document counts. {SYMMETRIC}",
)
OVERLAP = Protocol(
    "relations, end to end, overlap",
    "The same, but a mention found stands for the gold mention of its type that it overlaps most.",
)

ENTITIES = (
    "A fact (entity, relation, entity) of a document counts once, however often it is stated, "
    "and its ends are the gold entities of the mentions: a mention counts for the gold one of "
    "its type that it overlaps most, one that overlaps none is an entity of its own. The "
    "direction of a symmetric relation doesn't count, nor do names of one entity."
)
GIVEN_FACTS = Protocol(
    "facts between entities, gold mentions",
    "Gold mentions are given, and references to people and organisations where the weights "
    f"know them. {ENTITIES}",
)
RAW_FACTS = Protocol(
    "facts between entities, end to end",
    f"Mentions, references and relations are found in raw text. {ENTITIES}",
)
LINKS = (
    "Right is a link whose reference has the start and end of an annotated one and whose "
    "antecedent stands for a mention of the same entity. References to people and "
    "organisations that the document names count. A reference found where none is annotated "
    "counts as a subject left out where its last word is a verb or a short form."
)
RAW_LINKS = Protocol(
    "links of references, raw text", f"References and mentions are found in raw text. {LINKS}"
)
GIVEN_LINKS = Protocol(
    "links of references, gold mentions", f"References and mentions are gold's. {LINKS}"
)
NEAREST_LINKS = Protocol(
    "links of references, nearest preceding mention",
    "The baseline: gold references and mentions, each reference linked to the nearest mention "
    f"before it of the type that it refers to. {LINKS}",
)

IN_SENTENCE, CROSS_SENTENCE, NESTED = "in one sentence", "across sentences", "nested"
INNER = "nested inside another"
NAMED_TOGETHER, REFERRED, OTHERWISE = "named in one sentence", "through a reference", "otherwise"
SURE, DENIED_SAID = "confidence ≥ 0.5", "denied, yet stated"

ROWS = {
    IN_SENTENCE: "both mentions begin in one sentence; gold and predicted are restricted alike",
    CROSS_SENTENCE: "they begin in different sentences",
    NESTED: "one mention lies inside the other",
    NAMED_TOGETHER: "a sentence names both ends; gold and predicted are restricted alike",
    REFERRED: "none does, but one holds both where a pronoun, a description or a verb without "
    "its subject stands for an end",
    OTHERWISE: "the ends stand in different sentences",
    SURE: "predicted facts of at least this confidence",
    DENIED_SAID: "facts that the document denies, rumours or plans, against predicted ones of "
    "confidence ≥ 0.5: the recall is the share that is stated all the same",
    INNER: "the mention lies inside a longer one of the same list, gold or predicted",
}
"""Row → what it is restricted to."""
