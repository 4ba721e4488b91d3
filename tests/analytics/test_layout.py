"""A picture is the same every time, and what is drawn stays where it is."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import networkx as nx
import numpy as np
from numpy.typing import NDArray

from kgbuild.analytics.layout import layout

ROOT = Path(__file__).parents[2]

IN_ANOTHER_PROCESS = """
import hashlib
import networkx as nx, numpy as np
from kgbuild.analytics.layout import layout
edges = np.array(list(nx.barabasi_albert_graph(300, 2, seed=3).edges()), np.int64)
print(hashlib.sha256(layout(300, edges).tobytes()).hexdigest())
"""


def edges_of(graph: nx.Graph[int]) -> NDArray[np.int64]:
    return np.array(list(graph.edges()), dtype=np.int64).reshape(-1, 2)


def test_the_same_whatever_the_threads() -> None:
    mine = layout(300, edges_of(nx.barabasi_albert_graph(300, 2, seed=3)))
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    env = os.environ | threads | {"PYTHONPATH": str(ROOT)}
    other = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_PROCESS], env=env, capture_output=True, check=True
    )
    assert other.stdout.decode().strip() == hashlib.sha256(mine.tobytes()).hexdigest()


def test_fixed_nodes_stay_and_new_ones_come_near() -> None:
    star = layout(10, edges_of(nx.star_graph(9)))
    more = np.array([*nx.star_graph(9).edges(), *((3, n) for n in range(10, 15))], np.int64)
    grown = layout(15, more, fixed=star)
    assert np.array_equal(grown[:10], star)
    others = np.array([n for n in range(10) if n != 3])
    for new in grown[10:]:
        distances = np.linalg.norm(grown[:10] - new, axis=1)
        assert distances[3] < np.median(distances[others])


def test_parts_that_belong_together_are_nearer() -> None:
    cliques = nx.connected_caveman_graph(6, 8)
    places = layout(48, edges_of(cliques))
    within = [np.linalg.norm(places[a] - places[b]) for a in range(8) for b in range(a)]
    across = [np.linalg.norm(places[a] - places[b]) for a in range(8) for b in range(8, 48)]
    assert np.median(within) * 3 < np.median(across)


def test_nothing_one_loops_and_repeats() -> None:
    none = np.zeros((0, 2), np.int64)
    assert layout(0, none).shape == (0, 2)
    assert np.isfinite(layout(1, none)).all()
    assert np.isfinite(layout(2, np.array([[0, 0], [0, 1], [0, 1]]))).all()
    fixed = np.array([[1, 2]], np.float32)
    assert np.array_equal(layout(1, none, fixed=fixed), fixed)
    assert np.isfinite(layout(3, none, fixed=fixed)).all()
