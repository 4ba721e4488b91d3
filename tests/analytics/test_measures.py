"""Centralities, communities, bridges and links against networkx and values made by hand."""

from __future__ import annotations

import subprocess
import sys
from math import log
from pathlib import Path

import networkx as nx
import pytest
from analytics.networks import analytics, network

from kgbuild.analytics.bridges import bridges, circle
from kgbuild.analytics.central import MEASURES, centrality
from kgbuild.analytics.groups import METHODS, communities
from kgbuild.analytics.network import Network, joined
from kgbuild.analytics.predict import predictions
from kgbuild.analytics.results import Ranking
from kgbuild.errors import InputError, MissingExtraError
from kgbuild.types import Entity

TWO_TRIANGLES = "АБ БВ АВ ВГ ГД ДЕ ГЕ"


def scores(ranking: Ranking) -> dict[str, float]:
    return {r.entity.id: r.score for r in ranking}


@pytest.mark.parametrize("edges", ["АБ АВ АГ", TWO_TRIANGLES, "АБ:0.5 БВ:0.9 ВГ:0.1 АГ:0.4 ВД"])
def test_centralities_are_those_of_networkx(edges: str) -> None:
    pytest.importorskip("scipy")
    made = network(edges)
    plain = nx.Graph()
    for edge in edges.split():
        names, _, weight = edge.partition(":")
        plain.add_edge(*names, weight=float(weight or 1))
    assert scores(centrality(made, "degree")) == pytest.approx(nx.degree_centrality(plain))
    assert scores(centrality(made, "pagerank")) == pytest.approx(nx.pagerank(plain), abs=1e-5)
    expected = nx.betweenness_centrality(plain)
    assert scores(centrality(made, "betweenness")) == pytest.approx(expected)


def test_the_middle_of_a_star_is_on_every_path() -> None:
    found = centrality(network("АБ АВ АГ"), "betweenness")
    assert [(r.entity.name, r.score, r.neighbours) for r in found] == [
        ("А", 1.0, 3), ("Б", 0.0, 1), ("В", 0.0, 1), ("Г", 0.0, 1),
    ]  # fmt: skip


def test_sampled_betweenness_has_a_seed_and_is_exact_with_all_pivots() -> None:
    made = network(TWO_TRIANGLES)
    assert centrality(made, "betweenness", sample=3, seed=5) == centrality(
        made, "betweenness", sample=3, seed=5
    )
    assert centrality(made, "betweenness", sample=6) == centrality(made, "betweenness", sample=0)
    assert len({centrality(made, "betweenness", 3, seed).items for seed in range(5)}) > 1


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_two_triangles_are_two_communities(method: str) -> None:
    if method == "leiden":
        pytest.importorskip("networkit")
    found = communities(network(TWO_TRIANGLES), method)  # type: ignore[arg-type]
    assert {frozenset(m.id for m in c.members) for c in found} == {
        frozenset("АБВ"), frozenset("ГДЕ")
    }  # fmt: skip
    # 7 edges, 6 of them inside: 6/7 − 2·(7/14)²
    assert found.modularity == pytest.approx(6 / 7 - 1 / 2)
    assert [(c.size, c.facts, c.name) for c in found] == [(3, 3, "А, Б, В"), (3, 3, "Г, Д, Е")]


def test_a_community_is_told_by_the_types_it_has_more_of() -> None:
    made = network(TWO_TRIANGLES)
    works = {id: Entity(id, "WORK_OF_ART", id) for id in "ДЕ"}
    found = communities(Network({**made.entities, **works}, made.facts))
    assert [c.telling for c in found] == [("человек: 3",), ("произведение: 2",)]


