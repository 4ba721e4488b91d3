"""``kgbuild query`` and ``kgbuild ask``."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable, Iterator
from typing import Any, TextIO

import click

from kgbuild.cli.common import (
    clean_lines,
    evidence_line,
    json_flag,
    passage_dict,
    print_json,
    utf8_lines,
    with_settings,
)
from kgbuild.config import Settings
from kgbuild.display import clean
from kgbuild.ontology import entity_label
from kgbuild.types import Answer, Evidence, Origin


@click.command()
@click.argument("question", required=False)
@click.option("--file", "file", type=click.File("r", "utf-8"), help="Questions, one a line.")
@click.option("--about", metavar="ENTITY", help="What «он» or «её» means: an id or a name.")
@click.option("--sure", is_flag=True, help="Only facts may answer, no reading too weak for one.")
@click.option("--explain", is_flag=True, help="Print first what is looked up.")
@json_flag
@with_settings
def query(
    settings: Settings,
    question: str | None,
    file: TextIO | None,
    explain: bool,
    as_json: bool,
    **how: Any,
) -> None:
    """Answer a QUESTION in Russian from the graph, with the sentences that say so.

    What the graph doesn't hold gets «нет ответа» and the nearest passages; a name of
    several people asks which one, and the question can be put again with an id.
    """
    from kgbuild.wiring import open_graph

    if (question is None) == (file is None):
        raise click.UsageError("give a QUESTION, or --file with one question a line")
    with open_graph(settings) as graph:
        for text in _questions(question, file):
            answer = graph.ask(text, **how)
            plan = graph.explain(text, how["about"]) if explain else None
            if as_json:
                found = answer_dict(answer, graph.place)
                print_json(found | ({} if plan is None else {"plan": plan}))
                continue
            if file is not None:
                click.echo(f"{clean(text)}")
            if plan is not None:
                click.echo(clean_lines(plan))
            _print(answer, graph.place)


PROMPT = "вопрос> "


@click.command()
@click.option("--sure", is_flag=True, help="Only facts may answer, no reading too weak for one.")
@with_settings
def ask(settings: Settings, sure: bool) -> None:
    """Open a prompt that answers question after question and stays warm.

    Where a name may mean several people they are numbered: a number as the next line takes
    one of them. An empty line or the end of the input (Ctrl-D) leaves. Questions may also
    come through a pipe, one a line.
    """
    from kgbuild.wiring import open_graph

    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8")
    interactive = sys.stdin.isatty()
    with open_graph(settings) as graph:
        asked: Answer | None = None
        for line in _typed() if interactive else map(str.strip, utf8_lines(sys.stdin)):
            if not line:
                if interactive:
                    return
                continue
            question = line
            if asked is not None and line.isdecimal() and 0 < int(line) <= len(asked.choices):
                question = graph.meant(asked.question, asked.choices[int(line) - 1].id)
            asked = graph.ask(question, sure=sure)
            _print(asked, graph.place)
            for number, entity in enumerate(asked.choices, 1):
                click.echo(f"  {number}. {clean(entity.name)}  ({entity_label(entity.type)})")


def _typed() -> Iterator[str]:
    """Lines typed at the prompt, with the system's line editor where there is one."""
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 - input() uses it
    click.echo("Вопрос, номер или пустая строка, чтобы выйти.", err=True)
    while True:
        try:
            yield input(PROMPT).strip()
        except EOFError:
            click.echo(err=True)
            return


def _questions(question: str | None, file: TextIO | None) -> Iterator[str]:
    if question is not None:
        yield question
    for line in utf8_lines(file) if file else ():
        if line.strip():
            yield line.strip()


Place = Callable[[str, int], Origin | None]


def evidence_dict(evidence: Evidence, place: Place) -> dict[str, object]:
    """Evidence as the fixed format has it, and its page, row … where the file has some."""
    origin = place(evidence.document, evidence.start)
    return {
        "document": evidence.document,
        "start": evidence.start,
        "end": evidence.end,
        "text": evidence.text,
    } | ({} if origin is None else {origin.kind: origin.value})


def answer_dict(answer: Answer, place: Place) -> dict[str, object]:
    """An answer as the fixed format has it, and keys that say more."""
    return {
        "question": answer.question,
        "abstained": answer.abstained,
        "answers": [
            {
                "text": item.text,
                "entity": item.entity,
                "confidence": round(item.confidence, 4),
                "relation": item.relation,
                "evidence": [evidence_dict(e, place) for e in item.evidence],
                "about": item.about,
                "denied": item.denied,
            }
            for item in answer.answers
        ],
        "passages": [passage_dict(p) for p in answer.passages],
        "abstention": None if answer.abstention is None else answer.abstention.value,
        "reason": answer.reason,
        "choices": [{"entity": e.id, "name": e.name, "type": e.type} for e in answer.choices],
        "conflicting": answer.conflicting,
        "tentative": answer.tentative,
    }


def _print(answer: Answer, place: Place) -> None:
    if answer.abstained:
        click.echo(f"нет ответа: {clean(answer.reason)}" if answer.reason else "нет ответа")
        if answer.passages:
            click.echo("ближайшие места в документах:")
    if answer.tentative:
        click.echo("не точно: модели в этом не уверены, и такого факта в графе нет:")
    if answer.conflicting:
        click.echo("источники расходятся:")
    for item in answer.answers:
        whom = f"; {clean(item.about)}" if item.about else ""
        sure = f"{'отрицается, ' if item.denied else ''}уверенность {item.confidence:.2f}"
        click.echo(f"{clean(item.text)}  ({item.relation}, {sure}{whom})")
        for evidence in item.evidence:
            where = place(evidence.document, evidence.start)
            click.echo(f"    {evidence_line(evidence, where)}")
    for passage in answer.passages:
        click.echo(f"    {passage.score:.2f}  {clean(passage.document)}: «{clean(passage.text)}»")
