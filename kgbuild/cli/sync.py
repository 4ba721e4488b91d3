"""``kgbuild sync``, ``kgbuild reprocess`` and ``kgbuild log``."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from kgbuild.cli import SOME_FAILED
from kgbuild.cli.common import json_flag, print_json, with_settings
from kgbuild.cli.ingest import Bar, print_report
from kgbuild.config import Settings
from kgbuild.display import clean
from kgbuild.graph import KnowledgeGraph
from kgbuild.sync import SyncReport, watch

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.option("--watch", "keep", is_flag=True, help="Stay, and follow every change.")
@click.option("--allow-empty", is_flag=True, help="Delete all where FOLDER holds no file.")
@json_flag
@with_settings
def sync(settings: Settings, folder: Path, keep: bool, as_json: bool, **how: bool) -> None:
    """Make the graph hold what FOLDER holds: add, replace, move, delete.

    Only documents that came in under FOLDER, written the same way, belong to it. Exit code
    3: some files can't be read; what was stored of them stays.
    """
    from kgbuild.wiring import open_graph

    with open_graph(settings, create=True) as graph:
        if keep:
            watch(folder, lambda: _print(_synced(graph, folder), as_json, quiet=True))
        report = _synced(graph, folder, **how)
    _print(report, as_json)
    if report.build.failures:
        sys.exit(SOME_FAILED)


def _synced(
    graph: KnowledgeGraph, folder: Path, dry_run: bool = False, allow_empty: bool = False
) -> SyncReport:
    with Bar(None, "sync") as bar:
        return graph.sync(folder, bar.show, dry_run, allow_empty)


def _print(report: SyncReport, as_json: bool, quiet: bool = False) -> None:
    if quiet and not report.changed:
        return
    counts = {result.value: count for result, count in report.build.results.items()}
    failed = [{"document": source, "reason": reason} for source, reason in report.build.failures]
    if as_json:
        moved = [{"from": old, "to": new} for old, new in report.moved]
        print_json(counts | {"moved": moved, "deleted": report.vanished, "failed": failed})
        return
    # A moved document counts among the unchanged ones of the line.
    click.echo(f"added {counts['added']}, replaced {counts['replaced']},"
               f" moved {len(report.moved)}, deleted {len(report.vanished)},"
               f" unchanged {counts['unchanged'] - len(report.moved)}, failed {len(failed)}")  # fmt: skip
    for old, new in report.moved:
        click.echo(f"  moved {clean(old)} → {clean(new)}")
    for source in report.vanished:
        click.echo(f"  deleted {clean(source)}")
    for one in failed:
        click.echo(f"  failed {clean(one['reason'])}", err=True)


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say how many documents would be read again.")
@json_flag
@with_settings
def reprocess(settings: Settings, dry_run: bool, as_json: bool) -> None:
    """Read again, from the texts in the store, the documents that another model read.

    Judgements hold. Imported annotations stay as they are. Interrupted, the same command
    goes on with what is left.
    """
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        if dry_run:
            sources = graph.outdated()
            print_json({"outdated": sources}) if as_json else click.echo(
                f"documents that another model read: {len(sources)}"
            )
            return
        with Bar(len(graph.outdated()), "reprocess") as bar:
            report = graph.reprocess(bar.show)
    print_report(report, bar.seconds, False, as_json)
    if report.failures:
        sys.exit(SOME_FAILED)


@click.command()
@click.option("--since", type=click.DateTime(), help="From this day or moment (UTC) on.")
@click.option("--document", help="Of this document alone.")
@json_flag
@with_settings
def log(settings: Settings, since: datetime | None, document: str | None, as_json: bool) -> None:
    """Who added, replaced, moved, deleted or judged what, and when."""
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        for entry in graph.store.log(since and since.replace(tzinfo=UTC), document):
            at = entry.made_at.isoformat(timespec="seconds")
            if as_json:
                print_json({"id": entry.id, "at": at, "author": entry.author,
                            "action": entry.action, "subject": entry.subject,
                            "detail": entry.detail})  # fmt: skip
            else:
                said = f"{at}  {entry.author}  {entry.action}  {entry.subject}  {entry.detail}"
                click.echo(clean(said))
