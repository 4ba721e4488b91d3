"""``kgbuild train``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kgbuild.cli.common import print_table
from kgbuild.cli.learning.distilling import embedder

if TYPE_CHECKING:
    from kgbuild.extract.task_weights import ExtractionSettings
    from kgbuild.train.corpora.nerel import GoldDocument
    from kgbuild.train.fit import Task

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
output_flag = click.option(
    "--output", type=click.Path(file_okay=False, path_type=Path), required=True,
    help="Folder for the weights; checkpoints of a training lie in its .run folder.",
)  # fmt: skip
held_out_flag = click.option("--held-out", type=click.IntRange(1), default=46, show_default=True,
                             help="Documents of --data that the runs kept aside.")  # fmt: skip
_FLAGS = (
    click.option("--data", type=FOLDER, required=True, multiple=True,
                 help="Folder of brat files (NEREL's train) or of dossiers; several times for more."),
    output_flag,
    click.option("--recipe", type=click.Path(exists=True, dir_okay=False, path_type=Path),
                 help="Hyper-parameters (TOML) [the task's shipped recipe]."),
    click.option("--encoder", default="embedded", show_default=True,
                 help="What to train on: embedded, a model folder, or a hub name (name@revision)."),
    click.option("--full", is_flag=True, help="Train every encoder layer, the lowest too."),
    click.option("--lora", is_flag=True, help="Train low-rank deltas of the layers' matrices."),
    click.option("--extra", type=FOLDER, multiple=True,
                 help="Folder of corrected brat files, learnt in place of those of their name."),
    click.option("--partial", type=FOLDER, multiple=True,
                 help="More data whose annotators left things out: what --start sees isn't unlearnt."),
    click.option("--start", type=FOLDER,
                 help="Weights to begin with; ner and relations then train only their own part."),
    click.option("--device", default="auto", show_default=True),
    click.option("--epochs", type=click.IntRange(1), help="Instead of the recipe's."),
)  # fmt: skip


@click.group()
def train() -> None:
    """Train on brat annotations, or combine weights already trained."""


def _add_task(task: Task, does: str) -> None:
    """A subcommand for one task."""

    def command(**values: Any) -> None:
        _train(task, **values)

    command.__doc__ = (
        f"{does}\n\nStarted again with the same --output, it goes on after the last whole epoch."
    )
    for flag in reversed(_FLAGS):
        command = flag(command)
    train.command(task)(command)


train.add_command(embedder)

_add_task("ner", "Train nested NER.")
_add_task("relations", "Train relations between mentions.")
_add_task("joint", "Train both tasks in one run.")


def _train(
    task: Task, recipe: Path | None, epochs: int | None, full: bool, lora: bool, **order: Any
) -> None:
    from tqdm import tqdm

    from kgbuild.train.recipe import load_recipe, reshaped
    from kgbuild.train.run import Order, train_weights

    bar = tqdm(unit="step", file=sys.stderr, disable=not sys.stderr.isatty())

    def progress(done: int, total: int, state: str) -> None:
        bar.total = total
        bar.set_postfix_str(state, refresh=False)
        bar.update(done - bar.n)

    chosen = reshaped(load_recipe(recipe, epochs, task), full, lora)
    result = train_weights(Order(task, **order), chosen, progress)
    bar.close()
    head = ("epoch", "span loss", "pair loss", "held-out span", "held-out pair")
    print_table(
        [(r.epoch, *(f"{x:.4f}" for x in (r.span_loss, r.pair_loss, r.held_out_span_loss,
                                         r.held_out_pair_loss))) for r in result.reports],
        head,
    )  # fmt: skip
    _print_weights(order["output"], result.thresholds)


def _print_weights(folder: Path, thresholds: dict[str, float]) -> None:
    from kgbuild.extract.task_weights import size_of

    click.echo(f"weights: {folder} ({size_of(folder) / 1e6:.1f} MB)  thresholds: {thresholds}")


@train.command()
@click.argument("weights", type=FOLDER, nargs=-1, required=True)
@click.option(
    "--data",
    type=FOLDER,
    multiple=True,
    help="Fit calibration and thresholds anew on its held-out part.",
)
@held_out_flag
@output_flag
def average(weights: tuple[Path, ...], data: tuple[Path, ...], held_out: int, output: Path) -> None:
    """Average the weights of several runs (other seeds of one recipe).

    Without --data calibration and thresholds are those of the first. A folder that is given
    several times weighs as often.
    """
    from kgbuild.train.combine import average

    _print_combined(output, average(weights, output, _held_out(data, held_out)))


@train.command()
@click.option("--ner", type=FOLDER, required=True, help="Weights of a run of ner.")
@click.option("--relations", type=FOLDER, required=True, help="Weights of a run of relations.")
@click.option(
    "--data",
    type=FOLDER,
    multiple=True,
    help="Fit calibration and thresholds anew on its held-out part.",
)
@held_out_flag
@click.option("--overlap", type=click.IntRange(0), help="Tokens that neighbouring windows share.")
@output_flag
def merge(data: tuple[Path, ...], held_out: int, output: Path, **parts: Any) -> None:
    """Put a run of ner and a run of relations into one weight folder.

    The runs must have trained no shared layers (frozen = shared in their recipes).
    """
    from kgbuild.train.combine import merge

    documents = _held_out(data, held_out)
    _print_combined(output, merge(output=output, held_out=documents, **parts))


def _held_out(data: tuple[Path, ...], count: int) -> list[GoldDocument]:
    from kgbuild.train.corpora.corpus import read_corpus

    return list(read_corpus(data, held_out=count).held_out)


def _print_combined(output: Path, settings: ExtractionSettings) -> None:
    for name in ("held_out_ner", "held_out_relations"):
        if score := settings.notes.get(name):
            click.echo(f"{name.replace('_', ' ')}: {score}")
    _print_weights(output, {"span": settings.span_threshold, "pair": settings.pair_threshold})


@train.command()
@click.option(
    "--data",
    type=FOLDER,
    required=True,
    multiple=True,
    help="A folder with entity links: NEREL's files, or dossiers; may be given again.",
)
@output_flag
def resolution(data: tuple[Path, ...], output: Path) -> None:
    """Train the scorer of people's names, from documents with entity links."""
    from kgbuild.train.linking import train_scorer
    from kgbuild.train.resolution import read_collections
    from kgbuild.wiring import make_normalizer

    collections = [one for folder in data for one in read_collections(folder)]
    trained = train_scorer(collections, make_normalizer())
    output.mkdir(parents=True, exist_ok=True)
    path = output / "scorer.json"
    trained.scorer.save(path)
    click.echo(f"{trained.pairs} pairs, {trained.right} of one person each")
    for threshold, score in trained.tried.items():
        click.echo(f"from {threshold:.2f}: B³ F1 {score:.4f} on the collections held out")
    click.echo(
        f"joined from {trained.scorer.threshold:.2f}: precision {trained.precision:.3f},"
        f" recall {trained.recall:.3f} on the pairs it was trained on"
    )
    click.echo(f"weights: {path}")


