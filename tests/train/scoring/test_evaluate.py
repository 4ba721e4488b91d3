"""The protocols, on predictors whose scores are known."""

from __future__ import annotations

import json
from collections.abc import Sequence

import notation
import pytest

from kgbuild.train.corpora.nerel import GoldDocument
from kgbuild.train.scoring.definitions import DOCUMENT, ROWS
from kgbuild.train.scoring.evaluate import (
    BATCH,
    evaluate_end_to_end,
    evaluate_ner,
    evaluate_relations,
    report_relations,
)
from kgbuild.train.scoring.scores import Score
from kgbuild.types import Extraction, Mention, Relation
from tests.train.gold import document, documents


class Predictor:
    """Answers what it was told for each text."""

    fingerprint = "told"

    def __init__(self, answers: dict[str, Extraction]) -> None:
        self.answers = answers
        self.batches: list[int] = []

    def extract(self, texts: Sequence[str]) -> list[Extraction]:
        self.batches.append(len(texts))
        return [self.answers.get(text, Extraction((), ())) for text in texts]

    def find(self, texts: Sequence[str]) -> list[tuple[Mention, ...]]:
        return [e.mentions for e in self.extract(texts)]

    def relate(
        self, texts: Sequence[str], mentions: Sequence[Sequence[Mention]]
    ) -> list[tuple[Relation, ...]]:
        return [e.relations for e in self.extract(texts)]


GOLD = documents()
PERFECT = Predictor({d.text: Extraction(d.mentions, d.relations) for d in GOLD})
SILENT = Predictor({})


def test_a_perfect_predictor_gets_one() -> None:
    for report in (
        evaluate_ner(PERFECT, GOLD),
        evaluate_relations(PERFECT, GOLD),
        evaluate_end_to_end(PERFECT, GOLD),
    ):
        assert report.micro.f1 == 1.0
        assert report.documents == len(GOLD)
        assert all(score.fp == score.fn == 0 for score in report.by_label.values())
        values = json.loads(json.dumps(report.to_dict()))
        assert values["micro"]["f1"] == values["macro"]["f1"] == 1.0


def test_one_that_finds_nothing_misses_all_gold() -> None:
    mentions = sum(len(d.mentions) for d in GOLD)
    relations = sum(len(d.relations) for d in GOLD)
    assert evaluate_ner(SILENT, GOLD).micro == Score(0, 0, mentions)
    for report in (evaluate_relations(SILENT, GOLD), evaluate_end_to_end(SILENT, GOLD)):
        assert report.micro == Score(0, 0, relations)
        assert report.micro.recall == 0.0
        assert report.to_dict()["micro"]["gold"] == relations  # type: ignore[index]


def test_spans_and_types_are_strict() -> None:
    gold = [document("a", "[Иван Петров|PERSON] и [Газпром|ORGANIZATION]")]
    near = document("a", "[Иван|PERSON] Петров и [Газпром|PRODUCT]")
    report = evaluate_ner(Predictor({gold[0].text: Extraction(near.mentions, ())}), gold)
    assert report.by_label == {
        "PERSON": Score(0, 1, 1), "ORGANIZATION": Score(0, 0, 1), "PRODUCT": Score(0, 1, 0),
    }  # fmt: skip


def test_nested_mentions_have_a_row() -> None:
    gold = [document("a", "[[Театр|FACILITY] [имени [Ермоловой|PERSON]|WORK_OF_ART]|ORGANIZATION]")]
    found = Extraction(
        tuple(m for m in gold[0].mentions if m.type in ("ORGANIZATION", "PERSON")), ()
    )
    report = evaluate_ner(Predictor({gold[0].text: found}), gold)
    assert report.rows["nested inside another"] == Score(1, 0, 2)
    assert report.micro == Score(2, 0, 2)


def test_types_on_one_span_are_not_nested_in_each_other() -> None:
    gold = [document("a", "[[Газпром|ORGANIZATION]|PRODUCT]")]
    report = evaluate_ner(Predictor({gold[0].text: Extraction(gold[0].mentions, ())}), gold)
    assert report.rows["nested inside another"] == Score()


