"""An extractor that reads what sentences state in so many words, too."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from kgbuild.extract.patterns.denial import is_unsaid
from kgbuild.extract.patterns.finding import Findings, Stated
from kgbuild.extract.patterns.life import is_visit
from kgbuild.extract.patterns.reading import stated_in
from kgbuild.extract.patterns.words import name_readings
from kgbuild.ports import Extractor
from kgbuild.types import Extraction, Mention, Relation

VERSION = "-stated6"
"""The version of the patterns: a part of the fingerprint."""

CONFIDENCE = {
    "of": 0.97, "has": 0.95, "his": 0.79, "the": 0.6, "wedding": 0.73, "born": 0.82, "died": 0.62,
    "birthday": 0.85, "deathday": 0.80,
}  # fmt: skip
"""How often a pattern agrees with NEREL's annotators (training part, gold mentions;
(right + 1) / (found + 2)), kinship by whose kin it says: `benchmarks/quality/patterns.py`."""

KINSHIP = frozenset({"PARENT_OF", "RELATIVE", "SIBLING", "SPOUSE"})
LIFE = frozenset({"DATE_OF_BIRTH", "DATE_OF_DEATH", "PLACE_OF_BIRTH", "PLACE_OF_DEATH"})

_PEOPLE = frozenset({"PERSON", "PROFESSION"})
_NEAR = 150
"""Characters around two people in which a marriage may be spoken of."""
_MARRIAGE = re.compile(
    r"(?i)\b(?:экс-)?(?:муж(?!ч)|замуж|жен(?!щ|ск|ев)|жён|пожен|супру|вдов|брак|брач|свад|венча|обвенч"
    r"|невест|жених|чет[аыуео]\b|помолв|развод|развел|развёл|партн[её]р|молодож)"
)


class PatternExtractor:
    """Adds to what an extractor finds what patterns read (the ``Extractor`` port).

    Where all words of kinship of a sentence were read, the extractor's own kinship of two people
    in it is dropped if they don't state it: it takes a niece for a wife. What the extractor
    found denied of two people isn't read of them. ``min_precision``
    leaves out patterns that are less often right.
    """

    def __init__(self, models: Extractor, min_precision: float | None = None) -> None:
        self.models = models
        self.fingerprint = models.fingerprint + VERSION
        self._least = min_precision or 0.0

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        """Mentions and relations of each text."""
        found = self.models.extract(texts)
        return [self._with_stated(*one) for one in zip(texts, found, strict=True)]

    def _with_stated(self, text: str, found: Extraction) -> Extraction:
        findings = stated_in(text, found.mentions)
        doubted = _Doubts(text, findings)
        denied = {_pair(relation.subject, relation.object) for relation in found.denied}
        likely = [stated for stated in findings.stated if confidence(stated) >= self._least]
        sure = [
            stated
            for stated in likely
            if not is_unsaid(text, _relation(stated))
            and _pair(stated.subject, stated.object) not in denied
        ]
        by_word = {_key(relation): relation for relation in map(_relation, sure)}
        relations: list[Relation] = []
        for relation in found.relations:
            if is_unsaid(text, relation) or is_visit(text, relation):
                continue
            same = by_word.pop(_key(relation), None)
            if same is not None:
                relations.append(max(relation, same, key=lambda one: one.confidence))
            elif relation not in doubted:
                relations.append(relation)
        known = {_key(relation) for relation in (*relations, *by_word.values())}
        weak = (
            r
            for r in found.candidates
            if r not in doubted and _key(r) not in known
            if not (is_unsaid(text, r) or is_visit(text, r))
        )
        unsaid = (r for r in (*map(_relation, likely), *found.relations) if is_unsaid(text, r))
        against = {_key(r): replace(r, denied=True) for r in (*found.denied, *unsaid)}
        return replace(
            found,
            relations=(*relations, *by_word.values()),
            candidates=tuple(weak),
            denied=tuple(r for key, r in against.items() if key not in known),
        )


class _Doubts:
    """Relations that the words of their sentence state otherwise, or kinship that they don't."""

    def __init__(self, text: str, findings: Findings) -> None:
        self._text = text
        self._said: dict[frozenset[Mention], set[str]] = defaultdict(set)
        for stated in findings.stated:
            self._said[_pair(stated.subject, stated.object)].add(stated.relation)
        self._unread = findings.unread
        self._starts = [sentence.start for sentence, _ in findings.unread]

    def __contains__(self, relation: Relation) -> bool:
        ends = _pair(relation.subject, relation.object)
        said = self._said.get(ends, set())
        if relation.relation in LIFE:
            return bool(said & LIFE) and relation.relation not in said
        if relation.relation not in KINSHIP or not {end.type for end in ends} <= _PEOPLE:
            return False
        if said & KINSHIP or self._is_unsaid(relation.relation, ends):
            return True
        return relation.relation == "SPOUSE" and self._is_mere_company(ends)

    def _is_unsaid(self, relation: str, ends: frozenset[Mention]) -> bool:
        """Whether both stand in a sentence whose words of kinship speak of other relations."""
        place = bisect_right(self._starts, min(end.start for end in ends)) - 1
        if place < 0:
            return False
        sentence, unread = self._unread[place]
        return max(end.end for end in ends) <= sentence.end and relation not in unread

    def _is_mere_company(self, ends: frozenset[Mention]) -> bool:
        """Whether two of one gender stand together with no word of marriage near: «Пётр Капица
        и Лев Ландау»."""
        first, last = min(end.start for end in ends), max(end.end for end in ends)
        if _MARRIAGE.search(self._text, max(0, first - _NEAR), last + _NEAR):
            return False
        surfaces = (self._text[end.start : end.end] for end in ends)
        genders = {r.gender for surface in surfaces for r in name_readings(surface)}
        return len(genders) == 1


def confidence(stated: Stated) -> float:
    """Of one finding, by its pattern."""
    return CONFIDENCE[stated.pattern.split()[0]]


def _relation(stated: Stated) -> Relation:
    return Relation(stated.relation, stated.subject, stated.object, confidence(stated))


def _pair(one: Mention, other: Mention) -> frozenset[Mention]:
    return frozenset({one, other})


def _key(relation: Relation) -> tuple[str, Mention | None, frozenset[Mention]]:
    """What two relations that say the same share: kinship but for PARENT_OF has no direction."""
    directed = relation.relation not in KINSHIP - {"PARENT_OF"}
    pair = _pair(relation.subject, relation.object)
    return relation.relation, relation.subject if directed else None, pair
