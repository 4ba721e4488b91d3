"""What two entities would be as one, before anybody says that they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kgbuild.ask.conflicts import conflicts
from kgbuild.errors import InputError
from kgbuild.ports import Store
from kgbuild.types import Entity, Fact, Reason


@dataclass(frozen=True, slots=True)
class MergePreview:
    """Two entities as one would hold them; nothing is changed by it.

    ``names`` are those of both, the most mentioned one's first; ``mentions`` stand in
    ``documents``. Of ``facts`` ``shared`` are stated of both now. ``between`` join the two with
    each other, and would be gone: nothing is related to itself. ``contradictions`` are groups
    of facts of both that can't all be true of one. ``reasons`` say why they are two now.
    """

    one: Entity
    other: Entity
    names: tuple[str, ...]
    mentions: int
    documents: int
    facts: int
    shared: int
    between: tuple[Fact, ...]
    contradictions: tuple[tuple[Fact, ...], ...]
    reasons: tuple[Reason, ...]


def merge_preview(
    store: Store, one: Entity, other: Entity, reasons: Sequence[Reason] = ()
) -> MergePreview:
    """What two entities hold together.

    Raises:
        InputError: they are one already.
    """
    if one.id == other.id:
        raise InputError(f"{one.name!r} is one entity: name two to see what they would be as one")
    first, second = sorted((one, other), key=lambda entity: (-entity.mention_count, entity.id))
    ends = {one.id, other.id}
    facts = {f.id: f for entity in (one, other) for f in _facts(store, entity)}
    between = [f for f in facts.values() if {f.subject.id, f.object.id} == ends]
    as_one = {f: _of_one(f, other, one) for f in facts.values() if f not in between}
    distinct = {f.id for f in as_one.values()}
    sources = {m.document for entity in (one, other) for m in store.mentions(entity=entity.id)}
    return MergePreview(
        one,
        other,
        tuple(dict.fromkeys(n for e in (first, second) for n in (e.name, *e.aliases))),
        one.mention_count + other.mention_count,
        len(sources),
        len(distinct),
        len(as_one) - len(distinct),
        tuple(sorted(between, key=lambda f: (-f.confidence, f.id))),
        _contradictions(store, as_one, one),
        tuple(reasons),
    )


def _facts(store: Store, entity: Entity) -> list[Fact]:
    return [*store.facts(subject=entity.id), *store.facts(object=entity.id)]


def _of_one(fact: Fact, other: Entity, one: Entity) -> Fact:
    """A fact with one entity in the place of the other."""
    return replace(
        fact,
        subject=one if fact.subject.id == other.id else fact.subject,
        object=one if fact.object.id == other.id else fact.object,
    )


def _contradictions(
    store: Store, as_one: dict[Fact, Fact], one: Entity
) -> tuple[tuple[Fact, ...], ...]:
    """The facts, as they are now, that only together can't be true: what contradicts itself
    already is no news of a merge."""
    now = {together: fact for fact, together in as_one.items()}
    groups = [
        tuple(now[fact] for fact in group)
        for group in conflicts(store, list(as_one.values()), one.id)
    ]
    return tuple(g for g in groups if len({fact.subject.id for fact in g}) > 1)
