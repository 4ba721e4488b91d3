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

IN_SENTENCE, CROSS_SENTENCE, NESTED = "in one sentence", "across sentences", "nested"
INNER = "nested inside another"

ROWS = {
    IN_SENTENCE: "both mentions begin in one sentence; gold and predicted are restricted alike",
    CROSS_SENTENCE: "they begin in different sentences",
    NESTED: "one mention lies inside the other",
    INNER: "the mention lies inside a longer one of the same list, gold or predicted",
}
"""Row → what it is restricted to."""
