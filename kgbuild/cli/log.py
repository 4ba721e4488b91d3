"""``kgbuild log``."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from kgbuild.cli.common import json_flag, print_json, with_settings
from kgbuild.config import Settings
from kgbuild.display import clean
from kgbuild.types import ACTIONS


@click.command()
@click.option("--since", type=click.DateTime(), help="From this day or moment (UTC) on.")
@click.option("--document", help="Of this document (or other subject) alone.")
@click.option("--kind", type=click.Choice(ACTIONS), help="Of this kind alone.")
@json_flag
@with_settings
def log(
    settings: Settings,
    since: datetime | None,
    document: str | None,
    kind: str | None,
    as_json: bool,
) -> None:
    """Who changed what and when: documents, judgements, ids, indexes, the database."""
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        for entry in graph.store.log(since and since.replace(tzinfo=UTC), document, kind):
            at = entry.made_at.isoformat(timespec="seconds")
            if as_json:
                print_json({"id": entry.id, "at": at, "author": entry.author,
                            "action": entry.action, "subject": entry.subject,
                            "detail": entry.detail})  # fmt: skip
            else:
                said = f"{at}  {entry.author}  {entry.action}  {entry.subject}  {entry.detail}"
                click.echo(clean(said))
