"""The entities of the graph that a name in a question can mean.

Names that are written in the graph come first; then people whose names agree with the
asked one in part. A person whose name contradicts it («Иван Менделеев» asked, «Дмитрий
Менделеев» known) is never taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kgbuild.ontology import ENTITY_TYPES
from kgbuild.ports import Normalizer, Store
from kgbuild.resolve.person import PersonName, parse_person
from kgbuild.resolve.rules import Candidate, Verdict, decide
from kgbuild.resolve.words import fold
from kgbuild.types import Entity


def _spellings(name: str, normalizer: Normalizer, types: Sequence[str]) -> tuple[str, ...]:
    """The name as written and as each type of entity would have it."""
    capitalised = name[0].upper() + name[1:]
    return tuple(
        dict.fromkeys(
            spelling
            for written in (name, capitalised)
            for spelling in (written, *(normalizer.normalize(written, t).canonical for t in types))
        )
    )


def _title(name: str) -> str:
    """A name typed without capitals, with them."""
    return " ".join(word[:1].upper() + word[1:] for word in name.split())


def canonical_person(name: str) -> PersonName:
    """The parts of a name that the graph holds in the nominative."""
    return parse_person(name, nominative=True)


def compatible(asked: PersonName, known: PersonName, gender: str | None = None) -> bool:
    """Whether two names can be one person's: some part agrees and none contradicts."""
    if gender is not None and known.gender not in (None, gender):
        return False
    one, other = Candidate("asked", asked), Candidate("known", known)
    verdicts = {decide(one, other).verdict, decide(other, one).verdict}
    if Verdict.KEEP_APART in verdicts:
        return False
    if Verdict.MERGE in verdicts:
        return True
    return bool({form for form, _ in asked.alternatives} & {form for form, _ in known.alternatives})


def _asked(name: str) -> tuple[PersonName, ...]:
    """How a person's name in a question reads: in any case, and as a nominative."""
    title = _title(name)
    return tuple(dict.fromkeys((parse_person(title), canonical_person(title))))


def _is_meant(entity: Entity, asked: PersonName, gender: str | None) -> bool:
    """Whether an entity found by one of its names can be the asked one."""
    if entity.type != "PERSON":
        return True
    known = canonical_person(entity.name)
    written = [known, *map(parse_person, entity.aliases)] if not asked.alternatives else [known]
    if any(fold(name.canonical) == fold(asked.canonical) for name in written):
        return gender is None or known.gender in (None, gender)
    return compatible(asked, known, gender)


def by_name(
    store: Store, name: str, normalizer: Normalizer, gender: str | None = None
) -> list[Entity]:
    """Entities that are called this in the graph, the most mentioned first."""
    asked = _asked(name)
    found = {
        entity.id: entity
        for spelling in _spellings(name, normalizer, ENTITY_TYPES)
        for entity in store.entities(name=spelling)
        if any(_is_meant(entity, reading, gender) for reading in asked)
    }
    return sorted(found.values(), key=lambda e: (-e.mention_count, e.id))


def by_part(store: Store, name: str, gender: str | None = None) -> list[Entity]:
    """People whose names agree with this one in part, the most mentioned first.

    A full name finds who is known by the surname alone only where nobody in the graph has
    the surname with another first name.
    """
    asked = _asked(name)
    surnames = {form for reading in asked for form, _ in reading.alternatives}
    surnames |= {reading.surname for reading in asked} - {""}
    people = [(entity, canonical_person(entity.name)) for entity in _bearers(store, surnames)]
    fitting = [
        (entity, known)
        for entity, known in people
        if any(compatible(reading, known, gender) for reading in asked)
    ]
    if any(reading.given for reading in asked) and len(fitting) < len(people):
        fitting = [(entity, known) for entity, known in fitting if not known.alternatives]
    return sorted((entity for entity, _ in fitting), key=lambda e: (-e.mention_count, e.id))


def _bearers(store: Store, surnames: set[str]) -> Iterator[Entity]:
    endings = tuple(surnames)
    for entity in store.entities(type="PERSON"):
        if endings and fold(entity.name).endswith(endings):
            yield entity
