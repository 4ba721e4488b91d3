"""Communities: groups of entities that facts join among themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import log
from typing import TYPE_CHECKING, Any, Literal, get_args

from kgbuild.analytics.central import backend_errors, chosen_backend, some
from kgbuild.analytics.network import Network
from kgbuild.analytics.results import Communities, Community
from kgbuild.errors import InputError, require
from kgbuild.ontology import entity_label

if TYPE_CHECKING:
    import networkx as nx

Method = Literal["louvain", "leiden"]
METHODS: tuple[Method, ...] = get_args(Method)
_NAMED_BY, _TELLING = 3, 2


def communities(
    network: Network,
    method: Method = "louvain",
    resolution: float = 1.0,
    seed: int = 0,
    backend: str | None = None,
) -> Communities:
    """A partition of the entities by modularity, edges weighted by confidence.

    ``louvain`` (Blondel et al. 2008) is networkx's, or its backend's; ``leiden`` networkit's
    ParallelLeiden on one thread, so that a seed gives one answer. A higher ``resolution``
    makes smaller groups.

    Raises:
        InputError: the network is empty, no such method, or the backend hasn't it.
        MissingExtraError: the backend or networkit isn't installed.
    """
    import networkx as nx

    some(network)
    ids = sorted(network.entities)
    # numbers for ids: the order of a set of strings differs from process to process
    numbered: nx.Graph[Any] = nx.Graph()
    numbered.add_nodes_from(range(len(ids)))
    place = {id: number for number, id in enumerate(ids)}
    edges: list[tuple[int, int, float]] = []
    for one, other, edge in network.graph.edges(data=True):
        low, high = sorted((place[one], place[other]))
        edges.append((low, high, float(edge["weight"])))
    numbered.add_weighted_edges_from(sorted(edges))
    if method == "louvain":
        with backend_errors(backend):
            groups = nx.community.louvain_communities(
                numbered,
                weight="weight",
                resolution=resolution,
                seed=seed,
                **chosen_backend(backend),
            )
    elif method == "leiden":
        groups = leiden(numbered, resolution, seed)
    else:
        raise InputError(f"no method {method!r}: one of {', '.join(METHODS)}")
    quality = nx.community.modularity(numbered, groups, weight="weight", resolution=resolution)
    made = [[ids[number] for number in sorted(group)] for group in groups]
    made.sort(key=lambda members: (-len(members), members[0]))
    everywhere = Counter(entity.type for entity in network.entities.values())
    return Communities(method, float(quality), tuple(
        _described(network, number, members, everywhere) for number, members in enumerate(made, 1)
    ))  # fmt: skip


def leiden(graph: nx.Graph[Any], resolution: float, seed: int) -> list[set[int]]:
    """The groups that networkit's ParallelLeiden finds in a graph of the numbers from 0 on."""
    networkit = require("networkit", extra="leiden")
    made = networkit.Graph(graph.number_of_nodes(), weighted=True)
    for one, other, weight in graph.edges(data="weight", default=1.0):
        made.addEdge(one, other, weight)
    threads = networkit.getMaxNumberOfThreads()
    networkit.setNumberOfThreads(1)
    networkit.setSeed(seed, False)
    try:
        found = networkit.community.ParallelLeiden(made, gamma=resolution).run().getPartition()
    finally:
        networkit.setNumberOfThreads(threads)
    return [set(found.getMembers(name)) for name in sorted(found.getSubsetIds())]


def _described(
    network: Network, number: int, members: Sequence[str], everywhere: Counter[str]
) -> Community:
    inside = network.graph.subgraph(members)
    weight = dict(inside.degree(weight="weight"))
    facts = sum(edge["facts"] for _, _, edge in inside.edges(data=True))
    central = sorted(
        (network.entities[id] for id in members),
        key=lambda e: (-round(weight[e.id], 9), -e.mention_count, e.id),
    )
    name = ", ".join(entity.name for entity in central[:_NAMED_BY])
    telling = _telling(Counter(entity.type for entity in central), everywhere)
    return Community(number, name, len(central), facts, telling, tuple(central))


def _telling(here: Counter[str], everywhere: Counter[str]) -> tuple[str, ...]:
    """The types that tell a group from the rest: how often, times how much oftener."""
    total, all_of_them = here.total(), everywhere.total()
    worth = {
        type: count * log((count / total) / (everywhere[type] / all_of_them))
        for type, count in here.items()
        if count > 1
    }
    best = sorted(worth, key=lambda t: (-worth[t], t))[:_TELLING]
    return tuple(f"{entity_label(type)}: {here[type]}" for type in best if worth[type] > 0)
