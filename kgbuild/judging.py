"""What judgements mean: which nodes they join or part, which mentions leave, which facts stand.

Of judgements that contradict each other the newest holds.
"""

from __future__ import annotations

import getpass
import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Generic, TypeVar

from kgbuild.errors import InputError
from kgbuild.types import (
    Clusters,
    Judgement,
    Leaning,
    Mention,
    NodeStats,
    Place,
    Reason,
    Relation,
    ResolvedMention,
)

IDENTITY = frozenset({"same", "not_same", "unsure"})
RENAME, RETYPE, STATE, MENTION = "rename", "retype", "state", "mention"
FACT = frozenset({"accept", "reject", STATE})
VERDICTS = (*sorted(IDENTITY), *sorted(FACT), "split", RENAME, RETYPE, MENTION)

NAME_LENGTH = 256
"""The longest name that an entity is given: so much of it is compared."""


Item = TypeVar("Item", str, int)


class Partition(Generic[Item]):
    """Sets of items that grow together, some of which must stay apart (union-find)."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._parent: dict[Item, Item] = {item: item for item in items}
        self._members: dict[Item, list[Item]] = {item: [item] for item in self._parent}
        self._apart: dict[Item, set[Item]] = defaultdict(set)

    def find(self, item: Item) -> Item:
        """The item that stands for its set."""
        root = item
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[item] != root:
            self._parent[item], item = root, self._parent[item]
        return root

    def members(self, item: Item) -> Sequence[Item]:
        """The items of an item's set, in no order."""
        return self._members[self.find(item)]

    def together(self, one: Item, other: Item) -> bool:
        """Whether two items are in one set."""
        return self.find(one) == self.find(other)

    def may_join(self, one: Item, other: Item) -> bool:
        """Whether nothing keeps the sets of two items apart."""
        return self.find(other) not in self._apart[self.find(one)]

    def join(self, one: Item, other: Item) -> bool:
        """Put two sets together unless they must stay apart; gives whether they are one."""
        a, b = sorted((self.find(one), self.find(other)))
        if a == b or not self.may_join(a, b):
            return a == b
        self._parent[b] = a
        self._members[a] += self._members.pop(b)
        for far in self._apart.pop(b, set()):
            self._apart[far].discard(b)
            self._apart[far].add(a)
            self._apart[a].add(far)
        return True

    def keep_apart(self, one: Item, other: Item) -> bool:
        """Part two sets from now on; gives False where they are one already."""
        a, b = self.find(one), self.find(other)
        if a != b:
            self._apart[a].add(b)
            self._apart[b].add(a)
        return a != b

    def sets(self) -> list[list[Item]]:
        """The sets, each sorted."""
        members: dict[Item, list[Item]] = defaultdict(list)
        for item in sorted(self._parent):
            members[self.find(item)].append(item)
        return list(members.values())


def newest_first(judgements: Iterable[Judgement]) -> list[Judgement]:
    """Judgements that hold, by falling id."""
    return sorted((j for j in judgements if j.undone_at is None), key=lambda j: -j.id)


def judged_pairs(judgements: Iterable[Judgement]) -> dict[tuple[str, str], Judgement]:
    """The newest same, not_same or unsure of each pair of nodes, newest first."""
    found: dict[tuple[str, str], Judgement] = {}
    for judgement in newest_first(judgements):
        if judgement.verdict in IDENTITY and judgement.object is not None:
            one, other = sorted((judgement.subject, judgement.object))
            found.setdefault((one, other), judgement)
    return found


_WORDS_SEEN = 8
"""Words of a name that tell its kind."""


def kind_of_pair(one: str, other: str) -> str:
    """The shapes of two names, in order: «w» for a word, «i» for an initial."""
    first, second = sorted((_shape(one), _shape(other)))
    return f"{first} {second}"


def _shape(name: str) -> str:
    words = name.split()[:_WORDS_SEEN]
    return "".join("i" if len(word.rstrip(".")) == 1 else "w" for word in words)


