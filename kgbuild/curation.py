"""What a person says of the graph, and what the graph says of its own decisions.

An entity is named by its id or by the id of one of its nodes; judgements keep that id, so
they hold whatever documents come and go.
"""

from __future__ import annotations

import hashlib
import re
from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property

from kgbuild.errors import InputError, NotFoundError
from kgbuild.judging import (
    MENTION,
    RENAME,
    RETYPE,
    STATE,
    checked_name,
    judged_pairs,
    judged_values,
    kind_of_pair,
    stated_in,
)
from kgbuild.ontology import allowed, known_relation, known_type, relations_for
from kgbuild.ports import Store
from kgbuild.types import Entity, Judgement, Leaning, Mention, Place, Reason, StoredMention

Find = Callable[[str], Entity]
"""An entity by name or id; raises ``NotFoundError``."""


Named = Callable[[str, str], str]
"""The canonical name of a surface form and a type."""

_ENOUGH = 20
"""From so many judgements on a review's order heeds them."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Two entities that may be one, or one that may be two, the scorer's probability, and a
    sentence of each ("" where a name has none)."""

    one: Entity
    other: Entity
    reason: Reason
    sentences: tuple[str, str] = ("", "")


class Curator:
    """Judgements and explanations over a store."""

    def __init__(self, store: Store, find: Find) -> None:
        self._store = store
        self._find = find

    def node(self, reference: str) -> str:
        """The node that a name or an id stands for: a node's own id, or the entity's."""
        known = self._store.node_entity(reference)
        return reference if known is not None else self._find(reference).id

    def _said_same(self, one: str, other: str) -> bool:
        """Whether a person's word that two nodes are one stands."""
        return any(
            judgement.verdict == "same" and {judgement.subject, judgement.object} == {one, other}
            for judgement in self._store.judgements()
        )

    def judge(self, verdict: str, one: str, other: str, author: str | None = None) -> Judgement:
        """Record same, not_same or unsure of two entities, or of two names of one that the
        scorer joined: then ``same`` confirms it."""
        a, b = self.node(one), self.node(other)
        if a == b or (verdict == "same" and self._said_same(a, b)):
            raise InputError(f"{one!r} and {other!r} are one entity already")
        return self._record(Judgement(verdict, a, self._who(author), _now(), object=b))

    def judge_fact(self, verdict: str, fact: str, author: str | None = None) -> Judgement:
        """Record accept or reject of a fact, given as ``SUBJECT:RELATION:OBJECT``."""
        parts = fact.split(":")
        if len(parts) != 3:
            raise InputError(f"{fact!r} isn't a fact: give SUBJECT:RELATION:OBJECT, see  show")
        subject, relation, object = self.node(parts[0]), parts[1], self.node(parts[2])
        ends = self._store.node_entity(subject), self._store.node_entity(object)
        known = next(self._store.facts(subject=ends[0], relation=relation, object=ends[1]), None)
        judged = {(j.subject, j.relation, j.object) for j in self._store.judgements()}
        if known is None and (subject, relation, object) not in judged:
            raise NotFoundError(f"the graph has no fact {fact}")
        return self._record(
            Judgement(verdict, subject, self._who(author), _now(), relation, object)
        )

    def split(self, entity: str, mentions: Sequence[str], author: str | None = None) -> Judgement:
        """Move mentions out of an entity into one of their own.

        A mention is ``DOCUMENT:START-END``; a ``DOCUMENT`` stands for all of its mentions of
        the entity.
        """
        found = self._find(entity)
        mine = {
            Place(m.document, m.mention.start, m.mention.end): m
            for m in self._store.mentions(entity=found.id)
        }
        places = {place for text in mentions for place in _places(text, mine)}
        if len(places) == len(mine):
            raise InputError(f"these are all mentions of {found.name!r}: nothing would be left")
        return self._record(
            Judgement("split", found.id, self._who(author), _now(), places=tuple(sorted(places)))
        )

    def rename(self, entity: str, name: str, author: str | None = None) -> Judgement:
        """Give an entity a name, whatever its mentions elect."""
        return self._give(RENAME, entity, checked_name(name), author)

    def retype(self, entity: str, type: str, author: str | None = None) -> Judgement:
        """Give an entity a type, whatever its mentions elect."""
        return self._give(RETYPE, entity, known_type(type), author)

    def _give(self, verdict: str, entity: str, value: str, author: str | None) -> Judgement:
        node = self.node(entity)
        judgements = [j for j in self._store.judgements() if j.verdict == verdict]
        known = {j.subject: self._store.node_entity(j.subject) for j in judgements}
        entity_of = {id: found for id, found in known.items() if found is not None}
        given = judged_values(judgements, verdict, entity_of)
        if given.get(str(self._store.node_entity(node))) == value:
            what = "name" if verdict == RENAME else "type"
            raise InputError(f"{entity!r} was given the {what} {value!r} already")
        return self._record(Judgement(verdict, node, self._who(author), _now(), value=value))

    def state(
        self,
        fact: tuple[str, str, str],
        author: str | None = None,
        document: str | None = None,
        sentence: str | None = None,
    ) -> Judgement:
        """Record a fact (subject, relation, object) that a person knows or reads in a sentence."""
        relation = known_relation(fact[1])
        one, other = (self._entity_of(end) for end in (fact[0], fact[2]))
        if one.id == other.id:
            raise InputError(f"{fact[0]!r} and {fact[2]!r} are one entity: a fact joins two")
        if not allowed(relation, one.type, other.type):
            raise InputError(_unfit(relation, one, other))
        ends = self.node(fact[0]), self.node(fact[2])
        made = Judgement(STATE, ends[0], self._who(author), _now(), relation, ends[1])
        if document is None and sentence is None:
            known = next(self._store.facts(one.id, relation, other.id), None)
            if known is not None and known.stated_by:
                raise InputError(f"{known.stated_by} stated this fact already")
            return self._record(made)
        if not document or not sentence or not sentence.split():
            raise InputError("a fact's sentence needs both its document and its words")
        return self._record(self._read_in(made, (one, other), document, sentence))

    def mention(
        self,
        place: Place,
        named: Named,
        type: str | None = None,
        entity: str | None = None,
        author: str | None = None,
    ) -> Judgement:
        """Record that the text at a place names an entity, or one that nothing else names."""
        held = self._store.document(place.document)
        if held is None:
            raise NotFoundError(f"no document {place.document!r}: see  kgbuild documents")
        if not 0 <= place.start < place.end <= len(held.text):
            raise InputError(
                f"{place.start}-{place.end} isn't in {place.document},"
                f" which has {len(held.text)} characters"
            )
        surface = held.text[place.start : place.end]
        if surface != surface.strip():
            raise InputError(f"{surface!r} begins or ends with a space: a mention has none there")
        found = None if entity is None else self._entity_of(entity)
        if found is None and type is None:
            raise InputError("a mention needs its type, or the entity that it names")
        kind = known_type(type) if type is not None else str(found and found.type)
        for known in self._store.mentions(document=place.document):
            if known.mention == Mention(place.start, place.end, kind):
                raise InputError(
                    f"{surface!r} is a mention of {known.name!r} already: see  kgbuild split, merge"
                )
        now = _now()
        seed = f"{place}\0{now.isoformat()}"
        node = "E" + hashlib.sha256(seed.encode()).hexdigest()[:16]
        if entity is not None:
            node = self.node(entity)
        name = found.name if found is not None else checked_name(named(surface, kind))
        made = Judgement(MENTION, node, self._who(author), now, places=(place,))
        return self._record(replace(made, value=surface, type=kind, name=name))

    def _entity_of(self, reference: str) -> Entity:
        found = self._store.node_entity(reference)
        return self._find(reference if found is None else found)

    def _read_in(
        self, made: Judgement, ends: tuple[Entity, Entity], document: str, sentence: str
    ) -> Judgement:
        """A statement with the place of its sentence, and those of both mentions: in the
        sentence, else the last before it, else the first behind."""
        held = self._store.document(document)
        if held is None:
            raise NotFoundError(f"no document {document!r}: see  kgbuild documents")
        words = r"\s+".join(map(re.escape, sentence.split()))
        quoted = [m.span() for m in re.finditer(words, held.text)]
        if not quoted:
            raise InputError(
                f"{document} doesn't say {sentence!r}: quote it as it is written there"
            )
        mentions = list(self._store.mentions(document=document))
        mine = [[m.mention for m in mentions if m.entity == end.id] for end in ends]
        for end, some in zip(ends, mine, strict=True):
            if not some:
                raise InputError(
                    f"{document} doesn't mention {end.name!r}: state the fact without a sentence"
                )
        inside = [sum(any(_within(m, span) for m in some) for some in mine) for span in quoted]
        if not max(inside):
            names = " or ".join(repr(end.name) for end in ends)
            raise InputError(f"that sentence of {document} doesn't mention {names}")
        span = quoted[inside.index(max(inside))]
        chosen = [_nearest(some, span) for some in mine]
        start = min(span[0], *(m.start for m in chosen))
        end_ = max(span[1], *(m.end for m in chosen))
        places = (*(Place(document, m.start, m.end) for m in chosen), Place(document, start, end_))
        placed = replace(made, places=places, value=held.text[start:end_])
        read = stated_in(document, held.text, (m.mention for m in mentions), [placed])
        if [(r.subject, r.object) for r in read] != [tuple(chosen)]:
            raise InputError(
                "in that sentence several names stand at one place: state the fact without it"
            )
        return placed

    def _who(self, author: str | None) -> str:
        return author or self._store.author

    def _record(self, judgement: Judgement) -> Judgement:
        return self._store.judge(judgement)

    def why(self, one: str, other: str) -> list[Reason]:
        """What joined or parted two entities; all that joined an entity's names, if it is one."""
        a, b = self.node(one), self.node(other)
        entities = self._store.node_entity(a), self._store.node_entity(b)
        if a == b:
            inside = [r for r in self._store.reasons(a) if self._ends(r) == (entities[0],) * 2]
            return inside or [Reason(a, b, True, "one_name")]
        wanted = {entities, (entities[1], entities[0])}
        reasons = [r for r in self._store.reasons(a) if self._ends(r) in wanted]
        direct = [r for r in reasons if {r.one, r.other} == {a, b}]
        return direct or reasons or [Reason(a, b, entities[0] == entities[1], "no_shared_name")]

    def _ends(self, reason: Reason) -> tuple[str | None, str | None]:
        return self._store.node_entity(reason.one), self._store.node_entity(reason.other)

    def review(self, limit: int) -> list[Doubt]:
        """The pairs that the scorer is least sure of and nobody has judged yet.

        After ``_ENOUGH`` judgements the order heeds them: a kind of pair («surname alone and a
        full name») that people always call one, or always two, is asked about last.
        """
        return list(self._doubts(self._store.unjudged(limit, self._kinds())))

    def remaining(self) -> int:
        """How many pairs nobody has judged."""
        return self._store.unjudged_count()

    def _kinds(self) -> dict[str, Leaning]:
        """What people said of each kind of pair, once they said enough."""
        judged = judged_pairs(self._store.judgements())
        if len(judged) < _ENOUGH:
            return {}
        names = self._store.node_names({id for pair in judged for id in pair})
        said: dict[str, Counter[str]] = defaultdict(Counter)
        for (one, other), judgement in judged.items():
            kind = kind_of_pair(names.get(one, ""), names.get(other, ""))
            said[kind][judgement.verdict] += 1
        return {kind: Leaning(n["not_same"], n["same"]) for kind, n in said.items()}

    def _doubts(self, reasons: Sequence[Reason]) -> Iterator[Doubt]:
        for reason in reasons:
            found = [self._store.entity(str(id)) for id in self._ends(reason)]
            if found[0] is not None and found[1] is not None:
                shown = (self._sentence(reason.one), self._sentence(reason.other))
                yield Doubt(found[0], found[1], reason, shown)

    def _sentence(self, node: str) -> str:
        """A sentence that has the name of a node, "" where there is none."""
        return self._store.sentence_of(node) or ""

    def parts(self, entity: str) -> list[Entity]:
        """The entities whose names stand inside this entity's name somewhere, by first place.

        «Театр имени Ермоловой» has the part Ермолова.
        """
        inside: dict[str, None] = {}
        wholes = list(self._store.mentions(entity=self._find(entity).id))
        for document in dict.fromkeys(m.document for m in wholes):
            mine = [m for m in wholes if m.document == document]
            for other in self._store.mentions(document=document):
                if any(_is_inside(other, whole) for whole in mine):
                    inside.setdefault(other.entity)
        found = [self._store.entity(id) for id in inside]
        return [part for part in found if part is not None]


