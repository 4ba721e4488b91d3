"""``kgbuild ingest``."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from kgbuild.cli import SOME_FAILED
from kgbuild.cli.common import (
    author_flag,
    follow_links_flag,
    json_flag,
    precision_flag,
    print_json,
    print_table,
    settings_line,
    with_settings,
)
from kgbuild.config import Settings
from kgbuild.display import clean
from kgbuild.pipeline import BuildReport
from kgbuild.read.documents import Reader
from kgbuild.read.files import Found, find_files
from kgbuild.read.parts import Columns


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(allow_dash=True))
@click.option("--profile", is_flag=True, help="Print seconds and share of each stage.")
@click.option("--name", help="What PATH - is to be called [stdin].")
@click.option("--text-column", help="The column of csv and jsonl files that holds the text.")
@click.option("--id-column", help="The column that names a row, instead of its number.")
@follow_links_flag
@click.option("--sync", "in_step", is_flag=True,
              help="PATH is one folder: delete and move too, as  kgbuild sync  does.")  # fmt: skip
@click.option("--watch", is_flag=True, help="As --sync, and stay to follow every change.")
@author_flag
@precision_flag
@json_flag
@with_settings
def ingest(
    settings: Settings, paths: tuple[str, ...], in_step: bool, watch: bool, **how: Any
) -> None:
    """Read documents (files or folders, - for standard input) into the graph.

    Read are txt, md, html, pdf (its text layer), docx, odt, rtf, xlsx, pptx, epub, eml with
    attachments, exports of Telegram, WhatsApp and VK (a day of a chat a document), csv and
    jsonl (a row a document, FILE#ROW) and zip files of those (FILE!/MEMBER). Files
    of other types in a folder are passed over and named.

    With --min-precision, each relation is emitted from the least confidence at which it was
    so precise in raw text on held-out documents; one that never was isn't emitted. What is
    stored already stays as it was read.

    A document stored with the same content is passed over, one with other
    content is replaced. Exit code 3: some documents failed or weren't read, the others are in.
    """
    if in_step or watch:
        from kgbuild.cli.sync import follow

        links = how["follow_links"]
        follow(settings, _one_folder(paths, **how), how["as_json"], watch, follow_links=links)
    else:
        _ingest(settings, paths, **how)


def _one_folder(paths: Sequence[str], **how: Any) -> Path:
    """The folder of --sync and --watch.

    Raises:
        UsageError: there are several paths, it is no folder, or other flags go with it.
    """
    if len(paths) != 1 or not Path(paths[0]).is_dir():
        raise click.UsageError("--sync and --watch take one folder")
    if any(how[name] for name in ("profile", "text_column", "id_column", "name")):
        raise click.UsageError("--sync and --watch go with neither columns, --name nor --profile")
    return Path(paths[0])


def _ingest(
    settings: Settings, paths: Sequence[str], profile: bool, as_json: bool, **how: Any
) -> None:
    from kgbuild.wiring import open_graph

    with (
        given(paths, **how) as (found, reader),
        open_graph(settings, create=True) as graph,
        Bar(len(found)) as bar,
    ):
        try:
            report = graph.ingest(found, bar.show, reader)
        except KeyboardInterrupt:
            click.echo(f"\nstopped: {bar.done} of {len(found)} documents are safe in "
                       f"{settings_line(settings)}; to go on, run the same command again", err=True)  # fmt: skip
            raise
    print_report(report, bar.seconds, profile, as_json)
    if report.failures or report.passed_over:
        sys.exit(SOME_FAILED)


@contextmanager
def given(
    paths: Sequence[str],
    name: str | None,
    text_column: str | None,
    id_column: str | None,
    follow_links: bool,
) -> Iterator[tuple[Found, Reader]]:
    """The files of the paths and a reader for them; standard input is a file for so long.

    Raises:
        UsageError: there is a name for standard input, which isn't read.
    """
    if name is not None and "-" not in paths:
        raise click.UsageError("--name is for standard input: give - as a PATH")
    with TemporaryDirectory(prefix="kgbuild-") as folder:
        stdin = Path(folder) / "stdin"
        if "-" in paths:
            with stdin.open("wb") as file:
                shutil.copyfileobj(sys.stdin.buffer, file)
        reader = Reader(Columns(text_column, id_column), {stdin: name or "stdin"})
        named = [stdin if path == "-" else Path(path) for path in paths]
        yield find_files(named, follow_links), reader


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


def print_report(report: BuildReport, seconds: float, profile: bool, as_json: bool) -> None:
    """What a build did; its failures go to stderr."""
    for _, reason in report.failures:
        click.echo(f"failed: {clean(reason)}", err=True)
    print_passed_over(report.passed_over)
    print_links(report.links)
    if report.watched:
        named = ", ".join(map(clean, report.watched))
        click.echo(f"watch lists: now named: {named}: see  kgbuild watch", err=True)
    counts = {result.value: count for result, count in report.results.items()}
    if as_json:
        failed = [{"document": source, "reason": reason} for source, reason in report.failures]
        stages = {name: round(value, 3) for name, value in report.seconds.items()}
        values = {**counts, "failed": failed, "passed_over": report.passed_over}
        values["links_not_followed"] = report.links
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
