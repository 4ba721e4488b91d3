"""``kgbuild delete``, ``kgbuild index`` and ``kgbuild db``."""

from __future__ import annotations

import sys

import click

from kgbuild.cli import FAILED
from kgbuild.cli.common import json_flag, print_json, with_settings
from kgbuild.config import Settings
from kgbuild.display import clean
from kgbuild.ports import VectorKind

KINDS: tuple[VectorKind, ...] = ("sentence", "entity")


@click.command()
@click.argument("document")
@json_flag
@with_settings
def delete(settings: Settings, document: str, as_json: bool) -> None:
    """Remove a DOCUMENT (its path as ingested) with exactly what only it supported."""
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        report = graph.delete(document)
    if as_json:
        print_json({name: getattr(report, name) for name in type(report).__slots__})
        return
    click.echo(f"{clean(report.document)}: {report.mentions} mentions gone")
    click.echo(f"facts: {report.facts_removed} gone, {report.facts_kept} kept on other evidence")
    click.echo(f"entities: {report.entities_removed} gone, {report.entities_kept} kept")


@click.command()
@json_flag
@with_settings
def relink(settings: Settings, as_json: bool) -> None:
    """Compute every entity again from the names in the documents and the judgements.

    Needed after an upgrade that changed the rules; otherwise nothing moves.
    """
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        moved = graph.relink()
    print_json({"moved": moved}) if as_json else click.echo(f"names that moved: {moved}")


@click.group()
def index() -> None:
    """The vector indexes, made from the vectors in the database."""


@index.command()
@with_settings
def rebuild(settings: Settings) -> None:
    """Make the indexes anew; no model runs."""
    from kgbuild.wiring import make_embedder, open_graph, storage

    with open_graph(settings) as graph:
        model = make_embedder(settings).fingerprint
        for kind in KINDS:
            made = storage("faiss_index").build_index(
                graph.store, kind, model, settings.index_folder
            )
            click.echo(f"{kind}: {made.count} vectors")


@index.command()
@with_settings
def verify(settings: Settings) -> None:
    """Check the index files against their manifests and the database's record of them."""
    from kgbuild.wiring import make_embedder, open_graph, storage

    with open_graph(settings) as graph:
        model = make_embedder(settings).fingerprint
        for kind in KINDS:
            found = storage("faiss_index").open_index(
                graph.store, kind, model, settings.index_folder
            )
            click.echo(f"{kind}: {found.count} vectors, whole")


@click.group()
def db() -> None:
    """The database: its schema and its soundness."""


@db.command()
@with_settings
def upgrade(settings: Settings) -> None:
    """Bring the database's schema up to date."""
    from kgbuild.wiring import storage

    before, after = storage("migrate").upgrade_database(settings.database)
    if before.revision == after.revision:
        click.echo(f"the schema is up to date ({after.revision})")
    else:
        click.echo(f"the schema went from {before.revision or 'none'} to {after.revision}")


@db.command()
@with_settings
def check(settings: Settings) -> None:
    """Look for damage and for rows that don't belong together."""
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        problems = graph.store.check()
    for problem in problems:
        click.echo(clean(problem))
    if problems:
        sys.exit(FAILED)
    click.echo("no problems found")
