"""Paths of facts between two entities, and what lies around one."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from itertools import islice, pairwise
from math import inf, log
from typing import Any, Literal

from kgbuild.analytics.network import Network
from kgbuild.analytics.results import Ego, Near, Route
from kgbuild.ask.connect import LONGEST, joins

By = Literal["fewest", "confidence"]
_STEP = 1e-6
"""What a fact costs beside its doubt, so that of equally sure paths the shorter comes first."""

Cost = Callable[[str, str], float]


def best_paths(
    network: Network, one: str, other: str, limit: int = 3, by: By = "confidence"
) -> tuple[Route, ...]:
    """The ``limit`` best paths of at most four facts, none through what joins nobody.

    By ``confidence`` the product of the facts' confidences decides, by ``fewest`` their number
    and then the product. No entity is on a path twice.
    """
    passing = {id for id, e in network.entities.items() if id in (one, other) or joins(e)}
    if one == other or not passing >= {one, other}:
        return ()
    graph = network.graph.subgraph(passing)

    def cost(a: str, b: str) -> float:
        doubt = -log(max(graph[a][b]["confidence"], 1e-9))
        return 1 + doubt / 1000 if by == "fewest" else doubt + _STEP

    ways = islice(_cheapest(graph, one, other, cost), limit)
    return tuple(
        Route.of(tuple(network.between(a, b)[0] for a, b in pairwise(way))) for way in ways
    )


def _cheapest(graph: Any, one: str, other: str, cost: Cost) -> Iterator[tuple[str, ...]]:
    """Simple paths, the cheapest first: A* whose estimate is the exact cost of the cheapest
    walk that is left, so that only beginnings of the best paths are followed."""
    left = _remaining(graph, other, cost)
    ahead: list[tuple[float, tuple[str, ...], float]] = [(0.0, (one,), 0.0)]
    while ahead:
        _, way, spent = heapq.heappop(ahead)
        if way[-1] == other:
            yield way
            continue
        steps = LONGEST - len(way)
        for beyond in graph[way[-1]]:
            rest = left[steps].get(beyond, inf)
            if rest < inf and beyond not in way:
                paid = spent + cost(way[-1], beyond)
                heapq.heappush(ahead, (paid + rest, (*way, beyond), paid))


def _remaining(graph: Any, target: str, cost: Cost) -> list[dict[str, float]]:
    """For so many steps at most (0, 1, …): the cost of the cheapest walk to the target from
    each entity that has one."""
    found: list[dict[str, float]] = [{target: 0.0}]
    for _ in range(LONGEST - 1):
        wider = dict(found[-1])
        for id, rest in found[-1].items():
            for before in graph[id]:
                wider[before] = min(wider.get(before, inf), rest + cost(before, id))
        found.append(wider)
    return found


def ego(network: Network, centre: str, radius: int = 1) -> Ego:
    """The entities at most ``radius`` facts away, and all facts among them."""
    import networkx as nx

    reached = nx.single_source_shortest_path_length(network.graph, centre, cutoff=radius)
    near = [Near(network.entities[id], distance) for id, distance in dict(reached).items()]
    near.sort(key=lambda n: (n.distance, -n.entity.mention_count, n.entity.id))
    facts = tuple(f for f in network.facts if f.subject.id in reached and f.object.id in reached)
    return Ego(network.entities[centre], tuple(near), facts)
