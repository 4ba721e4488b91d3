"""What ``kgbuild eval questions`` runs and prints."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click

from kgbuild.ask.evaluate import Marked, Scores, facts_alone, mark, read_questions, scores
from kgbuild.cli.common import print_json, print_table
from kgbuild.display import clean
from kgbuild.graph import KnowledgeGraph

_HEAD = ("questions", "n", "answers@1", "list F1", "abst. P", "abst. R", "reason", "evidence")


def print_questions(
    data: Path, questions: Path, predicted: bool, show: bool, as_json: bool
) -> None:
    """Ask all questions of a file and print the figures by part and kind."""
    gold = read_questions(questions)
    with _graph(data, predicted) as graph:
        marked = mark(gold, graph.answer, graph.store)
    groups: dict[str, Sequence[Marked]] = {"all": marked, "facts alone": facts_alone(marked)}
    groups["tentative"] = [m for m in marked if m.answer.tentative]
    for part in dict.fromkeys(m.gold.part for m in marked):
        groups[f"part {part}"] = [m for m in marked if m.gold.part == part]
    for kind in dict.fromkeys(m.gold.kind for m in marked):
        groups[kind] = [m for m in marked if m.gold.kind == kind]
    if as_json:
        found = {name: scores(group).to_dict() for name, group in groups.items()}
        print_json({"protocol": _protocol(predicted), **found})
        return
    click.echo(_protocol(predicted))
    print_table([_row(name, scores(group)) for name, group in groups.items()], _HEAD)
    for m in marked if show else ():
        if not m.due:
            got = "; ".join(item.text for item in m.answer.answers[:3]) or m.answer.reason
            click.echo(clean(f"{m.gold.kind}: {m.gold.question} → {got}"))


def _protocol(predicted: bool) -> str:
    return "questions, graph from raw text" if predicted else "questions, graph of gold annotations"


@contextmanager
def _graph(data: Path, predicted: bool) -> Iterator[KnowledgeGraph]:
    """A temporary graph of the folder's documents."""
    from kgbuild.config import Settings
    from kgbuild.wiring import open_graph

    with (
        tempfile.TemporaryDirectory() as folder,
        open_graph(Settings(store=Path(folder)), create=True) as graph,
    ):
        report = graph.ingest([data]) if predicted else graph.import_annotated(data, embed=False)
        for _, reason in report.failures:
            click.echo(f"failed: {clean(reason)}", err=True)
        yield graph


def _row(name: str, found: Scores) -> tuple[str, ...]:
    figures = (
        found.answers_at_1,
        found.list_f1,
        found.abstention_precision,
        found.abstention_recall,
        found.reason,
        found.evidence,
    )
    cells = ("" if figure is None else f"{figure:.3f}" for figure in figures)
    return (name, str(found.questions), *cells)


def print_recognition(rubq: Path, show: bool, as_json: bool) -> None:
    """Read RuBQ's questions and print how often the relation was right."""
    from kgbuild.ask.asked import read_question
    from kgbuild.ask.features import view
    from kgbuild.ask.rubq import read_rubq, recognition, relations_asked
    from kgbuild.wiring import make_question_vectors, make_ranker

    ranker, vectors = make_ranker(), make_question_vectors()

    def likeliest(question: str) -> str:
        return ranker.likeliest(ranker.query(view(read_question(question), (), vectors)))

    found = recognition(read_rubq(rubq), lambda question: relations_asked(question, likeliest))
    if as_json:
        print_json({"protocol": "relation recognised, RuBQ", "questions": found.questions,
                    "recognised": found.recognised, "share": found.share,
                    "relations_given": found.given})  # fmt: skip
        return
    click.echo(f"relation recognised, RuBQ: {found.recognised} of {found.questions}"
               f" ({found.share:.3f}); {found.given:.2f} relations a question")  # fmt: skip
    for question, given in found.missed if show else ():
        click.echo(clean(f"{question.question} → {', '.join(sorted(given))}"))