def unjudged_pairs(weighed: Iterable[Reason], judgements: Iterable[Judgement]) -> list[Reason]:
    """The pairs that a scorer weighed and nobody judged, each once."""
    judged = judged_pairs(judgements)
    found: dict[tuple[str, str], Reason] = {}
    for reason in weighed:
        pair = min(reason.one, reason.other), max(reason.one, reason.other)
        if reason.score is not None and pair not in judged:
            found[pair] = reason
    return list(found.values())


def by_doubt(
    pairs: Iterable[Reason], kinds: Mapping[str, Leaning], names: Mapping[str, str]
) -> list[Reason]:
    """Pairs, the least sure first, equals by their nodes; ``kinds`` is what people said of a kind
    of pair, ``names`` what nodes are called."""
    nothing = Leaning()

    def doubt(pair: Reason) -> tuple[float, str, str]:
        kind = kind_of_pair(names.get(pair.one, ""), names.get(pair.other, "")) if kinds else ""
        return (
            abs(kinds.get(kind, nothing).corrected(pair.score or 0.0) - 0.5),
            pair.one,
            pair.other,
        )

    return sorted(pairs, key=doubt)


def judged_partition(nodes: Iterable[str], judgements: Iterable[Judgement]) -> Partition[str]:
    """The nodes as judgements alone join and part them."""
    known = set(nodes)
    partition = Partition(known)
    for (one, other), judgement in judged_pairs(judgements).items():
        if one in known and other in known:
            if judgement.verdict == "same":
                partition.join(one, other)
            elif judgement.verdict == "not_same":
                partition.keep_apart(one, other)
    return partition


def split_node(judgement: Judgement) -> str:
    """The id of the node that a split gives its mentions."""
    if judgement.node:
        return judgement.node
    places = "\0".join(f"{p.document}\0{p.start}\0{p.end}" for p in sorted(judgement.places))
    return "E" + hashlib.sha256(f"split\0{places}".encode()).hexdigest()[:16]


def split_places(judgements: Iterable[Judgement]) -> dict[Place, str]:
    """The node of each mention that a split moved; of several splits the newest."""
    found: dict[Place, str] = {}
    for judgement in newest_first(judgements):
        if judgement.verdict == "split":
            for place in judgement.places:
                found.setdefault(place, split_node(judgement))
    return found


def with_own_node(split: Judgement, known: Iterable[Judgement]) -> Judgement:
    """A new split, its node named so that no split of a moved document has it already."""
    taken = {judgement.node for judgement in known if judgement.node}
    if split_node(split) not in taken:
        return split
    seed = f"{split_node(split)}\0{split.made_at.isoformat()}\0{len(taken)}"
    return replace(split, node="E" + hashlib.sha256(seed.encode()).hexdigest()[:16])


def with_moved_places(judgement: Judgement, old: str, new: str) -> Judgement:
    """A judgement after a document that a split of it speaks of moved; its node stays."""
    if all(place.document != old for place in judgement.places):
        return judgement
    if judgement.verdict in (STATE, MENTION):
        return replace(judgement, places=tuple(replace(p, document=new) for p in judgement.places))
    places = {replace(p, document=new) if p.document == old else p for p in judgement.places}
    return replace(judgement, places=tuple(sorted(places)), node=split_node(judgement))


Id = TypeVar("Id", str, int)
"""What names an entity: its id, or its row in a database."""


def judged_facts(
    judgements: Iterable[Judgement], entity_of: Mapping[str, Id]
) -> dict[tuple[Id, str, Id], str]:
    """``accept`` or ``reject`` by subject, relation and object, the newest; facts of unknown
    nodes are left out. Who states a fact accepts it."""
    found: dict[tuple[Id, str, Id], str] = {}
    for judgement, key in _of_facts(judgements, entity_of):
        found.setdefault(key, "accept" if judgement.verdict == STATE else judgement.verdict)
    return found


