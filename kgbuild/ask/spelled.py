"""An abbreviation and what it stands for, where the graph holds both as one entity.

The resolver joins «ЕСПЧ» with «Европейский суд по правам человека» where a document explains
the letters; the relation between the two names then has one entity at both ends and is no
fact any more. What it said is read from the entity's names, and from a sentence with both.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product

from kgbuild.ask.link import Linker
from kgbuild.resolve.aliases import is_acronym
from kgbuild.resolve.words import fold
from kgbuild.types import Entity, Evidence, Fact, StoredMention, TextSpan

_MOST = 200
"""Mentions of an entity among which the two names are looked for side by side."""


def spelled(entity: Entity, short: bool, linker: Linker) -> Iterator[tuple[Fact, str]]:
    """The facts that one name of an entity abbreviates another, each with the wanted name.

    ``short`` wants the abbreviation, else the full name. A pair without a sentence that holds
    both gives none.
    """
    names = (entity.name, *entity.aliases)
    pairs = [(a, b) for a, b in product(names, names) if is_acronym(fold(a), fold(b))]
    if not pairs:
        return
    mentions = list(islice(linker.store.mentions(entity=entity.id), _MOST))
    letters = {a for a, _ in pairs}
    fulls = {b for _, b in pairs}
    full = entity.name if fold(entity.name) in map(fold, fulls) else pairs[0][1]
    for abbreviation in sorted(letters):
        evidence = tuple(_evidence(mentions, abbreviation, fulls, linker))
        if evidence:
            confidence = max(item.confidence for item in evidence)
            fact = Fact("ABBREVIATION", entity, entity, confidence, evidence)
            yield fact, abbreviation if short else full


def _evidence(
    mentions: list[StoredMention], letters: str, fulls: set[str], linker: Linker
) -> Iterator[Evidence]:
    """The sentences that hold the letters beside a full name."""
    for long, short in product(mentions, mentions):
        if short.text != letters or long.text not in fulls or long.document != short.document:
            continue
        spans = [TextSpan(m.document, m.mention.start, m.mention.end) for m in (long, short)]
        rows = linker.store.locate(spans)
        shared = [row for row in rows[0] if row in rows[1]]
        for passage in linker.store.passages(shared[:1]):
            if passage is not None:
                confidence = long.mention.score * short.mention.score
                yield Evidence(passage.document, passage.start, passage.end, passage.text,
                               long.mention, short.mention, confidence)  # fmt: skip
