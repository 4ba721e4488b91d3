"""What one document says of the names in it, apart from people's own rules.

Of two names of one type the shorter is called by the fuller one where the document says so
(a relation), where it is the other's abbreviation, or where it is its beginning and no
other name's. What a document says goes to the store as features of the node.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from kgbuild.resolve.aliases import (
    ADJECTIVAL,
    acronyms,
    adjective_stems,
    noun_stems,
)
from kgbuild.resolve.bearers import name_of
from kgbuild.resolve.blocking_keys import family_of
from kgbuild.resolve.variants import main_words, shorter_names
from kgbuild.russian.folding import fold
from kgbuild.russian.morphology import dictionary_readings
from kgbuild.russian.person import parse_person
from kgbuild.russian.romanised import skeleton
from kgbuild.types import Mention, Name, NameNode, NodeFeature, Relation, ResolvedMention

_OTHER_NAMES = frozenset({"ABBREVIATION", "ALTERNATIVE_NAME"})
_SHORTENED = frozenset({"AWARD", "EVENT", "FACILITY", "LAW", "ORGANIZATION", "WORK_OF_ART"})
_ABBREVIATED = _SHORTENED | {"CITY", "COUNTRY", "LOCATION", "PRODUCT"}
_NEIGHBOURLY = frozenset(
    {"CITY", "COUNTRY", "FACILITY", "LAW", "LOCATION", "ORGANIZATION", "PERSON", "PROFESSION",
     "STATE_OR_PROVINCE", "WORK_OF_ART"}
)  # fmt: skip
_EVIDENT = 0.5
_NEIGHBOURS = 6
"""Neighbours that are noted of a person in a document: related ones first, then the most
mentioned."""

BLOCK_LENGTH = 120
_BEGUN = frozenset({"FACILITY", "ORGANIZATION"})
_BEGINNINGS = 4
SETTLED = frozenset({"CITY", "DISTRICT", "STATE_OR_PROVINCE"})
"""Types of places that a reader takes for one another: one name is one place."""
ADMINISTERED = frozenset({"DISTRICT", "STATE_OR_PROVINCE"})
_REGION = re.compile(r"^(\w+?)(?:ий|ый|ая|ое) (?:край|область|район|округ|губерния|уезд|волость)$")


def region_stem(key: str) -> str:
    """The adjective's stem in a region's folded name: «ставропольский край» → =ставропольск."""
    found = _REGION.match(key)
    return f"={found[1]}" if found else ""


def region_adjective(key: str) -> str:
    """The same of a region's adjective alone: «ставропольский»."""
    found = re.match(r"^(\w+[сц]к)(?:ий|ая|ое)$", key)
    return f"={found[1]}" if found else ""


def blocks(type: str, key: str) -> list[str]:
    """The blocks of a name: names that may be one entity share one.

    A person's are the parts of the surname, another name's are the name itself and, of the
    types that make adjectives, the stem that both share.
    """
    if type == "PERSON":
        person = parse_person(key.title(), nominative=True)
        if not person.surname or person.is_cut:
            return []
        parts = {person.surname, *person.surname.split("-")}
        found = {f"p:{part}"[:BLOCK_LENGTH] for part in parts}
        bones = skeleton(person.surname)
        if len(bones) > 1 and person.given:
            found.add(f"l:{bones}"[:BLOCK_LENGTH])
        return sorted(found)
    found = {f"n:{type}:{key}"[:BLOCK_LENGTH]}
    if type in _BEGUN:
        words = key.split()
        begun = [" ".join(words[:count]) for count in range(2, len(words))]
        found |= {f"n:{type}:{one}"[:BLOCK_LENGTH] for one in begun[:_BEGINNINGS]}
    if type in SETTLED and not adjective_stems(key, type):
        found.add(f"n:PLACE:{key}"[:BLOCK_LENGTH])
    if type in ADMINISTERED and (region := region_stem(key) or region_adjective(key)):
        found.add(f"a:{type}:{region}")
    if type in ADJECTIVAL:
        stems = adjective_stems(key, type) | noun_stems(key)
        found |= {f"a:{type}:{stem}" for stem in stems if len(stem) > 2}
    return sorted(found)


def fuller_names(
    text: str, names: Mapping[Mention, Name], relations: Sequence[Relation]
) -> dict[tuple[str, str], Name]:
    """The fuller name by type and key of each shorter one; people aren't among them."""
    known: dict[str, dict[str, Name]] = defaultdict(dict)
    for mention, name in names.items():
        if mention.type != "PERSON":
            known[mention.type].setdefault(name.key, name)
    found = _stated(names, relations)
    for type in _ABBREVIATED & known.keys():
        called, begun = _by_rule(known[type], type), _by_beginning(known[type])
        quoted = _by_quoted(known[type])
        for key in known[type]:
            full = called[key] or quoted[key]
            if not full and type in _SHORTENED:
                full = begun[key] if " " in key else []
                full = full or _by_words(known[type], known[type][key])
            if len(full) == 1:
                found.setdefault((type, key), full[0])
    return {pair: _fullest(pair, found) for pair in found}


