"""People over all documents: whom a shorter name of them may mean.

Two kinds of shorter name. One with a surname is sought among the names of that surname, one
without («Ирина Павловна», «Витька», «Степаныч») among those who are called so; it is a node of
its document alone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kgbuild.resolve.blocking_keys import called
from kgbuild.resolve.rules import Candidate, Verdict, decide
from kgbuild.russian.given import patronymic_of
from kgbuild.russian.morphology import dictionary_readings
from kgbuild.russian.person import PersonName, parse_person
from kgbuild.russian.romanised import is_latin, skeleton
from kgbuild.types import BEARS, CROWD, LONE, NEAR_SEEN, NodeFeature, NodeStats

_FAMILY = re.compile(r"(?<=\w\w)(?:[оеё]ва?|[иы]на?|енко|[сц]к(?:ий|ая))$")
READING = "reading"
"""The kind of feature that holds another nominative that a name's form allows for."""


@dataclass(frozen=True, slots=True)
class PersonCandidate:
    """A person's name with its node, the nodes that stand near it and what the linker asks of it
    over and over.

    ``lone``: the name is of one document alone, it has no surname. ``keys``: the name and the
    others that its form allows for. ``bears`` and ``calls``: the values of the node's features of
    these kinds, what its bearer is called and what the name consists of.
    """

    node: NodeStats
    name: PersonName
    near: frozenset[str]
    lone: bool
    keys: tuple[str, ...]
    bears: tuple[str, ...]
    calls: tuple[str, ...]


def is_lone(node: NodeStats) -> bool:
    """Whether a node's name has no surname; a word that may be one, or a first name that no list
    has («Айаал»), has."""
    lone = False
    for feature, _ in node.features:
        if feature.kind == "block" and feature.value.startswith("p:"):
            return False
        lone = lone or feature.kind == LONE
    return lone


@lru_cache(maxsize=16384)
def _is_surname(form: str) -> bool:
    """Whether the dictionary or the ending says that a folded word is a surname."""
    if _FAMILY.search(form):
        return True
    return any(r.known and "Surn" in r.marks for r in dictionary_readings(form.title()))


def call_features(name: PersonName) -> set[NodeFeature]:
    """What a name says of how its bearer is called without the surname."""
    alone = not name.surname or name.is_cut
    kind = LONE if alone else BEARS if name.given else ""
    found: set[str] = set()
    for one in name.names:
        given = one.given[0].rstrip(".") if one.given else ""
        if len(given) > 1:
            found |= {f"g:{full}" for full in called(given)}
        if one.patronymic and (kind == BEARS or not given):
            found.add(f"t:{patronymic_of(one.patronymic) or one.patronymic}")
    if not kind and name.alternatives:  # «Мириам» may be a first name that no list has
        unlisted = {form for form, _ in name.alternatives if not _is_surname(form)}
        first = {NodeFeature(LONE, f"g:{form}") for form in unlisted}
        return first | {NodeFeature("block", f"l:{skeleton(name.surname)}")}
    return {NodeFeature(kind, value) for value in found} if kind else set()


@lru_cache(maxsize=16384)
def name_of(key: str) -> PersonName:
    """A person's name from a node's key."""
    return parse_person(key.title(), nominative=True)


def bearer(node: NodeStats) -> PersonCandidate:
    """Read the name of a person's node."""
    near: list[tuple[int, str]] = []
    said: dict[str, list[str]] = defaultdict(list)
    for feature, count in node.features:
        if feature.kind == "near":
            near.append((count, feature.value))
        else:
            said[feature.kind].append(feature.value)
    most = sorted(near, reverse=True)[:NEAR_SEEN]
    return PersonCandidate(
        node=node,
        name=name_of(node.key),
        near=frozenset(value for _, value in most),
        lone=is_lone(node),
        keys=(node.key, *said[READING]),
        bears=tuple(said[BEARS]),
        calls=tuple(said[LONE]),
    )


def by_surname(people: Iterable[PersonCandidate]) -> dict[str, list[PersonCandidate]]:
    """People by their surname's block, the fullest names first."""
    blocks: dict[str, list[PersonCandidate]] = defaultdict(list)
    for person in people:
        for feature, _ in person.node.features:
            if feature.kind == "block" and feature.value.startswith(("p:", "l:")):
                blocks[feature.value].append(person)
    return {block: sorted(found, key=_fullness) for block, found in blocks.items()}


def _fullness(person: PersonCandidate) -> tuple[bool, int, int, int, str, str]:
    name = person.name
    parts = [*name.given, name.patronymic, name.surname]
    written_out = sum(len(part.rstrip(".")) > 1 for part in parts)
    key = person.node.key
    latin = is_latin(key)
    return latin, -written_out, -sum(map(bool, parts)), -len(key), key, person.node.id


def candidates(
    people: Sequence[PersonCandidate],
) -> Iterator[tuple[PersonCandidate, list[PersonCandidate]]]:
    """Each name, the fullest first, with the fuller names that it may be short for.

    Only names that begin alike are compared, so a common surname costs little more than
    the number of its bearers.
    """
    whole: dict[str, list[PersonCandidate]] = defaultdict(list)
    initial: dict[str, list[PersonCandidate]] = defaultdict(list)
    named: list[PersonCandidate] = []
    for person in people:
        given = person.name.given[0].rstrip(".") if person.name.given else ""
        names = called(given) if len(given) > 1 else frozenset()
        if not given:
            pool = named
        elif len(given) == 1:
            pool = initial[given]
        else:
            letters = sorted({name[0] for name in names})
            pool = [one for key in sorted(names) for one in whole[key]]
            pool += [one for letter in letters for one in whole[letter]]
            pool = list(dict.fromkeys(pool))
        if is_latin(person.node.key):
            pool = list(dict.fromkeys([*pool, *named]))
        yield person, [other for other in pool if may_mean(other, person)]
        if given:
            named.append(person)
            initial[given[0]].append(person)
            for name in names - {given[0]}:
                initial[name[0]].append(person)
            for name in names or {given}:
                whole[name].append(person)


def by_call(people: Iterable[PersonCandidate]) -> dict[str, list[PersonCandidate]]:
    """People who have a surname by what they may be called; nobody by what too many are."""
    found: dict[str, list[PersonCandidate]] = defaultdict(list)
    for person in people:
        for value in person.bears:
            found[value].append(person)
    return {value: some for value, some in found.items() if len(some) <= CROWD}


@lru_cache(maxsize=1 << 16)
def _verdict(full: str, short: str) -> Verdict | None:
    return decide(Candidate(full, name_of(full)), Candidate(short, name_of(short))).verdict


def may_mean(fuller: PersonCandidate, shorter: PersonCandidate) -> bool:
    """Whether a shorter name can be the bearer's of a fuller one."""
    return fuller.node.id != shorter.node.id and any(
        _verdict(a, b) is Verdict.MERGE for a in fuller.keys for b in shorter.keys
    )


def cannot_mean(fuller: PersonCandidate, shorter: PersonCandidate) -> bool:
    """Whether a name says that its bearer is somebody else."""
    return all(_verdict(a, b) is Verdict.KEEP_APART for a in fuller.keys for b in shorter.keys)


def apart_by_name(one: PersonCandidate, other: PersonCandidate) -> str:
    """The rule by which two names can't be one person's; "" where none says so."""
    decision = decide(Candidate(one.node.key, one.name), Candidate(other.node.key, other.name))
    return decision.rule if decision.verdict is Verdict.KEEP_APART else ""
