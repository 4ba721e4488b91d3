"""``kgbuild export``: the fixed formats, JSON Lines in UTF-8 with code-point offsets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

import click

from kgbuild.cli.common import with_settings
from kgbuild.config import Settings
from kgbuild.exchange.formats import WRITERS
from kgbuild.exchange.lines import ENTITY_COLUMNS, entity_lines, fact_lines, mention_lines
from kgbuild.exchange.tables import write_rows
from kgbuild.graph import KnowledgeGraph

output_flag = click.option(
    "-o",
    "--output",
    type=click.File("w", "utf-8", atomic=True),
    default="-",
    help="A file [stdout].",
)


@click.group()
def export() -> None:
    """Write the graph out for other programs."""


@export.command()
@output_flag
@with_settings
def mentions(settings: Settings, output: TextIO) -> None:
    """Every mention with its span, type and entity, a line each."""
    _write(settings, output, lambda graph: mention_lines(graph.mentions()))


@export.command()
@output_flag
@with_settings
def facts(settings: Settings, output: TextIO) -> None:
    """Every evidence of every fact, a line each."""
    _write(settings, output, lambda graph: fact_lines(graph.facts()))


@export.command()
@click.option("--format", "format_", type=click.Choice(["jsonl", "csv"]), default="jsonl",
              show_default=True, help="JSON Lines, or CSV that is safe in a spreadsheet.")  # fmt: skip
@output_flag
@with_settings
def entities(settings: Settings, format_: str, output: TextIO) -> None:
    """Every entity with its names, ids elsewhere and counts, a line each."""
    if format_ == "jsonl":
        _write(settings, output, lambda graph: entity_lines(graph.store))
        return
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        write_rows(output, ENTITY_COLUMNS, entity_lines(graph.store))


@export.command()
@click.option("--format", "format_", type=click.Choice(sorted(WRITERS)), required=True,
              help="What the other program reads.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True,
              help="A file; for brat, csv, neo4j, obsidian and parquet a new folder.")  # fmt: skip
@with_settings
def graph(settings: Settings, format_: str, output: Path) -> None:
    """The whole graph in another program's format; what has no place in it is counted."""
    from kgbuild.wiring import open_graph

    with open_graph(settings) as opened:
        left = WRITERS[format_](opened.store, output)
    if left:
        click.echo(f"left out, for {format_} has no place for it: {left}", err=True)


def _write(
    settings: Settings,
    output: TextIO,
    lines: Callable[[KnowledgeGraph], Iterator[dict[str, object]]],
) -> None:
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        output.write("")  # click makes the file at the first write: make it for no lines too
        for line in lines(graph):
            output.write(json.dumps(line, ensure_ascii=False) + "\n")
