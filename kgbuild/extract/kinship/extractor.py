"""An extractor that reads words of kinship too."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from kgbuild.extract.kinship.patterns import Kinship, Stated, stated_kinship
from kgbuild.ports import Extractor
from kgbuild.types import Extraction, Mention, Relation

VERSION = "-kin1"
"""The version of the patterns: a part of the fingerprint."""

CONFIDENCE = {"of": 0.97, "has": 0.95, "his": 0.79, "the": 0.6, "wedding": 0.73}
"""How often a pattern agrees with NEREL's annotators (training part, gold mentions;
(right + 1) / (found + 2)), by whose kin it says: `benchmarks/kinship.py`."""

KINSHIP = frozenset({"PARENT_OF", "RELATIVE", "SIBLING", "SPOUSE"})


class KinshipExtractor:
    """Adds to what an extractor finds what words of kinship state (the ``Extractor`` port).

    Where all such words of a sentence were read, the extractor's own kinship of two people in
    it is dropped if they don't state it: it takes a niece for a wife. ``min_precision`` leaves
    out patterns that are less often right.
    """

    def __init__(self, models: Extractor, min_precision: float | None = None) -> None:
        self.models = models
        self.fingerprint = models.fingerprint + VERSION
        self._least = min_precision or 0.0

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        """Mentions and relations of each text."""
        found = self.models.extract(texts)
        return [self._with_kinship(*one) for one in zip(texts, found, strict=True)]

    def _with_kinship(self, text: str, found: Extraction) -> Extraction:
        kinship = stated_kinship(text, found.mentions)
        if not kinship.unread:
            return found
        doubted = _Doubts(kinship)
        sure = [stated for stated in kinship.stated if confidence(stated) >= self._least]
        by_word = {_key(relation): relation for relation in map(_relation, sure)}
        relations: list[Relation] = []
        for relation in found.relations:
            same = by_word.pop(_key(relation), None)
            if same is not None:
                relations.append(max(relation, same, key=lambda one: one.confidence))
            elif relation not in doubted:
                relations.append(relation)
        known = {_key(relation) for relation in (*relations, *by_word.values())}
        weak = (r for r in found.candidates if r not in doubted and _key(r) not in known)
        return Extraction(found.mentions, (*relations, *by_word.values()), tuple(weak))


class _Doubts:
    """Kinship that the words of its sentence don't state, or state otherwise."""

    def __init__(self, kinship: Kinship) -> None:
        self._said = {_pair(s.subject, s.object) for s in kinship.stated}
        self._unread = kinship.unread
        self._starts = [sentence.start for sentence, _ in kinship.unread]

    def __contains__(self, relation: Relation) -> bool:
        ends = _pair(relation.subject, relation.object)
        if relation.relation not in KINSHIP or {end.type for end in ends} != {"PERSON"}:
            return False
        if ends in self._said:
            return True
        place = bisect_right(self._starts, min(end.start for end in ends)) - 1
        if place < 0:
            return False
        sentence, unread = self._unread[place]
        within = max(end.end for end in ends) <= sentence.end
        return within and relation.relation not in unread


def confidence(stated: Stated) -> float:
    """Of one finding, by its pattern."""
    return CONFIDENCE[stated.pattern.split()[0]]


def _relation(stated: Stated) -> Relation:
    return Relation(stated.relation, stated.subject, stated.object, confidence(stated))


def _pair(one: Mention, other: Mention) -> frozenset[Mention]:
    return frozenset({one, other})


def _key(relation: Relation) -> tuple[str, Mention | None, frozenset[Mention]]:
    """What two relations that say the same share: only PARENT_OF has a direction."""
    directed = relation.relation == "PARENT_OF"
    pair = _pair(relation.subject, relation.object)
    return relation.relation, relation.subject if directed else None, pair
