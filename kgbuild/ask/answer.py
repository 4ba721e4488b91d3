"""Answers from the graph: one fact away from the named entity, or none.

A question gets an answer only where it was understood, its entity is known and a fact of
the asked relation, direction and type stands in the graph. Otherwise the answer abstains,
says why, and brings the nearest passages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kgbuild.ask.link import by_name, by_part, canonical_person
from kgbuild.ask.question import ParsedQuestion, RelationAsked, parse_question
from kgbuild.ontology import relation_type
from kgbuild.ports import Normalizer, Store
from kgbuild.resolve.words import lemma, tokens
from kgbuild.types import Answer, AnswerItem, Entity, Fact, Passage

Passages = Callable[[str, int], Sequence[Passage]]
"""The ``k`` passages nearest to a question."""

NOT_UNDERSTOOD = "Вопрос не понят: не удалось определить, о каком отношении и о чём он."
UNKNOWN_ENTITY = "В графе нет сущности «{name}»."
NO_FACT = "В графе нет такого факта о «{name}»."


@dataclass(frozen=True, slots=True)
class _Found:
    fact: Fact
    entity: Entity


def _suits(entity: Entity, asked: RelationAsked) -> bool:
    """Whether the relation can have an entity of this type at the named end."""
    relation = relation_type(asked.relation)
    if relation.symmetric:
        return entity.type in (*relation.subject_types, *relation.object_types)
    return entity.type in (relation.object_types if asked.inverse else relation.subject_types)


def _others(store: Store, entity: Entity, asked: RelationAsked) -> Iterator[_Found]:
    """The facts of the asked relation, each with the entity at its other end."""
    symmetric = relation_type(asked.relation).symmetric
    if symmetric or not asked.inverse:
        for fact in store.facts(subject=entity.id, relation=asked.relation):
            yield _Found(fact, fact.object)
    if symmetric or asked.inverse:
        for fact in store.facts(object=entity.id, relation=asked.relation):
            yield _Found(fact, fact.subject)


def _is_noun(store: Store, entity: Entity, noun: frozenset[str]) -> bool:
    """Whether the graph says that the entity is one of «какие N»: by name or profession."""
    names = [entity.name, *entity.aliases]
    if entity.type == "PERSON":
        names += [fact.object.name for fact in store.facts(entity.id, "WORKS_AS")]
    return any(lemma(word) in noun for name in names for word in tokens(name))


def _is_evident(fact: Fact, words: frozenset[str]) -> bool:
    """Whether some evidence of the fact holds one of the words."""
    return any(
        lemma(word.strip(".,;:!?»)")) in words for e in fact.evidence for word in tokens(e.text)
    )


def _answers(store: Store, found: _Found, parsed: ParsedQuestion, asked: RelationAsked) -> bool:
    """Whether an entity is of the kind that the question wants."""
    entity = found.entity
    if parsed.types and entity.type not in parsed.types:
        return False
    if parsed.evident and not _is_evident(found.fact, parsed.evident):
        return False
    wanted = parsed.answer_gender
    if (
        wanted
        and entity.type == "PERSON"
        and canonical_person(entity.name).gender not in (None, wanted)
    ):
        return False
    restricts = asked.inverse or not parsed.types
    return not (parsed.noun and restricts) or _is_noun(store, entity, parsed.noun)


def _items(found: Sequence[tuple[_Found, RelationAsked]]) -> tuple[AnswerItem, ...]:
    best: dict[str, AnswerItem] = {}
    for item, asked in found:
        known = best.get(item.entity.id)
        if known is None or item.fact.confidence > known.confidence:
            best[item.entity.id] = AnswerItem(
                text=item.entity.name,
                entity=item.entity.id,
                confidence=item.fact.confidence,
                relation=asked.relation,
                evidence=item.fact.evidence,
            )
    return tuple(sorted(best.values(), key=lambda item: (-item.confidence, item.text, item.entity)))


def _look_up(
    store: Store, entities: Sequence[Entity], asked: RelationAsked, parsed: ParsedQuestion
) -> list[tuple[_Found, RelationAsked]]:
    return [
        (found, asked)
        for entity in entities
        if _suits(entity, asked)
        for found in _others(store, entity, asked)
        if found.entity.id != entity.id and _answers(store, found, parsed, asked)
    ]


def _search(
    store: Store, parsed: ParsedQuestion, normalizer: Normalizer
) -> tuple[tuple[AnswerItem, ...], bool]:
    """The answers, and whether the named entity is in the graph.

    The most complete name that the graph knows decides: shorter ones aren't tried then.
    """
    gender = parsed.name_gender
    known = False
    found: list[tuple[_Found, RelationAsked]] = []
    for asked in parsed.relations:
        for name in asked.names:
            exact = by_name(store, name, normalizer, gender)
            hits = _look_up(store, exact, asked, parsed)
            partial = [] if hits else by_part(store, name, gender)
            found += hits or _look_up(store, partial, asked, parsed)
            if exact or partial:
                known = True
                break
    return _items(found), known


def ask(
    store: Store,
    question: str,
    normalizer: Normalizer,
    passages: Passages | None = None,
    k: int = 5,
) -> Answer:
    """Answer a Russian question from the graph.

    Args:
        store: the graph.
        question: one question about one named entity, one relation away from the answer.
        normalizer: puts the entity's name into the nominative.
        passages: finds the passages that an abstention brings.
        k: how many of them.

    Returns:
        Answers, the most confident first, each with its evidence; or an abstention with its
        reason, in Russian, and the nearest passages.
    """
    parsed = parse_question(question)
    items, known = _search(store, parsed, normalizer)
    if items:
        return Answer(question, answers=items)
    reason = NOT_UNDERSTOOD
    if parsed.relations:
        name = parsed.relations[0].names[0]
        reason = (NO_FACT if known else UNKNOWN_ENTITY).format(name=name)
    nearest = tuple(passages(question, k)) if passages is not None else ()
    return Answer(question, passages=nearest, reason=reason)
