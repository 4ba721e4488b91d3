"""Every store keeps the runs over it, each in the hands of one process."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from kgbuild.ports import Store
from kgbuild.types import Job, JobState, Process

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINE, OTHER = Process("здесь", 41, "1"), Process("здесь", 41, "2")
JOB = Job("ingest", ("--extractor", "м", "папка"), "/где-то", "Анна", MINE, NOW, NOW)


def test_a_job_comes_back_as_it_was_saved(store: Store) -> None:
    generation = store.generation()
    first, second = store.start_job(JOB), store.start_job(replace(JOB, kind="sync", total=7))
    assert 0 < first.id < second.id
    assert list(store.jobs()) == [second, first]
    later = NOW + timedelta(seconds=1)
    ended = replace(
        first, updated_at=later, state=JobState.DONE, done=3, failed=1, total=4, error="нет файла"
    )
    assert store.save_job(ended)
    assert list(store.jobs()) == [second, ended]
    assert list(store.jobs(unfinished=True)) == [second]
    assert store.generation() == generation


def test_a_job_is_one_process_s_until_another_takes_it(store: Store) -> None:
    mine = store.start_job(JOB)
    theirs = replace(mine, process=OTHER, done=2)
    assert not store.save_job(theirs)
    assert list(store.jobs()) == [mine]
    assert store.save_job(theirs, taken_from=MINE)
    assert not store.save_job(replace(mine, done=9))
    assert not store.save_job(theirs, taken_from=MINE)
    assert store.save_job(replace(theirs, done=3))
    assert [job.done for job in store.jobs()] == [3]
    assert not store.save_job(replace(theirs, id=99))


def test_only_jobs_that_have_ended_are_removed(store: Store) -> None:
    made = [store.start_job(replace(JOB, kind=state.value)) for state in JobState]
    ended = [replace(job, state=state) for job, state in zip(made, JobState, strict=True)]
    assert all(store.save_job(job) for job in ended)
    generation = store.generation()
    ids = [job.id for job in ended]
    assert store.remove_jobs([*ids, *ids, 999]) == 2
    assert [job.state for job in store.jobs()] == [JobState.INTERRUPTED, JobState.RUNNING]
    assert store.remove_jobs(ids) == 0
    assert store.remove_jobs([]) == 0
    told = [(e.author, e.action, e.subject, e.detail) for e in store.log()]
    moment = NOW.isoformat()
    detail = f"2 removed (1 done, 1 failed), from {moment} to {moment}"
    assert told == [(store.author, "prune", "jobs", detail)]
    assert not store.save_job(ended[1])
    assert store.generation() == generation


def test_the_id_of_a_removed_job_is_never_given_again(store: Store) -> None:
    last = store.start_job(JOB)
    store.save_job(replace(last, state=JobState.DONE))
    assert store.remove_jobs([last.id]) == 1
    assert store.start_job(JOB).id > last.id
