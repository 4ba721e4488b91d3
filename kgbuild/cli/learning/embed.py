"""``kgbuild embed``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TextIO

import click

from kgbuild.cli.common import print_json, utf8_lines, with_settings
from kgbuild.config import Settings
from kgbuild.ports import PROMPTS, PromptName

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
