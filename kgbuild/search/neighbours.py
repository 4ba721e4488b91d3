"""Graph expansion: the entities a query names, what they are linked with, and the sentences
that say so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from kgbuild.ports import Normalizer, Store
from kgbuild.russian.lemmas import Word, is_function_word, words
from kgbuild.types import EdgesWanted, Entity, PassageFilter, TextSpan

LONGEST_NAME, MAX_WORDS = 4, 24
NAMESAKES, FACTS, NEIGHBOURS, NEIGHBOUR_FACTS, MENTIONS = 5, 200, 20, 20, 500
"""How much of a hub is looked at: entities of one name, facts of an entity, its neighbours,
facts of each; and how often an entity may be mentioned for its mentions to count."""

NEIGHBOUR_WEIGHT, MENTION_WEIGHT = 0.25, 0.1
"""What a fact of a neighbour, and a bare mention, count beside a fact of the named entity."""

_TYPES = ("PERSON", "ORGANIZATION", "CITY")


def named_entities(store: Store, text: str, normalizer: Normalizer) -> list[Entity]:
    """The entities whose names stand in a text, the longest names first; no word is in two."""
    tokens = list(islice(words(text), MAX_WORDS))
    spans = [
        (at, at + size)
        for size in range(min(LONGEST_NAME, len(tokens)), 0, -1)
        for at in range(len(tokens) - size + 1)
        if not is_function_word(tokens[at].folded)
        and not is_function_word(tokens[at + size - 1].folded)
    ]
    spellings = {span: _spellings(text, tokens[slice(*span)], normalizer) for span in spans}
    asked = list(dict.fromkeys(name for some in spellings.values() for name in some))
    known = store.entities_named(asked, NAMESAKES)
    taken: set[int] = set()
    found: dict[str, Entity] = {}
    for span in spans:
        called = {e.id: e for name in spellings[span] for e in known.get(name, ())}
        if called and taken.isdisjoint(range(*span)):
            taken.update(range(*span))
            likeliest = sorted(called.values(), key=lambda e: (-e.mention_count, e.id))
            found |= {entity.id: entity for entity in likeliest[:NAMESAKES]}
    return list(found.values())


def _spellings(text: str, tokens: Sequence[Word], normalizer: Normalizer) -> tuple[str, ...]:
    """A span as it is written, in dictionary forms, and in the nominative of a name."""
    written = text[tokens[0].start : tokens[-1].end]
    title = " ".join(word[:1].upper() + word[1:] for word in written.split())
    names = [written, " ".join(token.lemma for token in tokens)]
    names += [normalizer.normalize(title, type).canonical for type in _TYPES]
    return tuple(dict.fromkeys(names))


def expand(
    store: Store, entities: Sequence[Entity]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Sentences about the entities: row ids int64 [n] and scores float64 [n].

    A sentence gets the confidence of each fact that it states: whole for a fact of a named
    entity, twice for one between two of them, a quarter for one of a neighbour.
    """
    weighed = _weighed(store, list(store.entity_rows([e.id for e in entities]).values()))
    spans: list[TextSpan] = []
    weights: list[float] = []
    for fact, weight in zip(store.linked(list(weighed)), weighed.values(), strict=True):
        for evidence in fact.evidence if fact else ():
            spans.append(TextSpan(evidence.document, evidence.start, evidence.end))
            weights.append(weight * evidence.confidence)
    scores: dict[int, float] = defaultdict(float)
    for rows, weight in zip(store.locate(spans), weights, strict=True):
        for row in rows:
            scores[row] += weight
    for entity in entities:
        if entity.mention_count <= MENTIONS:  # what is mentioned everywhere tells nothing
            for row in store.sentence_rows(PassageFilter(entity=entity.id)).tolist():
                scores[row] += MENTION_WEIGHT
    ids = sorted(scores)
    return np.array(ids, dtype=np.int64), np.array([scores[row] for row in ids])


def _weighed(store: Store, named: Sequence[int]) -> dict[int, float]:
    """Facts of the named entities, then of their neighbours (row ids): what each counts."""
    weights: dict[int, float] = {}
    neighbours: dict[int, float] = {}
    for fact, *ends, confidence in _of(store, named, FACTS):
        weights[fact] = float(len({*ends} & {*named}))
        for other in {*ends} - {*named}:
            neighbours[other] = max(confidence, neighbours.get(other, 0.0))
    nearest = sorted(neighbours, key=lambda other: (-neighbours[other], other))[:NEIGHBOURS]
    for fact, *ends, _ in _of(store, nearest, NEIGHBOUR_FACTS):
        near = max(neighbours[end] for end in ends if end in nearest)
        weights.setdefault(fact, NEIGHBOUR_WEIGHT * near)
    return weights


def _of(store: Store, entities: Sequence[int], most: int) -> Iterator[tuple[int, int, int, float]]:
    """Facts of entities, at most so many of each on either side: fact, subject, object (row
    ids) and confidence."""
    if not entities:
        return
    links = store.links(EdgesWanted(entities=tuple(entities), most=most))
    columns = (links.fact, links.subject, links.object, links.confidence)
    yield from zip(*(column.tolist() for column in columns), strict=True)
