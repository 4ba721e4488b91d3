"""A Ray cluster of the test's own, or a skip that says what is missing."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


NODE = {"num_cpus": 1, "object_store_memory": 80 << 20}
"""A small node of one CPU."""

ATTEMPTS = 3
"""A node gives up where its agents, processes of Python, don't start within 20 s: Ray's own bound,
which a busy machine meets now and then."""


def _started(nodes: int) -> Any:
    from ray.cluster_utils import Cluster

    for attempt in range(ATTEMPTS):
        cluster = None
        try:
            cluster = Cluster()
            for number in range(nodes):
                cluster.add_node(**NODE | ({} if number else {"include_dashboard": False}))
            return cluster
        except Exception:
            if cluster is not None:
                cluster.shutdown()
            if attempt == ATTEMPTS - 1:
                raise
    return None


@contextmanager
def ray_cluster(nodes: int) -> Iterator[Any]:
    """So many nodes of one CPU on this machine, and this process joined to them."""
    if not importlib.util.find_spec("ray"):
        pytest.skip("Ray isn't installed:  pip install 'kgbuild[distributed]'")
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ["RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"] = "0"
    for patience in ("raylet_start_wait_time_s", "worker_register_timeout_seconds"):
        os.environ.setdefault(f"RAY_{patience}", "120")  # on a busy machine
    os.environ.setdefault("RAY_worker_niceness", "0")  # Ray's 15 leaves them nothing there
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(map(str, (ROOT, ROOT / "tests")))
    import ray

    cluster = _started(nodes)
    try:
        ray.init(address=cluster.address, log_to_driver=False, logging_level="error")
        yield cluster
    finally:
        ray.shutdown()
        cluster.shutdown()
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
