"""The shipped weights over texts that lost something on the way: behaviour, not figures."""

from __future__ import annotations

import textwrap

import pytest

from kgbuild.extract.joint import JointExtractor
from kgbuild.extract.precision import NEVER
from kgbuild.read.breaks import rejoin
from kgbuild.types import Extraction

pytestmark = pytest.mark.model

PROSE = (
    "Дмитрий Иванович Менделеев родился 8 февраля 1834 года в Тобольске в семье директора "
    "гимназии. В 1855 году он окончил Главный педагогический институт в Петербурге и уехал "
    "учителем в Симферополь. В 1862 году Менделеев женился на Феозве Лещевой, уроженке Тобольска."
)


@pytest.fixture(scope="module")
def extractor() -> JointExtractor:
    return JointExtractor.open()


def names(text: str, extraction: Extraction) -> set[tuple[str, str]]:
    return {
        (rejoin(text[m.start : m.end]).casefold().replace("ё", "е"), m.type)
        for m in extraction.mentions
    }


def kept(extractor: JointExtractor, text: str) -> float:
    """The share of the mentions of the clean text that are found in this one too."""
    clean, other = extractor.extract([PROSE, text])
    wanted = names(PROSE, clean)
    assert len(wanted) >= 8
    return len(wanted & names(text, other)) / len(wanted)


WRAPPED = "\n".join(textwrap.wrap(PROSE, 64))
CHANGED = {
    "wrapped": WRAPPED,
    "hyphenated": PROSE.replace("Менделеев", "Менде-\nлеев").replace(
        "Симферополь", "Симфе-\nрополь"
    ),
    "soft hyphens": PROSE.replace("Менделеев", "Мен\u00adде\u00adле\u00adев"),
    "zero width": PROSE.replace("Тоболь", "То\u200bболь"),
    "stress marks": PROSE.replace("Менделе", "Менделе\u0301"),
}


@pytest.mark.parametrize("text", CHANGED.values(), ids=CHANGED)
def test_what_cannot_be_seen_changes_no_mention(extractor: JointExtractor, text: str) -> None:
    assert kept(extractor, text) == 1.0


@pytest.mark.parametrize("change", [str.upper, str.lower])
def test_most_mentions_survive_the_loss_of_case(
    extractor: JointExtractor, change: type[str]
) -> None:
    assert kept(extractor, change(PROSE)) >= 0.5


def test_a_wanted_precision_keeps_fewer_and_surer_relations() -> None:
    plain = JointExtractor.open().found_config.thresholds
    precise = JointExtractor.open(min_precision=0.9).found_config.thresholds
    assert precise.mean() > plain.mean()
    assert (precise < NEVER).sum() >= 5
