"""``kgbuild db copy``."""

from __future__ import annotations

import click

from kgbuild.cli.common import author_flag, json_flag, print_json, with_settings
from kgbuild.config import Settings


@click.command()
@click.option("--to", "target", metavar="URL", required=True,
              help="A new or empty database: postgresql://… or a SQLite file.")  # fmt: skip
@click.option("--from", "source", metavar="URL", help="What to copy [the store].")
@author_flag
@json_flag
@with_settings
def copy(settings: Settings, target: str, source: str | None, as_json: bool) -> None:
    """Copy the whole graph, with the same ids, between SQLite and PostgreSQL.

    The copy is read back before it is kept: it is whole or not there. Vector indexes are
    files beside a store: make the copy's with  kgbuild index rebuild.
    """
    from kgbuild.wiring import storage

    copied = storage("copy").copy_store(source or settings.database, target, author=settings.author)
    if as_json:
        print_json(copied)
        return
    for table, rows in copied.items():
        click.echo(f"{table}: {rows} rows")
