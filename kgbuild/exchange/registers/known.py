"""Which entities of the graph a register's entries are, and on what evidence.

An entry meets a node where one of its names, in the nominative and folded as the graph's
names are, is the node's, their types agree, and nothing that documents state contradicts it:
a year of birth or death, a patronymic. How much that says is the match's :class:`Grade`; a
match is certain only where the grade suffices and neither side has another as good.

A watch list's names in Latin letters meet the nodes that they spell
(:mod:`kgbuild.exchange.registers.latin`). Of a person that says what the name says; an organisation's
Latin name is never more than a possible match, for many are English words.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import combinations

from kgbuild.exchange.registers.latin import LatinNames, Spelt, is_latin
from kgbuild.ports import Normalizer, Store
from kgbuild.resolve.aliases import identity_key
from kgbuild.resolve.local import blocks
from kgbuild.russian.folding import fold
from kgbuild.russian.person import PersonName, parse_person
from kgbuild.types import Entity, NamedNode, RegistryEntity

_YEAR = re.compile(r"(?<!\d)(?:1\d|20)\d\d(?!\d)")
_EVIDENT = 0.5
_PREFIX = 3
"""Letters of a word that its cases share, short words aside: names whose words begin
otherwise needn't be put into the nominative to be told apart."""


class Grade(IntEnum):
    """How much a match's evidence says, the least first."""

    SHORT = 0
    """A surname with initials, a lone name, or a shorter name of what is no person."""
    NAME = 1
    """A person's first name and surname: many people may bear it."""
    WHOLE = 2
    """A person's name in three parts, or the name of what is no person."""
    YEARS = 3
    """A name, and a year of birth or death."""


CERTAIN = Grade.WHOLE
"""The grade from which a match that has no rival is certain."""


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that an entity may be; ``node`` is the name by which they met."""

    known: RegistryEntity
    entity: Entity
    node: str
    grade: Grade
    spelt: tuple[str, ...] = ()
    """The schemes of :mod:`kgbuild.exchange.registers.romanised` by which a Latin name met the node's;
    none where they met in Cyrillic or in one alphabet."""


@dataclass(frozen=True, slots=True)
class _Met:
    """A node that an entry met, sorted by what says more."""

    grade: Grade
    node: str
    spelt: tuple[str, ...] = ()

    @property
    def worth(self) -> tuple[Grade, bool, str]:
        return self.grade, not self.spelt, self.node


@dataclass(frozen=True, slots=True)
class Settled:
    """Matches by entity's name: certain ones, and those that are only possible."""

    certain: tuple[Match, ...]
    possible: tuple[Match, ...]


class Matcher:
    """The named nodes of a store, to be asked about the entries of registers."""

    def __init__(
        self, store: Store, normalizer: Normalizer, nodes: Iterable[NamedNode], few: bool = False
    ) -> None:
        self._store, self._normalizer, self._few = store, normalizer, few
        self._nodes: dict[tuple[str, str], list[NamedNode]] = defaultdict(list)
        self._beginnings: set[frozenset[str]] = set()
        self._years: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
        self._latin = LatinNames((), ())
        for node in nodes:
            self._nodes[node.type, node.key].append(node)
            self._beginnings |= _beginnings(node.key)

    @classmethod
    def of_all(cls, store: Store, normalizer: Normalizer) -> Matcher:
        """One that knows every node."""
        return cls(store, normalizer, store.named_nodes())

    @classmethod
    def of(cls, store: Store, normalizer: Normalizer, entries: Sequence[RegistryEntity]) -> Matcher:
        """One that knows the nodes whose names may be the entries', in Latin letters too."""
        wanted = {
            block
            for entry in entries
            for type in entry.types
            for key in keys_of(entry, type, normalizer)
            for block in blocks(type, key)
        }
        made = cls(store, normalizer, store.named_nodes(sorted(wanted)), few=True)
        if any(is_latin(name) for entry in entries for name in entry.names):
            made._latin = LatinNames(store.named_nodes(), entries)
        return made

    def matches(self, known: RegistryEntity) -> Iterator[Match]:
        """The entities that the entry may be, each once, on the best evidence."""
        best: dict[str, _Met] = {}
        for entity_id, met in self._met(known):
            best[entity_id] = max(best.get(entity_id, met), met, key=lambda m: m.worth)
        for id, met in sorted(best.items()):
            entity = self._store.entity(id)
            weighed = None if entity is None else self._weigh(known, entity, met)
            if entity is not None and weighed is not None:
                yield Match(known, entity, met.node, weighed, met.spelt)

    def _met(self, known: RegistryEntity) -> Iterator[tuple[str, _Met]]:
        """The entities whose nodes the entry met, some several times."""
        likely = self._few or any(_beginnings(fold(n)) & self._beginnings for n in known.names)
        for type in known.types:
            found = keys_of(known, type, self._normalizer) if likely else _aliased(known, type)
            for key, grade in found.items():
                for node in self._nodes.get((type, key), ()):
                    yield node.entity, _Met(grade, node.node)
        for spelt in self._latin.spelt(known):
            yield spelt.node.entity, _Met(_grade(spelt), spelt.node.node, spelt.schemes)

    def _weigh(self, known: RegistryEntity, entity: Entity, met: _Met) -> Grade | None:
        """The grade with what documents state of the person; None where that contradicts."""
        if entity.type != "PERSON":
            if met.spelt:
                return met.grade
            own = identity_key(fold(entity.name), entity.type) in keys_of(
                known, entity.type, self._normalizer
            )
            return met.grade if own else Grade.SHORT
        if _other_patronymic(known, entity):
            return None
        born, died = self._life(entity.id)
        pairs = ((born, set(known.born)), (died, set(known.died)))
        if any(stated and listed and not stated & listed for stated, listed in pairs):
            return None
        if _before(died, known.born) or _before(set(known.died), born):
            return None
        return Grade.YEARS if any(stated & listed for stated, listed in pairs) else met.grade

    def _life(self, id: str) -> tuple[frozenset[str], frozenset[str]]:
        """The years of birth and death that documents state of a person."""
        if id not in self._years:
            born, died = (
                frozenset(
                    year[0]
                    for fact in self._store.facts(subject=id, relation=relation)
                    if fact.confidence >= _EVIDENT and (year := _YEAR.search(fact.object.name))
                )
                for relation in ("DATE_OF_BIRTH", "DATE_OF_DEATH")
            )
            self._years[id] = born, died
        return self._years[id]


