"""How long each analysis takes on a synthetic graph, and networkx's Louvain beside Leiden.

Run:  python benchmarks/answers/analytics.py [--entities 10000 100000] [--facts-each 5] [--exact 2000]

The graph is that of ``benchmarks/answers/ask_latency.py``: invented people, towns, organisations and
years in a temporary SQLite file, so many facts an entity. Its facts are random, so it has no
real groups: modularity is printed to compare the two methods with each other, not with texts.
Betweenness is exact only up to ``--exact`` entities. One process, one run, seconds of wall
clock and of the processor.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from benchmarks.answers.ask_latency import make
from kgbuild.analytics import central, groups, predict, routes
from kgbuild.analytics.analytics import Analytics
from kgbuild.analytics.bridges import bridges, circle
from kgbuild.ask.link import EntityLookup
from kgbuild.ask.names import NameIndex
from kgbuild.wiring import make_normalizer


def timed(name: str, run: Callable[[], Any]) -> tuple[Any, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    found = run()
    spent = time.process_time() - cpu
    print(f"  {name:<34} {time.perf_counter() - wall:8.2f} s  processor {spent:8.2f} s", flush=True)
    return found, spent


def measure(folder: Path, size: int, facts: int, exact: int) -> None:
    store = make(folder / f"{size}.db", size, facts)
    analytics = Analytics(
        store, lambda: EntityLookup(store, NameIndex.of(store), make_normalizer())
    )
    print(f"{size:,} entities, {facts:,} facts")
    network, _ = timed("read the network", analytics.network)
    timed("simple graph", lambda: network.graph)
    timed("degree", lambda: central.centrality(network, "degree"))
    timed("PageRank", lambda: central.centrality(network, "pagerank"))
    timed("betweenness, 20 pivots", lambda: central.centrality(network, "betweenness", 20))
    if size <= exact:
        timed("betweenness, exact", lambda: central.centrality(network, "betweenness", 0))
    leiden, fast = timed("Leiden (networkit)", lambda: groups.communities(network, "leiden"))
    louvain, slow = timed("Louvain (networkx)", lambda: groups.communities(network))
    print(f"  Louvain / Leiden: {slow / fast:.1f} times the processor's time;"
          f" modularity {louvain.modularity:.3f} / {leiden.modularity:.3f}")  # fmt: skip
    one, other = sorted(network.graph)[0], sorted(network.graph)[-1]
    timed("3 best paths", lambda: routes.best_paths(network, one, other))
    timed("ego network, 2 facts around", lambda: routes.ego(network, one, 2))
    ends = circle(network, one), circle(network, other)
    timed("bridges of two circles", lambda: bridges(network, *ends, (one, other)))
    timed("predicted links of one", lambda: predict.predictions(network, one))
    timed("predicted links of all", lambda: predict.predictions(network))
    timed("timeline of all", analytics.timeline)
    timed("as of 1500", lambda: analytics.whole(as_of=1500))
    store.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entities", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--facts-each", type=int, default=5)
    parser.add_argument("--exact", type=int, default=2_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for size in given.entities:
            measure(Path(folder), size, size * given.facts_each, given.exact)


if __name__ == "__main__":
    main()
