"""Corrections: ``kgbuild merge``, ``split``, ``rename``, ``accept``, ``undo`` and the like."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from kgbuild.cli.common import (
    author_flag,
    evidence_line,
    json_flag,
    print_json,
    with_settings,
)
from kgbuild.cli.show import entity_dict
from kgbuild.config import Settings
from kgbuild.curation import place_of
from kgbuild.display import clean
from kgbuild.types import Fact, Judgement

if TYPE_CHECKING:
    from kgbuild.analytics.merging import MergePreview


@click.command()
@click.argument("one")
@click.argument("other")
@click.option("--preview", is_flag=True, help="Tell what would come together; change nothing.")
@author_flag
@json_flag
@with_settings
def merge(settings: Settings, one: str, other: str, preview: bool, as_json: bool) -> None:
    """Say that two entities (names or ids) are one."""
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        if preview:
            _print_preview(graph.merge_preview(one, other), as_json)
        else:
            _print(graph.merge(one, other), as_json)


def _print_preview(preview: MergePreview, as_json: bool) -> None:
    if as_json:
        print_json(preview_dict(preview))
        return
    for entity in (preview.one, preview.other):
        name = f"{clean(entity.name)} ({entity.type}, {entity.id})"
        click.echo(f"{name}: {entity.mention_count} mentions")
    click.echo(f"as one: {', '.join(map(clean, preview.names))}")
    shared = f", {preview.shared} of them stated of both" if preview.shared else ""
    counts = f"{preview.mentions} mentions in {preview.documents} documents"
    click.echo(f"{counts}, {preview.facts} facts{shared}")
    if preview.one.type != preview.other.type:
        click.echo(f"! of two types: {preview.one.type}, {preview.other.type}")
    for fact in preview.between:
        _print_fact("! a fact joins them, and would be gone", fact)
    for group in preview.contradictions:
        click.echo(f"! of these {len(group)} only one can be true:")
        for fact in group:
            _print_fact(" ", fact)
    for reason in preview.reasons:
        click.echo(f"two now, by {clean(reason.rule)}")


def _print_fact(said: str, fact: Fact) -> None:
    words = f"{clean(fact.subject.name)} {fact.relation} {clean(fact.object.name)}"
    click.echo(f"{said} {words}" if said == " " else f"{said}: {words}")
    for evidence in fact.evidence[:1]:
        click.echo(f"      {evidence_line(evidence)}")


def preview_dict(preview: MergePreview) -> dict[str, object]:
    """What a merge would bring together, as JSON; facts are named by id."""
    return {
        "one": entity_dict(preview.one),
        "other": entity_dict(preview.other),
        "names": list(preview.names),
        "mentions": preview.mentions,
        "documents": preview.documents,
        "facts": preview.facts,
        "shared": preview.shared,
        "between": [fact.id for fact in preview.between],
        "contradictions": [[fact.id for fact in group] for group in preview.contradictions],
        "two_by": [reason.rule for reason in preview.reasons],
    }


@click.command()
@click.argument("verdict", type=click.Choice(["same", "not-same", "unsure"]))
@click.argument("one")
@click.argument("other")
@author_flag
@json_flag
@with_settings
def judge(settings: Settings, verdict: str, one: str, other: str, as_json: bool) -> None:
    """Say whether two entities or nodes (see  why) are one; unsure takes them off review."""
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        _print(graph.judge(verdict.replace("-", "_"), one, other), as_json)


@click.command()
@click.argument("entity")
@click.argument("mentions", nargs=-1, required=True, metavar="MENTION...")
@author_flag
@json_flag
@with_settings
def split(settings: Settings, entity: str, mentions: tuple[str, ...], as_json: bool) -> None:
    """Move mentions out of an ENTITY into one of their own.

    A MENTION is DOCUMENT:START-END, or DOCUMENT for all of its mentions of the entity.
    """
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        _print(graph.split(entity, mentions), as_json)


@click.command()
@click.argument("entity")
@click.argument("name")
@author_flag
@json_flag
@with_settings
def rename(settings: Settings, entity: str, name: str, as_json: bool) -> None:
    """Give an ENTITY (name or id) another NAME; what documents call it is found as before."""
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        _print(graph.rename(entity, name), as_json)


@click.command()
@click.argument("entity")
@click.argument("type")
@author_flag
@json_flag
@with_settings
def retype(settings: Settings, entity: str, type: str, as_json: bool) -> None:
    """Give an ENTITY (name or id) another TYPE, as PERSON or человек."""
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        _print(graph.retype(entity, type), as_json)


@click.command()
@click.argument("place", metavar="DOCUMENT:START-END")
@click.option("--type", "kind", metavar="TYPE", help="Of what type it is, as PERSON or человек.")
@click.option("--entity", metavar="ENTITY", help="Whom it names (name or id).")
@author_flag
@json_flag
@with_settings
def mention(
    settings: Settings, place: str, kind: str | None, entity: str | None, as_json: bool
) -> None:
    """Add a mention: a text that names an ENTITY, or one of a TYPE that nothing else names.

    START and END count characters of the document's text, as in  export mentions.
    """
    from kgbuild.wiring import open_graph

    at = place_of(place)
    with open_graph(settings) as graph:
        _print(graph.add_mention(at.document, at.start, at.end, kind, entity), as_json)


@click.command()
@click.argument("subject")
@click.argument("relation")
@click.argument("object")
@click.option("--document", metavar="DOCUMENT", help="The document that states it.")
@click.option("--sentence", metavar="TEXT", help="The words there that do, as they stand.")
@author_flag
@json_flag
@with_settings
def state(
    settings: Settings, as_json: bool, subject: str, relation: str, object: str, **place: str | None
) -> None:
    """Add a fact: a RELATION of a SUBJECT to an OBJECT (names or ids), on your word.

    It stands as long as both are in the graph; with a sentence it opens to that.
    """
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        _print(graph.state(subject, relation, object, **place), as_json)


@click.command()
@click.argument("fact")
@author_flag
@json_flag
@with_settings
def accept(settings: Settings, fact: str, as_json: bool) -> None:
    """Say that a FACT (SUBJECT:RELATION:OBJECT, see  show) is true."""
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        _print(graph.accept(fact), as_json)


@click.command()
@click.argument("fact")
@author_flag
@json_flag
@with_settings
def reject(settings: Settings, fact: str, as_json: bool) -> None:
    """Say that a FACT (SUBJECT:RELATION:OBJECT, see  show) is false: it is shown no more."""
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        _print(graph.reject(fact), as_json)


@click.command()
@click.argument("judgement", type=int)
@author_flag
@json_flag
@with_settings
def undo(settings: Settings, judgement: int, as_json: bool) -> None:
    """Take back a JUDGEMENT, by its number."""
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        _print(graph.undo(judgement), as_json)


@click.command()
@click.option("--undone", is_flag=True, help="Those taken back too.")
@json_flag
@with_settings
def judgements(settings: Settings, undone: bool, as_json: bool) -> None:
    """What people said of the graph, in the order they said it."""
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        for judgement in graph.judgements(undone):
            _print(judgement, as_json)


def _print(judgement: Judgement, as_json: bool) -> None:
    if as_json:
        print_json(judgement_dict(judgement))
        return
    about = [judgement.subject, judgement.relation, judgement.object]
    places = [f"{p.document}:{p.start}-{p.end}" for p in judgement.places]
    given = [f"→ {judgement.value}"] if judgement.value else []
    said = " ".join(clean(word) for word in [*about, *given, *places] if word)
    when = f"{judgement.made_at:%Y-%m-%d %H:%M}"
    undone = "  (undone)" if judgement.undone_at else ""
    click.echo(f"{judgement.id}  {judgement.verdict}  {said}  {judgement.author}, {when}{undone}")


def judgement_dict(judgement: Judgement) -> dict[str, object]:
    """A judgement as JSON; times in UTC."""
    undone = judgement.undone_at
    return {
        "judgement": judgement.id,
        "verdict": judgement.verdict,
        "subject": judgement.subject,
        "relation": judgement.relation,
        "object": judgement.object,
        "value": judgement.value or None,
        "type": judgement.type or None,
        "name": judgement.name or None,
        "mentions": [
            {"document": p.document, "start": p.start, "end": p.end} for p in judgement.places
        ],
        "author": judgement.author,
        "made_at": judgement.made_at.isoformat(),
        "undone_at": undone.isoformat() if undone else None,
    }
