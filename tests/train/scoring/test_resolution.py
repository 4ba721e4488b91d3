"""The protocols of resolution, on documents whose scores are known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from kgbuild.errors import FormatError
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.train.corpora.slavicner import NamedDocument, NamedMention, read_names
from kgbuild.train.resolution import (
    LinkedDocument,
    NameScore,
    entities_by_rule,
    entities_of,
    found_share,
    is_slavicner,
    namers,
    read_linked,
    same_name,
    score_names,
    score_resolution,
)
from kgbuild.train.scoring.identity import RULES, naive_nominative
from kgbuild.train.scoring.name_kinds import UNCLEAR, name_kinds, score_by_kind
from kgbuild.train.scoring.resolution_report import Choice, report_resolution
from kgbuild.types import Mention
from tests.train.gold import document

pytestmark = pytest.mark.slow

NORMALIZER = RussianNormalizer()


def linked(name: str, notation: str, *entities: str) -> LinkedDocument:
    """A document whose mentions have these entities, "" where unknown."""
    gold = document(name, notation)
    known = {m: e for m, e in zip(gold.mentions, entities, strict=True) if e}
    return LinkedDocument(name, gold.text, gold.mentions, known)


DOCUMENTS = [
    linked("a", "[Пётр Ильич Орлов|PERSON] пришёл в [Газпром|ORGANIZATION].", "Q1", "Q2"),
    linked("b", "О [Газпроме|ORGANIZATION] писали в [ГАЗПРОМЕ|ORGANIZATION].", "Q2", "Q2"),
    linked("c", "Видели [Петра Ильича Орлова|PERSON] и [депутата|PROFESSION].", "Q1", ""),
]


def test_ours_joins_forms_of_a_name_over_documents() -> None:
    scores = score_resolution(DOCUMENTS, dict(entities_of(DOCUMENTS, NORMALIZER)))
    assert scores.b_cubed.f1 == scores.pairwise.f1 == scores.ceaf_e.f1 == 1.0
    assert (scores.items, scores.gold_clusters) == (5, 2)


def test_unknown_mentions_are_not_counted() -> None:
    system = entities_by_rule(DOCUMENTS, "exact name and type")
    assert len(system) == 6
    assert score_resolution(DOCUMENTS, system).items == 5


@pytest.mark.parametrize(
    ("rule", "recall"),
    [
        ("exact name and type", 0.0),
        ("lower-cased name and type", 1 / 4),
        ("naive lemma and type", 1.0),
        ("WRatio of 80 or more, chained", 1.0),
    ],
)
def test_common_rules(rule: str, recall: float) -> None:
    if rule.startswith("WRatio"):
        pytest.importorskip("rapidfuzz")
        shouted = replace(DOCUMENTS[1], text=DOCUMENTS[1].text.replace("ГАЗПРОМЕ", "Газпрома"))
        documents = [DOCUMENTS[0], shouted, DOCUMENTS[2]]
    else:
        documents = DOCUMENTS
    assert score_resolution(documents, entities_by_rule(documents, rule)).pairwise.recall == recall


def test_rules_keep_types_apart() -> None:
    pytest.importorskip("rapidfuzz")
    both = [("Москва", "CITY"), ("Москва", "ORGANIZATION"), ("Москва", "CITY")]
    for rule in RULES.values():
        first, second, third = rule(both)
        assert first == third != second


def test_a_found_mention_stands_for_the_gold_one_it_overlaps() -> None:
    gold = DOCUMENTS[:1]
    person, organisation = gold[0].mentions
    shorter = Mention(person.start, person.end - 6, "PERSON")
    found = [replace(gold[0], mentions=(shorter,))]
    assert found_share(gold, found) == 0.5
    scores = score_resolution(gold, {("a", shorter): "x"}, found)
    assert scores.items == 2
    assert scores.clusters == 2  # the organisation, which wasn't found, is alone
    other_type = replace(gold[0], mentions=(replace(shorter, type="CITY"),))
    assert found_share(gold, [other_type]) == 0.0
    assert organisation not in found[0].mentions


def test_missed_mentions_cost_recall() -> None:
    nothing = [replace(d, mentions=()) for d in DOCUMENTS]
    scores = score_resolution(DOCUMENTS, {}, nothing)
    assert scores.b_cubed.precision == 1.0
    assert scores.pairwise.recall == 0.0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ООО «Орёл»", 'ооо "Орел"', True),
        ("Нижний  Новгород", "нижний новгород", True),
        ("Орлов", "Орлова", False),
    ],
)
def test_names_are_compared_without_case_yo_and_quotes(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same


def test_naive_nominative_ignores_agreement() -> None:
    assert naive_nominative("Министерства обороны") == "Министерство оборона"
    assert naive_nominative("МГУ имени Ломоносова и NATO").startswith("МГУ имя")


ROWS = """0	6	Орлова	Орлов	PER	PER-Orlov
17	25	Газпроме	Газпром	ORG	ORG-Gazprom
27	32	Орлов	Орлов	PER	PER-Orlov
"""


@pytest.fixture
def slavic(tmp_path: Path) -> Path:
    for topic in ("brexit", "ryanair"):
        (tmp_path / f"{topic}__1.txt").write_bytes("Орлова видели в «Газпроме» Орлов".encode())
        (tmp_path / f"{topic}__1.tsv").write_bytes(ROWS.encode())
    return tmp_path


def test_names_are_read_by_topic(slavic: Path) -> None:
    assert [d.topic for d in read_names(slavic)] == ["brexit", "ryanair"]
    assert [d.topic for d in read_names(slavic, "development")] == ["brexit"]
    [held_out] = read_names(slavic, "held-out")
    assert held_out.topic == "ryanair"
    first = held_out.mentions[0]
    assert held_out.text[first.mention.start : first.mention.end] == first.surface == "Орлова"
    assert (first.lemma, first.mention.type, first.entity) == ("Орлов", "PERSON", "PER-Orlov")


def test_bad_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"no \.tsv"):
        read_names(tmp_path)
    (tmp_path / "a.tsv").write_text("0\t1\tА\n", "utf-8")
    with pytest.raises(FormatError, match=r"a\.txt"):
        read_names(tmp_path)
    (tmp_path / "a.txt").write_text("А", "utf-8")
    with pytest.raises(FormatError, match="line 1"):
        read_names(tmp_path)


def test_name_accuracy(slavic: Path) -> None:
    documents = read_names(slavic, "held-out")
    written = score_names(documents, namers(NORMALIZER)["as written"])
    assert written.to_dict() == {
        "accuracy": 0.3333, "inflected_accuracy": 0.0, "names": 3, "inflected": 2,
    }  # fmt: skip
    assert score_names(documents, lambda d: [m.lemma for m in d.mentions]).right == 3
    assert score_names([], lambda d: []).to_dict()["accuracy"] == 0.0


def test_the_report_is_json(slavic: Path) -> None:
    assert is_slavicner(slavic)
    report = report_resolution(slavic, Choice("all"), NORMALIZER)
    values = json.loads(json.dumps(report.to_dict()))
    assert values["documents"] == 2
    assert set(values["clusters"]) <= {"ours", *RULES}
    assert values["clusters"]["ours"]["items"] == 6
    assert values["names"]["as written"]["names"] == 6


def test_ours_beats_common_rules_on_nerel(nerel: Path) -> None:
    documents = read_linked(nerel / "dev")
    ours = score_resolution(documents, dict(entities_of(documents, NORMALIZER)))
    naive = score_resolution(documents, entities_by_rule(documents, "naive lemma and type"))
    assert ours.b_cubed.f1 > naive.b_cubed.f1 + 0.03
    assert ours.pairwise.precision > 0.95


def named(surface: str, lemma: str) -> NamedMention:
    return NamedMention(Mention(0, len(surface), "PERSON"), surface, lemma, "1")


@pytest.mark.parametrize(
    ("surface", "lemma", "kinds"),
    [
        ("Терезы Мэй", "Тереза Мэй", ("women", "genitive", "first name first")),
        ("Дмитрию Орлову", "Дмитрий Орлов", ("men", "dative", "first name first")),
        ("Орлов Дмитрий", "Орлов Дмитрий", ("men", "nominative", "surname first")),
        ("Орлов Д. И.", "Орлов Д. И.", ("men", "nominative", "initials behind")),
        ("Мэй", "Мэй", (UNCLEAR, "nominative", "one word")),
    ],
)
def test_names_are_told_by_gender_case_and_order(
    surface: str, lemma: str, kinds: tuple[str, str, str]
) -> None:
    found = name_kinds(named(surface, lemma))
    assert [kind.split(": ")[1] for kind in found] == list(kinds)


def test_each_kind_of_name_is_scored_by_itself() -> None:
    mentions = (named("Терезы Мэй", "Тереза Мэй"), named("Орлов Дмитрий", "Орлов Дмитрий"))
    document = NamedDocument("a", "t", "", mentions)
    scores = score_by_kind([document], lambda _: ["Тереза Мэй", "Дмитрий Орлов"])
    assert scores["gender: women"] == NameScore(1, 1, 1, 1)
    assert scores["gender: men"] == NameScore(0, 1, 0, 0)
    assert (scores["case: genitive"].right, scores["order: surname first"].right) == (1, 0)
