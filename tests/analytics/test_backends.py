"""``backend=`` reaches networkx's dispatch: a real backend package, made here, counts calls."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from analytics.networks import network

from kgbuild.analytics.central import centrality

BACKEND = """
import networkx as nx

class Backend:
    calls = []
    convert_from_nx = staticmethod(lambda graph, *args, **kwargs: graph)
    convert_to_nx = staticmethod(lambda result, *args, **kwargs: result)

    @classmethod
    def betweenness_centrality(cls, G, k=None, normalized=True, weight=None, endpoints=False,
                               seed=None):
        cls.calls.append("betweenness_centrality")
        return nx.betweenness_centrality.orig_func(G, k, normalized, weight, endpoints, seed)

    @classmethod
    def louvain_communities(cls, G, weight="weight", resolution=1, threshold=1e-7,
                            max_level=None, seed=None):
        cls.calls.append("louvain_communities")
        return nx.community.louvain_communities.orig_func(
            G, weight, resolution, threshold, max_level, seed)
"""
PROGRAM = """
import sys; sys.path.insert(0, "tests")
from analytics.networks import network
from counting import Backend
from kgbuild.analytics.central import centrality
from kgbuild.analytics.groups import communities
from kgbuild.errors import InputError
made = network("АБ БВ АВ ВГ ГД ДЕ ГЕ")
assert centrality(made, "betweenness", backend="counting") == centrality(made, "betweenness")
assert communities(made, backend="counting") == communities(made)
try:
    centrality(made, "degree", backend="counting")
except InputError as error:
    print(error)
print(Backend.calls)
"""


def test_the_backend_computes(tmp_path: Path) -> None:
    (tmp_path / "counting.py").write_text(BACKEND)
    info = tmp_path / "counting-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: counting\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[networkx.backends]\ncounting = counting:Backend\n")
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, cwd=root, check=False,
        env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{root}", "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    refused, calls = done.stdout.splitlines()
    assert "'counting' doesn't have this" in refused
    assert calls == "['betweenness_centrality', 'louvain_communities']"


def test_nx_parallel() -> None:
    try:
        import nx_parallel  # noqa: F401
    except ImportError as error:
        pytest.skip(f"nx-parallel isn't installed, or not for this networkx: {error}")
    made = network("АБ БВ АВ ВГ ГД ДЕ ГЕ")
    found = centrality(made, "betweenness", backend="parallel")
    expected = {r.entity.id: r.score for r in centrality(made, "betweenness")}
    assert {r.entity.id: r.score for r in found} == pytest.approx(expected)
