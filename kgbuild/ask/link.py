"""The entities of the graph that a name in a question can mean.

Ways are tried from the surest to the boldest: an id; a name as it is written in the graph,
in any case; a part of a name; a name with a typing error. A person whose name contradicts
the asked one («Иван Менделеев» asked, «Дмитрий Менделеев» known) is never taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from enum import Enum

from kgbuild.ask.candidates import Surroundings
from kgbuild.ask.names import Entry, NameIndex, distinct
from kgbuild.ask.stems import stem, stems, words
from kgbuild.ports import Normalizer, Store
from kgbuild.resolve.rules import Candidate, Verdict, decide
from kgbuild.russian.folding import fold, fold_yo
from kgbuild.russian.morphology import readings
from kgbuild.russian.person import PersonName, parse_person
from kgbuild.types import Entity, Fact

ID = re.compile(r"E[0-9a-f]{16}")
"""How an entity's id looks, in a question about just that entity."""

_WIKIDATA_ID = re.compile(r"Q[1-9]\d*")

_TYPES = ("PERSON", "ORGANIZATION", "COUNTRY", "WORK_OF_ART", "DATE", "AGE", "PROFESSION", "FAMILY")
"""A type of each way that a normaliser has."""

_MOST = 40
"""Entities that a name is worth reading from the store."""


class How(Enum):
    """What made a name stand for an entity."""

    ID = "по номеру"
    NAME = "по имени"
    PART = "по части имени"
    TYPO = "с поправкой на опечатку"


def _title(name: str) -> str:
    """A name typed without capitals, with them."""
    return " ".join(word[:1].upper() + word[1:] for word in name.split())


def canonical_person(name: str) -> PersonName:
    """The parts of a name that the graph holds in the nominative."""
    return parse_person(name, nominative=True)


def compatible(asked: PersonName, known: PersonName, gender: str | None = None) -> bool:
    """Whether two names can be one person's: some part agrees and none contradicts.

    A surname that stands alone says no gender where it is the asked one letter for letter:
    «Габбард» can be «Тулси Габбард».
    """
    if known.alternatives and asked.given and fold(known.canonical) == asked.surname:
        return True
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


def asks_first_name(name: str) -> bool:
    """Whether a name in any case is a first name alone."""
    return any(reading.given and not reading.surname for reading in _asked(name))


def _is_meant(entry: Entry, asked: PersonName, gender: str | None) -> bool:
    """Whether an entity found by one of its names can be the asked one."""
    known = canonical_person(entry.canonical)
    written = [known] if asked.alternatives else [known, parse_person(entry.text)]
    if any(fold(name.canonical) == fold(asked.canonical) for name in written):
        return gender is None or known.gender in (None, gender)
    return compatible(asked, known, gender)


def _lemmas(word: str) -> frozenset[str]:
    return frozenset({word} | {fold_yo(reading.lemma) for reading in readings(word)})


def same_words(one: str, other: str) -> bool:
    """Whether two names are forms of the same words, in whatever order."""
    pairs = zip(sorted(words(one), key=stem), sorted(words(other), key=stem), strict=False)
    return all(a == b or _lemmas(a) & _lemmas(b) for a, b in pairs)


