"""Mentions become entities.

An entity's id is computed from its type and the key of its name, so one name of one type is
one entity in every document, whatever the order of reading. Two kinds of name say nothing
outside of their document and get ids of their own in each: occurrences without a proper
name («авария», «в понедельник»), and people called by a common first name alone
(«Александр»); a rare one («Малала») tells enough.

Within a document a person's shorter names join the fuller name that they can only mean
(:mod:`kgbuild.resolve.rules`). A name that could mean two people stays apart, unless one of
them is plainly the document's main bearer of it (:func:`_main_bearer`).
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from kgbuild.ports import Normalizer
from kgbuild.resolve.aliases import identity_key
from kgbuild.resolve.bearers import READING, call_features
from kgbuild.resolve.blocking_keys import BlockingKey, offered, sought
from kgbuild.resolve.contradictions import KIN, LEGAL, life_features
from kgbuild.resolve.firms import Firms, firms_of
from kgbuild.resolve.local import (
    BLOCK_LENGTH,
    blocks,
    fuller_names,
    is_kind,
    quoted_part,
    with_neighbours,
)
from kgbuild.resolve.naming import Occurrence, occurrences, person_options
from kgbuild.resolve.rules import Candidate, Verdict, decide
from kgbuild.resolve.variants import SHORTER, VALUE, said_value, shorter_names, written_readings
from kgbuild.russian.folding import fold
from kgbuild.russian.given import full_names
from kgbuild.russian.morphology import dictionary_readings
from kgbuild.russian.person import PersonName, person_of, written_name
from kgbuild.russian.romanised import is_latin
from kgbuild.types import Document, Mention, Name, NameNode, NodeFeature, Relation, ResolvedMention

_OCCURRENCES = frozenset({"CRIME", "DATE", "EVENT", "PENALTY", "TIME"})
_KINDS = frozenset({"DISTRICT", "FACILITY", "ORGANIZATION", "STATE_OR_PROVINCE"})
_LIFE_DATES = ("DATE_OF_BIRTH", "DATE_OF_DEATH")
_OTHER_NAMES = frozenset({"ABBREVIATION", "ALTERNATIVE_NAME"})
_KINSHIP = frozenset({"PARENT_OF", "RELATIVE", "SIBLING", "SPOUSE"})
_EVIDENT, _CERTAIN = 0.5, 0.8
_YEAR = re.compile(r"(?<!\d)(?:1\d|20)\d\d(?!\d)")
_SOME_YEAR = re.compile(r"(?<!\d)\d{3,4}(?!\d)")
_VERBAL = frozenset({"GRND", "INFN", "PRTS", "VERB"})
_PASSING = 2
"""How often at most the others of a first name are named in full, where it means the main one."""
_NEVER = 1 << 60
_APART = 100
"""How many characters lie at least between people who aren't named in one breath."""
_DOMINANCE = 2
"""How many times as often as any namesake the main bearer of a surname is named in full."""


@dataclass(slots=True)
class _Person:
    """The names of one person in a document, the fullest first; the person's number."""

    names: list[Candidate] = field(default_factory=list)
    place: int = 0


def entity_id(type: str, key: str, document: str | None = None) -> str:
    """An entity's id; ``document`` (a content hash) confines it to one document."""
    scope = "" if document is None else f"\0{document}"
    digest = hashlib.sha256(f"{type}\0{key}{scope}".encode()).hexdigest()
    return "E" + digest[:16]


def _is_common_given(given: str) -> bool:
    """Whether the dictionary knows a first name: many people bear it."""
    found = dictionary_readings(given.title())
    if full_names(given):
        return True
    return len(given.rstrip(".")) < 2 or any(r.known and "Name" in r.marks for r in found)


def _is_deed(canonical: str) -> bool:
    """Whether a happening is said by one verb: «Похоронили» at a sentence's beginning."""
    found = dictionary_readings(canonical) if canonical.isalpha() else ()
    return bool(found) and found[0].known and found[0].pos in _VERBAL


