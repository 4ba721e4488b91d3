"""People of one surname over all documents, and whom a shorter name of them may mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kgbuild.resolve.rules import Candidate, Verdict, decide
from kgbuild.russian.person import PersonName, parse_person
from kgbuild.types import NEAR_SEEN, SeenNode


@dataclass(frozen=True, slots=True)
class Bearer:
    """A person's name with its node and the nodes that stand near it."""

    node: SeenNode
    name: PersonName
    near: frozenset[str]


@lru_cache(maxsize=16384)
def _name(key: str) -> PersonName:
    return parse_person(key.title(), nominative=True)


def bearer(node: SeenNode) -> Bearer:
    """Read the name of a person's node."""
    near = [(count, trait.value) for trait, count in node.traits if trait.kind == "near"]
    most = sorted(near, reverse=True)[:NEAR_SEEN]
    return Bearer(node, _name(node.key), frozenset(value for _, value in most))


def by_surname(people: Iterable[Bearer]) -> dict[str, list[Bearer]]:
    """People by their surname's block, the fullest names first."""
    blocks: dict[str, list[Bearer]] = defaultdict(list)
    for person in people:
        for trait, _ in person.node.traits:
            if trait.kind == "block" and trait.value.startswith("p:"):
                blocks[trait.value].append(person)
    return {block: sorted(found, key=_fullness) for block, found in blocks.items()}


def _fullness(person: Bearer) -> tuple[int, int, int, str, str]:
    name = person.name
    parts = [*name.given, name.patronymic, name.surname]
    written_out = sum(len(part.rstrip(".")) > 1 for part in parts)
    key = person.node.key
    return -written_out, -sum(map(bool, parts)), -len(key), key, person.node.id


def candidates(people: Sequence[Bearer]) -> Iterator[tuple[Bearer, list[Bearer]]]:
    """Each name, the fullest first, with the fuller names that it may be short for.

    Only names that begin alike are compared, so a common surname costs little more than
    the number of its bearers.
    """
    whole: dict[str, list[Bearer]] = defaultdict(list)
    initial: dict[str, list[Bearer]] = defaultdict(list)
    named: list[Bearer] = []
    for person in people:
        given = person.name.given[0].rstrip(".") if person.name.given else ""
        if not given:
            pool = named
        elif len(given) == 1:
            pool = initial[given]
        else:
            pool = [*whole[given], *whole[given[0]]]
        yield person, [other for other in pool if _may_mean(other, person)]
        if given:
            named.append(person)
            initial[given[0]].append(person)
            whole[given].append(person)


@lru_cache(maxsize=1 << 16)
def _may_be_short_for(full: str, short: str) -> bool:
    one, other = Candidate(full, _name(full)), Candidate(short, _name(short))
    return decide(one, other).verdict is Verdict.MERGE


def _may_mean(fuller: Bearer, shorter: Bearer) -> bool:
    return fuller.node.key != shorter.node.key and _may_be_short_for(
        fuller.node.key, shorter.node.key
    )


def apart_by_name(one: Bearer, other: Bearer) -> str:
    """The rule by which two names can't be one person's; "" where none says so."""
    decision = decide(Candidate(one.node.key, one.name), Candidate(other.node.key, other.name))
    return decision.rule if decision.verdict is Verdict.KEEP_APART else ""
