"""``kgbuild sync`` and ``kgbuild reprocess``."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import click

from kgbuild.cli import SOME_FAILED
from kgbuild.cli.common import (
    author_flag,
    follow_links_flag,
    json_flag,
    precision_flag,
    print_json,
    with_settings,
)
from kgbuild.cli.reports import Bar, print_copies, print_links, print_passed_over, print_report
from kgbuild.config import Settings
from kgbuild.display import clean
from kgbuild.graph import KnowledgeGraph
from kgbuild.reprocess import Outdated
from kgbuild.sync import SyncReport, watch

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.command()
@click.argument("folder", type=FOLDER)
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.option("--watch", "keep", is_flag=True, help="Stay, and follow every change.")
@click.option("--allow-empty", is_flag=True, help="Delete all where FOLDER holds no file.")
@follow_links_flag
@author_flag
@precision_flag
@json_flag
@with_settings
def sync(settings: Settings, folder: Path, keep: bool, as_json: bool, **how: bool) -> None:
    """Make the graph hold what FOLDER holds: add, replace, move, delete.

    Only documents that came in under FOLDER, written the same way, belong to it. Exit code
    3: some files can't be read or are of types that aren't; what was stored of them stays.
    """
    follow(settings, folder, as_json, keep, **how)


def follow(
    settings: Settings, folder: Path, as_json: bool, keep: bool = False, **how: bool
) -> None:
    """Bring the graph in step with a folder and, with ``keep``, stay and follow it."""
    from kgbuild.wiring import open_graph

    links = how.get("follow_links", False)
    with open_graph(settings, create=True) as graph:
        if keep:
            step = partial(_synced, graph, folder, follow_links=links)
            watch(folder, lambda: _print(step(), as_json, quiet=True), follow_links=links)
        report = _synced(graph, folder, **how)
    _print(report, as_json)
    if report.build.failures or report.build.passed_over:
        sys.exit(SOME_FAILED)


def _synced(
    graph: KnowledgeGraph,
    folder: Path,
    dry_run: bool = False,
    allow_empty: bool = False,
    follow_links: bool = False,
) -> SyncReport:
    with Bar(None, "sync") as bar:
        return graph.sync(folder, bar.show, dry_run, allow_empty, follow_links)


def _print(report: SyncReport, as_json: bool, quiet: bool = False) -> None:
    if quiet and not report.changed:
        return
    counts = {result.value: count for result, count in report.build.results.items()}
    failed = [{"document": source, "reason": reason} for source, reason in report.build.failures]
    if as_json:
        moved = [{"from": old, "to": new} for old, new in report.moved]
        left = {
            "passed_over": report.build.passed_over,
            "links_not_followed": report.build.links,
        }
        print_json(counts | {"moved": moved, "deleted": report.vanished, "failed": failed} | left)
        return
    print_passed_over(report.build.passed_over)
    print_links(report.build.links)
    print_copies(report.build.copies)
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
@click.option("--dry-run", is_flag=True, help="Only say what would be done again, and why.")
@author_flag
@precision_flag
@json_flag
@with_settings
def reprocess(settings: Settings, dry_run: bool, as_json: bool) -> None:
    """Make again, from the texts in the store, what other models or rules than today's made.

    Another extractor: documents are read again. Other rules of names: they are named again,
    without a model. Another linker: entities are computed again. Another embedder: vectors are
    made. Judgements hold, imported annotations stay. Interrupted, the same command goes on with
    what is left.
    """
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        wanted = graph.outdated()
        if dry_run or not as_json:
            _print_reasons(wanted, as_json)
        if dry_run:
            return
        with Bar(len(wanted.read) + len(wanted.name), "reprocess") as bar:
            report = graph.reprocess(bar.show, wanted)
    print_report(report, bar.seconds, False, as_json)
    if report.failures:
        sys.exit(SOME_FAILED)


def _print_reasons(wanted: Outdated, as_json: bool) -> None:
    if as_json:
        reasons = [{"part": c.part, "from": c.old or None, "to": c.new, "documents": c.documents}
                   for c in wanted.changes]  # fmt: skip
        print_json({"outdated": wanted.documents, "read": len(wanted.read),
                    "named": len(wanted.name), "embedded": len(wanted.embed),
                    "linked": wanted.relink, "reasons": reasons})  # fmt: skip
        return
    for change in wanted.changes:
        old = clean(change.old) or "unknown"
        click.echo(f"{change.part}: {old} → {clean(change.new)}: {change.documents} documents")
    click.echo(f"to do: {wanted.words}" if wanted else "nothing is outdated")
