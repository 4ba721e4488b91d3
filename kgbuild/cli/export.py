"""``kgbuild export``: the fixed formats, JSON Lines in UTF-8 with code-point offsets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

import click

from kgbuild.cli.common import with_settings
from kgbuild.config import Settings
from kgbuild.exchange.formats import WRITERS
from kgbuild.graph import KnowledgeGraph
from kgbuild.types import Entity, Mention

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
    _write(settings, output, mention_lines)


@export.command()
@output_flag
@with_settings
def facts(settings: Settings, output: TextIO) -> None:
    """Every evidence of every fact, a line each."""
    _write(settings, output, fact_lines)


@export.command()
@click.option("--format", "format_", type=click.Choice(sorted(WRITERS)), required=True,
              help="What the other program reads.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True,
              help="A file; for brat, csv and parquet a new folder.")  # fmt: skip
@with_settings
def graph(settings: Settings, format_: str, output: Path) -> None:
    """The whole graph in another program's format."""
    from kgbuild.wiring import open_graph

    with open_graph(settings) as opened:
        WRITERS[format_](opened.store, output)


def _write(settings: Settings, output: TextIO, lines: object) -> None:
    from kgbuild.wiring import open_graph

    assert callable(lines)
    with open_graph(settings) as graph:
        output.write("")  # click makes the file at the first write: make it for no lines too
        found: Iterable[dict[str, object]] = lines(graph)
        for line in found:
            output.write(json.dumps(line, ensure_ascii=False) + "\n")


def mention_lines(graph: KnowledgeGraph) -> Iterator[dict[str, object]]:
    """``{"document", "start", "end", "text", "type", "entity", "name"}`` a mention."""
    for stored in graph.mentions():
        yield {
            "document": stored.document,
            "start": stored.mention.start,
            "end": stored.mention.end,
            "text": stored.text,
            "type": stored.mention.type,
            "entity": stored.entity,
            "name": stored.name,
        }


def fact_lines(graph: KnowledgeGraph) -> Iterator[dict[str, object]]:
    """``{"document", "relation", "subject", "object", "confidence"}`` an evidence."""
    for fact in graph.facts():
        for evidence in fact.evidence:
            yield {
                "document": evidence.document,
                "relation": fact.relation,
                "subject": _end(evidence.subject, fact.subject),
                "object": _end(evidence.object, fact.object),
                "confidence": round(evidence.confidence, 4),
            }


def _end(mention: Mention, entity: Entity) -> dict[str, object]:
    return {
        "start": mention.start,
        "end": mention.end,
        "type": mention.type,
        "entity": entity.id,
        "name": entity.name,
    }
