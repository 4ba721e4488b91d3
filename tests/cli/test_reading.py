"""The reading commands: fixed formats key for key, and what a person sees."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import TEXTS, Run

QUESTION = "Где работает Иван Петров?"
UNKNOWN = "Где работает Пафнутий Иголкин?"


def texts() -> dict[str, str]:
    return {f"docs/{name}": text for name, text in TEXTS.items()}


def test_export_mentions(filled: Run) -> None:
    rows = filled("export", "mentions").jsons
    assert len(rows) == 10
    for row in rows:
        assert list(row) == ["document", "start", "end", "text", "type", "entity", "name"]
        assert texts()[row["document"]][row["start"] : row["end"]] == row["text"]
    assert [(r["document"], r["start"]) for r in rows] == sorted(
        (r["document"], r["start"]) for r in rows
    )
    assert {r["entity"] for r in rows if r["name"] == "Газпром"} == {
        r["entity"] for r in rows if r["text"] == "Газпроме"
    }


def test_export_facts_writes_a_line_for_each_evidence(filled: Run) -> None:
    rows = filled("export", "facts").jsons
    assert len(rows) == 5
    names = {row["entity"]: row["name"] for row in filled("export", "mentions").jsons}
    for row in rows:
        assert list(row) == ["document", "relation", "subject", "object", "confidence"]
        assert 0 < row["confidence"] <= 1
        for end in (row["subject"], row["object"]):
            assert list(end) == ["start", "end", "type", "entity", "name"]
            assert names[end["entity"]] == end["name"]
            assert texts()[row["document"]][end["start"] : end["end"]].strip()
    ivan = [
        r for r in rows if r["relation"] == "WORKPLACE" and r["subject"]["name"] == "Иван Петров"
    ]
    assert sorted(r["document"] for r in ivan) == ["docs/a.txt", "docs/c.md"]


def test_export_goes_to_a_file_whole_or_not_at_all(filled: Run, tmp_path: Path) -> None:
    result = filled("export", "mentions", "-o", "out.jsonl")
    assert (result.code, result.out) == (0, "")
    written = (tmp_path / "out.jsonl").read_text("utf-8")
    assert written == filled("export", "mentions").out
    assert "Газпром" in written  # not \\u0413
    failed = filled("export", "facts", "-o", "out.jsonl", "--store", "absent")
    assert failed.code == 1
    assert (tmp_path / "out.jsonl").read_text("utf-8") == written


def check_answer(value: dict[str, object]) -> None:
    assert list(value)[:4] == ["question", "abstained", "answers", "passages"]
    more = {"abstention", "reason", "choices", "conflicting", "tentative"}
    assert set(list(value)[4:]) == more
    assert (value["abstention"] is None) is not value["abstained"]
    for answer in value["answers"]:  # type: ignore[attr-defined]
        assert list(answer) == [
            "text", "entity", "confidence", "relation", "evidence", "about", "denied",
        ]  # fmt: skip
        for evidence in answer["evidence"]:
            assert list(evidence) == ["document", "start", "end", "text"]
            whole = texts()[evidence["document"]]
            assert whole[evidence["start"] : evidence["end"]] == evidence["text"]
    for passage in value["passages"]:  # type: ignore[attr-defined]
        assert list(passage) == ["document", "start", "end", "text", "score"]
        whole = texts()[passage["document"]]
        assert whole[passage["start"] : passage["end"]] == passage["text"]


def test_query_json(filled: Run) -> None:
    value = filled("query", QUESTION, "--json").json
    check_answer(value)
    assert value["question"] == QUESTION
    assert value["abstained"] is False
    [answer] = value["answers"]
    assert answer["text"] == "Газпром"
    assert answer["relation"] == "WORKPLACE"
    assert len(answer["evidence"]) == 2


def test_query_json_abstains_with_passages(filled: Run) -> None:
    value = filled("query", UNKNOWN, "--json").json
    check_answer(value)
    assert value["abstained"] is True
    assert value["answers"] == []
    assert value["passages"]


def test_query_file_gives_a_line_a_question(filled: Run, tmp_path: Path) -> None:
    (tmp_path / "q.txt").write_text(f"{QUESTION}\n\n  {UNKNOWN}  \n{QUESTION}", "utf-8")
    rows = filled("query", "--file", "q.txt", "--json").jsons
    assert [row["question"] for row in rows] == [QUESTION, UNKNOWN, QUESTION]
    for row in rows:
        check_answer(row)
    assert rows[0] == rows[2] == filled("query", QUESTION, "--json").json


def test_questions_come_from_standard_input_too(filled: Run) -> None:
    rows = filled("query", "--file", "-", "--json", stdin=f"{QUESTION}\n").jsons
    assert [row["question"] for row in rows] == [QUESTION]


def test_query_for_a_person(filled: Run) -> None:
    result = filled("query", QUESTION)
    assert result.code == 0
    assert result.out.splitlines()[0].startswith("Газпром  (WORKPLACE")
    assert "docs/a.txt: «[Иван Петров] работает в [Газпроме].»" in result.out
    abstained = filled("query", UNKNOWN)
    assert abstained.code == 0
    assert abstained.out.startswith("нет ответа")
    assert "ближайшие места" in abstained.out


def test_search_json(filled: Run) -> None:
    rows = filled("search", "работает в Газпроме", "-k", "3", "--json").jsons
    assert len(rows) == 3
    for row in rows:
        assert list(row) == [
            "document", "start", "end", "text", "score", "highlights", "found_by",
        ]  # fmt: skip
        whole = texts()[row["document"]]
        assert whole[row["start"] : row["end"]] == row["text"]
        marked = {whole[start:end] for start, end in row["highlights"]}
        assert marked <= {"работает", "Газпроме"}
    assert rows[0]["found_by"] == ["lexical", "semantic", "graph"]
    assert [r["score"] for r in rows] == sorted((r["score"] for r in rows), reverse=True)
    assert "Газпром" in rows[0]["text"]
    lines = filled("search", "работает в Газпроме", "-k", "3").out.splitlines()
    assert len(lines) == 3
    assert all(re.match(r"\d\.\d{3}  docs/\S+: «.*»$", line) for line in lines)


def test_search_by_mode_and_filter(filled: Run) -> None:
    rows = filled("search", "Газпром", "--mode", "lexical", "--json").jsons
    assert {row["document"] for row in rows} == {"docs/a.txt", "docs/c.md"}
    assert {tuple(row["found_by"]) for row in rows} == {("lexical",)}
    rows = filled("search", "Газпром", "--document", "*.md", "--entity", "Газпром", "--json").jsons
    assert [row["text"] for row in rows] == ["Иван Петров работает в Газпроме."]
    rows = filled("search", "кто", "--relation", "PLACE_RESIDES_IN", "--json").jsons
    assert all("живёт" in row["text"] for row in rows)
    assert len(rows) == 2
    refused = filled("search", "Газпром", "--type", "X")
    assert refused.code == 1
    assert "no entity type 'X'" in refused.err
    assert filled("search", "Газпром", "--mode", "psychic").code == 2


def test_search_tells_what_it_took_a_word_for(filled: Run) -> None:
    result = filled("search", "Gazprom", "--mode", "lexical")
    assert "«Gazprom» понято как «газпром»" in result.err
    assert "[Газпроме]" in result.out
    assert len(filled("search", "Газпрмо", "--mode", "lexical").out.splitlines()) == 2


def test_show_json_and_by_id(filled: Run) -> None:
    value = filled("show", "Иван Петров", "--json").json
    assert list(value) == [
        "entity",
        "type",
        "name",
        "aliases",
        "mentions",
        "facts",
        "parts",
        "wholes",
        "external",
        "possible",
        "denied",
    ]
    assert (value["type"], value["mentions"]) == ("PERSON", 2)
    [fact] = value["facts"]
    assert list(fact) == [
        "relation",
        "subject",
        "object",
        "confidence",
        "evidence",
        "fact",
        "stated_by",
    ]
    assert fact["stated_by"] is None
    assert list(fact["evidence"][0]) == ["document", "start", "end", "text", "confidence"]
    assert filled("show", value["entity"], "--json").json == value
    incoming = filled("show", "Газпром", "--json").json
    assert incoming["facts"] == value["facts"]


def test_show_finds_a_name_in_another_case(filled: Run) -> None:
    plain = filled("show", "Иван Петров").out
    assert "Газпром" in plain
    assert filled("show", "иван петров").out == plain
    assert filled("show", "Ивана Петрова").out == plain


def test_stats_json(filled: Run) -> None:
    value = filled("stats", "--json").json
    assert list(value) == [
        "documents", "sentences", "mentions", "relation_mentions", "entities", "facts",
        "evidence", "unlinked", "entities_by_type", "facts_by_relation",
    ]  # fmt: skip
    assert (value["documents"], value["sentences"], value["evidence"]) == (3, 5, 5)
    assert sum(value["entities_by_type"].values()) == value["entities"]
    assert sum(value["facts_by_relation"].values()) == value["facts"] == 4
    table = filled("stats").out
    assert re.search(r"documents +3\n", table)
    assert re.search(r"PERSON +3\n", table)


def test_delete_tells_what_went_and_what_stayed(filled: Run) -> None:
    value = filled("delete", "docs/a.txt", "--json").json
    assert value["document"] == "docs/a.txt"
    assert (value["facts_removed"], value["facts_kept"]) == (1, 1)
    assert filled("query", QUESTION, "--json").json["answers"][0]["evidence"][0]["document"] == (
        "docs/c.md"
    )
    result = filled("delete", "docs/c.md")
    assert "facts: 2 gone, 0 kept" in result.out
    assert filled("query", QUESTION, "--json").json["abstained"] is True


def test_the_index_is_verified_and_rebuilt(filled: Run, tmp_path: Path) -> None:
    assert filled("index", "verify").out == "sentence: 5 vectors, whole\nentity: 7 vectors, whole\n"
    for file in (tmp_path / "kg" / "index").rglob("*.faiss"):
        file.write_bytes(file.read_bytes()[:-4])
    spoilt = filled("index", "verify")
    assert spoilt.code == 1
    assert len(spoilt.err.splitlines()) == 1
    assert filled("index", "rebuild").code == 0
    assert filled("index", "verify").code == 0


def test_upgrading_what_is_up_to_date_changes_nothing(filled: Run) -> None:
    before = filled("stats", "--json").json
    assert "up to date" in filled("db", "upgrade").out
    assert filled("stats", "--json").json == before


# embed


def test_embed_writes_a_vector_a_line(run: Run) -> None:
    result = run("embed", stdin="первая строка\n\nтретья\r\n")
    rows = result.jsons
    assert [list(row) for row in rows] == [["text", "vector"]] * 3
    assert [row["text"] for row in rows] == ["первая строка", "", "третья"]
    for row in rows:
        assert len(row["vector"]) == 16
        assert sum(x * x for x in row["vector"]) == pytest.approx(1, abs=1e-3)
    assert result.err == ""


def test_embed_reads_a_file_and_needs_no_store(run: Run, tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_text("да\n" * 600, "utf-8")
    rows = run("embed", "lines.txt", "--prompt", "search_query").jsons
    assert len(rows) == 600
    assert rows[0] == rows[599]
    assert not (tmp_path / "kg").exists()


def test_embed_of_nothing_is_nothing(run: Run) -> None:
    result = run("embed", stdin="")
    assert (result.code, result.out) == (0, "")


@pytest.mark.parametrize("command", [["embed"], ["query", "--file", "-"]])
def test_lines_that_are_not_utf8_fail_in_one_line(filled: Run, command: list[str]) -> None:
    result = filled(*command, stdin="да\nкот".encode("cp1251"))
    assert result.code == 1
    assert len(result.err.splitlines()) == 1
    assert "UTF-8" in result.err


def test_every_json_line_is_one_line(filled: Run, tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("Анна\u2028работает в Газпроме.\x85Да\x0bнет", "utf-8")
    filled("ingest", "x.txt")
    for command in (["export", "mentions"], ["export", "facts"], ["search", "Анна", "--json"]):
        for line in filled(*command).out.split("\n")[:-1]:
            json.loads(line)
