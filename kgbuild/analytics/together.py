"""Entities named together, in a sentence or in a document, whether a fact joins them or not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations, product
from math import log2
from typing import Literal, get_args

from kgbuild.analytics.results import Cooccurrences, Together
from kgbuild.analytics.similar import located
from kgbuild.errors import InputError
from kgbuild.ports import Store
from kgbuild.types import Entity

Unit = Literal["sentence", "document"]
UNITS: tuple[Unit, ...] = get_args(Unit)

Named = dict[str, list[tuple[int, int]]]
"""The entities of a sentence or document, each with the spans of its mentions."""


def cooccurrences(
    store: Store,
    entities: dict[str, Entity],
    within: Unit = "sentence",
    centre: str | None = None,
    least: int = 2,
) -> Cooccurrences:
    """Pairs of the given entities that stand together at least ``least`` times.

    The oftenest first, equals by mutual information. ``centre``: pairs with this entity only.
    A name inside another («Театр имени [Ермоловой]») doesn't stand beside it: each must be
    named once outside the other.

    Raises:
        InputError: neither sentences nor documents.
    """
    if within not in UNITS:
        raise InputError(f"together within a {within!r}: one of {', '.join(UNITS)}")
    units = _documents(store) if within == "document" else _sentences(store)
    total = sum(1 for _ in store.documents()) if within == "document" else store.extent().sentences
    named = [{id: spans for id, spans in u.items() if id in entities} for u in units.values()]
    alone = Counter(id for unit in named for id in unit)
    both = Counter(pair for unit in named for pair in _pairs(unit, alone, centre, least))
    made = [
        Together(entities[a], entities[b], n, log2(n * total / (alone[a] * alone[b])))
        for (a, b), n in both.items()
        if n >= least
    ]
    made.sort(key=lambda t: (-t.count, -round(t.pmi, 9), t.one.id, t.other.id))
    return Cooccurrences(within, total, tuple(made))


def _pairs(
    unit: Named, alone: Counter[str], centre: str | None, least: int
) -> Iterator[tuple[str, str]]:
    """The pairs of a unit; who stands nowhere often enough is in none that counts."""
    often = sorted(id for id in unit if alone[id] >= least)
    if centre is None:
        pairs: Iterable[tuple[str, str]] = combinations(often, 2)
    else:
        pairs = ((centre, id) for id in often if centre in unit and id != centre)
    for one, other in pairs:
        if any(a[1] <= b[0] or b[1] <= a[0] for a, b in product(unit[one], unit[other])):
            yield one, other


def _documents(store: Store) -> dict[str, Named]:
    found: dict[str, Named] = defaultdict(lambda: defaultdict(list))
    for stored in store.mentions():
        found[stored.document][stored.entity].append((stored.mention.start, stored.mention.end))
    return found


def _sentences(store: Store) -> dict[int, Named]:
    found: dict[int, Named] = defaultdict(lambda: defaultdict(list))
    for stored, rows in located(store):
        for row in rows:
            found[row][stored.entity].append((stored.mention.start, stored.mention.end))
    return found