def _is_confined(name: Name, type: str, person: PersonName | None) -> bool:
    if person is not None:
        alone = not person.surname or person.is_cut
        return alone and all(map(_is_common_given, person.given[:1]))
    if type in _KINDS:
        return is_kind(name)
    if type not in _OCCURRENCES:
        return False
    year = type == "DATE" and _SOME_YEAR.search(name.key) is not None
    if type == "EVENT" and _is_deed(name.canonical):
        return True
    proper = type not in ("DATE", "TIME") and any(
        c.isupper() or c.isdigit() for c in name.canonical
    )
    return not (year or proper)


def _fullness(candidate: Candidate) -> tuple[bool, int, int, bool, int, int, str]:
    """Sorts the names that say most to the front, those in Latin letters behind."""
    person = candidate.person
    parts = (*person.given, person.patronymic, person.surname)
    written_out = sum(len(part) > 1 for part in parts)
    doubt = len(person.alternatives)
    latin = is_latin(person.surname) or any(map(is_latin, person.given))
    full = -sum(map(bool, parts))
    surnamed = bool(person.surname) and not person.alternatives
    return latin, -written_out, full, not surnamed, doubt, -len(person.canonical), candidate.key


@dataclass(frozen=True, slots=True)
class _Use:
    """How often a name stands in the document, and where it first does."""

    count: int
    first: int


def _main_bearer(
    people: Sequence[_Person], uses: Mapping[str, _Use], by_given: bool = False
) -> _Person | None:
    """Of several people, the one named first and, in full, at least as often as any other; twice
    as often where they are named in one breath, or called by the first name.

    Of the dossiers' training part the first-named one is meant 76 times in 94. A biography of
    Дмитрий Менделеев that names his father once calls him, and not the father, «Менделеев». Two princes Владимир who are both spoken of share their first name.
    """

    def full(person: _Person) -> list[_Use]:
        named = [n for n in person.names if n.person.given and not n.person.alternatives]
        return [uses[n.key] for n in named]

    counts = [sum(use.count for use in full(p)) for p in people]
    earliest = [min((uses[name.key].first for name in p.names), default=_NEVER) for p in people]
    first = earliest.index(min(earliest))
    others = max(count for place, count in enumerate(counts) if place != first)
    if not counts[first] or (by_given and others > _PASSING):
        return None
    introduced = sorted(earliest)[1] - earliest[first] >= _APART
    enough = others if introduced and not by_given else _DOMINANCE * others
    return people[first] if counts[first] >= enough else None


def _join(candidates: Iterable[Candidate], uses: Mapping[str, _Use]) -> list[_Person]:
    """Group names into people; a name joins where exactly one person can be meant."""
    people: list[_Person] = []
    known: dict[BlockingKey, set[int]] = defaultdict(set)
    ordered = sorted(candidates, key=_fullness)
    shared = _of_two_generations(ordered)
    surnames = {c.key: c for c in ordered if c.person.surname and not c.person.given}
    for candidate in ordered:
        fitting = []
        near = {place for key in sought(candidate.person) for place in known[key]}
        unsaid = candidate.person.surname in shared
        for person in (people[place] for place in sorted(near)):
            if unsaid and any(name.person.seniority for name in person.names):
                continue
            if _is_namesake(candidate, person, surnames):
                continue
            verdicts = [decide(name, candidate).verdict for name in person.names]
            if Verdict.MERGE in verdicts and Verdict.KEEP_APART not in verdicts:
                fitting.append(person)
        named = [p for p in fitting if any(n.key in candidate.alike for n in p.names)]
        chosen = named if len(named) == 1 else fitting
        if len(chosen) > 1 and candidate.person.alternatives:
            chosen = _called_so(chosen, candidate.person) or chosen
        if len(chosen) > 1 and candidate.person.alternatives:
            main = _main_bearer(chosen, uses, bool(candidate.person.given))
            chosen = chosen if main is None else [main]
        if len(chosen) != 1:
            chosen = [_Person(place=len(people))]
            people += chosen
        chosen[0].names.append(candidate)
        for key in offered(candidate.person):
            known[key].add(chosen[0].place)
    return people


def _called_so(people: Sequence[_Person], name: PersonName) -> list[_Person]:
    """Those whose first name a lone word is as it stands: «Марка» is Марк before it is a pet
    form of Марина."""
    forms = {form for form, _ in name.alternatives}
    return [p for p in people if any(forms & set(n.person.given[:1]) for n in p.names)]


