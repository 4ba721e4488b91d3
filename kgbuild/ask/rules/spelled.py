"""An abbreviation and what it stands for, where the graph holds both as one entity.

The resolver joins «ЕСПЧ» with «Европейский суд по правам человека» where a document explains
the letters; the relation between the two names then has one entity at both ends and is no
fact any more. What it said is read from the entity's names, and from the sentences with both.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, product

from kgbuild.ask.link import EntityLookup
from kgbuild.resolve.aliases import is_acronym
from kgbuild.russian.folding import fold
from kgbuild.types import Entity, Evidence, Fact, StoredMention, TextSpan

_MOST = 200
"""Mentions of an entity among which the two names are looked for."""

_FARTHEST = 500
"""Characters between two names of which one explains the other."""


def spelled(entity: Entity, short: bool, linker: EntityLookup) -> Iterator[tuple[Fact, str]]:
    """The facts that one name of an entity abbreviates another, each with the wanted name.

    ``short`` wants the abbreviation, else the full name. Names that never stand near each
    other give none.
    """
    names = (entity.name, *entity.aliases)
    pairs = [(a, b) for a, b in product(names, names) if is_acronym(fold(a), fold(b))]
    if not pairs:
        return
    mentions = list(islice(linker.store.mentions(entity=entity.id), _MOST))
    letters = dict.fromkeys(a for a, _ in pairs)
    fulls = dict.fromkeys(b for _, b in pairs)
    full = entity.name if entity.name in fulls else next(iter(fulls))
    for abbreviation in letters:
        explained = [m for m in mentions if m.text in fulls]
        shortened = [m for m in mentions if m.text == abbreviation]
        evidence = tuple(_evidence(explained, shortened, linker))
        if evidence:
            confidence = max(item.confidence for item in evidence)
            fact = Fact("ABBREVIATION", entity, entity, confidence, evidence)
            yield fact, abbreviation if short else full


def _evidence(
    explained: Sequence[StoredMention], shortened: Sequence[StoredMention], linker: EntityLookup
) -> Iterator[Evidence]:
    """In each document the nearest pair, with the sentences from one to the other."""
    nearest: dict[str, tuple[StoredMention, StoredMention]] = {}
    for pair in sorted(product(explained, shortened), key=lambda p: _gap(*p)):
        if pair[0].document == pair[1].document and _gap(*pair) <= _FARTHEST:
            nearest.setdefault(pair[0].document, pair)
    for source, (long, short) in nearest.items():
        ends = [TextSpan(source, m.mention.start, m.mention.end) for m in (long, short)]
        rows = [row for found in linker.store.locate(ends) for row in found]
        passages = [p for p in linker.store.passages(rows) if p is not None]
        document = linker.store.document(source)
        if passages and document is not None:
            start, end = min(p.start for p in passages), max(p.end for p in passages)
            confidence = long.mention.score * short.mention.score
            yield Evidence(source, start, end, document.text[start:end],
                           long.mention, short.mention, confidence)  # fmt: skip


def _gap(one: StoredMention, other: StoredMention) -> int:
    first, second = sorted((one.mention, other.mention), key=lambda m: m.start)
    return max(0, second.start - first.end)
