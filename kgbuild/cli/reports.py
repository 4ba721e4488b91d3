"""What a run over many documents does, shown while it runs and after."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

import click

from kgbuild.cli.common import print_json, print_table
from kgbuild.display import clean
from kgbuild.pipeline import BuildReport
from kgbuild.types import Copy

PASSED_SHOWN = 10
"""So many files that were passed over are named; --json names all."""


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
        self._began = time.monotonic()
        return self

    def __exit__(self, *error: object) -> None:
        self.seconds = time.monotonic() - self._began
        self._bar.close()

    def show(self, report: BuildReport) -> None:
        """Move the bar to what the report says."""
        self._bar.update(report.done - self.done)
        self.done = report.done


def print_links(links: Sequence[str]) -> None:
    """Symbolic links that weren't followed, on stderr."""
    if links:
        shown = ", ".join(map(clean, links[:PASSED_SHOWN]))
        more = f", and {len(links) - PASSED_SHOWN} more" if len(links) > PASSED_SHOWN else ""
        click.echo(f"symbolic links not followed (--follow-links): {shown}{more}", err=True)


def print_passed_over(passed: Sequence[str]) -> None:
    """Files of types that aren't read, on stderr."""
    if passed:
        shown = ", ".join(map(clean, passed[:PASSED_SHOWN]))
        more = f", and {len(passed) - PASSED_SHOWN} more" if len(passed) > PASSED_SHOWN else ""
        click.echo(f"passed over {len(passed)} of types that aren't read: {shown}{more}", err=True)


def print_copies(copies: Sequence[Copy]) -> None:
    """Documents that count as one source with another, on stderr."""
    for copy in copies[:PASSED_SHOWN]:
        click.echo(f"копия: {clean(copy.source)} — копия {clean(copy.original)}", err=True)
    if len(copies) > PASSED_SHOWN:
        more = len(copies) - PASSED_SHOWN
        click.echo(f"and {more} copies more: see  kgbuild documents", err=True)


def print_report(report: BuildReport, seconds: float, profile: bool, as_json: bool) -> None:
    """What a build did; its failures go to stderr."""
    for _, reason in report.failures:
        click.echo(f"failed: {clean(reason)}", err=True)
    print_passed_over(report.passed_over)
    print_links(report.links)
    print_copies(report.copies)
    if report.watched:
        named = ", ".join(map(clean, report.watched))
        click.echo(f"watch lists: now named: {named}: see  kgbuild watch", err=True)
    counts = {result.value: count for result, count in report.results.items()}
    if as_json:
        failed = [{"document": source, "reason": reason} for source, reason in report.failures]
        stages = {name: round(value, 3) for name, value in report.seconds.items()}
        values = {**counts, "failed": failed, "passed_over": report.passed_over}
        values["links_not_followed"] = report.links
        values["copies"] = [{"document": c.source, "copy_of": c.original} for c in report.copies]
        values["watched"] = report.watched
        print_json({**values, "seconds": round(seconds, 2), "stages": stages})
        return
    click.echo(", ".join(f"{name} {count}" for name, count in counts.items())
               + f", failed {len(report.failures)}; {report.done / max(seconds, 1e-9):.2f} documents/s")  # fmt: skip
    if profile:
        total = sum(report.seconds.values()) or 1.0
        rows = [(n, f"{s:.2f}", f"{100 * s / total:.1f}%") for n, s in report.seconds.items()]
        print_table([*rows, ("models and start", f"{max(seconds - total, 0):.2f}", "")],
                    ("stage", "seconds", "share"))  # fmt: skip
