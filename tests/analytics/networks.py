"""Small graphs for the analyses: letters joined by facts, and texts with dates."""

from __future__ import annotations

from collections.abc import Callable

from ask.graphs import graph

from kgbuild.analytics.analytics import Analytics
from kgbuild.analytics.network import Network
from kgbuild.ask.link import EntityLookup
from kgbuild.ask.names import NameIndex
from kgbuild.ports import Store
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.types import Entity, Evidence, Fact, Mention

ONE, OTHER = Mention(0, 1, "PERSON"), Mention(4, 5, "PERSON")


def person(name: str) -> Entity:
    return Entity(name, "PERSON", name, (name,), 1)


def fact(one: str, other: str, confidence: float = 1.0, relation: str = "KNOWS") -> Fact:
    text = f"{one} и {other}"
    evidence = Evidence(f"{one}{other}.txt", 0, len(text), text, ONE, OTHER, confidence)
    return Fact(relation, person(one), person(other), confidence, (evidence,))


def network(edges: str) -> Network:
    """``"АБ БВ:0.5"``: А knows Б for certain, Б knows В with a confidence of 0.5."""
    facts = []
    for edge in edges.split():
        names, _, confidence = edge.partition(":")
        facts.append(fact(names[0], names[1], float(confidence or 1)))
    facts.sort(key=lambda f: -f.confidence)
    names_seen = sorted({e.id for f in facts for e in (f.subject, f.object)})
    return Network({name: person(name) for name in names_seen}, tuple(facts))


def over(store: Store) -> Analytics:
    """The analyses of a store."""
    linker: Callable[[], EntityLookup] = lambda: EntityLookup(  # noqa: E731
        store, NameIndex.of(store), RussianNormalizer()
    )
    return Analytics(store, linker)


def analytics(*texts: str) -> Analytics:
    """The analyses of a graph written in the notation of ``tests/notation.py``."""
    return over(graph(*texts))
