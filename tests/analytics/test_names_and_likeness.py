"""Names that analyses start from, what is alike, and what stands together."""

from __future__ import annotations

from math import log, log2

import numpy as np
import pytest
from analytics.networks import analytics, network, over
from ask.graphs import graph
from fakes import FakeEmbedder

from kgbuild.analytics.similar import by_structure
from kgbuild.errors import AmbiguousNameError, InputError, NotFoundError
from kgbuild.types import TextSpan

PEOPLE = (
    "[Анна Орлова|PERSON] знает [Бориса Лебедева|PERSON] => 1 KNOWS 2",
    "[Пётр Лебедев|PERSON] живёт в [Твери|CITY] => 1 PLACE_RESIDES_IN 2",
    "[Анна Орлова|PERSON] живёт в [Твери|CITY] => 1 PLACE_RESIDES_IN 2",
)


@pytest.mark.parametrize("name", ["Анна Орлова", "анна орлова", "Анны Орловой", "Орлова"])
def test_a_name_in_any_case(name: str) -> None:
    found = analytics(*PEOPLE)
    assert found.entity(name).name == "Анна Орлова"
    assert found.entity(found.entity(name).id).name == "Анна Орлова"


def test_a_name_of_several_lists_them() -> None:
    with pytest.raises(AmbiguousNameError) as caught:
        analytics(*PEOPLE).paths("Лебедев", "Анна Орлова")
    for name in ("Борис Лебедев", "Пётр Лебедев", "PERSON", "its id"):
        assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unknown_name_is_told_what_is_near() -> None:
    found = analytics(*PEOPLE, "[Верещагин|PERSON] живёт в [Твери|CITY]")
    with pytest.raises(NotFoundError, match=r"did you mean Верещагин"):
        found.timeline("Верищагин")
    with pytest.raises(NotFoundError, match="Аристарх"):
        found.ego("Аристарх Неведомский")


def test_both_ends_of_a_path_must_differ() -> None:
    found = analytics(*PEOPLE)
    with pytest.raises(InputError, match="one entity"):
        found.paths("Анна Орлова", "Орлова")
    with pytest.raises(InputError, match="name both"):
        found.bridges("Анна Орлова")


def test_the_ways_to_a_path_agree() -> None:
    found = analytics(*PEOPLE)
    ends = "Борис Лебедев", "Пётр Лебедев"
    [told] = found.paths(*ends)
    assert [f.relation for f in told.facts] == ["KNOWS", "PLACE_RESIDES_IN", "PLACE_RESIDES_IN"]
    assert [r.text for r in found.paths(*ends, by="confidence")] == [told.text]
    assert [r.text for r in found.paths(*ends, min_confidence=0.5)] == [told.text]
    assert list(found.paths(*ends, relations=["KNOWS"])) == []
    between = {b.entity.name: b.score for b in found.bridges(*ends)}
    assert between == {"Анна Орлова": 0.5, "Тверь": 0.5}


def test_groups_may_be_given_by_their_members() -> None:
    found = analytics(*PEOPLE).bridges(["Борис Лебедев"], ["Пётр Лебедев"])
    assert {b.entity.name for b in found} == {"Анна Орлова", "Тверь"}
    assert all(b.score == 1.0 for b in found)


def test_structure_is_a_weighted_jaccard() -> None:
    made = network("АВ БВ АГ БГ БД ЖД")
    [best, *_] = by_structure(made, made.entities["А"], made.entities.values(), 5)
    # В and Г are common to two of six, Д to two: Б has all three, А two of them
    assert (best.entity.id, best.score) == ("Б", pytest.approx(2 / 3))
    assert best.shared == ("знакомый — В", "знакомый — Г")
    assert log(6 / 2) > 0


def test_likeness_in_the_graph() -> None:
    found = analytics(*PEOPLE).similar("Анна Орлова", by="structure")
    assert [(a.entity.name, a.shared) for a in found] == [
        ("Пётр Лебедев", ("место жительства — Тверь",))
    ]