def _is_namesake(candidate: Candidate, person: _Person, surnames: Mapping[str, Candidate]) -> bool:
    """Whether a first name is somebody whom the text relates to the person, called by the
    surname: «У Пушкина родились … Александр и Наталья»."""
    if candidate.person.surname:
        return False
    related = [surnames[key] for key in candidate.unlike if key in surnames]
    return any(
        decide(name, one).verdict is Verdict.MERGE for name in person.names for one in related
    )


def _of_two_generations(candidates: Iterable[Candidate]) -> set[str]:
    """Surnames that a document gives to a father and to a son, saying which is meant."""
    seniorities: dict[str, set[str]] = defaultdict(set)
    for candidate in candidates:
        if candidate.person.seniority:
            seniorities[candidate.person.family].add(candidate.person.seniority)
    return {family for family, found in seniorities.items() if len(found) > 1}


def _candidates(
    text: str,
    persons: Mapping[str, PersonName],
    keys: Mapping[Mention, str],
    relations: Sequence[Relation],
) -> list[Candidate]:
    unlike: dict[str, set[str]] = defaultdict(set)
    alike: dict[str, set[str]] = defaultdict(set)
    for relation in relations:
        one, other = keys.get(relation.subject), keys.get(relation.object)
        if one is None or other is None or one == other or relation.confidence < _EVIDENT:
            continue
        linked = alike if relation.relation in _OTHER_NAMES else unlike
        linked[one].add(other)
        linked[other].add(one)
    for kind in _LIFE_DATES:  # who was born or died in another year is somebody else
        years = _years(text, keys, relations, kind)
        for one, other in combinations(sorted(years), 2):
            if years[one] != years[other]:
                unlike[one].add(other)
                unlike[other].add(one)
    return [
        Candidate(key, person, frozenset(unlike[key]), frozenset(alike[key]))
        for key, person in persons.items()
    ]


def _written_key(name: Name, person: PersonName) -> str:
    """Tells apart surfaces of one key that allow for different people."""
    forms = ",".join(sorted(f"{form}:{gender}" for form, gender in person.alternatives))
    others = ",".join(sorted(other.canonical for other in person.others))
    return f"{name.key}\0{forms}\0{others}"


def _persons(text: str, own: Mapping[Mention, Name]) -> dict[Mention, PersonName]:
    """Who each mention of a person may be by its own form and the words around all such."""
    contexts: dict[str, list[Occurrence]] = defaultdict(list)
    surfaces = {m: written_name(text, m.start, m.end) for m in own if m.type == "PERSON"}
    for mention, found_at in zip(surfaces, occurrences(text, list(surfaces)), strict=True):
        contexts[surfaces[mention]].append(found_at)
    options = {surface: person_options(surface, found) for surface, found in contexts.items()}
    found = {}
    for mention, surface in surfaces.items():
        name = own[mention].canonical
        rest = [option for option in options[surface] if option[0] != name]
        first = [option for option in options[surface] if option[0] == name] or [(name, None)]
        found[mention] = person_of([*first, *rest])
    return found


def _people(
    text: str, own: Mapping[Mention, Name], relations: Sequence[Relation]
) -> dict[Mention, tuple[Name, PersonName]]:
    """The fullest name of each mentioned person; ``own`` are the mentions' own names."""
    keys: dict[Mention, str] = {}
    persons: dict[str, PersonName] = {}
    uses: dict[str, _Use] = {}
    called: dict[str, Counter[Name]] = defaultdict(Counter)
    for mention, person in sorted(_persons(text, own).items()):
        key = _written_key(own[mention], person)
        keys[mention] = key
        called[key][own[mention]] += 1
        persons.setdefault(key, person)
        before = uses.get(key, _Use(0, mention.start))
        uses[key] = _Use(before.count + 1, before.first)
    fullest: dict[str, tuple[Name, PersonName]] = {}
    for group in _join(_candidates(text, persons, keys, relations), uses):
        first = group.names[0]
        name = _most_common(called[first.key])
        fullest.update({candidate.key: (name, first.person) for candidate in group.names})
    return {mention: fullest[key] for mention, key in keys.items()}


def _most_common(names: Counter[Name]) -> Name:
    """The name that stands most often; of equals the first in code point order."""
    return min(names, key=lambda name: (-names[name], name.canonical))


