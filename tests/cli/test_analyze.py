"""``kgbuild analyze``: tables, JSON, pictures, errors in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run

CALLS = [
    ["centrality"],
    ["centrality", "--by", "betweenness", "--sample", "2", "--seed", "3"],
    ["communities"],
    ["paths", "Иван Петров", "Газпром"],
    ["paths", "Мария Иванова", "Лукойл", "--by", "confidence"],
    ["bridges"],
    ["bridges", "Москва", "Лукойл"],
    ["timeline"],
    ["timeline", "Мария Иванова", "--since", "1900"],
    ["changes", "1900", "1910"],
    ["similar", "Иван Петров"],
    ["similar", "Иван Петров", "--by", "structure"],
    ["cooccurrence", "--within", "document"],
    ["predict"],
    ["predict", "Мария Иванова", "--by", "jaccard"],
]


def test_a_table_and_json_of_each(filled: Run) -> None:
    for args in CALLS:
        if args[0] == "centrality":
            pytest.importorskip("scipy")
        table = filled("analyze", *args, "-k", "3")
        assert table.code == 0, table.err
        told = filled("analyze", *args, "-k", "3", "--json")
        assert told.code == 0
        assert len(told.json["items"]) <= 3


def test_the_most_joined_come_first(filled: Run) -> None:
    result = filled("analyze", "centrality", "--by", "degree", "-k", "1")
    head, first = result.out.splitlines()
    assert head.split() == ["entity", "type", "degree", "neighbours"]
    assert first.split()[:2] == ["Мария", "Иванова"]
    assert "more" in result.err


def test_a_path_opens_to_its_sentences(filled: Run) -> None:
    result = filled("analyze", "paths", "Москва", "Лукойл")
    assert "[Мария Иванова] живёт в [Москве]" in result.out
    assert "b.txt: «[Мария Иванова] работает в [Лукойле]" in result.out
    assert "нет пути" in filled("analyze", "paths", "Тверь", "Лукойл").out


def test_the_cut_is_cut(filled: Run) -> None:
    json = filled("analyze", "bridges", "--type", "PERSON", "--type", "CITY", "--json").json
    assert json["items"] == []
    result = filled("analyze", "centrality", "--by", "degree", "--relation", "PLACE_RESIDES_IN")
    assert "Лукойл" not in result.out
    assert "Тверь" in result.out


def test_pictures(filled: Run, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    for number, args in enumerate(CALLS):
        if args[0] in ("communities", "paths", "bridges", "timeline"):
            path = tmp_path / f"{number}.svg"
            assert filled("analyze", *args, "--plot", path).code == 0
            assert path.read_text("utf-8").startswith("<?xml")


WRONG = [
    (["paths", "Никто Неизвестный", "Газпром"], "Никто Неизвестный"),
    (["paths", "Газпром", "Газпром"], "one entity"),
    (["centrality", "--type", "NONSENSE"], "NONSENSE"),
    (["communities", "--relation", "NONSENSE"], "NONSENSE"),
    (["communities", "--type", "LAW"], "no facts to analyse"),
    (["timeline", "--as-of", "вчера"], "not a date"),
    (["changes", "1910", "1900"], "isn't after"),
    (["centrality", "--by", "degree", "--plot", "a.pdf"], ".png or .svg"),
    (["centrality", "--by", "degree", "--backend", "nosuch"], "nx-nosuch"),
]


def test_what_is_wrong_is_said_in_one_line(filled: Run) -> None:
    for args, said in WRONG:
        result = filled("analyze", *args)
        assert (result.code, result.out) == (1, ""), args
        assert said in result.err
        assert len(result.err.splitlines()) == 1


def test_an_ambiguous_name_lists_the_candidates(run: Run, tmp_path: Path) -> None:
    (tmp_path / "d.txt").write_text("Иван Орлов живёт в Твери. Пётр Орлов живёт в Москве.", "utf-8")
    assert run("ingest", "d.txt").code == 0
    result = run("analyze", "timeline", "Орлов")
    assert result.code == 1
    assert "Иван Орлов" in result.err
    assert "Пётр Орлов" in result.err
    assert len(result.err.splitlines()) == 1
