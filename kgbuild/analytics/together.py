"""Entities named together, in a sentence or in a document, whether a fact joins them or not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from itertools import combinations
from math import log2
from typing import Literal, get_args

from kgbuild.analytics.results import Cooccurrences, Together
from kgbuild.analytics.similar import located
from kgbuild.errors import InputError
from kgbuild.ports import Store
from kgbuild.types import Entity

Unit = Literal["sentence", "document"]
UNITS: tuple[Unit, ...] = get_args(Unit)


def cooccurrences(
    store: Store,
    entities: dict[str, Entity],
    within: Unit = "sentence",
    centre: str | None = None,
    least: int = 2,
) -> Cooccurrences:
    """Pairs of the given entities that stand together at least ``least`` times.

    The oftenest first, equals by mutual information. ``centre``: pairs with this entity only.
    A name inside another («Театр имени [Ермоловой]») counts as named.

    Raises:
        InputError: neither sentences nor documents.
    """
    if within not in UNITS:
        raise InputError(f"together within a {within!r}: one of {', '.join(UNITS)}")
    found = _by_document(store) if within == "document" else _by_sentence(store)
    units = [named & entities.keys() for named in found]
    total = sum(1 for _ in store.documents()) if within == "document" else store.extent().sentences
    alone = Counter(id for named in units for id in named)
    both = Counter(pair for named in units for pair in _pairs(named, alone, centre, least))
    made = [
        Together(entities[a], entities[b], n, log2(n * total / (alone[a] * alone[b])))
        for (a, b), n in both.items()
        if n >= least
    ]
    made.sort(key=lambda t: (-t.count, -round(t.pmi, 9), t.one.id, t.other.id))
    return Cooccurrences(within, total, tuple(made))


def _pairs(
    named: Collection[str], alone: Counter[str], centre: str | None, least: int
) -> Iterator[tuple[str, str]]:
    """The pairs of a sentence; who stands nowhere often enough is in none that counts."""
    often = sorted(id for id in named if alone[id] >= least)
    if centre is None:
        yield from combinations(often, 2)
    elif centre in named:
        yield from ((centre, id) for id in often if id != centre)


def _by_document(store: Store) -> list[set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for stored in store.mentions():
        found[stored.document].add(stored.entity)
    return list(found.values())


def _by_sentence(store: Store) -> list[set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for entities, rows in located(store):
        for entity, touched in zip(entities, rows, strict=True):
            for row in touched:
                found[row].add(entity)
    return list(found.values())
