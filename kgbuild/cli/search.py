"""``kgbuild search``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kgbuild.cli.common import json_flag, passage_dict, print_json, with_settings
from kgbuild.config import Settings
from kgbuild.display import clean, pieces
from kgbuild.search.engine import MODES, Mode
from kgbuild.types import Passage, SearchResults

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)

_FILTERS = (
    click.option("--entity", help="Only sentences that mention this entity (a name or an id)."),
    click.option("--type", help="Only sentences that mention an entity of this type."),
    click.option("--relation", help="Only sentences that state a fact of this relation."),
    click.option("--document", help="Only this document; * in it stands for anything."),
    click.option("--since", metavar="DATE", help="Only sentences that name a day from this on."),
    click.option("--until", metavar="DATE", help="Only sentences that name a day up to this."),
)


def _with_filters(command: Any) -> Any:
    for option in reversed(_FILTERS):
        command = option(command)
    return command


@click.command()
@click.argument("text")
@click.option("-k", "--limit", type=click.IntRange(1, 1000), default=10, show_default=True)
@click.option("--mode", type=click.Choice(MODES), default="hybrid", show_default=True,
              help="By words, by meaning, by the graph, or by all of them.")  # fmt: skip
@click.option("--rerank", metavar="FOLDER", type=FOLDER,
              help="A cross-encoder that reads the best 50 once more.")  # fmt: skip
@_with_filters
@json_flag
@with_settings
def search(
    settings: Settings, text: str, limit: int, mode: Mode, as_json: bool, **how: Any
) -> None:
    """The sentences that suit TEXT best: by words, by meaning and by the graph.

    A word that stands nowhere is taken for the nearest known one, in either alphabet; where
    there is none, that is said first. A heading stands behind the best sentence.
    """
    from kgbuild.wiring import open_graph

    if rerank := how.pop("rerank"):
        settings = settings.model_copy(update={"reranker": rerank})
    with open_graph(settings) as graph:
        found = graph.search(text, limit, mode, **how)
    for unknown in found.unknown:
        click.echo(f"слова «{clean(unknown)}» нет в документах", err=True)
    if as_json:
        for passage in found:
            print_json(_dict(passage))
    else:
        _print(found)


def _dict(passage: Passage) -> dict[str, object]:
    return passage_dict(passage) | {
        "highlights": [list(span) for span in passage.highlights],
        "found_by": list(passage.found_by),
    }


def _print(found: SearchResults) -> None:
    for word in found.corrections:
        click.echo(f"«{clean(word.asked)}» понято как «{clean(word.meant)}»", err=True)
    for passage in found:
        parts = pieces(passage.text, passage.start, passage.highlights)
        text = "".join(f"[{part}]" if inside else part for part, inside in parts)
        click.echo(f"{passage.score:.3f}  {clean(passage.document)}: «{clean(text)}»")