class EntityLookup:
    """Names of a question → entities of one generation of a store."""

    def __init__(
        self,
        store: Store,
        index: NameIndex,
        normalizer: Normalizer,
        around: Surroundings | None = None,
    ) -> None:
        """``around`` keeps what was read of this generation."""
        self.store = store
        self.around = Surroundings(store) if around is None else around
        self._tentative = False
        self.index = index
        self._normalizer = normalizer
        self._known: dict[tuple[str, str, str | None], tuple[Entity, ...]] = {}

    def tentatively(self) -> EntityLookup:
        """The same, to whom readings too weak for a fact are facts as well."""
        other = copy(self)
        other._tentative = True
        return other

    def facts(
        self, subject: str | None = None, relation: str | None = None, object: str | None = None
    ) -> Iterator[Fact]:
        """The facts with these ends (ids), most confident first."""
        yield from self.store.facts(subject, relation, object)
        entity = subject or object
        for fact in self.store.candidates(entity) if self._tentative and entity else ():
            if (
                subject in (None, fact.subject.id)
                and relation in (None, fact.relation)
                and object in (None, fact.object.id)
            ):
                yield fact

    def _once(
        self, way: str, name: str, gender: str | None, find: Callable[[], tuple[Entity, ...]]
    ) -> tuple[Entity, ...]:
        """What a way finds for a name: the readings of one question ask it again and again."""
        key = (way, name, gender)
        if key not in self._known:
            self._known[key] = find()
        return self._known[key]

    def _read(self, entries: Iterable[Entry]) -> tuple[Entity, ...]:
        """The entities of entries, the most mentioned first."""
        some = [entry.entity for entry in distinct(entries)][:_MOST]
        found = self.around.entities_of(some)
        return tuple(sorted(found, key=lambda e: (-e.mention_count, e.id)))

    def _spellings(self, name: str) -> list[str]:
        """The name as written and as entities of each type would have it."""
        canonical = (self._normalizer.normalize(name, type).canonical for type in _TYPES)
        capital = name[:1].upper() + name[1:]
        person = self._normalizer.normalize(_title(name), "PERSON").canonical
        country = self._normalizer.normalize(capital, "COUNTRY").canonical
        return list({fold(s): s for s in (name, *canonical, person, country)}.values())

    def by_id(self, name: str) -> tuple[Entity, ...]:
        """The entity whose id the name is, or whose id in Wikidata."""
        id = name.strip()
        if _WIKIDATA_ID.fullmatch(id):
            known = {one.entity for one in self.store.external_ids(value=id)}
            id = known.pop() if len(known) == 1 else ""
        entity = self.store.entity(id) if ID.fullmatch(id) else None
        return () if entity is None else (entity,)

    def by_name(self, name: str, gender: str | None = None) -> tuple[Entity, ...]:
        """Entities that are called this in the graph, in any case, the most mentioned first."""
        return self._once("name", name, gender, lambda: self._read(self._called(name, gender)))

    def is_known(self, name: str) -> bool:
        """Whether any entity is called this."""
        return bool(self._called(name, None))

    def _called(self, name: str, gender: str | None) -> list[Entry]:
        asked = _asked(name)
        return [
            entry
            for spelling in self._spellings(name)
            for entry in self.index.exact(stems(spelling))
            if same_words(entry.text, spelling)
            and (entry.type != "PERSON" or any(_is_meant(entry, a, gender) for a in asked))
        ]

    def by_part(self, name: str, gender: str | None = None) -> tuple[Entity, ...]:
        """People whose names agree with this one in part, else longer names that hold it."""
        return self._once(
            "part", name, gender, lambda: self._people(name, gender) or self._longer(name)
        )

    def _people(self, name: str, gender: str | None) -> tuple[Entity, ...]:
        """People called so in part.

        A full name finds who is known by the surname alone only where nobody in the graph
        has the surname with another first name.
        """
        asked = _asked(name)
        surnames = {form for reading in asked for form, _ in reading.alternatives}
        surnames |= {part for reading in asked for part in reading.surname.split("-")} - {""}
        given = {part for reading in asked if reading.alternatives for part in reading.given}
        entries = [
            entry
            for part in sorted(surnames | given | {fold(name)})
            for entry in self.index.containing(stems(part))
            if entry.type == "PERSON"
        ]
        people = [(entry, canonical_person(entry.canonical)) for entry in distinct(entries)]
        fitting = [
            (entry, known)
            for entry, known in people
            if any(compatible(reading, known, gender) for reading in asked)
            or (gender in (None, known.gender) and fold(name) in fold(entry.canonical).split())
        ]
        if any(reading.given and not reading.alternatives for reading in asked):
            bearers = [p for p in people if p[1].surname in surnames or p[1].alternatives]
            if len(fitting) < len(bearers):
                fitting = [(entry, known) for entry, known in fitting if not known.alternatives]
        return self._read(entry for entry, _ in fitting)

    def _longer(self, name: str) -> tuple[Entity, ...]:
        """Entities, not people, with all words of the name and the fewest others."""
        wanted = stems(name)
        proper = any(c.isupper() or c.isdigit() for c in name)
        if not proper or not wanted or max(map(len, wanted)) < 3:
            return ()
        entries = [entry for entry in self.index.containing(wanted, 200) if entry.type != "PERSON"]
        extra = {entry: len(set(stems(entry.text))) - len(set(wanted)) for entry in entries}
        best = [entry for entry in entries if extra[entry] <= min(len(wanted), 3)]
        fewest = min((extra[entry] for entry in best), default=0)
        return self._read(entry for entry in best if extra[entry] == fewest)

    def by_typo(self, name: str, gender: str | None = None) -> tuple[Entity, ...]:
        """Entities called nearly this: every unknown word is one or two letters off."""
        return self._once("typo", name, gender, lambda: self._misspelled(name))

    def _misspelled(self, name: str) -> tuple[Entity, ...]:
        corrected: list[list[str]] = [[]]
        for word in stems(name):
            options = [word] if word in self.index else self.index.near(word)
            corrected = [[*head, option] for head in corrected for option in options][:20]
        found = [entry for spelling in corrected for entry in self.index.exact(spelling)]
        return self._read(found)


def are_distinct(people: Sequence[Entity]) -> bool:
    """Whether two of the entities certainly are two: names that contradict each other, or
    one name of a person in two documents that say nothing to join them."""
    names = [canonical_person(entity.name) for entity in people if entity.type == "PERSON"]
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            first_name_only = not one.surname and not other.surname
            if first_name_only or not _may_be_one(one, other):
                return True
    return False


def _may_be_one(one: PersonName, other: PersonName) -> bool:
    if any(
        a.alternatives and fold(a.canonical) == b.surname for a, b in ((one, other), (other, one))
    ):
        return True
    pair = Candidate("one", one), Candidate("other", other)
    verdicts = {decide(*pair).verdict, decide(*reversed(pair)).verdict}
    return Verdict.KEEP_APART not in verdicts