@train.command()
@click.option(
    "--graph",
    "graphs",
    type=(FOLDER, click.Path(exists=True, dir_okay=False, path_type=Path)),
    multiple=True,
    required=True,
    help="A store (of gold annotations, say: kgbuild import) and the questions over it; repeat.",
)
@click.option(
    "--rubq",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A RuBQ file, whose questions teach relations.",
)
@click.option("--seed", default=0, show_default=True, help="Of the nets' weights and of the order.")
@click.option(
    "--folds",
    type=click.IntRange(2),
    default=4,
    show_default=True,
    help="Parts of the questions, each read by a ranker of the others, to learn when to answer.",
)
@output_flag
def questions(
    graphs: tuple[tuple[Path, Path], ...], rubq: Path | None, seed: int, folds: int, output: Path
) -> None:
    """Train the ranker that reads which candidate of a graph a question asks for, and the
    decision whether to say it, on what rankers of other questions make of each."""
    from kgbuild.config import Settings
    from kgbuild.train.decisions import exercises, fit_decision, folded
    from kgbuild.train.ranking import fit, hints, lessons, read_askings, remembered
    from kgbuild.wiring import make_question_vectors, open_graph

    vectors, learnt = remembered(make_question_vectors()), []
    stores = list(dict.fromkeys(store for store, _ in graphs))
    for store in stores:
        askings = [one for other, path in graphs if other == store for one in read_askings(path)]
        with open_graph(Settings(store=store), readonly=True) as graph:
            learnt.append(lessons(graph.store, askings, vectors, seed))
    every = [lesson for some in learnt for lesson in some]
    held = sum(bool(lesson.right.any()) for lesson in every)
    click.echo(f"{len(every)} questions, of {held} the graph proposes the answer", err=True)
    hinted = hints(rubq, vectors, seed)
    ranker = fit(every, hinted, seed=seed, progress=_told)
    given = []
    for fold, (learn, ask) in enumerate(folded(learnt, folds)):
        click.echo(f"fold {fold + 1} of {folds}", err=True)
        other = fit(learn, hinted, seed=seed, progress=_told)
        for at, askings in ask.items():
            with open_graph(Settings(store=stores[at]), readonly=True) as graph:
                given += exercises(graph.store, other, vectors, askings)
    decision = fit_decision(given, seed=seed, progress=_told)
    output.mkdir(parents=True, exist_ok=True)
    for part, name in ((ranker, "ranker"), (decision, "decision")):
        path = output / f"{name}.safetensors"
        part.save(path)
        click.echo(f"weights: {path}")


def _told(epoch: int, loss: float) -> None:
    click.echo(f"epoch {epoch + 1}: loss {loss:.3f}", err=True)
