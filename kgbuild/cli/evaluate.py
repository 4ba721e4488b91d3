"""``kgbuild eval``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from kgbuild.cli.common import json_flag, print_json, print_table
from kgbuild.train.evaluate import Report
from kgbuild.train.scores import macro

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
data_flag = click.option("--data", type=FOLDER, required=True, help="Folder of brat files.")
weights_flag = click.option("--weights", type=FOLDER, help="A weight folder [the shipped one].")


@click.group("eval")
def evaluate() -> None:
    """Measure against gold annotations."""


@evaluate.command()
@data_flag
@weights_flag
@json_flag
def ner(data: Path, weights: Path | None, as_json: bool) -> None:
    """Nested mentions: strict spans and types, micro F1 and by type."""
    from kgbuild.train.evaluate import evaluate_ner
    from kgbuild.train.nerel import read_folder
    from kgbuild.wiring import joint_extractor

    _print(evaluate_ner(joint_extractor(weights), read_folder(data)), as_json)


@evaluate.command()
@data_flag
@weights_flag
@json_flag
def relations(data: Path, weights: Path | None, as_json: bool) -> None:
    """Relations between gold mentions, in three readings: every gold relation of a
    document counts; only related pairs; and facts, each once a document."""
    from kgbuild.train import protocols
    from kgbuild.train.evaluate import predict_relations, report_relations
    from kgbuild.train.nerel import read_folder
    from kgbuild.wiring import joint_extractor

    extractor, documents = joint_extractor(weights), read_folder(data)
    predicted = predict_relations(extractor, documents)
    whole = report_relations("relations, gold mentions, document", documents, predicted)
    related = protocols.related_pairs(extractor, documents)
    _print_all((whole, related, protocols.facts(documents, predicted)), as_json)


@evaluate.command("end-to-end")
@data_flag
@weights_flag
@json_flag
def end_to_end(data: Path, weights: Path | None, as_json: bool) -> None:
    """Relations from raw text: mentions predicted too, strict and by overlap."""
    from kgbuild.train import protocols
    from kgbuild.train.evaluate import predict_end_to_end, report_relations
    from kgbuild.train.nerel import read_folder
    from kgbuild.wiring import joint_extractor

    documents = read_folder(data)
    found = predict_end_to_end(joint_extractor(weights), documents)
    lenient = protocols.overlapping(documents, found)
    strict = report_relations("relations, end to end, strict", documents, found)
    overlap = report_relations("relations, end to end, overlap", documents, lenient)
    _print_all((strict, overlap), as_json)


@evaluate.command()
@click.option("--data", type=FOLDER, help="Folder of brat files that the questions ask about.")
@click.option("--questions", type=FILE, help="Questions with gold answers, JSON Lines.")
@click.option("--rubq", type=FILE, help="RuBQ's questions: is the relation recognised?")
@click.option("--predicted", is_flag=True, help="Graph from the raw texts, not from gold.")
@click.option("--show", is_flag=True, help="List what was missed.")
@json_flag
def questions(
    data: Path | None,
    questions: Path | None,
    rubq: Path | None,
    predicted: bool,
    show: bool,
    as_json: bool,
) -> None:
    """Questions: first answers, abstentions, evidence; over a graph of gold annotations, or
    of what the models find in the same texts."""
    from kgbuild.cli.asked import print_questions, print_recognition

    if (data is None) != (questions is None) or (data is None and rubq is None):
        raise click.UsageError("give --data with --questions, or --rubq, or all three")
    if data is not None and questions is not None:
        print_questions(data, questions, predicted, show, as_json)
    if rubq is not None:
        print_recognition(rubq, show, as_json)


def _print_all(reports: Sequence[Report], as_json: bool) -> None:
    """The first in full, of the others the totals."""
    if as_json:
        first, *others = reports
        print_json(first.to_dict() | {"readings": [report.to_dict() for report in others]})
        return
    _print(reports[0], False)
    rows = [
        (f"{report.protocol}, {mean}", *_cells(score))
        for report in reports[1:]
        for mean, score in (("macro", macro(report.by_label)), ("micro", report.micro.to_dict()))
    ]
    click.echo()
    print_table(rows, ("other readings", "P", "R", "F1", "gold"))


def _print(report: Report, as_json: bool) -> None:
    if as_json:
        print_json(report.to_dict())
        return
    click.echo(f"{report.protocol}; {report.documents} documents")
    by_gold = sorted(report.by_label.items(), key=lambda item: -(item[1].tp + item[1].fn))
    mean = macro(report.by_label)
    rows = [(name, *_cells(score.to_dict())) for name, score in by_gold]
    rows += [(name, *_cells(score.to_dict())) for name, score in report.rows.items()]
    rows += [("macro", *_cells(mean)), ("micro", *_cells(report.micro.to_dict()))]
    print_table(rows, ("label", "P", "R", "F1", "gold"))
    if report.calibration_error is not None:
        click.echo(f"expected calibration error: {report.calibration_error:.4f}")


def _cells(score: Mapping[str, float | int]) -> tuple[str, ...]:
    ratios = tuple(f"{score[name]:.4f}" for name in ("precision", "recall", "f1"))
    return (*ratios, str(score.get("gold", "")))