def test_rows_part_gold_and_predicted_alike() -> None:
    gold = [
        document(
            "a",
            "[[Банк [России|COUNTRY]|ORGANIZATION]|ORGANIZATION] принял [Анну|PERSON]. "
            "[Иван|PERSON] там же. => 4 WORKPLACE 1, 5 WORKPLACE 1, 1 HEADQUARTERED_IN 3",
        )
    ]
    m = gold[0].mentions
    anna, ivan = (x for x in m if x.type == "PERSON")
    country = next(x for x in m if x.type == "COUNTRY")
    bank = gold[0].relations[0].object
    predicted = [
        ("a", Relation("WORKPLACE", anna, bank)),
        ("a", Relation("SPOUSE", anna, ivan)),
        ("a", Relation("LOCATED_IN", bank, country)),
    ]
    report = report_relations(DOCUMENT, gold, predicted)
    assert report.micro == Score(1, 2, 2)
    assert report.rows["in one sentence"] == Score(1, 1, 1)
    assert report.rows["across sentences"] == Score(0, 1, 1)
    assert report.rows["nested"] == Score(0, 1, 1)
    inside, across = report.rows["in one sentence"], report.rows["across sentences"]
    assert inside + across == report.micro


def test_a_relation_between_missed_mentions_is_missed_end_to_end() -> None:
    gold = [document("a", "[Иван|PERSON] женат на [Марии|PERSON] => 1 SPOUSE 2")]
    other = document("a", "[Иван|PERSON] женат [на Марии|PERSON] => 1 SPOUSE 2")
    told = Predictor({gold[0].text: Extraction(other.mentions, other.relations)})
    assert evaluate_end_to_end(told, gold).micro == Score(0, 1, 1)


def test_a_symmetric_relation_counts_in_its_annotated_direction() -> None:
    gold = [document("a", "[Иван|PERSON], [Мария|PERSON] => 1 SPOUSE 2")]
    turned = document("a", "[Иван|PERSON], [Мария|PERSON] => 2 SPOUSE 1")
    told = Predictor({gold[0].text: Extraction(gold[0].mentions, turned.relations)})
    assert evaluate_relations(told, gold).micro == Score(0, 1, 1)


def test_the_same_place_in_two_documents_is_two_items() -> None:
    gold = [document("a", "[Иван|PERSON] тут."), document("b", "[Олег|PERSON] там.")]
    told = Predictor({gold[0].text: Extraction(gold[0].mentions, ())})
    assert evaluate_ner(told, gold).micro == Score(1, 0, 1)


@pytest.mark.parametrize("count", [1, BATCH, BATCH + 1])
def test_documents_come_in_batches_and_all_count(count: int) -> None:
    gold = [document(str(i), f"[Иван|PERSON] {i}") for i in range(count)]
    told = Predictor({d.text: Extraction(d.mentions, ()) for d in gold})
    assert evaluate_ner(told, gold).micro == Score(count, 0, 0)
    assert max(told.batches) <= BATCH
    assert sum(told.batches) == count


def test_the_calibration_error_is_that_of_the_confidences() -> None:
    """Two predictions at 0.9, one right: off by 0.4 on average in their one-item bins."""
    case = notation.parse("[Иван|PERSON] и [Анна|PERSON] работают в [Лукойле|ORGANIZATION]")
    ivan, anna, company = case.mentions
    right = Relation("WORKPLACE", ivan, company, 0.9)
    wrong = Relation("WORKPLACE", anna, company, 0.9)
    gold = GoldDocument("a", case.text, case.mentions, (right,), {})
    report = report_relations(DOCUMENT, [gold], [("a", right), ("a", wrong)])
    assert report.calibration_error == pytest.approx((0.1 + 0.9) / 2, abs=1e-4)


def test_a_report_says_what_it_counts() -> None:
    """Its protocol and every row of it, in the same words in the table and in JSON."""
    for report in (evaluate_ner(PERFECT, GOLD), evaluate_end_to_end(PERFECT, GOLD)):
        values = report.to_dict()
        assert values["definition"] == report.protocol.definition
        assert values["row_definitions"] == {name: ROWS[name] for name in report.rows}
        assert report.rows
