"""``kgbuild show``, ``kgbuild documents`` and ``kgbuild stats``."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import click

from kgbuild.cli.common import evidence_line, json_flag, print_json, print_table, with_settings
from kgbuild.config import Settings
from kgbuild.display import clean, plain
from kgbuild.ontology import entity_label, relation_type
from kgbuild.types import Entity, Evidence, ExternalId, Fact, Nested


@click.command()
@click.argument("entity")
@click.option("-k", "--limit", type=click.IntRange(1), default=50, show_default=True,
              help="Facts shown in each direction.")  # fmt: skip
@json_flag
@with_settings
def show(settings: Settings, entity: str, limit: int, as_json: bool) -> None:
    """An ENTITY (a name or an id): its names and its facts with their sentences."""
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        found = graph.entity(entity)
        outgoing = list(itertools.islice(graph.facts(subject=found.id), limit))
        incoming = list(itertools.islice(graph.facts(object=found.id), limit))
        nested = graph.store.nested(found.id)
        external = list(graph.store.external_ids(found.id))
        doubtful = graph.store.candidates(found.id)[:limit]
        denied = graph.store.candidates(found.id, denied=True)[:limit]
    if as_json:
        facts = [fact_dict(f) for f in outgoing + incoming]
        more = {**nested_dict(nested), "external": external_dicts(external),
                "possible": [fact_dict(f) for f in doubtful],
                "denied": [fact_dict(f) for f in denied]}  # fmt: skip
        print_json({**entity_dict(found), "facts": facts, **more})
        return
    click.echo(f"{clean(found.name)}  ({entity_label(found.type)}, {found.id})")
    click.echo(f"имена: {', '.join(map(clean, found.aliases))}; упоминаний: {found.mention_count}")
    for one in external:
        click.echo(
            f"{clean(one.scheme)}: {clean(one.value)}  ({clean(one.label)}; {clean(one.source)})"
        )
    _print_names("в имени", nested.parts[:limit])
    _print_names("в именах", nested.wholes[:limit])
    for fact in outgoing:
        _print_fact(relation_type(fact.relation).label_ru, fact.object, fact)
    for fact in incoming:
        _print_fact(relation_type(fact.relation).inverse_ru, fact.subject, fact)
    for said, readings in (("возможно", doubtful), ("отрицается", denied)):
        for reading in readings:
            inverse = reading.subject.id != found.id
            label = relation_type(reading.relation).label(inverse=inverse)
            other = reading.subject if inverse else reading.object
            _print_fact(f"{said}: {label}", other, reading, known=False)


def _print_fact(label: str, other: Entity, fact: Fact, known: bool = True) -> None:
    """A line a fact and a line a sentence; what isn't known as a fact has no id to judge by."""
    tail = f"  [{fact.id}]" if known else ""
    click.echo(f"  {label}: {clean(other.name)}  ({fact.relation}, {fact.confidence:.2f}){tail}")
    if fact.stated_by:
        click.echo(f"      stated by {clean(fact.stated_by)}")
    for evidence in fact.evidence:
        click.echo(f"      {evidence_line(evidence)}")


def _print_names(label: str, entities: Sequence[Entity]) -> None:
    if entities:
        click.echo(f"{label}: {', '.join(clean(entity.name) for entity in entities)}")


def nested_dict(nested: Nested) -> dict[str, object]:
    """The entities named inside an entity's names and around them, as JSON."""
    return {
        key: [{"entity": e.id, "type": e.type, "name": e.name} for e in found]
        for key, found in (("parts", nested.parts), ("wholes", nested.wholes))
    }


def external_dicts(ids: Sequence[ExternalId]) -> list[dict[str, str]]:
    """What other registers call an entity, as JSON."""
    return [
        {"scheme": one.scheme, "value": one.value, "label": one.label, "source": one.source}
        for one in ids
    ]


def entity_dict(entity: Entity) -> dict[str, object]:
    """An entity as JSON."""
    return {
        "entity": entity.id,
        "type": entity.type,
        "name": entity.name,
        "aliases": list(entity.aliases),
        "mentions": entity.mention_count,
    }


def fact_dict(fact: Fact) -> dict[str, object]:
    """A fact with its evidence as JSON."""
    return {
        "relation": fact.relation,
        "subject": {"entity": fact.subject.id, "name": fact.subject.name},
        "object": {"entity": fact.object.id, "name": fact.object.name},
        "confidence": round(fact.confidence, 4),
        "evidence": [_evidence_dict(e) for e in fact.evidence],
        "fact": fact.id,
        "stated_by": fact.stated_by or None,
    }


def _evidence_dict(evidence: Evidence) -> dict[str, object]:
    return {
        "document": evidence.document,
        "start": evidence.start,
        "end": evidence.end,
        "text": evidence.text,
        "confidence": round(evidence.confidence, 4),
    }


@click.command()
@json_flag
@with_settings
def documents(settings: Settings, as_json: bool) -> None:
    """The documents of the graph, as `delete` and `--document` call them.

    The same text under another path, or nearly the same (a reprint), is a copy of the document
    that came first: both state their facts, and count as one source of them.
    """
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        found = list(graph.documents())
    if as_json:
        for one in found:
            print_json(plain(one))
        return
    copies = any(d.copy_of for d in found)
    rows = ((d.characters, d.media_type, d.source, *_copy(d.copy_of) * copies) for d in found)
    print_table(rows, ("characters", "type", "document", *("copy of",) * copies))


def _copy(original: str) -> tuple[str]:
    return (original and f"копия {original}",)


@click.command()
@json_flag
@with_settings
def stats(settings: Settings, as_json: bool) -> None:
    """How much the graph holds."""
    from kgbuild.wiring import open_graph

    with open_graph(settings) as graph:
        found = graph.stats()
    counts = {
        name: getattr(found, name)
        for name in ("documents", "sentences", "mentions", "relation_mentions", "entities",
                     "facts", "evidence", "unlinked")
    }  # fmt: skip
    types, relations = dict(found.entities_by_type), dict(found.facts_by_relation)
    if as_json:
        print_json({**counts, "entities_by_type": types, "facts_by_relation": relations})
        return
    print_table(counts.items(), ("what", "count"))
    click.echo()
    print_table(types.items(), ("entities of type", "count"))
    click.echo()
    print_table(relations.items(), ("facts of relation", "count"))
