"""Judging on the command line, over fake models."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgbuild.ontology import ENTITY_TYPES
from tests.cli.conftest import TEXTS, Run


def entity(run: Run, name: str) -> str:
    found: str = run("show", name, "--json").json["entity"]
    return found


def test_two_entities_are_merged_and_parted_again(filled: Run) -> None:
    ivan, oleg = entity(filled, "Иван Петров"), entity(filled, "Олег Сидоров")
    made = filled("merge", "Иван Петров", "Олег Сидоров", "--author", "Анна", "--json").json
    assert (made["verdict"], made["subject"], made["object"]) == ("same", ivan, oleg)
    assert (made["author"], made["undone_at"]) == ("Анна", None)
    assert entity(filled, "Иван Петров") == entity(filled, "Олег Сидоров")
    again = filled("merge", "Иван Петров", "Олег Сидоров")
    assert again.code == 1
    assert "one entity already" in again.err
    [reason] = filled("why", ivan, oleg, "--json").jsons
    assert reason["joined"]
    assert reason["rule"] == f"judgement {made['judgement']} of Анна: same"
    assert filled("undo", made["judgement"]).code == 0
    assert entity(filled, "Олег Сидоров") == oleg
    assert filled("judgements").out == ""
    assert "(undone)" in filled("judgements", "--undone").out
    assert filled("undo", made["judgement"]).code == 1


def test_a_merge_is_previewed_and_nothing_changed(filled: Run) -> None:
    seen = filled("merge", "Иван Петров", "Олег Сидоров", "--preview", "--json").json
    assert seen["names"] == ["Иван Петров", "Олег Сидоров"]
    assert (seen["mentions"], seen["documents"], seen["facts"]) == (3, 2, 2)
    assert (seen["contradictions"], seen["two_by"]) == ([], ["no_shared_name"])
    shown = filled("merge", "Иван Петров", "Газпром", "--preview").out
    assert "! of two types: PERSON, ORGANIZATION" in shown
    assert "! a fact joins them, and would be gone: Иван Петров WORKPLACE Газпром" in shown
    assert filled("judgements").out == ""
    assert filled("merge", "Иван Петров", "Иван Петров", "--preview").code == 1


def test_judging_two_nodes(filled: Run) -> None:
    ivan, oleg = entity(filled, "Иван Петров"), entity(filled, "Олег Сидоров")
    assert filled("judge", "not-same", ivan, oleg).code == 0
    why = filled("why", ivan, oleg).out
    assert "kept apart by judgement" in why
    assert filled("judge", "perhaps", ivan, oleg).code == 2
    assert filled("relink", "--json").json == {"moved": 0}


def test_without_a_shared_name_nothing_was_weighed(filled: Run) -> None:
    [reason] = filled("why", "Иван Петров", "Олег Сидоров", "--json").jsons
    assert (reason["joined"], reason["rule"]) == (False, "no_shared_name")


def test_mentions_are_split_off_and_come_back(filled: Run) -> None:
    ivan = entity(filled, "Иван Петров")
    made = filled("split", ivan, "docs/c.md", "--json").json
    assert [m["document"] for m in made["mentions"]] == ["docs/c.md"]
    rows = [r for r in filled("export", "mentions").jsons if r["name"] == "Иван Петров"]
    assert len({row["entity"] for row in rows}) == 2
    everything = filled("split", ivan, "docs/a.txt")
    assert everything.code == 1
    assert "nothing would be left" in everything.err
    assert filled("split", ivan, "docs/b.txt:1-2").code == 1
    assert filled("undo", made["judgement"]).code == 0
    rows = [r for r in filled("export", "mentions").jsons if r["name"] == "Иван Петров"]
    assert {row["entity"] for row in rows} == {ivan}


def test_facts_are_accepted_and_rejected(filled: Run) -> None:
    facts = filled("show", "Олег Сидоров", "--json").json["facts"]
    fact = facts[0]["fact"]
    assert filled("accept", fact).code == 0
    assert filled("show", "Олег Сидоров", "--json").json["facts"][0]["confidence"] == 1.0
    made = filled("reject", fact, "--json").json
    left = filled("show", "Олег Сидоров", "--json").json["facts"]
    assert fact not in [f["fact"] for f in left]
    assert filled("undo", made["judgement"]).code == 0
    assert filled("show", "Олег Сидоров", "--json").json["facts"][0]["fact"] == fact
    assert filled("accept", "a").code == 1
    assert filled("accept", "Олег Сидоров:SPOUSE:Иван Петров").code == 1


def test_a_name_and_a_type_hold_through_every_reading(filled: Run, docs: Path) -> None:
    ivan = entity(filled, "Иван Петров")
    made = filled("rename", "Иван Петров", "Иван Ильич Петров", "--author", "Анна", "--json").json
    assert (made["verdict"], made["subject"]) == ("rename", ivan)
    assert (made["value"], made["author"]) == ("Иван Ильич Петров", "Анна")
    typed = filled("retype", "Газпром", "сооружение", "--json").json
    assert typed["value"] == "FACILITY"
    assert "→ Иван Ильич Петров" in filled("judgements").out
    assert [e["subject"] for e in filled("log", "--json").jsons if e["action"] == "judge"] == [
        f"judgement {made['judgement']}", f"judgement {typed['judgement']}"
    ]  # fmt: skip
    (docs / "a.txt").write_text("Иван Петров живёт в Москве. Газпром велик.", "utf-8")
    for words in (["relink"], ["reprocess"], ["ingest", "docs"]):
        assert filled(*words).code == 0
    assert entity(filled, "Иван Ильич Петров") == entity(filled, "Иван Петров") == ivan
    shown = filled("show", "Газпром", "--json").json
    assert shown["type"] == "FACILITY"
    assert filled("undo", made["judgement"]).code == 0
    assert filled("show", ivan, "--json").json["name"] == "Иван Петров"


def test_what_can_t_be_given_is_refused(filled: Run) -> None:
    unknown = filled("rename", "Пафнутий", "Пётр")
    assert (unknown.code, "no entity 'Пафнутий'" in unknown.err) == (1, True)
    empty = filled("rename", "Иван Петров", "  ")
    assert (empty.code, "the name is empty" in empty.err) == (1, True)
    wrong = filled("retype", "Иван Петров", "HUMAN")
    assert wrong.code == 1
    assert all(name in wrong.err for name in ENTITY_TYPES)
    assert filled("retype", "Иван Петров", "event").code == 0
    again = filled("retype", "Иван Петров", "EVENT")
    assert (again.code, "already" in again.err) == (1, True)
    assert len(filled("judgements").out.splitlines()) == 1


def test_a_fact_is_stated_with_a_sentence_or_without(filled: Run, docs: Path) -> None:
    made = filled("state", "Олег Сидоров", "работник", "Газпром", "--author", "Анна")
    assert (made.code, "no PERSON has a" in made.err) == (1, False), "a label of the other end"
    made = filled("state", "Олег Сидоров", "место работы", "Газпром", "--author", "Анна", "--json")
    assert (made.json["verdict"], made.json["relation"]) == ("state", "WORKPLACE")
    [fact] = [f for f in filled("show", "Олег Сидоров", "--json").json["facts"]
              if f["relation"] == "WORKPLACE"]  # fmt: skip
    assert (fact["stated_by"], fact["evidence"], fact["confidence"]) == ("Анна", [], 1.0)
    assert "stated by Анна" in filled("show", "Олег Сидоров").out
    assert "Газпром" in filled("query", "Где работает Олег Сидоров?").out
    lines = [row for row in filled("export", "facts").jsons if row["document"] is None]
    assert [(row["relation"], row["subject"]["start"]) for row in lines] == [("WORKPLACE", None)]
    for format in ("csv", "xlsx", "parquet"):
        assert filled("export", "facts", "--format", format, "-o", f"facts.{format}").code == 0
    quoted = ("--document", "docs/a.txt", "--sentence", "живёт в Москве")
    told = filled("state", "Мария Иванова", "PLACE_OF_BIRTH", "Москва", *quoted, "--json").json
    assert told["value"] == "Мария Иванова живёт в Москве"
    for words in (["relink"], ["reprocess"], ["delete", "docs/a.txt"], ["ingest", "docs"]):
        assert filled(*words).code == 0
    [fact] = [f for f in filled("show", "Мария Иванова", "--json").json["facts"]
              if f["relation"] == "PLACE_OF_BIRTH"]  # fmt: skip
    assert [e["text"] for e in fact["evidence"]] == ["Мария Иванова живёт в Москве."]
    assert filled("undo", told["judgement"]).code == 0
    assert "PLACE_OF_BIRTH" not in filled("show", "Мария Иванова").out


def test_a_mention_is_added_to_an_entity_or_to_nobody_known(filled: Run) -> None:
    text = TEXTS["a.txt"]
    at = text.index("работает")
    place = f"docs/a.txt:{at}-{at + 8}"
    made = filled("mention", place, "--entity", "Иван Петров", "--json").json
    assert (made["verdict"], made["value"], made["type"]) == ("mention", "работает", "PERSON")
    assert filled("show", "Иван Петров", "--json").json["mentions"] == 3
    again = filled("mention", place, "--type", "человек")
    assert (again.code, "is a mention of 'Иван Петров' already" in again.err) == (1, True)
    new = filled("mention", place, "--type", "EVENT", "--json").json
    assert filled("show", new["subject"], "--json").json["type"] == "EVENT"
    for words in (["relink"], ["reprocess"], ["delete", "docs/a.txt"], ["ingest", "docs"]):
        assert filled(*words).code == 0
    rows = [r for r in filled("export", "mentions").jsons if r["text"] == "работает"]
    assert [(r["type"], r["start"]) for r in rows] == [("EVENT", at), ("PERSON", at)]
    for made_before in (new, made):
        assert filled("undo", made_before["judgement"]).code == 0
    assert all(r["text"] != "работает" for r in filled("export", "mentions").jsons)


NOWHERE = [
    (("docs/a.txt",), "is no place"),
    (("docs/a.txt:0-4",), "needs its type, or the entity"),
    (("docs/a.txt:0-4", "--type", "HUMAN"), "there is no entity type"),
    (("docs/a.txt:0-9999", "--type", "PERSON"), "isn't in docs/a.txt, which has 62 characters"),
    (("docs/a.txt:3-5", "--type", "PERSON"), "begins or ends with a space"),
    (("docs/x.txt:0-4", "--type", "PERSON"), "no document 'docs/x.txt'"),
    (("docs/a.txt:0-4", "--entity", "Пафнутий"), "no entity 'Пафнутий'"),
]


@pytest.mark.parametrize(("words", "told"), NOWHERE, ids=[told for _, told in NOWHERE])
def test_a_mention_that_can_t_be_is_refused(filled: Run, words: tuple[str, ...], told: str) -> None:
    refused = filled("mention", *words)
    assert (refused.code, told in refused.err) == (1, True), refused.err
    assert filled("judgements").out == ""


REFUSED = [
    (("Олег Сидоров", "LOVES", "Газпром"), "there is no relation"),
    (("Газпром", "WORKPLACE", "Олег Сидоров"), "the other way round"),
    (("Москва", "SPOUSE", "Газпром"), "between these stand"),
    (("Пафнутий", "WORKPLACE", "Газпром"), "no entity 'Пафнутий'"),
    (("Олег Сидоров", "KNOWS", "Олег Сидоров"), "are one entity"),
    (("Олег Сидоров", "WORKPLACE", "Газпром", "--document", "docs/c.md"), "both its document"),
    (("Олег Сидоров", "WORKPLACE", "Газпром", "--document", "x", "--sentence", "Я."), "no document"),
    (("Олег Сидоров", "WORKPLACE", "Газпром", "--document", "docs/c.md", "--sentence", "Я ем."),
     "doesn't say 'Я ем.'"),
    (("Олег Сидоров", "WORKPLACE", "Газпром", "--document", "docs/a.txt", "--sentence", "живёт"),
     "doesn't mention 'Олег Сидоров'"),
    (("Олег Сидоров", "WORKPLACE", "Газпром", "--document", "docs/c.md", "--sentence", "живёт"),
     "that sentence of docs/c.md doesn't mention"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "told"), REFUSED, ids=[told for _, told in REFUSED])
def test_a_fact_that_can_t_be_is_refused(filled: Run, words: tuple[str, ...], told: str) -> None:
    refused = filled("state", *words)
    assert (refused.code, told in refused.err) == (1, True), refused.err
    assert filled("judgements").out == ""


def test_doubtful_pairs_are_reviewed_until_judged(filled: Run, docs: Path) -> None:
    (docs / "d.txt").write_text("Иван Сергеевич Петров живёт в Твери.", "utf-8")
    assert filled("ingest", "docs").code == 0
    [doubt] = filled("review", "--json").jsons
    assert 0 <= doubt["score"] <= 1
    assert set(doubt["names"]) <= {"Иван Петров", "Иван Сергеевич Петров"}
    shown = filled("review")
    assert shown.out.startswith(f"{doubt['score']:.2f}")
    assert all(sentence and sentence in shown.out for sentence in doubt["sentences"])
    assert "1 pairs wait" in shown.err
    assert filled("judge", "unsure", doubt["one"], doubt["other"]).code == 0
    assert filled("review").out == ""
