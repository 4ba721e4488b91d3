"""Who stands in the middle: centralities, by networkx or one of its backends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, get_args

from kgbuild.analytics.network import Network
from kgbuild.analytics.results import Ranked, Ranking
from kgbuild.errors import InputError, MissingExtraError, require

Measure = Literal["degree", "pagerank", "betweenness"]
MEASURES: tuple[Measure, ...] = get_args(Measure)

SAMPLED = 2_000
"""Of more entities than that betweenness is estimated, unless told otherwise."""
_PIVOTS = 200


def centrality(
    network: Network,
    measure: Measure = "pagerank",
    sample: int | None = None,
    seed: int = 0,
    backend: str | None = None,
) -> Ranking:
    """Every entity's centrality, the highest first.

    ``degree`` is the share of the others that facts join an entity to; ``pagerank`` weighs
    edges by the confidence of their facts; ``betweenness`` is the share of shortest paths
    between others that lead through it, from ``sample`` random pivots (all where there are
    no more than ``SAMPLED`` entities, else 200; 0: all). ``backend`` is networkx's.

    Raises:
        InputError: the network is empty, no such measure, or the backend hasn't it.
        MissingExtraError: the backend, or scipy for PageRank, isn't installed.
    """
    import networkx as nx

    size = some(network)
    graph = network.graph
    scores: dict[str, float]
    by = chosen_backend(backend)
    with backend_errors(backend):
        if measure == "degree":
            scores = nx.degree_centrality(graph, **by)
        elif measure == "pagerank":
            if backend is None:
                require("scipy", extra="analysis")
            scores = nx.pagerank(graph, weight="weight", **by)
        elif measure == "betweenness":
            asked = sample if sample is not None else _PIVOTS if size > SAMPLED else 0
            pivots = None if not asked or asked >= size else asked
            scores = nx.betweenness_centrality(graph, k=pivots, seed=seed, **by)
        else:
            raise InputError(f"no measure {measure!r}: one of {', '.join(MEASURES)}")
    ranked = [Ranked(network.entities[id], float(s), len(graph[id])) for id, s in scores.items()]
    ranked.sort(key=lambda r: (-round(r.score, 12), -r.entity.mention_count, r.entity.id))
    return Ranking(measure, tuple(ranked))


def some(network: Network) -> int:
    """How many entities there are.

    Raises:
        InputError: none.
    """
    if not network.entities:
        raise InputError(
            "no facts to analyse: the graph is empty, or the filters (types, relations,"
            " min_confidence, as_of) leave nothing of it"
        )
    return len(network.entities)


def chosen_backend(backend: str | None) -> dict[str, Any]:
    """The keyword that networkx dispatches by; none for its own code, or as it is configured."""
    return {} if backend is None else {"backend": backend}


@contextmanager
def backend_errors(backend: str | None) -> Iterator[None]:
    """What networkx says of a backend, as kgbuild's errors."""
    try:
        yield
    except ImportError as error:
        if backend is None:
            raise
        raise MissingExtraError(
            f"the networkx backend {backend!r} can't be used ({error}): install it with"
            f"  pip install nx-{backend}"
        ) from error
    except NotImplementedError as error:
        if backend is None:
            raise
        raise InputError(f"the networkx backend {backend!r} doesn't have this: {error}") from error