@pytest.mark.slow
def test_louvain_is_the_same_in_every_process() -> None:
    program = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from analytics.networks import network\n"
        "from kgbuild.analytics.groups import communities\n"
        "edges = ' '.join(a + b for a, b in zip('АБВГДЕЖЗИКЛМАВД', 'БВГДЕЖЗИКЛМАЖИЛ'))\n"
        "print([c.name for c in communities(network(edges), seed=3)])"
    )
    outputs = set()
    for number in ("0", "1"):
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True,
            cwd=Path(__file__).parents[2],
            env={"PYTHONHASHSEED": number, "PYTHONPATH": ".", "PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
        outputs.add(done.stdout)
    assert len(outputs) == 1


def test_who_connects_two_circles() -> None:
    made = network("АБ БВ ВГ ГД БЕ")
    one, other = circle(made, "А"), circle(made, "Д")
    assert (one, other) == (frozenset("АБ"), frozenset("ГД"))
    found = bridges(made, one, other, apart="АД")
    # of the four pairs two lead through Б (from А), all through В, two through Г (to Д)
    assert [(b.entity.name, b.score) for b in found] == [
        ("В", 1.0), ("Б", 0.5), ("Г", 0.5),
    ]  # fmt: skip
    middle = found[0]
    assert [f.id for f in middle.to_one] == ["Б:KNOWS:В"]
    assert [f.id for f in middle.to_other] == ["В:KNOWS:Г"]


def test_who_is_in_both_circles_is_the_bridge() -> None:
    found = bridges(network("АБ БВ"), circle(network("АБ БВ"), "А"), "БВ", apart="АВ")
    assert [(b.entity.name, b.score) for b in found] == [("Б", 1.0)]


def test_groups_without_a_path_have_no_bridge() -> None:
    assert bridges(network("АБ ВГ"), "АБ", "ВГ") == ()


def test_bridges_of_communities() -> None:
    found = analytics(
        *(f"[{a}|PERSON] знает [{b}|PERSON] => 1 KNOWS 2"
          for a, b in [("Анна Орлова", "Борис Лебедев"), ("Борис Лебедев", "Вера Соколова"),
                       ("Анна Орлова", "Вера Соколова"), ("Вера Соколова", "Глеб Воронов"),
                       ("Глеб Воронов", "Дарья Чайкина"), ("Дарья Чайкина", "Егор Дроздов"),
                       ("Глеб Воронов", "Егор Дроздов")])
    ).bridges()  # fmt: skip
    assert [b.entity.name for b in found] == ["Вера Соколова", "Глеб Воронов"]
    assert all(len(b.to_one) == 2 and len(b.to_other) == 1 for b in found)


@pytest.mark.parametrize(
    ("measure", "score"),
    [("adamic-adar", 1 / log(2) + 1 / log(3)), ("resource-allocation", 1 / 2 + 1 / 3),
     ("jaccard", 2 / 2)],
)  # fmt: skip
def test_links_are_predicted_with_their_reasons(measure: str, score: float) -> None:
    made = network("АБ АВ ГБ ГВ ВД")
    found = predictions(made, "А", measure)  # type: ignore[arg-type]
    best = next(p for p in found if {p.one.id, p.other.id} == {"А", "Г"})
    assert best.score == pytest.approx(score)
    assert [(s.name, [f.id for f in s.to_one], [f.id for f in s.to_other]) for s in best.why] == [
        ("Б", ["А:KNOWS:Б"], ["Г:KNOWS:Б"]), ("В", ["А:KNOWS:В"], ["Г:KNOWS:В"]),
    ]  # fmt: skip
    assert "SPOUSE" in best.relations


def test_joined_pairs_are_not_predicted() -> None:
    found = predictions(network("АБ БВ АВ"))
    assert list(found) == []


def test_what_joins_nobody_is_left_out() -> None:
    found = analytics(
        "[Анна Орлова|PERSON], [врач|PROFESSION], родилась в [1850 году|DATE] в [Твери|CITY]"
        " => 1 WORKS_AS 2, 1 DATE_OF_BIRTH 3, 1 PLACE_OF_BIRTH 4"
    )
    assert sorted(e.name for e in joined(found.whole()).entities.values()) == [
        "Анна Орлова", "Тверь"
    ]  # fmt: skip
    assert len(found.network(types=["PERSON", "DATE"]).facts) == 1


@pytest.mark.parametrize("measure", MEASURES)
def test_an_empty_graph_is_refused(measure: str) -> None:
    with pytest.raises(InputError, match="no facts to analyse"):
        centrality(Network({}, ()), measure)
    for call in (communities, predictions):
        with pytest.raises(InputError, match="no facts to analyse"):
            call(Network({}, ()))


def test_wrong_words_are_named() -> None:
    made = network("АБ")
    with pytest.raises(InputError, match=r"'closeness'.*degree, pagerank, betweenness"):
        centrality(made, "closeness")  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"'metis'.*louvain, leiden"):
        communities(made, "metis")  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"'katz'.*adamic-adar"):
        predictions(made, measure="katz")  # type: ignore[arg-type]
    with pytest.raises(MissingExtraError, match="nx-nosuch"):
        centrality(made, "betweenness", backend="nosuch")
