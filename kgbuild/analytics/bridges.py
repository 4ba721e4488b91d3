"""Who joins two groups: the entities that the shortest paths between them lead through."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from kgbuild.analytics.central import (
    Measure,
    backend_errors,
    centrality,
    chosen_backend,
    some,
)
from kgbuild.analytics.network import Network
from kgbuild.analytics.results import Bridge, Bridges, Communities

_BETWEEN: Measure = "betweenness"


def circle(network: Network, centre: str, radius: int = 1) -> frozenset[str]:
    """An entity and those at most ``radius`` facts away."""
    import networkx as nx

    return frozenset(nx.single_source_shortest_path_length(network.graph, centre, cutoff=radius))


def bridges(
    network: Network,
    one: Collection[str],
    other: Collection[str],
    apart: Collection[str] = (),
    backend: str | None = None,
) -> tuple[Bridge, ...]:
    """The entities between two groups of ids, the most needed first.

    The score is the share of the shortest paths between members of the two that lead through
    an entity, endpoints not counted (Brandes' betweenness of subsets), over the pairs that a
    path joins. Who is in both groups is no end of a path, only a bridge; ``apart`` aren't
    listed: the centres of the circles.

    Raises:
        InputError: the network is empty, or the backend hasn't the measure.
        MissingExtraError: the backend isn't installed.
    """
    import networkx as nx

    some(network)
    graph = network.graph
    sources, targets = sorted(set(one) - set(other)), sorted(set(other) - set(one))
    part = {id: n for n, found in enumerate(nx.connected_components(graph)) for id in found}
    ends = Counter(part[id] for id in targets)
    pairs = sum(ends[part[id]] for id in sources)
    if not pairs:
        return ()
    with backend_errors(backend):
        scores: dict[str, float] = nx.betweenness_centrality_subset(
            graph, sources, targets, **chosen_backend(backend)
        )
    found = [
        Bridge(
            network.entities[id],
            2 * float(score) / pairs,  # networkx halves what it counts in an undirected graph
            network.joining(id, set(one) - {id}),
            network.joining(id, set(other) - {id}),
        )
        for id, score in scores.items()
        if score > 0 and id not in apart
    ]
    return tuple(sorted(found, key=_order))


def community_bridges(
    network: Network,
    groups: Communities,
    sample: int | None = None,
    seed: int = 0,
    backend: str | None = None,
) -> Bridges:
    """The entities that facts join to another community than their own, by betweenness.

    ``to_one`` are their facts inside their own community, ``to_other`` those with others.

    Raises:
        As :func:`kgbuild.analytics.central.centrality`.
    """
    home = {m.id: {e.id for e in group.members} for group in groups for m in group.members}
    found = []
    for ranked in centrality(network, _BETWEEN, sample, seed, backend):
        id = ranked.entity.id
        outside = network.joining(id, set(network.graph[id]) - home[id])
        if outside:
            inside = network.joining(id, home[id] - {id})
            found.append(Bridge(ranked.entity, ranked.score, inside, outside))
    return Bridges("its own community", "other communities", tuple(found))


def _order(bridge: Bridge) -> tuple[float, int, str]:
    return -round(bridge.score, 12), -bridge.entity.mention_count, bridge.entity.id
