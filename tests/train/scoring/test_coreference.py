"""Links of references against annotated ones, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from kgbuild.errors import WeightsError
from kgbuild.train.corpora.nerel import GoldDocument
from kgbuild.train.scoring.coreference import (
    OVERT,
    ZERO,
    Link,
    evaluate_coreference,
    nearest_links,
    report_links,
)
from kgbuild.train.scoring.definitions import RAW_LINKS
from kgbuild.train.scoring.scores import Score
from kgbuild.types import Mention
from tests.train.dossier import document

TEXT = (
    "[Зуев](PERSON#p1) нанял [Петрова](PERSON#p2). {Он}(=p1) любил порядок. "
    "{Родился}(0=p1) в [Твери](CITY#c1). {Там}(=c1) тихо. {Она}(=p9) ушла."
)
ZUEV, PETROV, TVER = range(3)


@pytest.fixture
def gold(tmp_path: Path) -> GoldDocument:
    return document(tmp_path, TEXT)


def span(gold: GoldDocument, word: str, kind: str = "PERSON_REFERENCE") -> Mention:
    start = gold.text.index(word)
    return Mention(start, start + len(word), kind)


def scores(gold: GoldDocument, *links: Link) -> tuple[Score, Score]:
    report = report_links(RAW_LINKS, [gold], [links])
    return report.by_label[OVERT], report.by_label[ZERO]


def test_overt_references_and_dropped_subjects_count_apart(gold: GoldDocument) -> None:
    zuev, petrov = gold.mentions[:2]
    assert scores(gold) == (Score(0, 0, 1), Score(0, 0, 1))  # of a place or of no name: none
    he, born = span(gold, "Он"), span(gold, "Родился")
    assert scores(gold, (he, zuev, 0.9)) == (Score(1, 0, 0), Score(0, 0, 1))
    assert scores(gold, (born, zuev, 0.9)) == (Score(0, 0, 1), Score(1, 0, 0))
    assert scores(gold, (he, petrov, 0.9)) == (Score(0, 1, 1), Score(0, 0, 1))


def test_an_antecedent_may_be_any_mention_of_the_entity_and_overlap_it(tmp_path: Path) -> None:
    gold = document(
        tmp_path, "[Зуев](PERSON#p1), [Зуев](PERSON#p1) и [Анна](PERSON#p2). {Он}(=p1) тут."
    )
    he = span(gold, "Он")
    for antecedent in (*gold.mentions[:2], Mention(0, 3, "PERSON")):
        assert scores(gold, (he, antecedent, 0.9))[0] == Score(1, 0, 0)
    for antecedent in (gold.mentions[2], Mention(4, 5, "PERSON")):
        assert scores(gold, (he, antecedent, 0.9))[0] == Score(0, 1, 1)


def test_what_nobody_annotated_is_wrong_and_of_the_kind_it_looks_like(gold: GoldDocument) -> None:
    zuev = gold.mentions[0]
    verb, noun = span(gold, "нанял"), span(gold, "порядок")
    assert scores(gold, (verb, zuev, 0.9)) == (Score(0, 0, 1), Score(0, 1, 1))
    assert scores(gold, (noun, zuev, 0.9)) == (Score(0, 1, 1), Score(0, 0, 1))
    other = span(gold, "Он", "ORGANIZATION_REFERENCE")
    assert scores(gold, (other, zuev, 0.9))[0] == Score(0, 1, 1)


def test_the_baseline_takes_the_nearest_mention_before_of_a_fitting_type(
    gold: GoldDocument,
) -> None:
    petrov = gold.mentions[PETROV]
    assert nearest_links(gold) == (
        (span(gold, "Он"), petrov, 1.0),
        (span(gold, "Родился"), petrov, 1.0),
    )
    assert scores(gold, *nearest_links(gold)) == (Score(0, 1, 1), Score(0, 1, 1))


def test_the_baseline_links_nothing_to_what_stands_behind_or_around(tmp_path: Path) -> None:
    gold = document(
        tmp_path,
        "{Он}(=p1) пришёл. [Зуев](PERSON#p1). {Компания}(=o1) и [ООО](ORGANIZATION#o1).",
    )
    assert nearest_links(gold) == ()
    assert scores(gold)[0] == Score(0, 0, 2)


def test_confidences_are_held_against_what_is_right(gold: GoldDocument) -> None:
    zuev = gold.mentions[0]
    right = report_links(RAW_LINKS, [gold], [[(span(gold, "Он"), zuev, 0.75)]])
    assert right.calibration_error == 0.25
    baseline = report_links(RAW_LINKS, [gold], [nearest_links(gold)], sure=True)
    assert baseline.calibration_error is None


class Linked:
    """Links the first reference it is given to the first mention; of raw texts, nothing."""

    follows_references = True

    def link(
        self, texts: Sequence[str], given: Sequence[Sequence[Mention]] | None = None
    ) -> list[tuple[Link, ...]]:
        if given is None:
            return [()] * len(texts)
        return [
            ((next(m for m in some if m.type == "PERSON_REFERENCE"), some[0], 0.9),)
            for some in given
        ]


def test_three_reports_raw_given_and_the_baseline(gold: GoldDocument) -> None:
    raw, given, nearest = evaluate_coreference(Linked(), [gold, gold])  # type: ignore[arg-type]
    assert raw.micro == Score(0, 0, 4)
    assert given.micro == Score(2, 0, 2)
    assert nearest.micro == Score(0, 4, 4)
    assert {r.documents for r in (raw, given, nearest)} == {2}


def test_weights_that_know_no_references_are_refused(gold: GoldDocument) -> None:
    class Old(Linked):
        follows_references = False

    with pytest.raises(WeightsError, match="know no references"):
        evaluate_coreference(Old(), [gold])  # type: ignore[arg-type]
