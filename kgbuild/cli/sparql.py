"""``kgbuild sparql``."""

from __future__ import annotations

import click

from kgbuild.cli.common import json_flag, print_json, print_table, with_settings
from kgbuild.config import Settings
from kgbuild.display import clean


@click.command()
@click.argument("query")
@json_flag
@with_settings
def sparql(settings: Settings, query: str, as_json: bool) -> None:
    """Answer a SPARQL QUERY over the graph; nothing can be changed by it."""
    from kgbuild.exchange.sparql import select
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        found = select(graph.store, query)
    if as_json:
        for row in found.rows:
            print_json(dict(zip(found.columns, row, strict=True)))
        return
    print_table([[clean(cell or "") for cell in row] for row in found.rows], found.columns)
