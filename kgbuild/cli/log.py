"""``kgbuild log``."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
from click.core import ParameterSource

from kgbuild.cli.common import author_flag, json_flag, print_json, with_settings
from kgbuild.config import Settings
from kgbuild.display import clean
from kgbuild.exchange.kept import entry_dict, keep_entries
from kgbuild.types import ACTIONS


@click.group(invoke_without_command=True)
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

    context = click.get_current_context()
    if context.invoked_subcommand is not None:
        _refuse_flags(context)
        return
    with open_graph(settings) as graph:
        for entry in graph.store.log(since and since.replace(tzinfo=UTC), document, kind):
            if as_json:
                print_json(entry_dict(entry))
            else:
                at = entry.made_at.isoformat(timespec="seconds")
                said = f"{at}  {entry.author}  {entry.action}  {entry.subject}  {entry.detail}"
                click.echo(clean(said))


@log.command("prune")
@click.option("--before", type=click.DateTime(), required=True,
              help="Entries of before this day or moment (UTC).")  # fmt: skip
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True,
              help="A new file, JSON Lines, for what is removed.")  # fmt: skip
@author_flag
@json_flag
@with_settings
def prune(settings: Settings, before: datetime, output: Path, as_json: bool) -> None:
    """Take old entries out of the log, after they are saved in a file.

    The log tells how many went, of what time, by whom, and where they are; such entries stay.
    """
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        gone = graph.store.prune_log(before.replace(tzinfo=UTC), partial(keep_entries, output))
    if as_json:
        print_json({"removed": len(gone), "file": str(output) if gone else None})
    else:
        click.echo(f"removed {len(gone)}" + (f", kept in {clean(str(output))}" if gone else ""))


def _refuse_flags(context: click.Context) -> None:
    """A flag before the subcommand would be lost: ``--store`` there would prune another graph."""
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if source is ParameterSource.COMMANDLINE:
            sub = context.invoked_subcommand
            raise click.UsageError(f"give {parameter.opts[0]} after {sub}, not before it")
