"""``kgbuild import``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kgbuild.cli import SOME_FAILED
from kgbuild.cli.common import author_flag, json_flag, with_settings
from kgbuild.cli.ingest import Bar, print_report
from kgbuild.config import Settings


@click.command("import")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--format", "format_", type=click.Choice(["brat"]), required=True,
              help="How the folder is annotated.")  # fmt: skip
@click.option("--no-embed", is_flag=True, help="Store no vectors: they are made at a later ingest.")
@author_flag
@json_flag
@with_settings
def import_(settings: Settings, folder: Path, format_: str, no_embed: bool, as_json: bool) -> None:
    """Read annotated documents of FOLDER into the graph, without a model.

    Annotated mentions and relations are stored as if a model called brat had found
    them. Exit code 3: some documents failed, the others are in.
    """
    from kgbuild.wiring import open_graph

    with open_graph(settings, create=True) as graph, Bar(None, "import") as bar:
        report = graph.import_brat(folder, embed=not no_embed, progress=bar.show)
    print_report(report, bar.seconds, False, as_json)
    if report.failures:
        sys.exit(SOME_FAILED)