def stated_facts(
    judgements: Iterable[Judgement], entity_of: Mapping[str, Id]
) -> dict[tuple[Id, str, Id], str]:
    """Who stated facts last, by subject, relation and object; a fact of unknown nodes, or of an
    entity with itself, is left out."""
    found: dict[tuple[Id, str, Id], str] = {}
    for judgement, key in _of_facts(judgements, entity_of):
        if judgement.verdict == STATE and key[0] != key[2]:
            found.setdefault(key, judgement.author)
    return found


def _of_facts(
    judgements: Iterable[Judgement], entity_of: Mapping[str, Id]
) -> Iterator[tuple[Judgement, tuple[Id, str, Id]]]:
    """The judgements of facts with the keys of these, newest first."""
    for judgement in newest_first(judgements):
        if judgement.verdict in FACT:
            subject = entity_of.get(judgement.subject)
            object = entity_of.get(str(judgement.object))
            if subject is not None and object is not None:
                yield judgement, (subject, str(judgement.relation), object)


def stated_in(
    source: str, text: str, mentions: Iterable[Mention], judgements: Iterable[Judgement]
) -> list[Relation]:
    """The relations that people stated of sentences of a document, with its mentions.

    The passage has to be in the text, where it was or, once, elsewhere; a mention that was
    read otherwise since is the one that shares most with its place, of equals the first.
    """
    found: dict[Relation, Relation] = {}
    known = list(mentions)
    for judgement in judgements:
        if judgement.verdict != STATE or judgement.undone_at is not None:
            continue
        if len(judgement.places) != 3 or judgement.places[0].document != source:
            continue
        moved = _moved(text, judgement.places[2], judgement.value)
        if moved is None:
            continue
        subject, object = (_mention_at(known, p, moved) for p in judgement.places[:2])
        if subject is not None and object is not None and subject != object:
            relation = Relation(str(judgement.relation), subject, object, 1.0)
            found.setdefault(relation, relation)
    return list(found.values())


def added_in(
    source: str, text: str, mentions: Iterable[Mention], judgements: Iterable[Judgement]
) -> list[ResolvedMention]:
    """The mentions that people added to a document and that aren't read in it anyway.

    Their text has to be where it was or, once, elsewhere.
    """
    taken = set(mentions)
    found: list[ResolvedMention] = []
    for judgement in judgements:
        if judgement.verdict != MENTION or judgement.undone_at is not None:
            continue
        [place] = judgement.places
        moved = _moved(text, place, judgement.value) if place.document == source else None
        if moved is None:
            continue
        mention = Mention(place.start + moved, place.end + moved, judgement.type)
        if mention not in taken:
            taken.add(mention)
            found.append(ResolvedMention(mention, judgement.subject, judgement.name))
    return found


def _moved(text: str, place: Place, passage: str) -> int | None:
    """How far a passage stands from its place; None where it can't be told."""
    if text[place.start : place.end] == passage:
        return 0
    first = text.find(passage)
    return first - place.start if first >= 0 and text.find(passage, first + 1) < 0 else None


def _mention_at(mentions: Iterable[Mention], place: Place, moved: int) -> Mention | None:
    start, end = place.start + moved, place.end + moved

    def shared(mention: Mention) -> int:
        return min(end, mention.end) - max(start, mention.start)

    near = [mention for mention in mentions if shared(mention) > 0]
    exact = [mention for mention in near if (mention.start, mention.end) == (start, end)]
    order = sorted(exact or near, key=lambda m: (-shared(m), m.start, m.end, m.type))
    return next(iter(order), None)


def judged_values(
    judgements: Iterable[Judgement], verdict: str, entity_of: Mapping[str, Id]
) -> dict[Id, str]:
    """The names (``RENAME``) or types (``RETYPE``) that people gave entities, the newest of each;
    those of unknown nodes are left out."""
    found: dict[Id, str] = {}
    for judgement in newest_first(judgements):
        if judgement.verdict == verdict and judgement.subject in entity_of:
            found.setdefault(entity_of[judgement.subject], judgement.value)
    return found