class Curated(ABC):
    """The part of a graph that people correct: short names of its curator's methods."""

    store: Store

    @abstractmethod
    def entity(self, name_or_id: str) -> Entity:
        """An entity by id or by name.

        Raises:
            NotFoundError: the graph has none.
        """

    @cached_property
    def curator(self) -> Curator:
        """Judgements and explanations."""
        return Curator(self.store, self.entity)

    def merge(self, one: str, other: str, author: str | None = None) -> Judgement:
        """Say that two entities (names or ids) are one.

        Raises:
            NotFoundError: one isn't in the graph.
            InputError: they are one already.
        """
        return self.curator.judge("same", one, other, author)

    def judge(self, verdict: str, one: str, other: str, author: str | None = None) -> Judgement:
        """Say that two entities are the ``same``, ``not_same``, or that you are ``unsure``."""
        return self.curator.judge(verdict, one, other, author)

    def split(self, entity: str, mentions: Sequence[str], author: str | None = None) -> Judgement:
        """Move mentions (``DOCUMENT:START-END`` or ``DOCUMENT``) out of an entity."""
        return self.curator.split(entity, mentions, author)

    def rename(self, entity: str, name: str, author: str | None = None) -> Judgement:
        """Give an entity (a name or id) another name; the forms that documents use stay.

        Raises:
            NotFoundError: it isn't in the graph.
            InputError: the name is empty, too long or no text, or was given already.
        """
        return self.curator.rename(entity, name, author)

    def retype(self, entity: str, type: str, author: str | None = None) -> Judgement:
        """Give an entity another type: one of the 29, in any case, or its Russian label.

        Raises:
            NotFoundError: it isn't in the graph.
            InputError: there is no such type, or it was given already.
        """
        return self.curator.retype(entity, type, author)

    def state(
        self,
        subject: str,
        relation: str,
        object: str,
        document: str | None = None,
        sentence: str | None = None,
        author: str | None = None,
    ) -> Judgement:
        """Add a fact between two entities (names or ids); its confidence is 1, and it stands as
        long as both are in the graph.

        With ``document`` and ``sentence`` (its words as they stand there) the fact opens to
        these; ``relation`` is a name in any case or a Russian label.

        Raises:
            NotFoundError: the graph has no such entity or document.
            InputError: there is no such relation, or none between such types; the fact was
                stated already; the document doesn't have the sentence, or doesn't mention both.
        """
        return self.curator.state((subject, relation, object), author, document, sentence)

    def accept(self, fact: str, author: str | None = None) -> Judgement:
        """Say that a fact (``fact.id``) is true: its confidence becomes 1."""
        return self.curator.judge_fact("accept", fact, author)

    def reject(self, fact: str, author: str | None = None) -> Judgement:
        """Say that a fact (``fact.id``) is false: it is shown no more."""
        return self.curator.judge_fact("reject", fact, author)

    def undo(self, judgement: int, author: str | None = None) -> Judgement:
        """Take a judgement back; ``author`` is who does, for the log.

        Raises:
            NotFoundError: there is no such judgement, or it is undone already.
        """
        return self.store.undo(judgement, _now(), author)

    def judgements(self, undone: bool = False) -> Iterator[Judgement]:
        """Judgements in the order they were made."""
        return self.store.judgements(undone)

    def why(self, one: str, other: str) -> list[Reason]:
        """The rules, scores and judgements that joined or parted two entities or nodes."""
        return self.curator.why(one, other)

    def review(self, limit: int = 20) -> list[Doubt]:
        """The pairs of names that the scorer is least sure of, unjudged ones only, each with a
        sentence of both; after 20 judgements by what was said of such pairs too."""
        return self.curator.review(limit)

    def unreviewed(self) -> int:
        """How many pairs of names wait for a judgement."""
        return self.curator.remaining()

    def parts(self, entity: str) -> list[Entity]:
        """The entities whose names stand inside an entity's name."""
        return self.curator.parts(entity)