def test_context_is_what_is_said_elsewhere() -> None:
    store = graph(
        "[Анна Орлова|PERSON] строит мосты через реки", "мосты [Анны Орловой|PERSON] стоят",
        "[Пётр Чайкин|PERSON] строит мосты через реки", "мосты [Петра Чайкина|PERSON] стоят",
        "[Егор Дроздов|PERSON] печёт хлеб", "хлеб [Егора Дроздова|PERSON] горяч",
        "[Анна Орлова|PERSON] и [Егор Дроздов|PERSON] соседи",
    )  # fmt: skip
    texts = {
        row: store.document(f"{n}.txt").text  # type: ignore[union-attr]
        for n in range(7)
        for row in store.locate([TextSpan(f"{n}.txt", 0, 1)])[0]
    }
    embedder = FakeEmbedder()
    vectors = embedder.embed(list(texts.values()), "search_document").astype(np.float16)
    store.add_vectors("sentence", embedder.fingerprint, list(texts), vectors)
    found = over(store).similar("Анна Орлова")
    assert [a.entity.name for a in found] == ["Пётр Чайкин", "Егор Дроздов"]
    # by hand: means of the sentences that don't name both, less the mean of all
    v = vectors.astype(np.float64)
    rows = {text: at for at, text in enumerate(texts.values())}
    mean = v.mean(0)
    one = v[[at for t, at in rows.items() if "Анн" in t and "Егор" not in t]].mean(0) - mean
    other = v[[at for t, at in rows.items() if "Егор" in t and "Анн" not in t]].mean(0) - mean
    expected = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
    assert found[1].score == pytest.approx(expected, abs=1e-3)


def test_without_vectors_the_way_to_make_them_is_named() -> None:
    found = analytics(*PEOPLE)
    with pytest.raises(InputError, match="index rebuild --embed"):
        found.similar("Анна Орлова")
    with pytest.raises(InputError, match="context, structure"):
        found.similar("Анна Орлова", by="name")  # type: ignore[arg-type]


def test_together_is_counted() -> None:
    found = analytics(*PEOPLE, PEOPLE[2], PEOPLE[2].replace("живёт", "жила")).cooccurrences()
    [pair] = found
    assert {pair.one.name, pair.other.name} == {"Анна Орлова", "Тверь"}
    # five sentences: she is in four, the town in four, both in three
    assert (found.total, pair.count) == (5, 3)
    assert pair.pmi == pytest.approx(log2(3 * 5 / (4 * 4)))


def test_together_with_one_and_within_documents() -> None:
    found = analytics(*PEOPLE)
    [pair] = found.cooccurrences("Борис Лебедев", least=1)
    assert (pair.one.name, pair.other.name) == ("Борис Лебедев", "Анна Орлова")
    assert len(found.cooccurrences(within="document", least=1)) == 3
    assert len(found.cooccurrences(least=1, types=["PERSON"])) == 1
    with pytest.raises(InputError, match="sentence, document"):
        found.cooccurrences(within="page")  # type: ignore[arg-type]


def test_a_name_inside_another_does_not_stand_beside_it() -> None:
    inside = "[Театр имени [Ермоловой|PERSON]|ORGANIZATION] открыт"
    beside = "[Театр имени [Ермоловой|PERSON]|ORGANIZATION] чтит [Ермолову|PERSON]"
    assert list(analytics(inside).cooccurrences(least=1)) == []
    assert len(analytics(beside).cooccurrences(least=1)) == 1


def test_results_are_tables() -> None:
    pytest.importorskip("pandas")
    found = analytics(*PEOPLE)
    table = found.centrality("degree").to_pandas()
    assert list(table.columns) == ["entity", "entity_id", "score", "neighbours"]
    groups = found.communities().to_pandas()
    assert sorted(name for names in groups["members"] for name in names) == [
        "Анна Орлова", "Борис Лебедев", "Пётр Лебедев", "Тверь"
    ]  # fmt: skip
    assert len(found.ego("Анна Орлова").to_pandas()) == 3
    assert "\n    Анна Орлова, E" in repr(found.centrality("degree"))
    page = found.centrality("degree")._repr_html_()
    assert "<b>neighbours</b>" in page
    assert found.paths("Борис Лебедев", "Тверь").to_dict()["items"][0]["facts"][0]["evidence"]
