"""Facts between entities, each once a document, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from kgbuild.train.corpora.nerel import GoldDocument
from kgbuild.train.scoring.definitions import (
    DENIED_SAID,
    NAMED_TOGETHER,
    OTHERWISE,
    RAW_FACTS,
    REFERRED,
    SURE,
)
from kgbuild.train.scoring.entity_facts import relate_given, report_entity_facts
from kgbuild.train.scoring.evaluate import Report, Row
from kgbuild.train.scoring.scores import Score
from kgbuild.types import Mention, Relation
from tests.train.dossier import document, note

TEXT = (
    "[Зуев](PERSON#p1) женат на [Анне](PERSON#p2). {Она}(=p2) живёт в [Твери](CITY#c1). "
    "[Завод](ORGANIZATION#o1) закрыт. [Зуев](PERSON#p1) не был отцом [Пети](PERSON#p3)."
)
FACTS = "p1 SPOUSE p2\np2 PLACE_RESIDES_IN c1\np1 WORKPLACE o1\n! p1 PARENT_OF p3"
FIRST, ANNA, TVER, FIRM, SECOND, PETYA = range(6)


@pytest.fixture
def gold(tmp_path: Path) -> GoldDocument:
    return document(tmp_path, TEXT, FACTS)


def report(gold: GoldDocument, *told: tuple[int | Mention, str, int | Mention, float]) -> Report:
    def mention(end: int | Mention) -> Mention:
        return gold.mentions[end] if isinstance(end, int) else end

    rows: list[Row] = [
        (gold.name, Relation(name, mention(s), mention(o), score)) for s, name, o, score in told
    ]
    return report_entity_facts(RAW_FACTS, [gold], rows)


def test_a_fact_counts_once_whichever_mention_states_it(gold: GoldDocument) -> None:
    found = report(
        gold,
        (FIRST, "SPOUSE", ANNA, 0.9),
        (SECOND, "SPOUSE", ANNA, 0.6),
        (ANNA, "SPOUSE", FIRST, 0.7),  # a symmetric relation, the other way
    )
    assert found.micro == Score(1, 0, 2)
    assert found.by_label["SPOUSE"] == Score(1, 0, 0)


def test_a_directed_fact_counts_one_way(gold: GoldDocument) -> None:
    assert report(gold, (FIRM, "WORKPLACE", FIRST, 0.9)).micro == Score(0, 1, 3)


def test_recall_by_what_states_a_fact(gold: GoldDocument) -> None:
    found = report(
        gold,
        (FIRST, "SPOUSE", ANNA, 0.9),
        (ANNA, "PLACE_RESIDES_IN", TVER, 0.4),
        (ANNA, "WORKPLACE", FIRM, 0.3),
        (FIRST, "PARENT_OF", PETYA, 0.2),
    )
    assert found.rows[NAMED_TOGETHER] == Score(1, 1, 0)  # the parent is false
    assert found.rows[REFERRED] == Score(1, 0, 0)
    assert found.rows[OTHERWISE] == Score(0, 1, 1)
    assert (
        sum((found.rows[k] for k in (NAMED_TOGETHER, REFERRED, OTHERWISE)), Score()) == found.micro
    )
    assert found.rows[SURE] == Score(1, 0, 2)


def test_two_references_in_one_sentence_state_a_fact_too(tmp_path: Path) -> None:
    gold = document(
        tmp_path,
        "[Зуев](PERSON#p1) ушёл. [Анна](PERSON#p2) пришла. {Он}(=p1) любит {её}(=p2).",
        "p1 SPOUSE p2",
    )
    assert report(gold).rows[REFERRED] == Score(0, 0, 1)


@pytest.mark.parametrize(("confidence", "said"), [(0.6, 1), (0.4, 0)])
def test_denied_facts_that_are_stated_all_the_same(
    gold: GoldDocument, confidence: float, said: int
) -> None:
    found = report(gold, (SECOND, "PARENT_OF", PETYA, confidence))
    assert found.rows[DENIED_SAID] == Score(said, 0, 1 - said)
    assert found.micro == Score(0, 1, 3)


def test_a_mention_counts_for_the_gold_one_that_it_overlaps(gold: GoldDocument) -> None:
    wide = Mention(0, gold.text.index(" на"), "PERSON")  # «Зуев женат»
    assert report(gold, (wide, "SPOUSE", ANNA, 0.9)).micro == Score(1, 0, 2)
    start = gold.text.index("закрыт")
    other = Mention(start, start + 6, "PERSON")
    found = report(gold, (other, "SPOUSE", ANNA, 0.9), (other, "WORKPLACE", FIRM, 0.8))
    assert found.micro == Score(0, 2, 3)
    assert found.rows[NAMED_TOGETHER] == Score(0, 1, 1)  # with the firm of its sentence
    assert found.rows[OTHERWISE] == Score(0, 1, 1)


def test_names_of_one_entity_are_no_fact(gold: GoldDocument) -> None:
    assert report(gold, (FIRST, "ALTERNATIVE_NAME", SECOND, 0.9)).micro == Score(0, 0, 3)


def test_confidences_are_held_against_what_is_right(gold: GoldDocument) -> None:
    sure = report(gold, (FIRST, "SPOUSE", ANNA, 1.0))
    assert sure.calibration_error == 0.0
    wrong = report(gold, (FIRST, "PARENT_OF", ANNA, 1.0))
    assert wrong.calibration_error == 1.0
    again = report(gold, (FIRST, "SPOUSE", ANNA, 1.0), (SECOND, "SPOUSE", ANNA, 0.2))
    assert again.calibration_error == 0.0  # a fact is as sure as its surest statement


def test_documents_of_one_dossier_stay_apart(tmp_path: Path) -> None:
    golds = [document(tmp_path, TEXT, FACTS, name) for name in ("one", "two")]
    rows = [(golds[0].name, Relation("SPOUSE", *golds[0].mentions[:2], 0.9))]
    assert report_entity_facts(RAW_FACTS, golds, rows).micro == Score(1, 0, 5)


class Related:
    """Relates the first two of the mentions it is given, and keeps them."""

    def __init__(self, follows_references: bool) -> None:
        self.follows_references = follows_references
        self.given: list[tuple[str, ...]] = []

    def relate(
        self, texts: Sequence[str], mentions: Sequence[Sequence[Mention]]
    ) -> list[tuple[Relation, ...]]:
        self.given += [tuple(m.type for m in some) for some in mentions]
        return [(Relation("SPOUSE", some[0], some[1], 0.9),) for some in mentions]


@pytest.mark.parametrize("follows", [True, False])
def test_references_are_given_to_weights_that_know_them(tmp_path: Path, follows: bool) -> None:
    gold = note(tmp_path)
    related = Related(follows)
    rows = relate_given(related, [gold, gold])  # type: ignore[arg-type]
    assert [row[0] for row in rows] == [gold.name] * 2
    assert ("PERSON_REFERENCE" in related.given[0]) is follows
    assert len(related.given[0]) == len(gold.mentions) + 2 * follows
