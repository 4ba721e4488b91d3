"""``kgbuild ingest``."""

from __future__ import annotations

import sys

import click

from kgbuild.cli import SOME_FAILED
from kgbuild.cli.common import (
    clean,
    json_flag,
    precision_flag,
    print_json,
    print_table,
    settings_line,
    with_settings,
)
from kgbuild.config import Settings
from kgbuild.pipeline import BuildReport
from kgbuild.read.files import find_files


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.option("--profile", is_flag=True, help="Print seconds and share of each stage.")
@precision_flag
@json_flag
@with_settings
def ingest(settings: Settings, paths: tuple[str, ...], profile: bool, as_json: bool) -> None:
    """Read documents (files or folders) into the graph.

    With --min-precision, each relation is emitted from the least confidence at which it was
    so precise in raw text on held-out documents; one that never was isn't emitted. What is
    stored already stays as it was read.

    A document stored with the same content is passed over, one with other
    content is replaced. Exit code 3: some documents failed, the others are in.
    """
    from pathlib import Path

    from kgbuild.wiring import open_graph

    files = list(find_files([Path(path) for path in paths]))
    with open_graph(settings, create=True) as graph, Bar(len(files)) as bar:
        try:
            report = graph.ingest(files, bar.show)
        except KeyboardInterrupt:
            click.echo(f"\nstopped: {bar.done} of {len(files)} documents are safe in "
                       f"{settings_line(settings)}; to go on, run the same command again", err=True)  # fmt: skip
            raise
    print_report(report, bar.seconds, profile, as_json)
    if report.failures:
        sys.exit(SOME_FAILED)


class Bar:
    """A progress bar with documents a second, shown only on a terminal."""

    def __init__(self, total: int | None, name: str = "ingest") -> None:
        from tqdm import tqdm

        self._bar = tqdm(
            total=total, unit="doc", desc=name, file=sys.stderr, disable=not sys.stderr.isatty()
        )
        self.done = 0
        self.seconds = 0.0

    def __enter__(self) -> Bar:
        import time

        self._began = time.monotonic()
        return self

    def __exit__(self, *error: object) -> None:
        import time

        self.seconds = time.monotonic() - self._began
        self._bar.close()

    def show(self, report: BuildReport) -> None:
        """Move the bar to what the report says."""
        self._bar.update(report.done - self.done)
        self.done = report.done


def print_report(report: BuildReport, seconds: float, profile: bool, as_json: bool) -> None:
    """What a build did; its failures go to stderr."""
    for _, reason in report.failures:
        click.echo(f"failed: {clean(reason)}", err=True)
    counts = {result.value: count for result, count in report.results.items()}
    if as_json:
        failed = [{"document": source, "reason": reason} for source, reason in report.failures]
        stages = {name: round(value, 3) for name, value in report.seconds.items()}
        print_json({**counts, "failed": failed, "seconds": round(seconds, 2), "stages": stages})
        return
    click.echo(", ".join(f"{name} {count}" for name, count in counts.items())
               + f", failed {len(report.failures)}; {report.done / max(seconds, 1e-9):.2f} documents/s")  # fmt: skip
    if profile:
        total = sum(report.seconds.values()) or 1.0
        rows = [(n, f"{s:.2f}", f"{100 * s / total:.1f}%") for n, s in report.seconds.items()]
        print_table([*rows, ("models and start", f"{max(seconds - total, 0):.2f}", "")],
                    ("stage", "seconds", "share"))  # fmt: skip
