"""``kgbuild train``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from kgbuild.cli.common import print_table

if TYPE_CHECKING:
    from kgbuild.train.fit import Task

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("task", type=click.Choice(["ner", "relations", "joint", "resolution"]))
@click.option("--data", type=FOLDER, required=True, help="Folder of brat files (NEREL's train).")
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), required=True,
              help="Folder for the weights; checkpoints lie in its .run folder.")  # fmt: skip
@click.option("--recipe", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Hyper-parameters (TOML) [the shipped recipe].")  # fmt: skip
@click.option("--start", type=FOLDER,
              help="Weights to begin with; ner and relations then train only their own part.")  # fmt: skip
@click.option("--device", default="auto", show_default=True)
@click.option("--epochs", type=click.IntRange(1), help="Instead of the recipe's.")
def train(
    task: Task | Literal["resolution"], recipe: Path | None, epochs: int | None, **order: Any
) -> None:
    """Train nested NER, relations, or both on one shared encoder (joint); or the scorer of
    people's names (resolution), from documents with entity links.

    Started again with the same --output, it goes on after the last whole epoch.
    """
    if task == "resolution":
        _train_resolution(order["data"], order["output"])
        return
    from tqdm import tqdm

    from kgbuild.train.recipe import load_recipe
    from kgbuild.train.run import Order, train_weights

    bar = tqdm(unit="step", file=sys.stderr, disable=not sys.stderr.isatty())

    def progress(done: int, total: int, state: str) -> None:
        bar.total = total
        bar.set_postfix_str(state, refresh=False)
        bar.update(done - bar.n)

    result = train_weights(Order(task, **order), load_recipe(recipe, epochs), progress)
    bar.close()
    head = ("epoch", "span loss", "pair loss", "held-out span", "held-out pair")
    print_table(
        [(r.epoch, *(f"{x:.4f}" for x in (r.span_loss, r.pair_loss, r.held_out_span_loss,
                                         r.held_out_pair_loss))) for r in result.reports],
        head,
    )  # fmt: skip
    click.echo(f"weights: {order['output']}  thresholds: {result.thresholds}")


def _train_resolution(data: Path, output: Path) -> None:
    from kgbuild.train.linking import train_scorer
    from kgbuild.train.resolution import read_linked
    from kgbuild.wiring import make_normalizer

    trained = train_scorer(read_linked(data), make_normalizer())
    output.mkdir(parents=True, exist_ok=True)
    path = output / "scorer.json"
    trained.scorer.save(path)
    click.echo(f"{trained.pairs} pairs, {trained.right} of one person each")
    click.echo(
        f"joined from {trained.scorer.threshold:.2f}: precision {trained.precision:.3f},"
        f" recall {trained.recall:.3f} on the pairs it was trained on"
    )
    click.echo(f"weights: {path}")
