"""Facts that may be missing: pairs that no fact joins and that share their neighbours."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import Any, Literal, get_args

from kgbuild.analytics.central import backend_errors, chosen_backend, some
from kgbuild.analytics.network import Network
from kgbuild.analytics.results import Prediction, Predictions, Shared
from kgbuild.errors import InputError
from kgbuild.ontology import relations_for

Likeness = Literal["adamic-adar", "resource-allocation", "jaccard"]
LIKENESSES: tuple[Likeness, ...] = get_args(Likeness)

_HUB = 200
"""Who has more neighbours than that introduces no pairs to each other: he would introduce
tens of thousands, each for next to nothing. As a common neighbour he still counts."""


def predictions(
    network: Network,
    entity: str | None = None,
    measure: Likeness = "adamic-adar",
    limit: int = 20,
    backend: str | None = None,
) -> Predictions:
    """Unjoined pairs by their common neighbours, of the whole network or of one entity.

    Pairs between whose types the ontology has no relation are left out. Measures are
    networkx's: Adamic and Adar 2003, Zhou et al. 2009, Jaccard.

    Raises:
        InputError: the network is empty, or no such measure.
        MissingExtraError: the backend isn't installed.
    """
    import networkx as nx

    some(network)
    measures: dict[str, Any] = {
        "adamic-adar": nx.adamic_adar_index,
        "resource-allocation": nx.resource_allocation_index,
        "jaccard": nx.jaccard_coefficient,
    }
    if measure not in measures:
        raise InputError(f"no measure {measure!r}: one of {', '.join(LIKENESSES)}")
    pairs = sorted(set(_pairs(network, entity)))
    with backend_errors(backend):
        scored = list(measures[measure](network.graph, pairs, **chosen_backend(backend)))
    best = heapq.nsmallest(limit, scored, key=lambda row: (-round(row[2], 12), row[0], row[1]))
    common = Counter(f.relation for f in network.facts)
    found = (_explained(network, one, other, score, common) for one, other, score in best)
    return Predictions(measure, tuple(found))


def _pairs(network: Network, entity: str | None) -> Iterator[tuple[str, str]]:
    graph = network.graph
    through = graph if entity is None else graph[entity]
    for middle in through:
        near = sorted(graph[middle])
        if entity is None and len(near) > _HUB:
            continue
        some_pairs = combinations(near, 2) if entity is None else ((entity, n) for n in near)
        for one, other in some_pairs:
            if one != other and not graph.has_edge(one, other) and _relations(network, one, other):
                yield (one, other) if one < other else (other, one)


def _relations(network: Network, one: str, other: str) -> tuple[str, ...]:
    a, b = network.entities[one].type, network.entities[other].type
    return tuple(dict.fromkeys((*relations_for(a, b), *relations_for(b, a))))


def _explained(
    network: Network, one: str, other: str, score: float, often: Counter[str]
) -> Prediction:
    graph, entities = network.graph, network.entities
    common = sorted(set(graph[one]) & set(graph[other]), key=lambda c: (len(graph[c]), c))
    why = tuple(
        Shared(entities[id], network.between(one, id), network.between(other, id)) for id in common
    )
    allowed = sorted(_relations(network, one, other), key=lambda r: (-often[r], r))
    return Prediction(entities[one], entities[other], float(score), tuple(allowed), why)