@dataclass(frozen=True, slots=True)
class Resolution:
    """What one document's mentions name: their nodes, in the order of the mentions, and what
    the document says of each node.

    ``own_names`` are the mentions' names in the nominative as far as they were written; a
    mention's name in the graph may be a fuller one of the same bearer.
    """

    mentions: tuple[ResolvedMention, ...]
    nodes: tuple[NameNode, ...]
    own_names: tuple[str, ...] = ()


def resolve_document(
    document: Document,
    mentions: Sequence[Mention],
    relations: Sequence[Relation],
    normalizer: Normalizer,
) -> Resolution:
    """Give every mention its node's id and canonical name, and describe the nodes.

    Args:
        document: the document that the mentions' offsets point into.
        mentions: what was found in it.
        relations: relations among those mentions: two people joined by one aren't the same,
            except by ALTERNATIVE_NAME and ABBREVIATION, which speak for one bearer where
            the names allow for it.
        normalizer: maps a surface form to its canonical name and key.
    """
    text = document.text
    own = dict(zip(mentions, normalizer.names(text, mentions), strict=True))
    people = _people(text, own, relations)
    names = own | {mention: name for mention, (name, _) in people.items()}
    fuller = fuller_names(text, names, relations)
    keys = {mention: name.key for mention, name in names.items()}
    born, died = (_years(text, keys, relations, kind) for kind in _LIFE_DATES)
    forms = written_readings(text, names)
    firms = firms_of(text, _organisations(names, fuller))
    resolved, made = [], {}
    for mention in mentions:
        person = people[mention][1] if mention in people else None
        name = fuller.get((mention.type, names[mention].key), names[mention])
        confined = _is_confined(name, mention.type, person)
        key = identity_key(name.key, mention.type)
        life = (born.get(name.key), died.get(name.key)) if person is not None else (None, None)
        known_by = firms.known_by(mention, key) if person is None else _dated(key, *life)
        entity = entity_id(mention.type, known_by, document.sha256 if confined else None)
        resolved.append(ResolvedMention(mention, entity, name.canonical))
        if entity not in made:
            said = life_features(*life) | (set() if person is None else _called(person))
            node = NameNode(entity, mention.type, key, tuple(sorted(said)))
            if confined:
                made[entity] = NameNode(entity) if person is None else node
            else:
                node = _with_forms(node, firms, mention)
                made[entity] = _describe(node, fuller, _quoted(name, mention.type))
    for item in resolved:
        value = said_value(text[item.mention.start : item.mention.end], item.mention.type)
        if value and made[item.entity].type:
            made[item.entity] = _of_value(made[item.entity], value)
    for (type, name_key), others in forms.items():
        entity = entity_id(type, identity_key(name_key, type))
        if entity in made:
            made[entity] = _found_by(made[entity], READING, others)
    nodes = with_neighbours(_with_kin(made, resolved, relations), resolved, relations)
    return Resolution(tuple(resolved), nodes, tuple(own[m].canonical for m in mentions))


def _organisations(
    names: Mapping[Mention, Name], fuller: Mapping[tuple[str, str], Name]
) -> dict[Mention, str]:
    """What each mention of an organisation is compared by."""
    return {
        mention: identity_key(fuller.get((mention.type, name.key), name).key, mention.type)
        for mention, name in names.items()
        if mention.type == "ORGANIZATION"
    }


def _with_forms(node: NameNode, firms: Firms, mention: Mention) -> NameNode:
    """The node of an organisation with the legal forms that the document says it has."""
    said = {NodeFeature(LEGAL, form) for form in firms.forms(mention, node.key)}
    return replace(node, features=tuple(sorted({*node.features, *said}))) if said else node


def _with_kin(
    nodes: Mapping[str, NameNode],
    mentions: Sequence[ResolvedMention],
    relations: Sequence[Relation],
) -> list[NameNode]:
    """The nodes, those of namesakes whom kinship joins with each other: father and son aren't one
    in any document."""
    node_of = {r.mention: r.entity for r in mentions}
    kin: dict[str, set[NodeFeature]] = defaultdict(set)
    for relation in relations:
        if relation.relation not in _KINSHIP or relation.confidence < _EVIDENT:
            continue
        one, other = node_of.get(relation.subject), node_of.get(relation.object)
        if one is None or other is None or one == other:
            continue
        if _blocks_of(nodes[one]) & _blocks_of(nodes[other]):
            kin[one].add(NodeFeature(KIN, other))
            kin[other].add(NodeFeature(KIN, one))
    return [
        replace(node, features=tuple(sorted({*node.features, *kin[id]}))) if kin[id] else node
        for id, node in nodes.items()
    ]


