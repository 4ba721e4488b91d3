"""``kgbuild sparql``."""

from __future__ import annotations

import click

from kgbuild.cli.common import json_flag, print_json, print_table, with_settings
from kgbuild.config import Settings
from kgbuild.display import clean


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
