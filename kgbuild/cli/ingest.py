"""``kgbuild ingest``."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from kgbuild.cli import SOME_FAILED
from kgbuild.cli.common import (
    author_flag,
    follow_links_flag,
    json_flag,
    precision_flag,
    settings_line,
    with_settings,
)
from kgbuild.cli.reports import Bar, print_report
from kgbuild.cli.sync import follow
from kgbuild.config import Settings
from kgbuild.read.documents import Reader
from kgbuild.read.files import Found, find_files
from kgbuild.read.parts import Columns

if TYPE_CHECKING:
    from kgbuild.distributed.engine import RayEngine


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
@click.option("--engine", type=click.Choice(["local", "ray"]), default="local", show_default=True,
              help="Who does the work: this process, or the workers of a Ray cluster.")  # fmt: skip
@click.option("--address", help="The Ray cluster, HOST:PORT or auto [one started here].")
@click.option("--workers", type=click.IntRange(1), help="Ray's workers [as many as CPUs].")
@click.option("--worker-cpus", type=click.FloatRange(0, min_open=True), default=1.0,
              show_default=True, help="CPUs of each worker.")  # fmt: skip
@click.option("--worker-gpus", type=click.FloatRange(0), default=0.0, show_default=True,
              help="Each worker's share of a GPU (with --device cuda).")  # fmt: skip
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

    With --engine ray the workers of a cluster read, and Parquet files (a row a document) and
    addresses of object stores (s3://…) are read too; paths have to be seen by every node.

    A document stored with the same content is passed over, one with other
    content is replaced. Exit code 3: some documents failed or weren't read, the others are in.
    """
    if in_step or watch:
        if how["engine"] != "local":
            raise click.UsageError("--sync and --watch are done by this process: no --engine")
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

    engine, paths = _engine(settings, paths, **how)
    named = {name: how[name] for name in ("name", "text_column", "id_column", "follow_links")}
    with (
        given(paths, **named) as (found, reader),
        open_graph(settings, create=True, patience=engine.patience if engine else 10.0) as graph,
        Bar(len(found)) as bar,
    ):
        files = found if engine is None else engine.with_tables(found)
        try:
            report = graph.ingest(files, bar.show, reader, engine=engine)
        except KeyboardInterrupt:
            click.echo(f"\nstopped: {bar.done} of {len(found)} documents are safe in "
                       f"{settings_line(settings)}; to go on, run the same command again", err=True)  # fmt: skip
            raise
    print_report(report, bar.seconds, profile, as_json)
    if report.failures or report.passed_over:
        sys.exit(SOME_FAILED)


def _engine(
    settings: Settings, paths: Sequence[str], engine: str, **how: Any
) -> tuple[RayEngine | None, Sequence[str]]:
    """Who does the work (None: this process), and the paths that aren't addresses.

    Raises:
        UsageError: flags or addresses go with another engine.
    """
    from kgbuild.distributed.shares import is_address

    far = [path for path in paths if is_address(path)]
    cluster = (how["address"], how["workers"], how["worker_cpus"], how["worker_gpus"])
    if engine == "local":
        if far or cluster != (None, None, 1.0, 0.0):
            raise click.UsageError("addresses and Ray's flags go with  --engine ray")
        return None, paths
    if "-" in paths:
        raise click.UsageError("standard input is read by this process: no --engine")
    from kgbuild.distributed.engine import Cluster, RayEngine

    return RayEngine(settings, Cluster(*cluster), far), [p for p in paths if not is_address(p)]


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
