"""Entities that are alike: by what is said of them, and by what they are joined to."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from math import log

import numpy as np
from numpy.typing import NDArray

from kgbuild.analytics.network import Network
from kgbuild.analytics.results import Alike
from kgbuild.ontology import relation_type
from kgbuild.ports import Store
from kgbuild.types import Entity, StoredMention, TextSpan

Feature = tuple[str, str, str]
"""A relation, ``subject`` or ``object`` for the end that the neighbour is at, and its id."""

_BATCH = 10_000


def by_context(
    store: Store, model: str, centre: Entity, others: Iterable[Entity], limit: int
) -> tuple[Alike, ...]:
    """The entities of whom the most similar things are said.

    An entity's vector is the mean of its sentences' vectors, less the mean of all sentences;
    the score is the cosine. No model runs: the vectors are those that ingest made. Sentences
    that name both are left out on both sides, as they would make neighbours alike.
    """
    named = {centre.id: centre} | {entity.id: entity for entity in others}
    sentences = _sentences(store, set(named))
    rows = np.unique([row for found in sentences.values() for row in found]).astype(np.int64)
    mean, vectors, known = _vectors(store, model, rows)
    place = {int(row): at for at, row in enumerate(known)}
    held = {id: {place[r] for r in found if r in place} for id, found in sentences.items()}
    mine = held.pop(centre.id, set())
    scored = []
    for id, theirs in held.items():
        one, other = sorted(mine - theirs), sorted(theirs - mine)
        if one and other:
            a, b = vectors[one].mean(0) - mean, vectors[other].mean(0) - mean
            norms = float(np.linalg.norm(a) * np.linalg.norm(b))
            scored.append(Alike(named[id], float(a @ b) / norms if norms else 0.0))
    return _best(scored, limit)


def _sentences(store: Store, wanted: set[str]) -> dict[str, set[int]]:
    """The rows of the sentences that name each of the wanted entities."""
    found: dict[str, set[int]] = defaultdict(set)
    for stored, rows in located(store):
        if stored.entity in wanted:
            found[stored.entity].update(rows)
    return found


def located(store: Store) -> Iterator[tuple[StoredMention, tuple[int, ...]]]:
    """Every mention and the rows of the sentences that it touches."""
    mentions = store.mentions()
    while batch := list(islice(mentions, _BATCH)):
        spans = [TextSpan(m.document, m.mention.start, m.mention.end) for m in batch]
        yield from zip(batch, store.locate(spans), strict=True)


def _vectors(
    store: Store, model: str, rows: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
    """The mean of all sentences' vectors, those of some rows, and which rows have one."""
    total, count = np.zeros(0, np.float64), 0
    for batch in store.vectors("sentence", model):
        summed = batch.vectors.astype(np.float64).sum(0)
        total = summed if not count else total + summed
        count += len(batch.ids)
    found = store.vectors_of("sentence", model, rows.tolist())
    mean = (total / max(count, 1)).astype(np.float32)
    return mean, found.vectors.astype(np.float32), found.ids


def by_structure(
    network: Network, centre: Entity, others: Iterable[Entity], limit: int
) -> tuple[Alike, ...]:
    """The entities with the most facts in common with an entity: weighted Jaccard.

    A fact in common is a relation in the same direction to the same neighbour, and weighs
    log(n / m) where m of the network's n entities have it.
    """
    features = _features(network)
    common = Counter(feature for found in features.values() for feature in found)
    weight = {f: log(len(network.entities) / count) for f, count in common.items()}
    mine = features.get(centre.id, set())
    scored = []
    for entity in others:
        theirs = features.get(entity.id, set())
        both = mine & theirs
        total = sum(weight[f] for f in sorted(mine | theirs))
        if both and total and entity.id != centre.id:
            shared = sorted(both, key=lambda f: (-weight[f], f))
            score = sum(weight[f] for f in shared) / total
            words = tuple(dict.fromkeys(_in_words(network, f) for f in shared))
            scored.append(Alike(entity, score, words))
    return _best(scored, limit)


def _features(network: Network) -> dict[str, set[Feature]]:
    """What each entity is joined to, and how; a symmetric relation has one direction."""
    found: dict[str, set[Feature]] = defaultdict(set)
    for fact in network.facts:
        one_way = relation_type(fact.relation).symmetric
        found[fact.subject.id].add((fact.relation, "object", fact.object.id))
        end = "object" if one_way else "subject"
        found[fact.object.id].add((fact.relation, end, fact.subject.id))
    return found


def _in_words(network: Network, feature: Feature) -> str:
    relation, end, other = feature
    label = relation_type(relation).label("ru", inverse=end == "subject")
    return f"{label} — {network.entities[other].name}"


def _best(scored: Iterable[Alike], limit: int) -> tuple[Alike, ...]:
    return tuple(sorted(scored, key=lambda a: (-round(a.score, 9), a.entity.id))[:limit])
