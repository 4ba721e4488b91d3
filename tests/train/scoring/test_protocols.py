"""The further readings of relation quality, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from kgbuild.extract.batch import RELATION_INDEX
from kgbuild.extract.decode import PairScores
from kgbuild.train.corpora.nerel import GoldDocument
from kgbuild.train.scoring.evaluate import Row
from kgbuild.train.scoring.protocols import facts, overlapping, related_pairs
from kgbuild.train.scoring.scores import Score
from kgbuild.types import Mention, Relation
from tests.train.gold import document, documents


class Scorer:
    """Gives every pair the scores that were told for it."""

    def __init__(self, told: dict[tuple[int, int], dict[str, float]]) -> None:
        self.told = told

    def score_pairs(
        self, texts: Sequence[str], mentions: Sequence[Sequence[Mention]]
    ) -> list[PairScores]:
        scores = np.zeros((len(self.told), 49), np.float32)
        for row, values in enumerate(self.told.values()):
            for name, value in values.items():
                scores[row, RELATION_INDEX[name]] = value
        return [PairScores(np.array(list(self.told), np.int64).reshape(-1, 2), scores)]


def test_related_pairs_are_asked_only_which_relation_they_have() -> None:
    gold = document(
        "a", "[Иван|PERSON], [Пётр|PERSON], [Газпром|ORGANIZATION] => 1 SIBLING 2, 1 WORKPLACE 3, 2 WORKPLACE 3"
    )  # fmt: skip
    told = {
        (0, 1): {"SIBLING": 0.02, "SPOUSE": 0.01},  # right, however weak
        (1, 0): {"SIBLING": 0.99},  # no gold pair: not asked
        (0, 2): {"MEMBER_OF": 0.6, "WORKPLACE": 0.5},  # wrong
    }  # (1, 2) is never seen together: missed
    report = related_pairs(Scorer(told), [gold])  # type: ignore[arg-type]
    assert report.micro == Score(tp=1, fp=1, fn=2)
    assert report.by_label["SIBLING"] == Score(1, 0, 0)
    assert report.rows["in one sentence"] == report.micro
    assert report.rows["across sentences"] == report.rows["nested"] == Score()


def test_a_document_without_mentions_is_borne() -> None:
    gold = document("a", "Нет имён.")
    assert related_pairs(Scorer({}), [gold]).micro == Score()  # type: ignore[arg-type]


def with_links(gold: GoldDocument, *links: str | None) -> GoldDocument:
    pairs = zip(gold.mentions, links, strict=True)
    return replace(gold, links={m: link for m, link in pairs if link})


def rows(gold: GoldDocument, *relations: tuple[int, str, int]) -> list[Row]:
    m = gold.mentions
    return [(gold.name, Relation(name, m[s], m[o])) for s, name, o in relations]


def test_a_fact_stated_twice_counts_once() -> None:
    gold = with_links(
        document(
            "a", "[Иван|PERSON] в [Газпроме|ORGANIZATION]. [Он|PERSON] в [нём|ORGANIZATION]. "
            "=> 1 WORKPLACE 2, 3 WORKPLACE 4",
        ),
        "Wikidata:Q1", "Wikidata:Q2", "Wikidata:Q1", "Wikidata:Q2",
    )  # fmt: skip
    assert facts([gold], rows(gold, (2, "WORKPLACE", 1))).micro == Score(1, 0, 0)
    assert facts([gold], []).micro == Score(0, 0, 1)
    assert facts([gold], rows(gold, (1, "WORKPLACE", 0))).micro == Score(0, 1, 1)


def test_names_joined_by_gold_are_one_thing_and_their_link_no_fact() -> None:
    gold = document(
        "a", "[Московский университет|ORGANIZATION] ([МГУ|ORGANIZATION]), [Анна|PERSON] "
        "=> 1 ABBREVIATION 2, 3 WORKPLACE 1",
    )  # fmt: skip
    predicted = rows(gold, (2, "WORKPLACE", 1), (0, "ABBREVIATION", 1))
    assert facts([gold], predicted).micro == Score(1, 0, 0)


def test_facts_of_two_documents_stay_apart() -> None:
    gold = [replace(d, name=f"{d.name}-{i}") for i in (1, 2) for d in documents()]
    everything = [(d.name, r) for d in gold for r in d.relations]
    half = [row for row in everything if row[0].endswith("-1")]
    count = len(everything)
    assert facts(gold, everything).micro == Score(count, 0, 0)
    assert facts(gold, half).micro == Score(count // 2, 0, count // 2)


def test_a_predicted_mention_stands_for_the_one_it_overlaps_most() -> None:
    gold = document("a", "[[Банк [России|COUNTRY]|ORGANIZATION] Москвы|ORGANIZATION]")
    long, short, _ = gold.mentions
    assert (short.start, short.end) == (0, 11)

    def matched(mention: Mention) -> Mention:
        [(_, relation)] = overlapping([gold], [("a", Relation("PART_OF", mention, mention))])
        return relation.subject

    assert matched(Mention(0, 10, "ORGANIZATION")) == short  # of equal overlap the shorter
    assert matched(Mention(2, 18, "ORGANIZATION")) == long
    other = Mention(0, 11, "PERSON")
    assert matched(other) == other
    apart = Mention(18, 19, "ORGANIZATION")
    assert matched(apart) == apart


def test_a_relation_between_overlapping_mentions_keeps_its_confidence() -> None:
    gold = document("a", "[Иван Петров|PERSON] в [Газпроме|ORGANIZATION]")
    told = Relation("WORKPLACE", Mention(0, 4, "PERSON"), gold.mentions[1], 0.7)
    [(_, found)] = overlapping([gold], [("a", told)])
    assert found == Relation("WORKPLACE", *gold.mentions)
    assert found.confidence == 0.7
