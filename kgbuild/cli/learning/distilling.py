"""``kgbuild train embedder``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from kgbuild.cli.common import print_table

FILES = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("embedder")
@click.option("--teacher", default="embedded", show_default=True,
              help="The embedder to learn from: a name of `models list`, or a folder.")  # fmt: skip
@click.option("--student", default="quarter", show_default=True,
              help="quarter or a number: so many of the teacher's layers; or another embedder.")  # fmt: skip
@click.option("--texts", type=FILES, multiple=True, required=True, metavar="FILE",
              help="A text a line, or articles as .jsonl or .jsonl.gz; again for more.")  # fmt: skip
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), required=True,
              help="Folder for the student; teacher's vectors and checkpoints lie in its .run folder.")  # fmt: skip
@click.option(
    "--count", type=click.IntRange(1), help="Texts to learn from, drawn by the seed [8000]."
)
@click.option("--epochs", type=click.IntRange(1), help="[3]")
@click.option("--seed", type=int, help="[1]")
@click.option("--device", default="auto", show_default=True)
def embedder(
    teacher: str, student: str, texts: tuple[Path, ...], output: Path, device: str, **recipe: Any
) -> None:
    """Distil an embedder into a smaller one, which then loads with --embedder FOLDER.

    Started again with the same options, it goes on after the last checkpoint.
    """
    from kgbuild.config import load_settings
    from kgbuild.train.distillation.run import DistillOrder, distill, recipe_of, takes_layers
    from kgbuild.wiring import make_embedder

    master = make_embedder(load_settings(embedder=teacher, device=device))
    model = None if takes_layers(student) else make_embedder(load_settings(embedder=student))
    order = DistillOrder(student, texts, output)
    reports = distill(order, master, model, recipe_of(**recipe), _Lines())
    rows = [(r.epoch, f"{r.mse:.4f}", f"{r.similarity:.5f}", f"{r.held_out_cosine:.4f}",
             f"{r.held_out_correlation:.4f}") for r in reports]  # fmt: skip
    print_table(rows, ("epoch", "mse", "similarity", "held-out cosine", "correlation"))
    _print_speed(output, teacher, device, order)


class _Lines:
    """Progress on stderr: a line every so often, so that a log can be read."""

    def __init__(self) -> None:
        self._said = -1

    def __call__(self, done: int, total: int, state: str) -> None:
        share = 20 * done // total
        if share != self._said:
            self._said = share
            print(f"{state}: {done} of {total}", file=sys.stderr, flush=True)


def _print_speed(output: Path, teacher: str, device: str, order: Any) -> None:
    from kgbuild.config import load_settings
    from kgbuild.train.distillation.run import held_out_texts, speed_ratio
    from kgbuild.wiring import make_embedder

    pair = [
        make_embedder(load_settings(embedder=name, device=device))
        for name in (str(output), teacher)
    ]
    ratio = speed_ratio(pair[0], pair[1], held_out_texts(order))
    size = sum(file.stat().st_size for file in output.rglob("*") if file.is_file())
    click.echo(
        f"{output}: {size / 1e6:.0f} MB, {ratio:.2f} times as many texts a second as {teacher}"
    )