def _unfit(relation: str, one: Entity, other: Entity) -> str:
    """Why a relation can't join two entities, and which can."""
    fit = relations_for(one.type, other.type)
    back = relations_for(other.type, one.type)
    told = f"no {one.type} has a {relation} that is a {other.type}"
    if relation in back:
        return f"{told}: {other.name!r} may have {one.name!r} for it, the other way round"
    if fit:
        return f"{told}: between these stand {', '.join(fit)}"
    return f"{told}, nor any other relation: is one of another type? see  kgbuild retype"


def _within(mention: Mention, span: tuple[int, int]) -> bool:
    return span[0] <= mention.start and mention.end <= span[1]


def _nearest(mentions: Sequence[Mention], span: tuple[int, int]) -> Mention:
    """The mention in a span, else the last before it, else the first behind."""
    inside = [m for m in mentions if _within(m, span)]
    before = [m for m in mentions if m.start < span[0]]
    return inside[0] if inside else (before[-1] if before else mentions[0])


def _is_inside(part: StoredMention, whole: StoredMention) -> bool:
    inner, outer = part.mention, whole.mention
    smaller = inner.end - inner.start < outer.end - outer.start
    return smaller and outer.start <= inner.start and inner.end <= outer.end


def place_of(text: str) -> Place:
    """A place that is written ``DOCUMENT:START-END``.

    Raises:
        InputError: it isn't.
    """
    place = _place(text)
    if place is None:
        raise InputError(f"{text!r} is no place: give DOCUMENT:START-END")
    return place


def _place(text: str) -> Place | None:
    document, _, span = text.rpartition(":")
    start, _, end = span.partition("-")
    if document and start.isdecimal() and end.isdecimal():
        return Place(document, int(start), int(end))
    return None


def _places(text: str, mine: dict[Place, StoredMention]) -> list[Place]:
    inside = [place for place in mine if place.document == text]
    if inside:
        return inside
    place = _place(text)
    if place in mine:
        return [place]
    raise NotFoundError(
        f"{text!r} is no mention of this entity: give DOCUMENT:START-END or DOCUMENT, as in"
        "  kgbuild export mentions"
    )


def _now() -> datetime:
    return datetime.now(UTC)