def _by_rule(known: Mapping[str, Name], type: str) -> defaultdict[str, list[Name]]:
    """The names that a shorter one of them is the acronym of, or is made of by another rule."""
    found: defaultdict[str, list[Name]] = defaultdict(list)
    for key, name in known.items():
        for short in acronyms(key) | shorter_names(key, type) | main_words(key, type):
            if short in known and len(key) > len(short):
                found[short].append(name)
    return found


def _by_beginning(known: Mapping[str, Name]) -> defaultdict[str, list[Name]]:
    """The names that begin with all the words of a shorter one of them."""
    found: defaultdict[str, list[Name]] = defaultdict(list)
    for key, name in known.items():
        for place, letter in enumerate(key):
            if letter == " " and (begin := key[:place]) in known:
                found[begin].append(name)
    return found


_QUOTED = re.compile(r"[«\"„“](?P<name>[^«»\"„“”]+)[»\"“”]\s*$")


def quoted_part(canonical: str) -> str:
    """The folded name in quotes that ends a name: «Агрохолдинг «Егорлык»» → егорлык."""
    found = _QUOTED.search(canonical)
    whole = fold(canonical)
    part = fold(found["name"]) if found else ""
    return part if part != whole else ""


def _by_quoted(known: Mapping[str, Name]) -> defaultdict[str, list[Name]]:
    """The names that are a kind and a shorter one in quotes."""
    found: defaultdict[str, list[Name]] = defaultdict(list)
    for name in known.values():
        part = quoted_part(name.canonical)
        if part in known:
            found[part].append(name)
    return found


def is_kind(name: Name) -> bool:
    """Whether a name is one common noun: «завод», «министерство» mean another in each text."""
    if " " in name.key or not name.canonical.islower():
        return False
    found = dictionary_readings(name.key)
    return bool(found) and found[0].known and found[0].pos == "NOUN"


def _by_words(known: Mapping[str, Name], short: Name) -> list[Name]:
    """The names that have all the words of a shorter one, in their order: of a kind alone
    («завод») those that are of the kind, of several words («Светлореченский завод») those that
    begin alike."""
    words = short.key.split()
    if len(words) < 2 and not is_kind(short):
        return []
    found = []
    for key, name in known.items():
        rest = iter(longer := key.split())
        if len(longer) <= len(words) or (len(words) > 1 and longer[0] != words[0]):
            continue
        if all(word in rest for word in words):
            found.append(name)
    return found


def _fullest(pair: tuple[str, str], found: Mapping[tuple[str, str], Name]) -> Name:
    """The last of a chain of fuller names; each is longer than the one before."""
    name = found[pair]
    while (pair[0], name.key) in found:
        name = found[pair[0], name.key]
    return name


def _stated(
    names: Mapping[Mention, Name], relations: Sequence[Relation]
) -> dict[tuple[str, str], Name]:
    """Shorter and fuller names that a relation calls one, where each has one fuller one."""
    claims: dict[tuple[str, str], dict[str, Name]] = defaultdict(dict)
    for relation in relations:
        one, other = relation.subject, relation.object
        if relation.relation not in _OTHER_NAMES or relation.confidence < _EVIDENT:
            continue
        if one.type != other.type or one.type == "PERSON" or not {one, other} <= names.keys():
            continue
        short, full = sorted((names[one], names[other]), key=lambda n: (len(n.key), n.key))
        if len(short.key) < len(full.key):
            claims[one.type, short.key][full.key] = full
    return {pair: next(iter(full.values())) for pair, full in claims.items() if len(full) == 1}


def neighbour(node: NameNode) -> str:
    """What a node is as somebody's neighbour: a person by the surname, for documents name one
    person in many ways; another name by its id."""
    family = family_of(name_of(node.key)) if node.type == "PERSON" else ""
    return family or node.id


def with_neighbours(
    nodes: Sequence[NameNode], mentions: Sequence[ResolvedMention], relations: Sequence[Relation]
) -> tuple[NameNode, ...]:
    """The nodes, those of people with the nodes that stand beside them in the document."""
    node_of = {r.mention: r.entity for r in mentions}
    counts = Counter(r.entity for r in mentions if r.mention.type in _NEIGHBOURLY)
    described = {node.id for node in nodes if node.type}
    common = sorted(
        (id for id in counts if id in described), key=lambda node: (-counts[node], node)
    )
    related: dict[str, set[str]] = defaultdict(set)
    for relation in relations:
        if (
            relation.confidence >= _EVIDENT
            and {relation.subject, relation.object} <= node_of.keys()
        ):
            one, other = node_of[relation.subject], node_of[relation.object]
            related[one].add(other)
            related[other].add(one)
    place = {id: at for at, id in enumerate(common)}
    said_as = {node.id: neighbour(node) for node in nodes}
    made = []
    for node in nodes:
        if node.type != "PERSON":
            made.append(node)
            continue
        close = sorted(related[node.id] & place.keys(), key=place.__getitem__)[: _NEIGHBOURS + 1]
        ranked = [*close, *common[: len(close) + _NEIGHBOURS + 1]]
        own = {node.id, said_as[node.id]}
        values = dict.fromkeys(said_as[id] for id in ranked if not {id, said_as[id]} & own)
        near = [NodeFeature("near", value) for value in values][:_NEIGHBOURS]
        made.append(replace(node, features=tuple(sorted({*node.features, *near}))))
    return tuple(made)
