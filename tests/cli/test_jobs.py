"""Runs that are written down, interrupted, listed and gone on with."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fakes import FAILS, FakeExtractor

from kgbuild import jobs, wiring
from kgbuild.errors import ModelError
from kgbuild.jobs import Command, Stopped, running, seen, this_process
from kgbuild.pipeline import BuildReport
from kgbuild.types import AddResult, Job, JobState, Process
from storage.sql import SqlStore
from tests.cli.conftest import Run
from tests.oracle import MemoryStore

NOW = datetime.now(UTC)
COMMAND = Command("ingest", ("--", "docs"), "/где-то", 3)


def test_a_run_is_listed_and_shown(run: Run, docs: Path) -> None:
    (docs / "d.txt").write_text(FAILS, "utf-8")
    assert run("ingest", "docs").code == 3
    [job] = run("jobs", "list", "--json").jsons
    assert (job["kind"], job["state"], job["done"], job["failed"], job["total"]) == (
        "ingest", "done", 3, 1, 4,
    )  # fmt: skip
    assert job["command"] == ["ingest", "--", "docs"]
    assert "can't read this" in job["error"]
    assert run("jobs", "show", job["job"], "--json").json == job
    assert f"pid      {os.getpid()}" in run("jobs", "show", job["job"]).out
    assert "ingest -- docs" in run("jobs", "list").out
    assert run("jobs", "show", 9).code == 1
    refused = run("jobs", "resume", job["job"])
    assert refused.code == 1
    assert "is done" in refused.err


class StopsExtractor(FakeExtractor):
    """One that Ctrl-C meets at its second batch."""

    fingerprint = FakeExtractor.fingerprint

    def extract(self, texts):  # type: ignore[no-untyped-def]
        if self.calls:
            raise KeyboardInterrupt
        return super().extract(texts)


def test_an_interrupted_run_is_gone_on_with(
    run: Run, docs: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("kgbuild.pipeline.BATCH_DOCUMENTS", 1)
    with monkeypatch.context() as stopped:
        stopped.setattr(wiring, "make_extractor", lambda settings: StopsExtractor())
        assert run("ingest", "docs", "--store", "kg").code == 130
    [job] = run("jobs", "list", "--json").jsons
    assert (job["state"], job["done"], job["total"]) == ("interrupted", 1, 3)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    resumed = run("jobs", "resume", job["job"], "--store", "../kg", "--json")
    assert resumed.code == 0, resumed.err
    assert (resumed.json["added"], resumed.json["unchanged"]) == (2, 1)
    [again] = run("jobs", "list", "--store", tmp_path / "kg", "--json").jsons
    assert (again["job"], again["state"], again["done"]) == (job["job"], "done", 3)


def test_a_failed_run_keeps_its_error_and_its_command(
    run: Run, docs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(settings: object) -> FakeExtractor:
        raise ModelError("the weights are gone")

    with monkeypatch.context() as broken:
        broken.setattr(wiring, "make_extractor", missing)
        assert run("sync", "docs", "--min-precision", "0.9").code == 1
    [job] = run("jobs", "list", "--json").jsons
    assert (job["state"], job["error"]) == ("failed", "the weights are gone")
    assert job["command"] == ["sync", "--min-precision", "0.9", "--", "docs"]
    assert run("jobs", "resume", job["job"]).out.startswith("added 3")
    assert [j["state"] for j in run("jobs", "list", "--json").jsons] == ["done"]


def test_standard_input_cannot_be_given_again(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Broken(FakeExtractor):
        def extract(self, texts):  # type: ignore[no-untyped-def]
            raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(wiring, "make_extractor", lambda settings: Broken())
        assert run("ingest", "-", stdin="Иван живёт в Твери.").code == 130
    [job] = run("jobs", "list", "--json").jsons
    assert "standard input" in run("jobs", "resume", job["job"]).err


def test_a_killed_run_is_seen_as_interrupted() -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    process = Process(this_process().host, child.pid, jobs._birth(child.pid))
    job = Job("ingest", (), "/", "я", process, NOW, NOW)
    assert seen(job) == job
    os.kill(child.pid, signal.SIGKILL)
    for _ in range(100):  # not yet asked after: it waits as a zombie
        if seen(job).state is JobState.INTERRUPTED:
            break
        time.sleep(0.05)
    assert seen(job).state is JobState.INTERRUPTED
    child.wait()
    assert seen(job).state is JobState.INTERRUPTED
    assert seen(replace(job, state=JobState.DONE)).state is JobState.DONE
    mine = replace(job, process=this_process())
    assert seen(mine) == mine
    later = replace(mine, process=replace(this_process(), birth="another life"))
    assert seen(later).state is JobState.INTERRUPTED


def test_another_machine_s_run_is_believed_for_a_while() -> None:
    far = Process("другая", 1, "1")
    job = Job("ingest", (), "/", "я", far, NOW, datetime.now(UTC))
    assert seen(job).state is JobState.RUNNING
    silent = replace(job, updated_at=datetime.now(UTC) - timedelta(hours=1))
    assert seen(silent).state is JobState.INTERRUPTED


def report(added: int) -> BuildReport:
    found = BuildReport()
    found.results[AddResult.ADDED] = added
    return found


def test_counts_are_written_at_most_once_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    store, shown, saved = MemoryStore(), [], []
    save = store.save_job
    monkeypatch.setattr(store, "save_job", lambda job: saved.append(job.done) or save(job))
    monkeypatch.setattr(jobs, "PAUSE", 3600)
    with running(store, COMMAND, shown.append) as run:
        for number in range(50):
            run(report(number))
        assert (len(shown), saved) == (50, [])
        monkeypatch.setattr(jobs, "PAUSE", 0)
        run(report(50))
        assert saved == [50]
        assert [job.state for job in store.jobs()] == [JobState.RUNNING]
    assert [(job.state, job.done, job.total) for job in store.jobs()] == [(JobState.DONE, 50, 3)]


def test_a_run_that_lives_keeps_its_job(monkeypatch: pytest.MonkeyPatch) -> None:
    store = MemoryStore()
    with running(store, COMMAND, lambda _: None), running(store, COMMAND, lambda _: None):
        assert len(list(store.jobs())) == 2
    with pytest.raises(Stopped), running(store, COMMAND, lambda _: None):
        raise Stopped
    assert next(job.state for job in store.jobs()) is JobState.INTERRUPTED
    with running(store, COMMAND, lambda _: None):
        assert len(list(store.jobs())) == 3
    with running(store, replace(COMMAND, folder="/там"), lambda _: None):
        assert len(list(store.jobs())) == 4


def ended(state: JobState, days: float, kind: str = "ingest", *arguments: str) -> Job:
    at = datetime.now(UTC) - timedelta(days=days)
    return Job(kind, arguments, "/где-то", "я", this_process(), at, at, state)


def test_runs_that_are_over_are_forgotten(run: Run, docs: Path) -> None:
    assert run("ingest", "docs").code == 0
    with SqlStore.open(Path("kg/graph.db")) as store:
        for job in (
            ended(JobState.DONE, 9, "old"),
            ended(JobState.RUNNING, 9),
            ended(JobState.INTERRUPTED, 9),
            ended(JobState.FAILED, 9, "sync", "docs"),
            ended(JobState.FAILED, 9, "upload"),
            ended(JobState.FAILED, 9, "ingest", "-"),
            ended(JobState.DONE, 1, "new"),
        ):
            store.start_job(job)
    assert run("jobs", "prune").code == 2
    assert run("jobs", "prune", "--keep", 7, "--older", 2, "--json").json == {"removed": 0}
    pruned = run("jobs", "prune", "--older", 2, "--keep", 1, "--author", "Анна")
    assert pruned.out == "removed 3\n"
    left = [(j["kind"], j["state"]) for j in run("jobs", "list", "--json").jsons]
    assert left == [
        ("new", "done"), ("sync", "failed"), ("ingest", "interrupted"), ("ingest", "running"),
        ("ingest", "done"),
    ]  # fmt: skip
    [told] = run("log", "--kind", "prune", "--json").jsons
    assert (told["author"], told["subject"]) == ("Анна", "jobs")
    assert told["detail"].startswith("3 removed (1 done, 2 failed), from ")
    assert run("jobs", "prune", "--keep", 0).out == "removed 2\n"