def _grade(spelt: Spelt) -> Grade:
    """What a Latin name says: of a person what the Cyrillic one would."""
    if spelt.node.type != "PERSON":
        return Grade.NAME
    if spelt.parts < 2:
        return Grade.SHORT
    return Grade.WHOLE if spelt.parts > 2 else Grade.NAME


def settle(matches: Iterable[Match], least: Grade = CERTAIN) -> Settled:
    """Tell certain matches, of a grade of at least ``least``, from possible ones.

    A match is certain where its entity has no other as good, nor its entry.
    """
    found = list(dict.fromkeys(matches))
    of_entity, of_known = defaultdict(list), defaultdict(list)
    for one in found:
        of_entity[one.known.scheme, one.entity.id].append(one)
        of_known[one.known.scheme, one.known.id].append(one)
    certain, possible = [], []
    for one in sorted(found, key=lambda m: (m.entity.name, m.entity.id, m.known.id)):
        sides = of_entity[one.known.scheme, one.entity.id], of_known[one.known.scheme, one.known.id]
        alone = all(sum(other.grade >= one.grade for other in side) == 1 for side in sides)
        if alone and one.grade >= least:
            certain.append(one)
        else:
            possible.append(one)
    return Settled(tuple(certain), tuple(possible))


def keys_of(known: RegistryEntity, type: str, normalizer: Normalizer) -> dict[str, Grade]:
    """The folded names under which the graph may hold an entry as an entity of a type."""
    found: dict[str, Grade] = {}
    if type == "PERSON":
        for name in known.names:
            for key, grade in _person_keys(name).items():
                found[key] = max(grade, found.get(key, grade))
        return found
    found.update(_aliased(known, type))
    for name in known.names:
        found[identity_key(normalizer.normalize(name, type).key, type)] = Grade.WHOLE
    return {key: grade for key, grade in found.items() if key}


def _aliased(known: RegistryEntity, type: str) -> dict[str, Grade]:
    """The names as they are written, and what they are compared by: «Америка» is сша."""
    if type in ("PERSON", "PROFESSION"):
        return {}
    return {identity_key(fold(name), type): Grade.WHOLE for name in known.names if fold(name)}


def _person_keys(name: str) -> dict[str, Grade]:
    """A person's name and the shorter ones that documents may call its bearer by."""
    person = listed_person(name)
    parts = [*person.given, *filter(None, (person.patronymic,))]
    key = fold(person.canonical)
    if not person.given or not person.surname:
        return {key: Grade.SHORT} if key else {}
    whole = len(parts) > 1 and all(len(part.rstrip(".")) > 1 for part in parts)
    spelt = len(person.given[0].rstrip(".")) > 1
    found = {key: Grade.WHOLE if whole else Grade.NAME if spelt else Grade.SHORT}
    if whole:
        found.setdefault(f"{parts[0]} {person.surname}", Grade.NAME)
    for some in (parts[:1], parts[:2]):
        initials = "".join(f"{part[0]}. " for part in some)
        found.setdefault(fold(initials + person.surname), Grade.SHORT)
    return found


def listed_person(name: str) -> PersonName:
    """A name as registers write it: in the nominative, maybe the surname first and a comma."""
    surname, comma, rest = name.partition(",")
    written = f"{rest.strip()} {surname.strip()}" if comma and rest.strip() else name
    if written.isupper():
        written = written.title()
    return parse_person(written, nominative=True)


def _other_patronymic(known: RegistryEntity, entity: Entity) -> bool:
    """Whether every fuller name that the register has is of another patronymic."""
    own = parse_person(entity.name, nominative=True)
    listed = [person for name in known.names if (person := listed_person(name)).patronymic]
    same = [person for person in listed if person.surname == own.surname]
    return bool(own.patronymic and same) and all(p.patronymic != own.patronymic for p in same)


def _before(died: Iterable[str], born: Iterable[str]) -> bool:
    return max(died, default="") < min(born, default="") if died else False


def _beginnings(key: str) -> set[frozenset[str]]:
    """The beginnings of a folded name's words: alone for one word, else each two together."""
    words = {word[:_PREFIX] for word in re.findall(r"\w+", key)}
    if len(words) < 2:
        return {frozenset(words)}
    return {frozenset(pair) for pair in combinations(sorted(words), 2)}
