"""``kgbuild jobs``: the runs over a graph."""

from __future__ import annotations

import os
from datetime import timedelta

import click

from kgbuild.cli.common import (
    author_flag,
    json_flag,
    print_json,
    print_table,
    with_settings,
)
from kgbuild.config import Settings
from kgbuild.display import clean
from kgbuild.jobs import found, listed, prunable, resumable
from kgbuild.types import Job

KINDS = ("ingest", "sync", "reprocess", "import")
"""Commands that can be given again."""


@click.group()
def jobs() -> None:
    """The runs of ingest, sync, reprocess and import: how far they came, and going on."""


@jobs.command("list")
@click.option("--limit", "-k", type=click.IntRange(1), default=20, show_default=True)
@json_flag
@with_settings
def list_(settings: Settings, limit: int, as_json: bool) -> None:
    """The runs over the graph, the newest first."""
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        shown = [job for job, _ in zip(listed(graph.store), range(limit), strict=False)]
    if as_json:
        for job in shown:
            print_json(job_dict(job))
    else:
        print_table(map(_row, shown), ("id", "state", "done", "failed", "of", "started", "command"))


@jobs.command("show")
@click.argument("id", type=int)
@json_flag
@with_settings
def show(settings: Settings, id: int, as_json: bool) -> None:
    """Everything about one run: its command, counts, times, process and last error."""
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        job = found(graph.store, id)
    if as_json:
        print_json(job_dict(job))
        return
    for name, value in job_dict(job).items():
        text = " ".join(map(str, value)) if isinstance(value, list) else value
        click.echo(f"{name:8} {clean(str('' if text is None else text))}".rstrip())


@jobs.command("resume")
@click.argument("id", type=int)
@json_flag
@with_settings
def resume(settings: Settings, id: int, as_json: bool) -> None:
    """Go on with a run that was interrupted or failed: give its command again.

    Documents that are in already are passed over by their content.
    """
    from kgbuild.cli import program
    from kgbuild.wiring import open_graph, storage

    with open_graph(settings) as graph:
        job = resumable(graph.store, id, KINDS)
    place = ["--store", os.path.abspath(settings.store)]
    if settings.db:
        url = storage("database").parse_target(settings.db)
        place += ["--db", url.render_as_string(hide_password=False)]
    os.chdir(job.folder)
    words = [job.kind, *place, *["--json"] * as_json, *job.arguments]
    program.main(words, prog_name="kgbuild", standalone_mode=False)


@jobs.command("prune")
@click.option("--older", type=click.FloatRange(0, 36500), metavar="DAYS",
              help="Those that ended more than so many days ago.")  # fmt: skip
@click.option("--keep", type=click.IntRange(0), metavar="N", help="All but the newest N runs.")
@author_flag
@json_flag
@with_settings
def prune(settings: Settings, older: float | None, keep: int | None, as_json: bool) -> None:
    """Forget runs that are over: done, or failed and not to be gone on with.

    Runs that go on, or that `jobs resume` could go on with, stay. With both flags a run goes
    where both let it; the log tells of it.
    """
    from kgbuild.wiring import open_graph

    if older is None and keep is None:
        raise click.UsageError("say which: --older DAYS, --keep N, or both")
    since = None if older is None else timedelta(days=older)
    with open_graph(settings) as graph:
        removed = graph.store.remove_jobs(prunable(graph.store, KINDS, since, keep))
    print_json({"removed": removed}) if as_json else click.echo(f"removed {removed}")


def job_dict(job: Job) -> dict[str, object]:
    """A job as JSON; times in UTC."""
    return {
        "job": job.id,
        "kind": job.kind,
        "state": job.state.value,
        "done": job.done,
        "failed": job.failed,
        "total": job.total,
        "error": job.error,
        "command": [job.kind, *job.arguments],
        "folder": job.folder,
        "author": job.author,
        "host": job.process.host,
        "pid": job.process.pid,
        "started": job.started_at.isoformat(timespec="seconds"),
        "updated": job.updated_at.isoformat(timespec="seconds"),
    }


def _row(job: Job) -> tuple[object, ...]:
    total = "" if job.total is None else job.total
    started = f"{job.started_at:%Y-%m-%d %H:%M:%S}"
    command = " ".join((job.kind, *job.arguments))
    return job.id, job.state.value, job.done, job.failed, total, started, command
