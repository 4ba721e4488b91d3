"""What both stores must agree on: how names, confidences and passages are derived."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kgbuild.errors import InputError
from kgbuild.types import (
    DocumentRecord,
    Fact,
    IndexRecord,
    Mention,
    NameNode,
    NodeFeature,
    Place,
    Relation,
    ResolvedMention,
    Sentence,
)

FOLDED_LENGTH = 256
"""Folded names are compared by so many characters, so that every database can index them."""


DOCUMENT = NodeFeature("document", "")
"""What every document says of its nodes, so that they can be counted."""

EXAMPLES = 3
"""So many documents, or ids, are named where there may be thousands."""

FEATURE_LENGTH = 200
"""The longest value of a feature, so that every database can index it."""


def fold(name: str) -> str:
    """A name for comparison: case, ё/е, composed accents and runs of spaces don't count."""
    folded = unicodedata.normalize("NFC", name).casefold().replace("ё", "е")
    return " ".join(folded.split())[:FOLDED_LENGTH]


def elect(votes: Mapping[str, int]) -> str:
    """The value with the most votes; of equals the first in code point order."""
    return min(votes, key=lambda value: (-votes[value], value))


def ranked(votes: Mapping[str, int]) -> tuple[str, ...]:
    """Values by falling votes, equals in code point order."""
    return tuple(sorted(votes, key=lambda value: (-votes[value], value)))


def by_confidence(facts: Iterable[Fact]) -> list[Fact]:
    """Facts, most confident first, equals by relation, subject's and object's id."""
    return sorted(facts, key=lambda f: (-f.confidence, f.relation, f.subject.id, f.object.id))


def passage(sentences: Sequence[Sentence], first: Mention, second: Mention) -> Sentence:
    """The run of sentences that covers two mentions; without sentences, their hull."""
    start, end = min(first.start, second.start), max(first.end, second.end)
    opening = bisect_right(sentences, start, key=lambda s: s.start) - 1
    closing = bisect_left(sentences, end, key=lambda s: s.end)
    # A mention may start or end in a gap between sentences: the passage does too then.
    if opening >= 0 and sentences[opening].end > start:
        start = sentences[opening].start
    if closing < len(sentences) and sentences[closing].start < end:
        end = sentences[closing].end
    return Sentence(start, end)


@dataclass(frozen=True, slots=True)
class Support:
    """One evidence before it is stored: the fact's key, its relation mention, its passage."""

    relation: Relation
    subject: str
    object: str
    passage: Sentence


def supports(
    record: DocumentRecord, entity: Mapping[Mention, str], candidates: bool = False
) -> Iterator[Support]:
    """The evidence a checked record holds for mentions of these entities, or its candidates';
    a relation of an entity to itself gives none."""
    for relation in record.candidates if candidates else record.relations:
        subject, object = entity[relation.subject], entity[relation.object]
        if subject != object:
            span = passage(record.sentences, relation.subject, relation.object)
            yield Support(relation, subject, object, span)


def nodes_after(record: DocumentRecord, places: Mapping[Place, str]) -> dict[Mention, str]:
    """Each mention's node after the splits that moved some (their nodes by place)."""
    source = record.document.source
    return {
        r.mention: places.get(Place(source, r.mention.start, r.mention.end), r.entity)
        for r in record.mentions
    }


def all_nodes(record: DocumentRecord, now: Mapping[Mention, str]) -> list[NameNode]:
    """Every node that a record names, before and after splits."""
    known = {node.id: node for node in record.nodes}
    named = dict.fromkeys([*(r.entity for r in record.mentions), *now.values()])
    return [known.get(id, NameNode(id)) for id in named]


