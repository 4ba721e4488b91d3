"""``kgbuild eval``."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import click

from kgbuild.cli.common import json_flag, precision_flag, print_json, print_table
from kgbuild.cli.learning.embeddings import embeddings
from kgbuild.search.evaluate import SearchReport
from kgbuild.train.corpora.slavicner import Part
from kgbuild.train.scoring.definitions import (
    DOCUMENT,
    END_TO_END,
    GIVEN_FACTS,
    OVERLAP,
    RAW_FACTS,
    ROWS,
)
from kgbuild.train.scoring.evaluate import Report
from kgbuild.train.scoring.resolution_report import CLUSTERS, NAMES, ResolutionReport
from kgbuild.train.scoring.scores import macro

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
data_flag = click.option(
    "--data", type=FOLDER, required=True, help="Folder of brat files, or of dossiers (or one)."
)
weights_flag = click.option("--weights", type=FOLDER, help="A weight folder [the shipped one].")


@click.group("eval")
def evaluate() -> None:
    """Measure against gold annotations."""


evaluate.add_command(embeddings)


@evaluate.command()
@data_flag
@weights_flag
@json_flag
def ner(data: Path, weights: Path | None, as_json: bool) -> None:
    """Nested mentions: strict spans and types, micro F1 and by type."""
    from kgbuild.train.corpora.corpus import read_gold
    from kgbuild.train.scoring.evaluate import evaluate_ner
    from kgbuild.wiring import joint_extractor

    _print(evaluate_ner(joint_extractor(weights), read_gold(data)), as_json)


@evaluate.command()
@data_flag
@weights_flag
@precision_flag
@json_flag
def relations(data: Path, weights: Path | None, min_precision: float | None, as_json: bool) -> None:
    """Relations between gold mentions, in three readings: every gold relation of a
    document counts; only related pairs; and facts, each once a document. Of dossiers: facts
    between entities, by how the text states them."""
    from kgbuild.train.corpora.corpus import read_gold
    from kgbuild.train.scoring import protocols
    from kgbuild.train.scoring.entity_facts import relate_given, report_entity_facts
    from kgbuild.train.scoring.evaluate import predict_relations, report_relations
    from kgbuild.wiring import joint_extractor

    extractor = joint_extractor(weights, min_precision=min_precision)
    documents = read_gold(data)
    if documents[0].by_entities:
        found = relate_given(extractor, documents)
        _print(report_entity_facts(GIVEN_FACTS, documents, found), as_json)
        return
    predicted = predict_relations(extractor, documents)
    whole = report_relations(DOCUMENT, documents, predicted)
    related = protocols.related_pairs(extractor, documents)
    _print_all((whole, related, protocols.facts(documents, predicted)), as_json)


@evaluate.command("end-to-end")
@data_flag
@weights_flag
@precision_flag
@click.option("--network-only", is_flag=True, help="Without what patterns read.")
@json_flag
def end_to_end(
    data: Path,
    weights: Path | None,
    min_precision: float | None,
    network_only: bool,
    as_json: bool,
) -> None:
    """Relations from raw text: mentions predicted too, strict and by overlap. Of dossiers:
    facts between entities, by how the text states them."""
    from kgbuild.extract.patterns.extractor import PatternExtractor
    from kgbuild.train.corpora.corpus import read_gold
    from kgbuild.train.scoring import protocols
    from kgbuild.train.scoring.entity_facts import report_entity_facts
    from kgbuild.train.scoring.evaluate import predict_end_to_end, report_relations
    from kgbuild.wiring import joint_extractor

    extractor = joint_extractor(weights, min_precision=min_precision)
    if extractor.silenced:
        click.echo(f"never so precise, so not emitted: {', '.join(extractor.silenced)}", err=True)
    documents = read_gold(data)
    whole = extractor if network_only else PatternExtractor(extractor, min_precision)
    found = predict_end_to_end(whole, documents)
    if documents[0].by_entities:
        _print(report_entity_facts(RAW_FACTS, documents, found), as_json)
        return
    lenient = protocols.overlapping(documents, found)
    strict = report_relations(END_TO_END, documents, found)
    overlap = report_relations(OVERLAP, documents, lenient)
    _print_all((strict, overlap), as_json)


@evaluate.command()
@click.option("--data", type=FOLDER, required=True, help="Folder of dossiers, or one.")
@weights_flag
@json_flag
def coreference(data: Path, weights: Path | None, as_json: bool) -> None:
    """Links of pronouns, descriptions and dropped subjects to what they mean, in raw text and
    between gold mentions, beside the nearest preceding mention of a fitting type."""
    from kgbuild.train.corpora.dossiers import read_dossiers
    from kgbuild.train.scoring.coreference import evaluate_coreference
    from kgbuild.wiring import joint_extractor

    _print_each(evaluate_coreference(joint_extractor(weights), read_dossiers(data)), as_json)


@evaluate.command()
@click.option("--data", type=FOLDER, required=True, help="Folder of NEREL or SlavicNER files.")
@click.option(
    "--part",
    type=click.Choice(["all", "development", "held-out"]),
    default="held-out",
    help="Which topics of SlavicNER [held-out].",
)
@click.option("--relations", is_flag=True, help="Predict relations between the mentions too.")
@click.option("--predicted", is_flag=True, help="Find the mentions instead of being given them.")
@weights_flag
@json_flag
def resolution(
    data: Path, part: Part, relations: bool, predicted: bool, weights: Path | None, as_json: bool
) -> None:
    """Whether mentions of one entity are one, and what it is called, beside common rules."""
    from kgbuild.cli.learning.evaluate import print_resolution
    from kgbuild.train.scoring.resolution_report import Choice, report_resolution
    from kgbuild.wiring import joint_extractor, make_normalizer

    choice = Choice(part, relations, predicted)
    extractor = joint_extractor(weights) if relations or predicted else None
    report = report_resolution(data, choice, make_normalizer(), extractor)
    if as_json:
        print_json(report.to_dict())
    else:
        print_resolution(report)


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
    from kgbuild.cli.learning.questions import print_questions, print_recognition

    if (data is None) != (questions is None) or (data is None and rubq is None):
        raise click.UsageError("give --data with --questions, or --rubq, or all three")
    if data is not None and questions is not None:
        print_questions(data, questions, predicted, show, as_json)
    if rubq is not None:
        print_recognition(rubq, show, as_json)


@evaluate.command()
@click.option("--data", type=FILE,
              required=True, help="Articles: JSON Lines with title and text, or the same in gzip.")  # fmt: skip
@click.option("--titles", type=click.IntRange(2), default=600, show_default=True,
              help="Titles searched for, evenly spread over the file.")  # fmt: skip
@click.option("--cache", type=click.Path(file_okay=False, path_type=Path),
              help="Folder that keeps vectors between runs.")  # fmt: skip
@json_flag
def search(data: Path, titles: int, cache: Path | None, as_json: bool) -> None:
    """Title → article: NDCG@10 of hybrid search, of words alone and of meaning alone."""
    from kgbuild.config import load_settings
    from kgbuild.search.evaluate import evaluate_search, read_articles
    from kgbuild.wiring import exact_index, make_embedder, temporary_store

    articles = read_articles(data)
    with temporary_store() as store:
        embedder = make_embedder(load_settings())
        report = evaluate_search(articles, store, embedder, exact_index, titles, cache)
    print_json(asdict(report)) if as_json else _print_search(report)


def _print_search(report: SearchReport) -> None:
    click.echo(f"title → article; {report.documents} documents in {report.passages} passages")
    click.echo(report.sample)
    w = report.weights
    click.echo(f"weights: passage {w.passage:g}, document {w.document:g}, semantic {w.semantic:g};"
               f" k {w.k:g}")  # fmt: skip
    rows = [
        (mode, f"{getattr(report.chosen_on, mode):.4f}", f"{getattr(report.reported_on, mode):.4f}")
        for mode in ("lexical", "semantic", "hybrid")
    ]
    print_table(rows, ("NDCG@10", "choosing half", "other half"))


def _print_all(reports: Sequence[Report], as_json: bool) -> None:
    """The first in full, of the others the totals and rows."""
    if as_json:
        first, *others = reports
        print_json(first.to_dict() | {"readings": [report.to_dict() for report in others]})
        return
    _print(reports[0], False)
    for report in reports[1:]:
        click.echo()
        _print_report(report, _totals(report))


def _print_each(reports: Sequence[Report], as_json: bool) -> None:
    """Every one in full."""
    if as_json:
        print_json([report.to_dict() for report in reports])
        return
    for number, report in enumerate(reports):
        if number:
            click.echo()
        _print(report, False)


def _print(report: Report, as_json: bool) -> None:
    if as_json:
        print_json(report.to_dict())
        return
    by_gold = sorted(report.by_label.items(), key=lambda item: -(item[1].tp + item[1].fn))
    rows = [(name, *_cells(score.to_dict())) for name, score in by_gold]
    _print_report(report, [*rows, *_totals(report)])


def _print_report(report: Report, rows: Sequence[tuple[str, ...]]) -> None:
    """A table, and below it what it counts."""
    click.echo(f"{report.protocol.name}; {report.documents} documents")
    print_table(rows, ("label", "P", "R", "F1", "gold"))
    if report.calibration_error is not None:
        click.echo(f"expected calibration error: {report.calibration_error:.4f}")
    words = [report.protocol.definition, *(f"{name}: {ROWS[name]}" for name in report.rows)]
    for line in words:
        click.echo(textwrap.fill(line, 96, initial_indent="  ", subsequent_indent="  "))


def _totals(report: Report) -> list[tuple[str, ...]]:
    rows = [(name, *_cells(score.to_dict())) for name, score in report.rows.items()]
    mean, micro = macro(report.by_label), report.micro.to_dict()
    return [*rows, ("macro", *_cells(mean)), ("micro", *_cells(micro))]


def _cells(score: Mapping[str, float | int]) -> tuple[str, ...]:
    ratios = tuple(f"{score[name]:.4f}" for name in ("precision", "recall", "f1"))
    return (*ratios, str(score.get("gold", "")))


def print_resolution(report: ResolutionReport) -> None:
    """Definitions and both tables."""
    click.echo(f"{report.protocol}; {report.documents} documents")
    click.echo(CLUSTERS)
    rows = []
    for name, scores in report.clusters.items():
        ratios = (scores.pairwise, scores.b_cubed, scores.ceaf_e)
        cells = [f"{v:.3f}" for ratio in ratios for v in (ratio.precision, ratio.recall, ratio.f1)]
        rows.append((name, *cells, scores.clusters))
    measures = ("pairwise P", "R", "F1", "B³ P", "R", "F1", "CEAF-e P", "R", "F1", "clusters")
    print_table(rows, ("system", *measures))
    counted = next(iter(report.clusters.values()))
    click.echo(f"{counted.items} counted mentions of {counted.gold_clusters} entities")
    if report.found is not None:
        click.echo(f"{report.found:.3f} of the counted mentions were found")
    if report.names:
        click.echo()
        click.echo(NAMES)
        scored = [(name, score.to_dict()) for name, score in report.names.items()]
        print_table(
            [
                (name, f"{s['accuracy']:.3f}", f"{s['inflected_accuracy']:.3f}")
                for name, s in scored
            ],
            ("name", "accuracy", "inflected"),
        )
        click.echo(f"{scored[0][1]['names']} names, {scored[0][1]['inflected']} inflected")
    if report.people:
        click.echo()
        click.echo("people's names, with the rest of their document")
        rows = [(kind, score.total, f"{score.share:.3f}") for kind, score in report.people.items()]
        print_table(rows, ("kind", "names", "accuracy"))
