"""Mentions and relations from the containers of the R-BERT card.

Formats (R-BERT for Russian relations, https://huggingface.co/RaguTeam/BertRE):
``POST /recognize`` takes a JSON string and gives ``{"text", "ners": [[start, end, type]]}``;
``POST /predict`` takes ``{"chunks": [...], "entities_list": [[[start, end, type]]]}`` and
gives a list of ``{"source_entity", "target_entity", "relationship_type",
"relationship_description", "relationship_strength", "chunk_id"}``. Entities come back there
as texts, so they are mapped to the chunk's mentions again; see :class:`Ambiguity`.

A long text goes out in chunks of whole sentences; a relation between chunks isn't seen.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kgbuild.extract.remote_chunks import MAX_CHARS, Chunk, chunks
from kgbuild.extract.remote_service import JsonService
from kgbuild.ontology import ENTITY_TYPES, RELATIONS, allowed
from kgbuild.types import Mention, Relation, by_position

log = logging.getLogger(__name__)

_CHUNKS_PER_REQUEST = 16


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """A relation whose two texts name several pairs of mentions, or no allowed pair.

    ``text`` is the index of the text in the call; ``chosen`` is the nearest pair, None
    where the ontology allows the relation for none of the pairs and it was dropped.
    """

    text: int
    relation: str
    source: str
    target: str
    candidates: int
    chosen: tuple[Mention, Mention] | None


class RemoteMentionFinder:
    """The ``MentionFinder`` port over ``POST {url}/recognize``.

    ``version`` names the model behind the service (an image tag): it is part of the
    fingerprint, because the service itself doesn't say.
    """

    def __init__(
        self, service: JsonService | str, *, version: str = "", max_chars: int = MAX_CHARS
    ) -> None:
        """``service`` is a base URL, or a service with its own timeout and retries."""
        self._service = service if isinstance(service, JsonService) else JsonService(service)
        self._max_chars = max_chars
        self._fingerprint = _digest("recognize", self._service.url, version, max_chars)

    @property
    def fingerprint(self) -> str:
        """A short hex digest of URL, version and chunk length."""
        return self._fingerprint

    def find(self, texts: Sequence[str]) -> list[tuple[Mention, ...]]:
        """Mentions of each text, in reading order; the service gives no scores.

        Raises:
            RemoteError: the service failed or answered something unusable.
        """
        return [by_position(tuple(self._find(number, text))) for number, text in enumerate(texts)]

    def _find(self, number: int, text: str) -> Iterator[Mention]:
        for chunk in chunks(number, text, self._max_chars, ()):
            sent = text[chunk.start : chunk.end]
            answer = self._service.post("/recognize", sent)
            for mention in self._parse(answer, sent):
                yield replace(
                    mention, start=mention.start + chunk.start, end=mention.end + chunk.start
                )

    def _parse(self, answer: object, sent: str) -> set[Mention]:
        fail = self._service.failure
        if not isinstance(answer, dict) or not isinstance(answer.get("ners"), list):
            raise fail("/recognize", f'expected {{"text", "ners": [...]}}, got {answer!r}')
        if answer.get("text") != sent:
            raise fail("/recognize", "the answer's text isn't the text sent: spans would be off")
        return {self._mention(item, len(sent)) for item in answer["ners"]}

    def _mention(self, item: object, length: int) -> Mention:
        fail = self._service.failure
        match item:
            case [int(start), int(end), str(type_)]:
                if (
                    isinstance(start, bool)
                    or isinstance(end, bool)
                    or not 0 <= start < end <= length
                ):
                    raise fail("/recognize", f"the span {item!r} isn't within {length} characters")
                if type_ not in ENTITY_TYPES:
                    raise fail("/recognize", f"unknown entity type {type_!r} in {item!r}")
                return Mention(start, end, type_)
        raise fail("/recognize", f"expected [start, end, type], got {item!r}")


class RemoteRelationExtractor:
    """The ``RelationExtractor`` port over ``POST {url}/predict``.

    The service labels every pair that its schema allows, however weak: ``min_strength``
    drops what it doesn't believe itself. ``ambiguities`` are those of the last call.
    """

    def __init__(
        self,
        service: JsonService | str,
        *,
        version: str = "",
        max_chars: int = MAX_CHARS,
        min_strength: float = 0.5,
    ) -> None:
        """``service`` and ``version`` as in :class:`RemoteMentionFinder`."""
        self._service = service if isinstance(service, JsonService) else JsonService(service)
        self._max_chars = max_chars
        self._min_strength = min_strength
        self._fingerprint = _digest("predict", self._service.url, version, max_chars, min_strength)
        self.ambiguities: tuple[Ambiguity, ...] = ()

    @property
    def fingerprint(self) -> str:
        """A short hex digest of URL, version, chunk length and threshold."""
        return self._fingerprint

    def relate(
        self, texts: Sequence[str], mentions: Sequence[Sequence[Mention]]
    ) -> list[tuple[Relation, ...]]:
        """Relations of each text, among its mentions, in reading order of their subjects.

        Raises:
            RemoteError: the service failed or answered something unusable.
        """
        self.ambiguities = ()
        tasks = [
            task
            for number, (text, among) in enumerate(zip(texts, mentions, strict=True))
            for task in _tasks(chunks(number, text, self._max_chars, among), text, among)
        ]
        found: list[list[Relation]] = [[] for _ in texts]
        unclear: list[Ambiguity] = []
        for start in range(0, len(tasks), _CHUNKS_PER_REQUEST):
            batch = tasks[start : start + _CHUNKS_PER_REQUEST]
            for task, claims in zip(batch, self._predict(batch), strict=True):
                for relation, doubt in self._resolve(task, claims):
                    found[task.chunk.text].extend([relation] if relation else [])
                    unclear.extend([doubt] if doubt else [])
        for doubt in unclear:
            log.warning("%s", doubt)
        self.ambiguities = tuple(unclear)
        return [tuple(sorted(r, key=lambda r: (r.subject, r.object, r.relation))) for r in found]

    def _predict(self, batch: Sequence[_Task]) -> list[list[_Claim]]:
        """What the service claims of each chunk of a batch."""
        body = {
            "chunks": [task.text for task in batch],
            "entities_list": [task.entities() for task in batch],
        }
        answer = self._service.post("/predict", body)
        if not isinstance(answer, list):
            raise self._service.failure("/predict", f"expected a list, got {answer!r}")
        claims: list[list[_Claim]] = [[] for _ in batch]
        for item in answer:
            number, claim = self._claim(item, len(batch))
            if claim.strength >= self._min_strength:
                claims[number].append(claim)
        return claims

    def _claim(self, item: object, count: int) -> tuple[int, _Claim]:
        fail = self._service.failure
        match item:
            case {
                "source_entity": str(source),
                "target_entity": str(target),
                "relationship_type": str(relation),
                "relationship_strength": float() | int() as strength,
                "chunk_id": int(number),
            } if not isinstance(number, bool) and not isinstance(strength, bool):
                if relation not in RELATIONS:
                    raise fail("/predict", f"unknown relation {relation!r} in {item!r}")
                if not 0 <= strength <= 1:
                    raise fail("/predict", f"the strength isn't within [0, 1] in {item!r}")
                if not 0 <= number < count:
                    raise fail("/predict", f"{count} chunks were sent, got {item!r}")
                return number, _Claim(relation, source, target, float(strength))
        raise fail("/predict", f"expected a relation's object, got {item!r}")

    def _resolve(
        self, task: _Task, claims: Sequence[_Claim]
    ) -> Iterator[tuple[Relation | None, Ambiguity | None]]:
        """Claims as relations between mentions, and what was unclear about each.

        Several claims that read the same go to as many pairs, the stronger to the nearer.
        """
        same: dict[tuple[str, str, str], list[float]] = {}
        for claim in claims:
            same.setdefault((claim.relation, claim.source, claim.target), []).append(claim.strength)
        for (relation, source, target), strengths in same.items():
            subjects, objects = task.named(source), task.named(target)
            for surface, named in ((source, subjects), (target, objects)):
                if not named:
                    raise self._service.failure("/predict", f"no mention sent reads {surface!r}")
            pairs = _nearest_pairs(relation, subjects, objects)
            doubt = Ambiguity(task.chunk.text, relation, source, target, len(pairs), None)
            if not pairs:
                yield None, doubt
            ranked = sorted(strengths, reverse=True)
            for strength, pair in zip(ranked, pairs, strict=False):
                unclear = replace(doubt, chosen=pair) if len(pairs) > len(ranked) else None
                yield Relation(relation, *pair, confidence=strength), unclear


@dataclass(frozen=True, slots=True)
class _Claim:
    """A relation as the service states it: between texts."""

    relation: str
    source: str
    target: str
    strength: float


@dataclass(frozen=True, slots=True)
class _Task:
    """A chunk to send, its text, and the mentions inside it (offsets of the whole text)."""

    chunk: Chunk
    text: str
    mentions: tuple[Mention, ...]

    def entities(self) -> list[list[object]]:
        """The mentions as the service takes them."""
        start = self.chunk.start
        return [[m.start - start, m.end - start, m.type] for m in self.mentions]

    def named(self, surface: str) -> list[Mention]:
        """The mentions that read so, whatever their white space."""
        start, wanted = self.chunk.start, surface.split()
        return [
            m for m in self.mentions if self.text[m.start - start : m.end - start].split() == wanted
        ]


def _tasks(parts: Sequence[Chunk], text: str, mentions: Sequence[Mention]) -> Iterator[_Task]:
    """The chunks that hold at least two mentions: the others can't hold a relation."""
    for part in parts:
        inside = by_position(
            [m for m in set(mentions) if part.start <= m.start < m.end <= part.end]
        )
        if len(inside) > 1:
            yield _Task(part, text[part.start : part.end], inside)


def _nearest_pairs(
    relation: str, subjects: Sequence[Mention], objects: Sequence[Mention]
) -> list[tuple[Mention, Mention]]:
    """Pairs whose types the ontology allows for the relation, the nearest first."""
    pairs = [
        (subject, object_)
        for subject in subjects
        for object_ in objects
        if subject != object_ and allowed(relation, subject.type, object_.type)
    ]
    return sorted(pairs, key=lambda pair: (*_distance(*pair), pair))


def _distance(one: Mention, other: Mention) -> tuple[int, int]:
    """Characters between two spans, then between their middles (doubled)."""
    gap = max(0, other.start - one.end, one.start - other.end)
    return gap, abs(one.start + one.end - other.start - other.end)


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
