"""``kgbuild export``: tables, and the whole graph, for other programs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from kgbuild.cli.common import json_flag, print_json, print_table, with_settings
from kgbuild.config import Settings
from kgbuild.display import clean
from kgbuild.exchange.formats import WRITERS
from kgbuild.exchange.listing import FORMATS
from kgbuild.exchange.listing import export as write


def _table_flags(command: Callable[..., None]) -> Callable[..., None]:
    """The flags of what is one table, and the settings."""
    command = with_settings(command)
    command = click.option(
        "-o", "--output", type=click.Path(dir_okay=False, allow_dash=True), callback=_path,
        help="A file [stdout].",
    )(command)  # fmt: skip
    return click.option(
        "--format", "format_", type=click.Choice(FORMATS), default="jsonl", show_default=True,
        help="JSON Lines for programs; CSV, XLSX or Parquet for spreadsheets and data frames.",
    )(command)  # fmt: skip


def _path(context: click.Context, parameter: click.Parameter, value: str | None) -> Path | None:
    return None if value in (None, "-") else Path(str(value))


@click.group()
def export() -> None:
    """Write the graph out for other programs."""


@export.command()
@_table_flags
def mentions(settings: Settings, format_: str, output: Path | None) -> None:
    """Every mention with its span, type and entity, a line each; tables add its sentence."""
    _write(settings, "mentions", format_, output)


@export.command()
@_table_flags
def facts(settings: Settings, format_: str, output: Path | None) -> None:
    """Every evidence of every fact, a line each; tables add names and the sentence."""
    _write(settings, "facts", format_, output)


@export.command()
@_table_flags
def entities(settings: Settings, format_: str, output: Path | None) -> None:
    """Every entity with its names, ids elsewhere and counts, a line each."""
    _write(settings, "entities", format_, output)


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


def _write(settings: Settings, what: str, format_: str, output: Path | None) -> None:
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        write(graph.store, what, format_, sys.stdout if output is None else output)


@click.command()
@click.argument("query")
@click.option("--timeout", type=click.FloatRange(0, min_open=True), default=60.0, show_default=True,
              help="Seconds after which the query is given up.")  # fmt: skip
@click.option("--max-rows", type=click.IntRange(1), default=10_000, show_default=True,
              help="Rows that are printed; standard error says if there are more.")  # fmt: skip
@json_flag
@with_settings
def sparql(settings: Settings, query: str, timeout: float, max_rows: int, as_json: bool) -> None:
    """Answer a SPARQL QUERY over the graph; nothing can be changed by it."""
    from kgbuild.exchange.sparql import Limits, select
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        folder = settings.index_folder.parent / "sparql"
        found = select(graph.store, query, Limits(timeout, max_rows), folder)
    if found.cut:
        click.echo(f"only the first {max_rows} rows: --max-rows shows more", err=True)
    if as_json:
        for row in found.rows:
            print_json(dict(zip(found.columns, row, strict=True)))
        return
    print_table([[clean(cell or "") for cell in row] for row in found.rows], found.columns)
