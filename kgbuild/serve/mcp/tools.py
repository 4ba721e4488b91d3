"""The tools: a graph and checked arguments in, an answer with citations out."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from kgbuild.ask.connect import Path
from kgbuild.ask.link import EntityLookup
from kgbuild.display import cut, place_words
from kgbuild.errors import NotFoundError
from kgbuild.graph import KnowledgeGraph
from kgbuild.ontology import entity_label, relation_type
from kgbuild.serve.around import around, between, known_entity, known_fact, searched
from kgbuild.serve.mcp import shapes
from kgbuild.types import Entity, Evidence, Fact, Passage

MOST_ANSWERS, MOST_CITATIONS, MOST_NAMES = 30, 6, 20
"""Of an answer: items, citations of one item (an answer rests on the facts of every hop), names
of an entity."""


def ask(graph: KnowledgeGraph, wanted: shapes.AskArguments) -> shapes.AskAnswer:
    """Answer a question from the graph, or abstain."""
    answer = graph.ask(wanted.question, wanted.about, wanted.sure)
    return shapes.AskAnswer(
        question=wanted.question,
        abstained=answer.abstained,
        abstention=None if answer.abstention is None else answer.abstention.value,
        reason=answer.reason,
        total=len(answer.answers),
        answers=[
            shapes.Answered(
                text=item.text,
                entity=item.entity,
                about=item.about,
                relation=item.relation,
                relation_ru=relation_type(item.relation).label_ru,
                confidence=round(item.confidence, 4),
                evidence=len(item.evidence),
                citations=[_cited(graph, e) for e in item.evidence[:MOST_CITATIONS]],
            )
            for item in answer.answers[:MOST_ANSWERS]
        ],
        conflicting=answer.conflicting,
        tentative=answer.tentative,
        choices=_named_all(answer.choices),
        passages=[_passage(graph, p) for p in answer.passages],
    )


def search(graph: KnowledgeGraph, wanted: shapes.SearchArguments) -> shapes.SearchAnswer:
    """The sentences that suit a text best."""
    found = searched(graph, wanted)
    return shapes.SearchAnswer(
        text=wanted.text,
        mode=wanted.mode,
        passages=[_passage(graph, p) for p in found],
        corrections=[f"«{c.asked}» понято как «{c.meant}»" for c in found.corrections],
    )


def entity(graph: KnowledgeGraph, wanted: shapes.EntityArguments) -> shapes.EntityAnswer:
    """An entity with its names and facts."""
    found = _meant(graph, wanted.entity)
    facts = [*graph.facts(subject=found.id), *graph.facts(object=found.id)]
    best = sorted(facts, key=lambda f: -f.confidence)[: wanted.facts]
    nested = graph.store.nested(found.id)
    return shapes.EntityAnswer(
        entity=_named(found),
        names=list(found.aliases[:MOST_NAMES]),
        mentions=found.mention_count,
        parts=_named_all(nested.parts[:MOST_NAMES]),
        wholes=_named_all(nested.wholes[:MOST_NAMES]),
        facts=[_stated(graph, fact, 1) for fact in best],
        truncated=len(facts) > len(best),
        others=_others(graph, wanted.entity, found),
    )


def neighbours(
    graph: KnowledgeGraph, wanted: shapes.NeighboursArguments
) -> shapes.NeighboursAnswer:
    """The entities around one and the facts between them."""
    centre = _meant(graph, wanted.entity)
    relation = None if wanted.relation is None else wanted.relation.value
    found = around(graph.store, centre, wanted.depth, wanted.limit, relation)
    return shapes.NeighboursAnswer(
        entity=_named(centre),
        entities=_named_all(found.entities[1:]),
        facts=[_stated(graph, fact, 1) for fact in found.facts],
        truncated=found.truncated,
        others=_others(graph, wanted.entity, centre),
    )


def path(graph: KnowledgeGraph, wanted: shapes.PathArguments) -> shapes.PathAnswer:
    """The shortest paths of facts between two entities."""
    source, target = _meant(graph, wanted.source), _meant(graph, wanted.target)
    return shapes.PathAnswer(
        source=_named(source),
        target=_named(target),
        paths=[
            shapes.Way(
                words=way.in_words(),
                confidence=round(way.confidence, 4),
                facts=[_stated(graph, fact, 1) for fact in way.facts],
            )
            for way in between(graph, source, target, wanted.limit)
        ],
        others=_others(graph, wanted.source, source) + _others(graph, wanted.target, target),
    )


def evidence(graph: KnowledgeGraph, wanted: shapes.EvidenceArguments) -> shapes.EvidenceAnswer:
    """A fact with the sentences that state it and the text around them."""
    try:
        fact = known_fact(graph, wanted.fact)
    except NotFoundError as error:
        raise NotFoundError(
            f"no fact {cut(wanted.fact)!r}: take an id that neighbours, entity or path gives"
            " (SUBJECT:RELATION:OBJECT, by entity ids)"
        ) from error
    stated = _stated(graph, fact, wanted.limit)
    if wanted.context:
        for citation in stated.citations:
            document = graph.store.document(citation.document)
            text = "" if document is None else document.text
            first = max(0, citation.start - wanted.context)
            citation.before = text[first : citation.start]
            citation.after = text[citation.end : citation.end + wanted.context]
    return shapes.EvidenceAnswer(fact=stated)


def _meant(graph: KnowledgeGraph, name: str) -> Entity:
    """The entity of an id or a name.

    Raises:
        NotFoundError: there is none; the message holds the nearest names with their ids.
    """
    try:
        return graph.entity(name)
    except NotFoundError:
        pass
    try:
        return known_entity(graph.store, name)
    except NotFoundError as error:
        near = ", ".join(f"{e.name} ({e.id})" for e in _near(graph, name))
        said = f"; the nearest names: {near}" if near else ""
        raise NotFoundError(f"no entity {cut(name)!r} in the graph{said}") from error


def _near(graph: KnowledgeGraph, name: str) -> Sequence[Entity]:
    linker = EntityLookup(graph.store, graph.names(), graph.normalizer)
    short = name[:200]
    spelled = {e.id: e for e in (*linker.by_part(short), *linker.by_typo(short))}
    return list(spelled.values())[:5] or _nearest_names(graph, short)


def _others(graph: KnowledgeGraph, name: str, found: Entity) -> list[shapes.Named]:
    same = itertools.islice(graph.entities(name=name), 11)
    return [_named(e) for e in same if e.id != found.id][:10]


def _named(found: Entity) -> shapes.Named:
    label = entity_label(found.type)
    return shapes.Named(id=found.id, name=found.name, type=found.type, type_ru=label)


def _named_all(found: Iterable[Entity]) -> list[shapes.Named]:
    return [_named(e) for e in found]


def _stated(graph: KnowledgeGraph, fact: Fact, most: int) -> shapes.Stated:
    return shapes.Stated(
        fact=fact.id,
        words=Path((fact,)).in_words(),
        relation=fact.relation,
        subject=_named(fact.subject),
        object=_named(fact.object),
        confidence=round(fact.confidence, 4),
        evidence=len(fact.evidence),
        citations=[_cited(graph, e) for e in fact.evidence[:most]],
    )


def _cited(graph: KnowledgeGraph, found: Evidence) -> shapes.Citation:
    citation = _citation(graph, found.document, found.start, found.end, found.text)
    citation.confidence = round(found.confidence, 4)
    return citation


def _passage(graph: KnowledgeGraph, found: Passage) -> shapes.Citation:
    return _citation(graph, found.document, found.start, found.end, found.text)


def _citation(
    graph: KnowledgeGraph, document: str, start: int, end: int, text: str
) -> shapes.Citation:
    origin = graph.place(document, start)
    place = None if origin is None else place_words(origin.kind, origin.value)
    return shapes.Citation(document=document, start=start, end=end, text=text, place=place)


def _nearest_names(graph: KnowledgeGraph, text: str, limit: int = 5) -> Sequence[Entity]:
    """Entities whose names are nearest in meaning to a text."""
    index = graph.index("entity")
    if index.count == 0:
        return ()
    hits = index.search(graph.embedder.embed([text], "search_query"), min(limit, index.count))
    found = graph.store.entities_by_row([int(i) for i in hits.ids[0] if i >= 0])
    return [entity for entity in found if entity is not None]
