"""``kgbuild watch``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import click

from kgbuild.cli.common import json_flag, print_json, with_settings
from kgbuild.config import Settings
from kgbuild.display import clean
from kgbuild.exchange.registers.known import Match
from kgbuild.graph import KnowledgeGraph
from kgbuild.types import Passage, TextSpan


@click.command()
@click.option("--list", "name", help="Only this list [all].")
@click.option("--remove", is_flag=True, help="Forget the list named by --list.")
@click.option("-k", "--limit", type=click.IntRange(1), default=5, show_default=True,
              help="Places shown of each match.")  # fmt: skip
@json_flag
@with_settings
def watch(settings: Settings, name: str | None, remove: bool, limit: int, as_json: bool) -> None:
    """Who of the watch lists (import --format watchlist) the documents name, and where.

    A certain match has the whole name or a year of birth or death, and no rival; of a possible
    one only the name in part, or several people or entries have it. A name in Latin letters
    meets the Russian one that it spells (BGN/PCGN, ICAO passports, ISO 9, GOST, scientific).
    """
    from kgbuild.wiring import open_graph

    if remove and name is None:
        raise click.UsageError("--remove needs --list")
    with open_graph(settings, readonly=not remove) as graph:
        if remove:
            graph.set_watchlist(str(name), ())
        print_watched(graph, name, limit, as_json)


def print_watched(graph: KnowledgeGraph, name: str | None, limit: int, as_json: bool) -> None:
    """The matches of a list [of all], each with the sentences that name the entity."""
    found = graph.watched()
    for status, matches in (
        ("certain", found.settled.certain),
        ("possible", found.settled.possible),
    ):
        for match in matches:
            if name in (None, match.known.scheme):
                places = list(islice(_places(graph, match), limit))
                (_print_json if as_json else _print)(status, match, places)
    if not as_json:
        certain, possible = len(found.settled.certain), len(found.settled.possible)
        click.echo(f"{found.entries} entries; matches: {certain} certain, {possible} possible")


def _places(graph: KnowledgeGraph, match: Match) -> Iterator[Passage]:
    """The sentences that name the entity, each once."""
    seen: set[int] = set()
    for stored in graph.mentions(entity=match.entity.id):
        span = TextSpan(stored.document, stored.mention.start, stored.mention.end)
        [rows] = graph.store.locate([span])
        fresh = [row for row in rows if row not in seen]
        seen.update(rows)
        yield from (p for p in graph.store.passages(fresh) if p is not None)


def _print_json(status: str, match: Match, places: list[Passage]) -> None:
    known, entity = match.known, match.entity
    print_json({
        "list": known.scheme, "id": known.id, "listed": known.name, "status": status,
        "by": match.grade.name.lower(), "transliteration": list(match.spelt),
        "entity": entity.id, "type": entity.type, "name": entity.name, "mentions": entity.mention_count,
        "evidence": [{"document": p.document, "start": p.start, "end": p.end, "text": p.text}
                     for p in places],
    })  # fmt: skip


def _print(status: str, match: Match, places: list[Passage]) -> None:
    known, entity = match.known, match.entity
    word = {"certain": "есть", "possible": "возможно"}[status]
    click.echo(f"{word}: {clean(known.name)} ({clean(known.scheme)}, {clean(known.id)}) = "
               f"{clean(entity.name)} ({entity.type}, {entity.id})"
               f" [{match.grade.name.lower()}{_spelt(match)}]")  # fmt: skip
    for passage in places:
        click.echo(f"    {clean(passage.document)}: «{clean(passage.text)}»")


def _spelt(match: Match) -> str:
    """Says that a name in Latin letters met one in Cyrillic, and by which scheme."""
    return f", транслитерация: {' + '.join(match.spelt)}" if match.spelt else ""
