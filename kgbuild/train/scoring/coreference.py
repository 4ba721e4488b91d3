"""Links of pronouns, descriptions and dropped subjects, against the annotated ones.

What is counted is said in :mod:`kgbuild.train.scoring.definitions`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from kgbuild.errors import WeightsError
from kgbuild.extract.batch import REFERENCES
from kgbuild.extract.joint import JointExtractor
from kgbuild.russian.morphology import analyzer
from kgbuild.train.corpora.nerel import GoldDocument
from kgbuild.train.examples import with_references
from kgbuild.train.scoring.definitions import GIVEN_LINKS, NEAREST_LINKS, RAW_LINKS, Protocol
from kgbuild.train.scoring.evaluate import Report, batches_of, calibration_error
from kgbuild.train.scoring.protocols import standing_for
from kgbuild.train.scoring.scores import Score
from kgbuild.types import Mention

OVERT, ZERO = "overt", "zero"
_WORD = re.compile(r"\w+")
_PREDICATES = ("VERB", "PRTS", "ADJS", "PRED")

Link = tuple[Mention, Mention, float]
"""A reference, its antecedent, the probability of the link."""


def evaluate_coreference(
    extractor: JointExtractor, documents: Sequence[GoldDocument]
) -> tuple[Report, ...]:
    """Links in raw text, between gold mentions, and those of the nearest preceding mention.

    Raises:
        WeightsError: the weights know no references.
    """
    if not extractor.follows_references:
        raise WeightsError(
            "the weights know no references: train with references = 1 in the recipe's [network]"
        )
    raw: list[tuple[Link, ...]] = []
    given: list[tuple[Link, ...]] = []
    for batch in batches_of(documents):
        texts = [d.text for d in batch]
        raw += extractor.link(texts)
        given += extractor.link(texts, [with_references(d)[0] for d in batch])
    nearest = [nearest_links(document) for document in documents]
    return (
        report_links(RAW_LINKS, documents, raw),
        report_links(GIVEN_LINKS, documents, given),
        report_links(NEAREST_LINKS, documents, nearest, sure=True),
    )


def nearest_links(document: GoldDocument) -> tuple[Link, ...]:
    """Each annotated reference with the nearest mention before it of the type it refers to."""
    links = []
    for reference in _references(document):
        wanted = REFERENCES[reference.type]
        before = [m for m in document.mentions if m.type == wanted and m.end <= reference.start]
        if before:
            links.append((reference, max(before, key=lambda m: (m.end, m.start)), 1.0))
    return tuple(links)


def report_links(
    protocol: Protocol,
    documents: Sequence[GoldDocument],
    linked: Sequence[Sequence[Link]],
    sure: bool = False,
) -> Report:
    """Links of documents against annotated references; ``sure`` ones have no confidence."""
    scores = {OVERT: Score(), ZERO: Score()}
    confidences: list[float] = []
    right: list[bool] = []
    for document, links in zip(documents, linked, strict=True):
        gold = _references(document)
        kinds = {(r.start, r.end): r.kind for r in document.references}
        found: set[Mention] = set()
        for reference, antecedent, probability in links:
            meant = document.entities.get(standing_for(antecedent, document.mentions))
            hit = meant is not None and gold.get(reference) == meant
            kind = kinds.get((reference.start, reference.end)) or _kind(document.text, reference)
            scores[kind] += Score(int(hit), int(not hit), 0)
            confidences.append(probability)
            right.append(hit)
            found |= {reference} if hit else set()
        for reference in gold:
            if reference not in found:
                scores[kinds[reference.start, reference.end]] += Score(0, 0, 1)
    error = None if sure else calibration_error(confidences, right)
    return Report(protocol, len(documents), scores, {}, error)


def _references(document: GoldDocument) -> dict[Mention, str]:
    """The references that can be linked, as mentions of types of their own, and the entity of
    each: those to people and organisations that the document names."""
    spans, entities = with_references(document)
    count = len(document.mentions)
    return dict(zip(spans[count:], entities[count:], strict=True))


def _kind(text: str, reference: Mention) -> str:
    """What a reference that nobody annotated would be."""
    words = _WORD.findall(text[reference.start : reference.end])
    verb = bool(words) and analyzer().parse(words[-1])[0].tag.POS in _PREDICATES
    return ZERO if verb else OVERT