def _blocks_of(node: NameNode) -> set[str]:
    return {feature.value for feature in node.features if feature.kind == "block"}


def _quoted(name: Name, type: str) -> str:
    """The name in quotes behind a kind, that the bearer is called by alone; not behind a legal
    form, without which a name is compared."""
    if type not in ("FACILITY", "ORGANIZATION", "PRODUCT"):
        return ""
    part = quoted_part(name.canonical)
    return part if part != identity_key(name.key, type) else ""


def _called(person: PersonName) -> set[NodeFeature]:
    """How a person may be called elsewhere, and what else the name's form allows for."""
    own = fold(person.canonical)
    forms = {fold(other.canonical) for other in person.others}
    forms |= {form for form, _ in person.alternatives} if person.surname else set()
    readings = {NodeFeature(READING, form) for form in forms - {own}}
    also = {NodeFeature("block", block) for r in readings for block in blocks("PERSON", r.value)}
    return call_features(person) | (readings | also if person.surname else set())


def _dated(key: str, born: str | None, died: str | None) -> str:
    """What a person's node is known by: namesakes with other years get nodes of their own."""
    if born is not None:
        return f"{key}\0{born}"
    return key if died is None else f"{key}\0†{died}"


def _describe(node: NameNode, fuller: Mapping[tuple[str, str], Name], quoted: str) -> NameNode:
    """The node with its blocks and its other names in the document."""
    features = {
        *node.features,
        *(NodeFeature("block", block) for block in blocks(node.type, node.key)),
    }
    for (type, short), name in fuller.items():
        if type == node.type and identity_key(name.key, type) == node.key:
            other = identity_key(short, type)
            features.add(NodeFeature("alias", entity_id(type, other)))
            features |= {NodeFeature("block", block) for block in blocks(type, other)}
    if quoted:
        features |= {
            NodeFeature("quoted", quoted),
            *(NodeFeature("block", b) for b in blocks(node.type, quoted)),
        }
    described = NameNode(node.id, node.type, node.key, tuple(sorted(features)))
    return _found_by(described, SHORTER, shorter_names(node.key, node.type))


def _of_value(node: NameNode, value: str) -> NameNode:
    """The node of a date or a sum, with what it comes to."""
    said = {NodeFeature(VALUE, value), NodeFeature("block", f"v:{node.type}:{value}")}
    return NameNode(node.id, node.type, node.key, tuple(sorted({*node.features, *said})))


def _found_by(node: NameNode, kind: str, keys: Iterable[str]) -> NameNode:
    """The node with other names of it, and with their blocks."""
    said = {NodeFeature(kind, key) for key in keys}
    near = {NodeFeature("block", f"n:{node.type}:{f.value}"[:BLOCK_LENGTH]) for f in said}
    return NameNode(node.id, node.type, node.key, tuple(sorted({*node.features, *said, *near})))


def _years(
    text: str, keys: Mapping[Mention, str], relations: Sequence[Relation], kind: str
) -> dict[str, str]:
    """The year of birth or death by the key of a person's name, where the document states one."""
    found: dict[str, set[str]] = defaultdict(set)
    for relation in relations:
        if relation.relation == kind and relation.confidence >= _CERTAIN:
            date = text[relation.object.start : relation.object.end]
            year = _YEAR.search(date)
            if year is not None and relation.subject in keys:
                found[keys[relation.subject]].add(year[0])
    return {key: min(years) for key, years in found.items() if len(years) == 1}


def resolve(
    document: Document,
    mentions: Sequence[Mention],
    relations: Sequence[Relation],
    normalizer: Normalizer,
) -> tuple[ResolvedMention, ...]:
    """The mentions of :func:`resolve_document`."""
    return resolve_document(document, mentions, relations, normalizer).mentions