def checked_name(said: str) -> str:
    """A name for an entity, runs of white space in it folded.

    Raises:
        InputError: nothing is left, it is too long, or it can't be stored or shown.
    """
    name = " ".join(said.split())
    if not name:
        raise InputError("the name is empty: give the one that the entity is to have")
    if len(name) > NAME_LENGTH:
        raise InputError(f"the name has {len(name)} characters: give {NAME_LENGTH} at most")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
        raise InputError(f"the name {name!r} holds a control character or half a character")
    return name


def _check_statement(judgement: Judgement) -> None:
    places = judgement.places
    if judgement.subject == judgement.object:
        raise InputError(f"{judgement.subject} is one entity: a fact joins two")
    if len(places) not in (0, 3) or len({place.document for place in places}) > 1:
        raise InputError("a sentence of a fact needs the subject's, object's and its own place")
    if len(set(places)) != len(places) or bool(places) != bool(judgement.value):
        raise InputError("a sentence of a fact needs its text, and two mentions that differ")


def checked_judgement(judgement: Judgement) -> Judgement:
    """The judgement without an id, its places sorted, if it says what its verdict needs.

    Raises:
        InputError: it doesn't.
    """
    verdict = judgement.verdict
    if verdict not in VERDICTS:
        raise InputError(f"unknown verdict {verdict!r}: one of {', '.join(VERDICTS)}")
    if judgement.made_at.tzinfo is None:
        raise InputError(f"{judgement.made_at} of a judgement has no time zone")
    if verdict in IDENTITY | FACT and not judgement.object:
        raise InputError(f"a judgement {verdict!r} needs two entities")
    if verdict in IDENTITY and judgement.subject == judgement.object:
        raise InputError(f"{judgement.subject} is one entity already: name two")
    if verdict in FACT and not judgement.relation:
        raise InputError(f"a judgement {verdict!r} needs a relation")
    if verdict == "split" and not judgement.places:
        raise InputError("a split needs the mentions that leave")
    value = ""
    places = tuple(sorted(set(judgement.places)))
    named = ("", "")
    if verdict == MENTION:
        if len(places) != 1 or not (judgement.value and judgement.type):
            raise InputError("a mention needs its place, its text and a type")
        value, named = judgement.value, (judgement.type, checked_name(judgement.name))
    if verdict == STATE:
        _check_statement(judgement)
        places, value = judgement.places, judgement.value
    if verdict == RENAME:
        value = checked_name(judgement.value)
    elif verdict == RETYPE:
        value = judgement.value
        if not value:
            raise InputError("a judgement 'retype' needs the type that the entity is to have")
    return replace(
        judgement,
        places=places,
        id=0,
        undone_at=None,
        node="",
        value=value,
        type=named[0],
        name=named[1],
    )


class JudgedLinker:
    """The ``EntityClusterer`` that joins by judgements alone: a node is an entity unless told."""

    fingerprint = "judged"

    def link(self, nodes: Sequence[NodeStats], judgements: Sequence[Judgement]) -> Clusters:
        """As the port."""
        partition = judged_partition([node.id for node in nodes], judgements)
        return Clusters({id: members[0] for members in partition.sets() for id in members})

    def reasons(
        self, nodes: Sequence[NodeStats], judgements: Sequence[Judgement]
    ) -> Iterator[Reason]:
        """As the port."""
        yield from judged_reasons([node.id for node in nodes], judgements)


def judged_reasons(nodes: Iterable[str], judgements: Iterable[Judgement]) -> Iterator[Reason]:
    """What judgements say of pairs of these nodes."""
    known = set(nodes)
    judgements = list(judgements)
    partition = judged_partition(known, judgements)
    for (one, other), judgement in judged_pairs(judgements).items():
        if one in known and other in known:
            rule = f"judgement {judgement.id} of {judgement.author}: {judgement.verdict}"
            yield Reason(one, other, partition.together(one, other), rule)


def current_author() -> str:
    """The name of the user who runs this program."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def in_words(judgement: Judgement) -> str:
    """What a judgement says, for the log: its verdict and whom it speaks of."""
    said = judgement
    parts = (said.verdict, said.subject, said.relation, said.object, said.value)
    return " ".join(part for part in parts if part)
