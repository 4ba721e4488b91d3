"""``kgbuild delete``, ``kgbuild index`` and ``kgbuild db``."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence

import click

from kgbuild.cli import FAILED, SOME_FAILED
from kgbuild.cli.common import author_flag, json_flag, print_json, with_settings
from kgbuild.config import Settings
from kgbuild.display import clean, plain
from kgbuild.errors import IndexFileError
from kgbuild.ports import VectorKind
from kgbuild.types import DeletionImpact, DeletionReport


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


KINDS: tuple[VectorKind, ...] = ("sentence", "entity")


@click.command()
@click.argument("documents", nargs=-1, required=True, metavar="DOCUMENT...")
@author_flag
@json_flag
@with_settings
def delete(settings: Settings, documents: tuple[str, ...], as_json: bool) -> None:
    """Remove each DOCUMENT (its path as ingested) with exactly what only it supported.

    A name that ends in / is a folder: everything under it goes. Exit code 3: some of the
    names aren't known, the others are gone.
    """
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        known = [stored.source for stored in graph.store.sources()]
        wanted, unknown = named_documents(documents, known)
        for source in wanted:
            _print_deletion(graph.delete(source), as_json)
    for name in unknown:
        click.echo(
            f"kgbuild: no document {clean(name)!r} in the graph{near(name, known)}", err=True
        )
    if unknown:
        sys.exit(SOME_FAILED if wanted else FAILED)


def named_documents(names: Sequence[str], known: Sequence[str]) -> tuple[list[str], list[str]]:
    """The stored documents that names or folders (ending in /) stand for, and unknown names."""
    found: dict[str, None] = {}
    unknown = []
    for name in names:
        folder = name.endswith("/")
        mine = [s for s in known if (s.startswith(name) if folder else s == name)]
        found.update(dict.fromkeys(mine))
        unknown += [] if mine else [name]
    return list(found), unknown


def near(name: str, known: Sequence[str]) -> str:
    """What may have been meant, as the end of a message."""
    meant = difflib.get_close_matches(name, known, 3)
    return f": did you mean {', '.join(map(clean, meant))}?" if meant else ""


REMAINS_SHOWN = 10
"""So many facts, and entities, of a deleted document are named; --json names all."""


def _print_deletion(report: DeletionReport, as_json: bool) -> None:
    if as_json:
        print_json(plain(report))
        return
    click.echo(f"{clean(report.document)}: {report.mentions} mentions gone")
    click.echo(f"facts: {report.facts_removed} gone, {report.facts_kept} kept on other evidence")
    _print_remains(report.facts, "sentence")
    click.echo(f"entities: {report.entities_removed} gone,"
               f" {report.entities_kept} kept, mentioned elsewhere")  # fmt: skip
    _print_remains(report.entities, "mention")


def _print_remains(things: Sequence[DeletionImpact], counted: str) -> None:
    """The first things that are gone, then those that stay, each with the reason."""
    for thing in sorted(things, key=lambda one: one.left > 0)[:REMAINS_SHOWN]:
        name, more = clean(thing.name), thing.documents - len(thing.examples)
        if not thing.left:
            click.echo(f"  {name}: gone")
            continue
        where = ", ".join(map(clean, thing.examples)) + (f" and {more} more" if more else "")
        plural = "" if thing.left == 1 else "s"
        click.echo(f"  {name}: stays, {thing.left} more {counted}{plural} in {where}")
    if len(things) > REMAINS_SHOWN:
        click.echo(f"  and {len(things) - REMAINS_SHOWN} more (--json names all)")


@click.command()
@author_flag
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
@click.option("--embed", is_flag=True, help="First make the vectors that this embedder lacks.")
@author_flag
@with_settings
def rebuild(settings: Settings, embed: bool) -> None:
    """Make the indexes anew; no model runs, unless --embed asks for its vectors.

    Where `models use` has chosen another embedder, --embed makes its vectors, as often
    interrupted as it may be, and puts it in the other's place when none is missing.
    """
    from kgbuild.cli.switching import embed_all
    from kgbuild.wiring import make_embedder, open_graph, open_index

    with open_graph(settings) as graph:
        embedder = embed_all(settings, graph.store) if embed else make_embedder(settings)
        for kind in KINDS:
            made = open_index(settings, graph.store, kind, embedder.fingerprint, anew=True)
            graph.store.note("index", kind, f"{made.count} vectors of {embedder.fingerprint}")
            click.echo(f"{kind}: {made.count} vectors")


@index.command()
@with_settings
def verify(settings: Settings) -> None:
    """Check the index files against their manifests and the database's record of them, or
    pgvector's tables against the database's vectors."""
    from kgbuild.wiring import make_embedder, open_graph, storage

    with open_graph(settings) as graph:
        model = make_embedder(settings).fingerprint
        for kind in KINDS:
            if settings.vector_index == "pgvector":
                module = storage("index.pgvector")
                if differ := module.pgvector_differs(graph.store, kind, model):
                    raise IndexFileError(f"the {kind} index differs from the database's vectors in"
                                         f" {differ} rows: rebuild it with  kgbuild index rebuild")  # fmt: skip
                found = module.open_pgvector(graph.store, kind, model)
            else:
                module = storage("index.faiss")
                found = module.open_index(graph.store, kind, model, settings.index_folder)
            click.echo(f"{kind}: {found.count} vectors, whole")


@click.group()
def db() -> None:
    """The database: its schema and its soundness."""


@db.command()
@author_flag
@with_settings
def upgrade(settings: Settings) -> None:
    """Bring the database's schema up to date."""
    from kgbuild.wiring import storage

    before, after = storage("migrate").upgrade_database(settings.database, author=settings.author)
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


db.add_command(copy)