def checked(record: DocumentRecord) -> DocumentRecord:
    """The record without repeated mentions and relations, if it can be stored.

    Raises:
        InputError: spans leave the text, sentences are out of order, a relation
            names an unknown mention, a probability or vector isn't one, or the
            text can't be written as UTF-8.
    """
    document = record.document
    where = f"document {document.source!r}"
    check_text(where, document.text)
    size = len(document.text)
    if any(after.start < before.end for before, after in pairwise(record.sentences)):
        raise InputError(f"{where}: sentences must come in reading order without overlaps")
    spans: list[Sentence | Mention] = [*record.sentences]
    spans.extend(resolved.mention for resolved in record.mentions)
    for span in spans:
        if not 0 <= span.start < span.end <= size:
            raise InputError(f"{where}: {span} leaves the text of {size} characters")
    _check_nodes(where, record.nodes)
    mentions = _distinct_mentions(where, record.mentions)
    relations = _distinct_relations(where, record.relations, mentions)
    if record.sentence_vectors is not None:
        if record.embedder is None:
            raise InputError(f"{where}: sentence vectors need the embedder's fingerprint")
        check_vectors(len(record.sentences), record.sentence_vectors)
    stated = {(r.relation, r.subject, r.object) for r in relations}
    return replace(
        record,
        mentions=tuple(mentions.values()),
        relations=relations,
        candidates=tuple(
            relation
            for relation in _distinct_relations(where, record.candidates, mentions)
            if (relation.relation, relation.subject, relation.object) not in stated
        ),
    )


def check_vectors(count: int, vectors: NDArray[np.float16]) -> None:
    """Refuse vectors that aren't ``count`` rows of finite numbers.

    Raises:
        InputError: they aren't.
    """
    if vectors.ndim != 2 or len(vectors) != count or not vectors.shape[1]:
        raise InputError(f"expected vectors of shape [{count}, dimension], got {vectors.shape}")
    if not np.isfinite(vectors).all():
        raise InputError("a vector holds infinite or undefined numbers")


def checked_index(record: IndexRecord) -> IndexRecord:
    """The record with its time in UTC.

    Raises:
        InputError: the time has no zone.
    """
    if record.made_at.tzinfo is None:
        raise InputError(f"{record.made_at} of the {record.kind} index has no time zone")
    return replace(record, made_at=record.made_at.astimezone(UTC))


def check_text(where: str, text: str) -> None:
    """Refuse a text that no database can hold.

    Raises:
        InputError: it isn't UTF-8, or holds a NUL character.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InputError(f"{where}: the text can't be written as UTF-8: {error}") from error
    if "\x00" in text:
        raise InputError(f"{where}: the text holds a NUL character, which databases refuse")


def _check_nodes(where: str, nodes: Sequence[NameNode]) -> None:
    if len({node.id for node in nodes}) != len(nodes):
        raise InputError(f"{where}: a node is described twice")
    for feature in (feature for node in nodes for feature in node.features):
        if len(feature.value) > FEATURE_LENGTH:
            raise InputError(f"{where}: {feature} is longer than {FEATURE_LENGTH} characters")


def _check_probability(where: str, value: float) -> None:
    if not 0.0 <= value <= 1.0:
        raise InputError(f"{where}: {value} isn't a probability in [0, 1]")


def _distinct_mentions(
    where: str, mentions: Sequence[ResolvedMention]
) -> dict[Mention, ResolvedMention]:
    distinct: dict[Mention, ResolvedMention] = {}
    for resolved in mentions:
        mention = resolved.mention
        _check_probability(f"{where}, {mention}", mention.score)
        known = distinct.setdefault(mention, resolved)
        if known.entity != resolved.entity:
            raise InputError(
                f"{where}: {mention} is resolved to two entities,"
                f" {known.entity!r} and {resolved.entity!r}"
            )
        if known.mention.score < mention.score:
            distinct[mention] = resolved
    return distinct


def _distinct_relations(
    where: str, relations: Sequence[Relation], mentions: Mapping[Mention, ResolvedMention]
) -> tuple[Relation, ...]:
    distinct: dict[Relation, Relation] = {}
    for relation in relations:
        _check_probability(f"{where}, {relation.relation}", relation.confidence)
        for end in (relation.subject, relation.object):
            if end not in mentions:
                raise InputError(f"{where}: {relation.relation} names {end}, not a mention of it")
        known = distinct.setdefault(relation, relation)
        if known.confidence < relation.confidence:
            distinct[relation] = relation
    return tuple(
        replace(
            relation,
            subject=mentions[relation.subject].mention,
            object=mentions[relation.object].mention,
        )
        for relation in distinct.values()
    )


def lies_in(inner: Mention, outer: Mention) -> bool:
    """Whether a mention is a part of another one of the same document."""
    within = outer.start <= inner.start and inner.end <= outer.end
    return within and inner.end - inner.start < outer.end - outer.start
