"""The engine on Ray leaves what the local one leaves, whoever dies on the way.

The suite runs the contract in PostgreSQL; ``make cluster`` installs Ray and runs all of it.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fakes import FAILS

from kgbuild import wiring
from kgbuild.config import Settings
from kgbuild.errors import FingerprintError, WeightsError
from kgbuild.graph import KnowledgeGraph
from kgbuild.pipeline import BuildReport, Engine
from kgbuild.ports import Store
from kgbuild.types import AddResult, JobState
from tests.distributed.cluster import NODE, ray_cluster
from tests.distributed.parts import DEADLY, fake_makers, fake_parts, other_parts
from tests.storage.databases import new_database, postgresql_server

slow = pytest.mark.cluster

NAMES = ("Иван Петров", "Мария Котова", "Олег Жуков", "Анна Белова", "Пётр Орлов")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with ray_cluster(3) as made:
        yield made


@pytest.fixture(params=[pytest.param("sqlite", marks=slow), "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """A graph of the engine's own."""
    url = new_database(postgresql_server()) if request.param == "postgresql" else None
    return Settings(store=tmp_path / "ray", db=url)


@contextmanager
def graph(settings: Settings) -> Iterator[KnowledgeGraph]:
    with wiring.open_graph(settings, create=True, patience=60) as opened:
        yield KnowledgeGraph(opened.store, fake_makers())


def engine(settings: Settings, **how: Any) -> Engine:
    from kgbuild.distributed.engine import Cluster, RayEngine

    how = {"make": fake_parts, "cluster": Cluster(workers=2)} | how
    return RayEngine(settings, **how)


