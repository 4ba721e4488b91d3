"""Graph expansion: the entities a query names, what they are linked with, and the sentences
that say so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from kgbuild.lemmas import Word, is_function_word, words
from kgbuild.ports import Normalizer, Store
from kgbuild.types import Entity, Fact, PassageFilter, TextSpan

LONGEST_NAME = 5
NAMESAKES, FACTS, NEIGHBOURS, NEIGHBOUR_FACTS, MENTIONS = 5, 200, 20, 20, 500
"""How much of a hub is looked at: entities of one name, facts of an entity, its neighbours,
facts of each, and sentences that mention it."""

NEIGHBOUR_WEIGHT, MENTION_WEIGHT = 0.25, 0.1
"""What a fact of a neighbour, and a bare mention, count beside a fact of the named entity."""

_TYPES = ("PERSON", "ORGANIZATION", "CITY")


def named_entities(store: Store, text: str, normalizer: Normalizer) -> list[Entity]:
    """The entities whose names stand in a text, the longest names first; no word is in two."""
    tokens = list(words(text))
    taken: set[int] = set()
    found: dict[str, Entity] = {}
    for size in range(min(LONGEST_NAME, len(tokens)), 0, -1):
        for at in range(len(tokens) - size + 1):
            if taken.isdisjoint(range(at, at + size)):
                entities = _called(store, text, tokens[at : at + size], normalizer)
                if entities:
                    taken.update(range(at, at + size))
                    found |= {entity.id: entity for entity in entities}
    return list(found.values())


def _called(
    store: Store, text: str, tokens: Sequence[Word], normalizer: Normalizer
) -> list[Entity]:
    if is_function_word(tokens[0].folded) or is_function_word(tokens[-1].folded):
        return []
    written = text[tokens[0].start : tokens[-1].end]
    title = " ".join(word[:1].upper() + word[1:] for word in written.split())
    spellings = [written, " ".join(token.lemma for token in tokens)]
    spellings += [normalizer.normalize(title, type).canonical for type in _TYPES]
    found: dict[str, Entity] = {}
    for spelling in dict.fromkeys(spellings):
        found |= {e.id: e for e in islice(store.entities(name=spelling), NAMESAKES)}
    return sorted(found.values(), key=lambda e: (-e.mention_count, e.id))[:NAMESAKES]


def expand(
    store: Store, entities: Sequence[Entity]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Sentences about the entities: row ids int64 [n] and scores float64 [n].

    A sentence gets the confidence of each fact that it states: whole for a fact of a named
    entity, twice for one between two of them, a quarter for one of a neighbour.
    """
    named = {entity.id for entity in entities}
    spans: list[TextSpan] = []
    weights: list[float] = []
    for fact, weight in _facts(store, named):
        for evidence in fact.evidence:
            spans.append(TextSpan(evidence.document, evidence.start, evidence.end))
            weights.append(weight * evidence.confidence)
    scores: dict[int, float] = defaultdict(float)
    for rows, weight in zip(store.locate(spans), weights, strict=True):
        for row in rows:
            scores[row] += weight
    for id in named:
        for row in store.sentence_rows(PassageFilter(entity=id))[:MENTIONS].tolist():
            scores[row] += MENTION_WEIGHT
    ids = sorted(scores)
    return np.array(ids, dtype=np.int64), np.array([scores[row] for row in ids])


def _facts(store: Store, named: set[str]) -> Iterator[tuple[Fact, float]]:
    """Facts of the named entities, then of their neighbours, each once."""
    seen: set[tuple[str, str, str]] = set()
    neighbours: dict[str, float] = {}
    for id in sorted(named):
        for fact in _of(store, id, FACTS):
            ends = {fact.subject.id, fact.object.id}
            for other in ends - named:
                neighbours[other] = max(fact.confidence, neighbours.get(other, 0.0))
            if (key := (fact.subject.id, fact.relation, fact.object.id)) not in seen:
                seen.add(key)
                yield fact, float(len(ends & named))
    for id in sorted(neighbours, key=lambda other: (-neighbours[other], other))[:NEIGHBOURS]:
        for fact in _of(store, id, NEIGHBOUR_FACTS):
            if (key := (fact.subject.id, fact.relation, fact.object.id)) not in seen:
                seen.add(key)
                yield fact, NEIGHBOUR_WEIGHT * neighbours[id]


def _of(store: Store, id: str, most: int) -> Iterator[Fact]:
    yield from islice(store.facts(subject=id), most)
    yield from islice(store.facts(object=id), most)
