"""What must hold of any graph."""

from __future__ import annotations

from itertools import pairwise
from math import prod

import networkx as nx
import pytest
from analytics.networks import fact, network, person
from hypothesis import given, settings
from hypothesis import strategies as st

from kgbuild.analytics.bridges import bridges, circle
from kgbuild.analytics.calendar import STATES, Calendar
from kgbuild.analytics.groups import METHODS, communities
from kgbuild.analytics.network import Network
from kgbuild.analytics.predict import predictions
from kgbuild.analytics.routes import best_paths, ego
from kgbuild.types import Entity, Fact

LETTERS = "АБВГДЕЖЗ"
PAIRS = [a + b for a in LETTERS for b in LETTERS if a < b]
EDGES = st.lists(
    st.tuples(st.sampled_from(PAIRS), st.integers(1, 100)), min_size=1, max_size=16,
    unique_by=lambda edge: edge[0],
)  # fmt: skip
NETWORKS = EDGES.map(lambda edges: network(" ".join(f"{p}:{c / 100}" for p, c in edges)))


@pytest.mark.parametrize("method", METHODS)
@given(NETWORKS)
@settings(max_examples=40, deadline=None)
def test_communities_partition_the_entities(method: str, made: Network) -> None:
    if method == "leiden":
        pytest.importorskip("networkit")
    found = communities(made, method)  # type: ignore[arg-type]
    members = [m.id for c in found for m in c.members]
    assert sorted(members) == sorted(made.entities)
    groups = [{m.id for m in c.members} for c in found]
    expected = nx.community.modularity(made.graph, groups, weight="weight")
    assert found.modularity == pytest.approx(expected)
    assert found == communities(made, method)  # type: ignore[arg-type]
    assert [c.size for c in found] == sorted((c.size for c in found), reverse=True)


@given(NETWORKS, st.sampled_from(PAIRS), st.integers(1, 6))
@settings(max_examples=80, deadline=None)
def test_paths_are_the_best_of_all(made: Network, pair: str, limit: int) -> None:
    one, other = pair
    if one not in made.entities or other not in made.entities:
        assert best_paths(made, one, other, limit) == ()
        return
    ways = list(nx.all_simple_paths(made.graph, one, other, cutoff=4))
    worth = {
        tuple(way): prod(made.graph[a][b]["confidence"] for a, b in pairwise(way)) for way in ways
    }
    found = best_paths(made, one, other, limit)
    expected = sorted(worth.values(), reverse=True)[:limit]
    assert [r.confidence for r in found] == pytest.approx(expected, abs=1e-5)
    fewest = best_paths(made, one, other, limit, "fewest")
    assert [len(r.facts) for r in fewest] == sorted(len(way) - 1 for way in ways)[:limit]
    for route in (*found, *fewest):
        ends = [{f.subject.id, f.object.id} for f in route.facts]
        assert one in ends[0]
        assert other in ends[-1]
        assert all(a & b for a, b in pairwise(ends))
        assert all(f.evidence and f in made.facts for f in route.facts)


@given(NETWORKS, st.sampled_from(LETTERS), st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_an_ego_network_is_that_of_networkx(made: Network, centre: str, radius: int) -> None:
    if centre not in made.entities:
        return
    found = ego(made, centre, radius)
    expected = nx.ego_graph(made.graph, centre, radius)
    assert {n.entity.id for n in found} == set(expected)
    assert len(found.facts) == expected.number_of_edges()
    lengths = nx.single_source_shortest_path_length(made.graph, centre)
    assert all(n.distance == lengths[n.entity.id] for n in found)


@given(NETWORKS, st.sampled_from(PAIRS))
@settings(max_examples=60, deadline=None)
def test_bridges_are_shares_of_shortest_paths(made: Network, pair: str) -> None:
    one, other = pair
    if one not in made.entities or other not in made.entities:
        return
    a, b = circle(made, one), circle(made, other)
    share: dict[str, float] = {}
    pairs = [(s, t) for s in a - b for t in b - a if nx.has_path(made.graph, s, t)]
    for s, t in pairs:
        ways = list(nx.all_shortest_paths(made.graph, s, t))
        for way in ways:
            for inner in way[1:-1]:
                share[inner] = share.get(inner, 0) + 1 / len(ways) / len(pairs)
    found = {bridge.entity.id: bridge.score for bridge in bridges(made, a, b)}
    assert found == pytest.approx(share)


@given(NETWORKS)
@settings(max_examples=40, deadline=None)
def test_predictions_are_those_of_networkx(made: Network) -> None:
    found = predictions(made, limit=100)
    every = nx.adamic_adar_index(made.graph, list(nx.non_edges(made.graph)))
    expected = {frozenset((a, b)): score for a, b, score in every if score > 0}
    assert {frozenset((p.one.id, p.other.id)): p.score for p in found} == pytest.approx(expected)
    for prediction in found:
        assert all(s.to_one and s.to_other for s in prediction.why)


def _date(year: int) -> Entity:
    return Entity(f"{year}", "DATE", f"{year} год")


YEARS = st.integers(1700, 1999)
DATED = st.lists(
    st.tuples(st.sampled_from(LETTERS), st.sampled_from(["DATE_OF_BIRTH", "DATE_OF_DEATH"]), YEARS),
    max_size=8,
)
LINKS = st.lists(
    st.tuples(st.sampled_from(PAIRS), st.sampled_from(["SIBLING", "SPOUSE", "PARENT_OF"])),
    max_size=10,
)


@given(DATED, LINKS, YEARS, YEARS)
@settings(max_examples=100, deadline=None)
def test_what_has_no_end_holds_ever_after(
    dates: list[tuple[str, str, int]], links: list[tuple[str, str]], one: int, other: int
) -> None:
    facts = [Fact(r, person(n), _date(y), 1.0, fact(n, "Я").evidence) for n, r, y in dates]
    facts += [fact(*pair, relation=relation) for pair, relation in links]
    calendar = Calendar(facts)
    earlier, later = (((y, 1, 1), (y, 12, 31)) for y in sorted((one, other)))
    for stated in facts:
        if stated.relation in STATES:
            since, until = calendar.bounds(stated)
            holds = (since is None or since <= later[1]) and (until is None or until >= later[0])
            assert calendar.holds(stated, later) == holds
        elif calendar.holds(stated, earlier):
            assert calendar.holds(stated, later)
    for name in LETTERS:
        if calendar.exists(person(name), earlier):
            assert calendar.exists(person(name), later)
