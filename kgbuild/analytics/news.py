"""What a graph holds that it didn't before a moment: documents, entities, facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from kgbuild.ask.connect import joins
from kgbuild.ports import Store
from kgbuild.types import EntitiesWanted, Entity, Fact, FactsWanted

MOST_DOCUMENTS, MOST_OF_DOCUMENT = 200, 200
"""New documents that are looked through, and entities and facts of one."""


@dataclass(frozen=True, slots=True)
class News:
    """``since`` is later than what was asked for where more than ``MOST_DOCUMENTS`` documents
    came; ``named`` counts the mentions of every entity in the new documents."""

    since: datetime
    documents: tuple[str, ...]
    entities: tuple[Entity, ...]
    facts: tuple[Fact, ...]
    named: Mapping[str, int]


def news(store: Store, came: Mapping[str, datetime], since: datetime) -> News:
    """What came since; ``came`` says when each document's present content did.

    New is an entity that no older document names, and a fact that none states; dates, numbers
    and common nouns are no news. The newest document comes first, the most mentioned entity,
    and the surest fact.
    """
    fresh = sorted((s for s, at in came.items() if at >= since), key=lambda s: (came[s], s))[::-1]
    if len(fresh) > MOST_DOCUMENTS:
        fresh = fresh[:MOST_DOCUMENTS]
        since = came[fresh[-1]]
    known = set(fresh)
    named: Counter[str] = Counter()
    entities: dict[str, Entity] = {}
    facts: dict[str, Fact] = {}
    for source in fresh:
        named.update(m.entity for m in store.mentions(document=source))
        of = EntitiesWanted(document=source)
        entities.update((e.id, e) for e in store.entities_page(None, MOST_OF_DOCUMENT, of))
        stated = store.facts_page(None, MOST_OF_DOCUMENT, FactsWanted(document=source))
        facts.update((f.id, f) for f in stated if known.issuperset(e.document for e in f.evidence))
    only = [e for e in entities.values() if named[e.id] >= e.mention_count and joins(e)]
    return News(
        since,
        tuple(fresh),
        tuple(sorted(only, key=lambda e: (-e.mention_count, e.name, e.id))),
        tuple(sorted(facts.values(), key=lambda f: (-f.confidence, f.id))),
        named,
    )