def folder(path: Path, count: int) -> Path:
    """Texts, a table, a page and a text that can't be read."""
    path.mkdir()
    for number in range(count):
        one, other = NAMES[number % 5], NAMES[number * 7 % 5]
        text = f"{one} работает в Газпроме. {other.split()[1]} живёт в Москве. Номер {number}."
        (path / f"{number:03}.txt").write_text(text, "utf-8")
    rows = [{"text": f"{name} работает в Лукойле. Строка {n}."} for n, name in enumerate(NAMES)]
    (path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    (path / "page.html").write_text("<h1>Иван Петров</h1><p>Он живёт в Твери.</p>", "utf-8")
    (path / "bad.txt").write_text(f"{FAILS} Иван.", "utf-8")
    (path / "empty.txt").write_text(" ", "utf-8")
    return path


def exported(graph: KnowledgeGraph, to: Path) -> list[str]:
    """What the graph says, in the words of its exports."""
    to.mkdir()
    for what in ("mentions", "facts", "entities"):
        graph.export(what, to / f"{what}.jsonl")
    return [(to / f"{what}.jsonl").read_text("utf-8") for what in ("mentions", "facts", "entities")]


def local(paths: list[Path], tmp_path: Path) -> tuple[BuildReport, list[str]]:
    with graph(Settings(store=tmp_path / "local")) as made:
        report = made.ingest(paths)
        return report, exported(made, tmp_path / "local-exports")


def sound(store: Store) -> None:
    assert store.check() == []  # type: ignore[attr-defined]
    assert store.stats().unlinked == 0
    assert not list(store.missing_vectors("sentence", "fake-embedder-1"))
    assert not list(store.missing_vectors("entity", "fake-embedder-1"))


def test_both_engines_leave_equal_exports(cluster: Any, settings: Settings, tmp_path: Path) -> None:
    docs = folder(tmp_path / "docs", 60)
    report, expected = local([docs], tmp_path)
    with graph(settings) as made:
        found = made.ingest([docs], engine=engine(settings))
        assert exported(made, tmp_path / "exports") == expected
        assert found.results == report.results
        assert sorted(found.failures) == sorted(report.failures)
        sound(made.store)
        [job] = made.store.jobs()
        assert (job.state, job.done, job.failed) == (JobState.DONE, 66, 2)
        assert list(job.arguments[:2]) == ["--engine", "ray"]
        again = made.ingest([docs], engine=engine(settings))
        assert again.results[AddResult.UNCHANGED] == 66
        assert again.results[AddResult.ADDED] == 0


@slow
def test_pieces_of_tables_are_what_the_whole_is(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JSONL cut between lines, Parquet between row groups, and both under an address."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from kgbuild.distributed import shares

    monkeypatch.setattr(shares, "SLICE", 300)
    rows = [{"id": f"r{n}", "text": f"{NAMES[n % 5]} живёт в Москве. {n}."} for n in range(20)]
    lines = tmp_path / "rows.jsonl"
    lines.write_text("\n".join([*map(json.dumps, rows), "{broken"]), "utf-8")
    assert len(list(shares.shares([lines]))) > 3
    report, expected = local([lines], tmp_path)
    settings = Settings(store=tmp_path / "ray")
    with graph(settings) as made:
        found = made.ingest([lines], engine=engine(settings))
        assert exported(made, tmp_path / "exports") == expected
        assert (found.results, found.failures) == (report.results, report.failures)
    (tmp_path / "far").mkdir()
    table = tmp_path / "far" / "rows.parquet"
    pq.write_table(pa.Table.from_pylist(rows), table, row_group_size=6)
    (tmp_path / "far" / "one.txt").write_text("Олег Жуков живёт в Твери.", "utf-8")
    address = (tmp_path / "far").as_uri()
    settings = Settings(store=tmp_path / "far-ray")
    with graph(settings) as made:
        found = made.ingest([], engine=engine(settings, addresses=[address]))
        assert not found.failures
        sources = [one.source for one in made.documents()]
        assert sources == sorted(
            [f"{address}/one.txt", *(f"{address}/rows.parquet#{n}" for n in range(1, 21))]
        )
        texts = {one.text for one in made.store.documents()}
        assert texts == {row["text"] for row in rows} | {"Олег Жуков живёт в Твери."}


@slow
def test_a_document_that_ends_its_workers_is_a_failure(cluster: Any, tmp_path: Path) -> None:
    docs = folder(tmp_path / "docs", 10)
    (docs / "005.txt").write_text(f"{DEADLY} Иван.", "utf-8")
    settings = Settings(store=tmp_path / "ray")
    with graph(settings) as made:
        report = made.ingest([docs], engine=engine(settings))
        assert report.results[AddResult.ADDED] == 15
        [dead] = [reason for _, reason in report.failures if "005.txt" in reason]
        assert dead.endswith("005.txt: 3 workers died while they read it")
        assert made.store.stats().documents == 15
        sound(made.store)


@slow
def test_killed_workers_and_a_killed_node_lose_nothing(cluster: Any, tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "ray", db=new_database(postgresql_server()))
    docs = folder(tmp_path / "docs", 400)
    report, expected = local([docs], tmp_path)
    fourth = cluster.add_node(**NODE)
    stop = threading.Event()
    killed: list[int] = []

    def kill() -> None:
        while not stop.wait(1.5):
            killed.extend(kill_one())
            if len(killed) == 2:
                cluster.remove_node(fourth, allow_graceful=False)

    from kgbuild.distributed.engine import Cluster

    killer = threading.Thread(target=kill)
    with graph(settings) as made:
        killer.start()
        try:
            found = made.ingest([docs], engine=engine(settings, cluster=Cluster(workers=4)))
        finally:
            stop.set()
            killer.join()
        assert exported(made, tmp_path / "exports") == expected
        # Who died after a share was stored and before it was told has it told as unchanged.
        stored = found.results[AddResult.ADDED] + found.results[AddResult.UNCHANGED]
        assert stored == report.results[AddResult.ADDED]
        assert sorted(found.failures) == sorted(report.failures)
        sound(made.store)
    assert killed


def kill_one() -> list[int]:
    """End a process that is one of the workers now; its id."""
    import psutil

    me = psutil.Process()
    for process in me.children(recursive=True):
        with_name = process.name().startswith("ray::Worker") if process.is_running() else False
        if with_name:
            os.kill(process.pid, signal.SIGKILL)
            return [process.pid]
    return []


@slow
def test_workers_with_other_models_are_refused(cluster: Any, tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "ray")
    docs = folder(tmp_path / "docs", 1)
    with graph(settings) as made, pytest.raises(FingerprintError, match="different models"):
        made.ingest([docs], engine=engine(settings, make=other_parts))


@slow
def test_an_error_of_the_parts_is_told_as_it_is(cluster: Any, tmp_path: Path) -> None:
    settings = Settings(store=tmp_path / "ray", extractor="nowhere")
    from kgbuild.distributed.worker import parts_of

    docs = folder(tmp_path / "docs", 1)
    with graph(settings) as made:
        with pytest.raises(WeightsError, match="nowhere"):
            made.ingest([docs], engine=engine(settings, make=parts_of))
        [job] = made.store.jobs()
        assert job.state is JobState.FAILED
