"""``kgbuild import``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from kgbuild.cli import SOME_FAILED
from kgbuild.cli.common import author_flag, json_flag, with_settings
from kgbuild.cli.reports import Bar, print_report
from kgbuild.cli.watch import print_watched
from kgbuild.config import Settings
from kgbuild.exchange.annotations.imports import FORMATS


@click.command("import")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--format", "format_", type=click.Choice([*FORMATS, "watchlist"]), required=True,
              help="How PATH is annotated, or that it is a watch list.")  # fmt: skip
@click.option("--map", "labels", multiple=True, metavar="LABEL=TYPE",
              help="What a label is here: an entity type, a relation, or nothing to leave it out.")  # fmt: skip
@click.option("--name", help="What the watch list is called [the file's name].")
@click.option("--no-embed", is_flag=True, help="Store no vectors: they are made at a later ingest.")
@author_flag
@json_flag
@with_settings
def import_(
    settings: Settings, path: Path, format_: str, labels: tuple[str, ...], as_json: bool, **how: Any
) -> None:  # fmt: skip
    """Read annotated documents of PATH into the graph, without a model; or a watch list.

    Annotated mentions and relations are stored as if a model of the format's name had found
    them: brat (a folder), conll (BIO), spacy (JSON Lines of texts with spans) and label-studio
    (JSON). Exit code 3: some documents failed, the others are in.

    A watch list is a CSV file with the columns id, name, type (or OpenSanctions' schema), and
    aliases, born, died, ids (scheme:value) where known; it replaces the list of its name. Who
    of it the documents name is printed, and told by later ingests and  kgbuild watch.
    """
    from kgbuild.wiring import open_graph

    if format_ == "watchlist":
        _watchlist(settings, path, how["name"] or path.stem, as_json)
        return
    mapping, embed = _mapping(labels), not how["no_embed"]
    with open_graph(settings, create=True) as graph, Bar(None, "import") as bar:
        report = graph.import_annotated(path, format_, mapping, embed, bar.show)
    print_report(report, bar.seconds, False, as_json)
    if report.failures:
        sys.exit(SOME_FAILED)


def _watchlist(settings: Settings, path: Path, name: str, as_json: bool) -> None:
    from kgbuild.exchange.registers.watchlist import read_watchlist
    from kgbuild.wiring import open_graph

    entries = read_watchlist(path, name)
    with open_graph(settings, create=True) as graph:
        graph.set_watchlist(name, entries)
        print_watched(graph, name, 5, as_json)


def _mapping(labels: Sequence[str]) -> dict[str, str]:
    pairs = [label.partition("=") for label in labels]
    if any(not sign for _, sign, _ in pairs):
        raise click.UsageError("--map wants LABEL=TYPE")
    return {label: name for label, _, name in pairs}
