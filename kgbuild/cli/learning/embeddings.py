"""``kgbuild eval embeddings``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from kgbuild.cli.common import json_flag, print_json, print_table, with_settings
from kgbuild.config import Settings
from kgbuild.measure.encodechka import (
    LENGTHS,
    SENTENCE_TASKS,
    TASK_NAMES,
    TASKS,
    Encodechka,
    TaskScore,
    by_name,
)
from kgbuild.ports import PROMPTS

FOLDER = click.Path(file_okay=False, path_type=Path)
_SHORT = {"query": "search_query", "passage": "search_document"}


@dataclass(frozen=True, slots=True)
class Row:
    """One embedder with one prompt (``card``: as published) and length: scores by task."""

    embedder: str
    prompt: str
    length: str
    scores: Mapping[str, float]
    ways: Mapping[str, Mapping[str, float]]


@click.command()
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True,
              help="Folder of encodechka's task files.")  # fmt: skip
@click.option("--task", "tasks", multiple=True, type=click.Choice([*TASK_NAMES, "all"]),
              help="Again for several [all].")  # fmt: skip
@click.option("--prompt", "prompts", multiple=True, default=("query",), show_default=True,
              type=click.Choice([*_SHORT, *PROMPTS, "all"]), help="Prefix; all: each that differs.")  # fmt: skip
@click.option("--length", "lengths", multiple=True, default=("as-is",), show_default=True,
              type=click.Choice([*LENGTHS, "all"]),
              help="Vectors as the network makes them, or of length 1.")  # fmt: skip
@click.option("--beside", multiple=True, help="Another embedder, in rows of its own.")
@click.option("--cache", type=FOLDER, help="Folder that keeps vectors between runs.")
@json_flag
@with_settings
def embeddings(
    settings: Settings, data: Path, beside: tuple[str, ...], as_json: bool, **chosen: object
) -> None:
    """An embedder on encodechka's tasks, by its published protocol, beside its card's row."""
    rows = []
    for name in (settings.embedder, *beside):
        rows += _measured(settings.model_copy(update={"embedder": name}), data, **chosen)  # type: ignore[arg-type]
    if as_json:
        print_json([{"embedder": r.embedder, "prompt": r.prompt, "length": r.length, "scores": r.scores,
                     "ways": r.ways}
                    for r in rows])  # fmt: skip
    else:
        _print(rows)


def _measured(
    settings: Settings,
    data: Path,
    tasks: Sequence[str],
    prompts: Sequence[str],
    lengths: Sequence[str],
    cache: Path | None,
) -> list[Row]:
    """An embedder's rows, and before them the one that its card prints, if it does."""
    from kgbuild.embed.prompts import prompts_that_differ
    from kgbuild.measure.encodechka import PUBLISHED
    from kgbuild.models.registry import embedder_for
    from kgbuild.wiring import make_embedder

    wanted = by_name(() if "all" in tasks else tasks)
    name = embedder_for(settings.embedder).name
    rows = []
    if card := PUBLISHED.get(name):
        rows.append(Row(name, "(card)", "", {t.name: card[t.name] for t in wanted}, {}))
    model = make_embedder(settings)
    every = prompts_that_differ(model.family) if "all" in prompts else prompts
    for prompt in every:
        run = Encodechka(data, model, _SHORT.get(prompt, prompt), cache, progress=_say)  # type: ignore[arg-type]
        for run.length in LENGTHS if "all" in lengths else lengths:  # type: ignore[assignment]
            scores = [run.score(task) for task in wanted]
            rows.append(_row((name, prompt, run.length), scores))
    return rows


def _say(task: str) -> None:
    click.echo(f"{task} …", err=True)


def _row(of: tuple[str, str, str], scores: Iterable[TaskScore]) -> Row:
    scores = list(scores)
    ways = {s.task: {way: round(x, 4) for way, x in s.by_way.items()} for s in scores}
    return Row(*of, {s.task: round(s.score, 4) for s in scores}, ways)


def _print(rows: Sequence[Row]) -> None:
    names = [task.name for task in TASKS if any(task.name in row.scores for row in rows)]
    means = {"mean S": SENTENCE_TASKS, "mean S+W": tuple(task.name for task in TASKS)}
    shown = {n: parts for n, parts in means.items() if set(parts) <= set(names)}
    lines = []
    for row in rows:
        cells = [f"{row.scores[name]:.3f}" for name in names]
        cells += [
            f"{sum(row.scores[p] for p in parts) / len(parts):.3f}" for parts in shown.values()
        ]
        lines.append((row.embedder, row.prompt, row.length, *cells))
    print_table(lines, ("embedder", "prompt", "length", *names, *shown))
    for task in TASKS:
        if task.name in names:
            click.echo(f"  {task.name}: {task.what}, {task.figure}")
