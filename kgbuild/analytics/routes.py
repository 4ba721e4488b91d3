"""Paths of facts between two entities, and what lies around one."""

from __future__ import annotations

from collections.abc import Iterator
from math import log
from typing import Any, Literal

from kgbuild.analytics.network import Network
from kgbuild.analytics.results import Ego, Near, Route
from kgbuild.ask.connect import LONGEST, joins

By = Literal["fewest", "confidence"]
_TRIED = 2_000
"""Paths of Yen's algorithm that are looked at."""
_STEP = 1e-6
"""What a fact costs beside its doubt, so that of equally sure paths the shorter comes first."""


def best_paths(
    network: Network, one: str, other: str, limit: int = 3, by: By = "confidence"
) -> tuple[Route, ...]:
    """The ``limit`` best paths of at most four facts, none through what joins nobody.

    By ``confidence`` the product of the facts' confidences decides, by ``fewest`` their number
    and then the product (Yen 1971, networkx's ``shortest_simple_paths``).
    """
    import networkx as nx

    passing = [id for id, e in network.entities.items() if id in (one, other) or joins(e)]
    graph: nx.Graph[Any] = nx.Graph(network.graph.subgraph(passing))
    for _, _, edge in graph.edges(data=True):
        doubt = -log(max(edge["confidence"], 1e-9))
        edge["cost"] = 1 + doubt / 1000 if by == "fewest" else doubt + _STEP
    if one == other or one not in graph or other not in graph or not nx.has_path(graph, one, other):
        return ()
    return tuple(_found(network, graph, (one, other), limit))


def _found(network: Network, graph: Any, ends: tuple[str, str], limit: int) -> Iterator[Route]:
    import networkx as nx

    ways = nx.shortest_simple_paths(graph, *ends, weight="cost")
    for tried, way in enumerate(ways):
        if not limit or tried >= _TRIED:
            return
        if len(way) - 1 <= LONGEST:
            limit -= 1
            steps = zip(way, way[1:], strict=False)
            yield Route.of(tuple(network.between(a, b)[0] for a, b in steps))


def ego(network: Network, centre: str, radius: int = 1) -> Ego:
    """The entities at most ``radius`` facts away, and all facts among them."""
    import networkx as nx

    reached = nx.single_source_shortest_path_length(network.graph, centre, cutoff=radius)
    near = [Near(network.entities[id], distance) for id, distance in dict(reached).items()]
    near.sort(key=lambda n: (n.distance, -n.entity.mention_count, n.entity.id))
    facts = tuple(f for f in network.facts if f.subject.id in reached and f.object.id in reached)
    return Ego(network.entities[centre], tuple(near), facts)
