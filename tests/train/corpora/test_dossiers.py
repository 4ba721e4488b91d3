"""Marked-up documents: what their notation says, and what isn't in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kgbuild.errors import FormatError
from kgbuild.train.corpora.corpus import read_corpus
from kgbuild.train.corpora.dossiers import (
    QUESTIONS,
    is_dossier,
    read_document,
    read_dossiers,
    read_questions,
)
from kgbuild.train.corpora.nerel import Fact, GoldDocument
from kgbuild.types import Mention
from tests.train.dossier import document, note, write


def surfaces(gold: GoldDocument) -> list[tuple[str, str, str]]:
    return [(gold.text[m.start : m.end], m.type, gold.entities[m]) for m in gold.mentions]


def relations(gold: GoldDocument) -> list[tuple[str, int, str, int]]:
    return [
        (gold.text[r.subject.start : r.subject.end], r.subject.start, r.relation, r.object.start)
        for r in gold.relations
    ]


def test_mentions_nest_and_say_which_entity_they_are(tmp_path: Path) -> None:
    gold = note(tmp_path)
    assert gold.name == "mill/one"
    assert gold.text == (
        "Иван Зуев работает в Газпром-банке. Он женат на Анне. Родилась в Твери. "
        "Пётр там не работал."
    )
    assert surfaces(gold) == [
        ("Иван Зуев", "PERSON", "mill.p1"), ("Газпром-банке", "ORGANIZATION", "mill.o1"),
        ("Газпром", "ORGANIZATION", "mill.o2"), ("Анне", "PERSON", "mill.p2"),
        ("Твери", "CITY", "mill.c1"), ("Пётр", "PERSON", "mill.p3"),
    ]  # fmt: skip
    assert gold.by_entities


def test_references_are_overt_or_a_subject_left_out(tmp_path: Path) -> None:
    gold = note(tmp_path)
    assert [(gold.text[r.start : r.end], r.kind, r.entity) for r in gold.references] == [
        ("Он", "overt", "mill.p1"), ("Родилась", "zero", "mill.p2"),
    ]  # fmt: skip


def test_a_reference_may_hold_a_name(tmp_path: Path) -> None:
    gold = document(tmp_path, "{директор [завода](ORGANIZATION#o1)}(=p1) [Зуев](PERSON#p1)")
    [reference] = gold.references
    assert gold.text[reference.start : reference.end] == "директор завода"
    assert [kind for _, kind, _ in surfaces(gold)] == ["ORGANIZATION", "PERSON"]


def test_facts_and_denials_are_lines_comments_are_none(tmp_path: Path) -> None:
    gold = note(tmp_path)
    assert gold.facts == (
        Fact("mill.p1", "WORKPLACE", "mill.o1"),
        Fact("mill.p1", "SPOUSE", "mill.p2"),
        Fact("mill.p2", "PLACE_OF_BIRTH", "mill.c1"),
    )
    assert gold.denied == (Fact("mill.p3", "WORKPLACE", "mill.o1"),)


def test_what_is_stated_isn_t_denied_and_a_line_counts_once(tmp_path: Path) -> None:
    lines = "p1 SPOUSE p2\n!p1 SPOUSE p2\np1 SPOUSE p2"
    gold = document(tmp_path, "[Иван](PERSON#p1) и [Анна](PERSON#p2)", lines)
    assert gold.facts == (Fact("mill.p1", "SPOUSE", "mill.p2"),)
    assert gold.denied == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Тут [Иван](PERSON#p1) и [Пётр", r"'\[' is never closed"),
        ("Тут {он", r"'\{' is never closed"),
        ("Тут Иван](PERSON#p1)", "']' out of place after 'Тут Иван'"),
        ("Тут [Иван] и", "']' out of place after 'Тут Иван'"),
        ("Тут [Иван](person#p1)", "']' out of place"),
        ("Тут [Иван](PERSONN#p1)", "'Иван': no type 'PERSONN'"),
        ("Тут {он}(PERSON#p1)", "'}' out of place after 'Тут он'"),
        ("Тут [она}(=p1)](PERSON#p1)", "'}' out of place after 'Тут она'"),
    ],
)
def test_what_is_no_notation_is_named_with_its_place(
    tmp_path: Path, text: str, reason: str
) -> None:
    with pytest.raises(FormatError, match=f"one.txt: {reason}"):
        document(tmp_path, text)


def test_a_relation_that_isn_t_known_is_named(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"one\.txt: p1 KISSES p2: no relation 'KISSES'"):
        document(tmp_path, "[Иван](PERSON#p1) [Анна](PERSON#p2)", "p1 KISSES p2")


@pytest.mark.parametrize("line", ["p1 SPOUSE", "!p1", "! SPOUSE p2"])
def test_a_line_that_is_no_fact_is_named(tmp_path: Path, line: str) -> None:
    with pytest.raises(FormatError, match=rf"one\.txt: {line}: a fact is a subject"):
        document(tmp_path, "[Иван](PERSON#p1)", line)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("текст без частей", "not 1"),
        ("голова\n---\nтекст", "not 2"),
        ("а\n---\nб\n---\nв\n---\nг", "not 4"),
    ],
)
def test_a_file_has_three_parts(tmp_path: Path, body: str, reason: str) -> None:
    path = tmp_path / "one.txt"
    path.write_text(body, "utf-8")
    with pytest.raises(FormatError, match=rf"one\.txt: head, text and facts .*, {reason}"):
        read_document(path)


def test_a_file_that_can_t_be_read_is_named(tmp_path: Path) -> None:
    path = tmp_path / "one.txt"
    path.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(FormatError, match=r"one\.txt"):
        read_document(path)


def test_a_relation_stands_between_the_nearest_mentions(tmp_path: Path) -> None:
    gold = document(
        tmp_path,
        "[Иван](PERSON#p1) ушёл. [Анна](PERSON#p2) ждала. [Иван](PERSON#p1) женат на [Анне](PERSON#p2).",
        "p1 SPOUSE p2",
    )
    near = [gold.text.index(words) for words in ("Иван женат", "Анне")]
    assert relations(gold) == [("Иван", near[0], "SPOUSE", near[1])]


def test_a_pronoun_brings_its_name_near(tmp_path: Path) -> None:
    """«Он» stands beside Тверь, another name of Иван's stands nearer to it than the first."""
    text = (
        "[Зуев](PERSON#p1) вошёл. Было тихо. [Анна](PERSON#p2) ждала. {Он}(=p1) родился в "
        "[Твери](CITY#c1). Потом запела. И ушла. Вечер. {Она}(=p2) там. [Зуев](PERSON#p1)."
    )
    gold = document(tmp_path, text, "p1 PLACE_OF_BIRTH c1\np2 PLACE_RESIDES_IN c1")
    found = {relation: start for _, start, relation, _ in relations(gold)}
    assert found == {"PLACE_OF_BIRTH": 0, "PLACE_RESIDES_IN": gold.text.index("Анна")}


def test_a_fact_without_mentions_here_is_no_relation(tmp_path: Path) -> None:
    gold = document(tmp_path, "[Иван](PERSON#p1) ушёл.", "p1 SPOUSE p9")
    assert gold.relations == ()
    assert len(gold.facts) == 1


def test_forms_of_a_name_are_alternative_names_its_cases_aren_t(tmp_path: Path) -> None:
    gold = document(
        tmp_path,
        "[Иван Зуев](PERSON#p1), [Ваня](PERSON#p1), [Ивану Зуеву](PERSON#p1), [1991](DATE#d1)",
    )
    assert relations(gold) == [("Иван Зуев", 0, "ALTERNATIVE_NAME", 11)]


def test_a_folder_of_dossiers_or_one_is_read_by_name(tmp_path: Path) -> None:
    for dossier in ("b", "a"):
        for name in ("02", "01"):
            write(tmp_path / dossier, name, "[Иван](PERSON#p1)")
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "notes.txt").write_text("не досье", "utf-8")
    assert [d.name for d in read_dossiers(tmp_path)] == ["a/01", "a/02", "b/01", "b/02"]
    assert [d.name for d in read_dossiers(tmp_path / "b")] == ["b/01", "b/02"]
    assert is_dossier(tmp_path / "a")
    assert not is_dossier(tmp_path)
    assert not is_dossier(tmp_path / "c")
    (tmp_path / "c" / "code-page.txt").write_bytes("не досье".encode("cp1251"))
    assert not is_dossier(tmp_path / "c")
    with pytest.raises(FormatError, match="c: no marked-up documents"):
        read_dossiers(tmp_path / "c")
    [one, other] = read_dossiers(tmp_path)[1:3]
    assert set(one.entities.values()) == {"a.p1"}
    assert set(other.entities.values()) == {"b.p1"}


def test_an_entity_is_one_over_the_documents_of_a_dossier(tmp_path: Path) -> None:
    for name in ("01", "02"):
        write(tmp_path / "a", name, "[Иван](PERSON#p1)")
    assert [d.links[Mention(0, 4, "PERSON")] for d in read_dossiers(tmp_path)] == ["Local:a.p1"] * 2


def test_whole_dossiers_are_kept_aside(tmp_path: Path) -> None:
    for dossier in "abcdef":
        for name in ("01", "02"):
            write(tmp_path / dossier, name, "[Иван](PERSON#p1)")
    corpus = read_corpus([tmp_path], held_out=4)
    parts = [{d.name.split("/")[0] for d in part} for part in (corpus.train, corpus.held_out)]
    assert len(corpus.held_out) == 4
    assert len(corpus.train) == 8
    assert not parts[0] & parts[1]


def ask(folder: Path, *rows: object) -> Path:
    folder.mkdir()
    lines = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
    (folder / QUESTIONS).write_text(lines + "\n", "utf-8")
    return folder


def test_questions_name_their_answers_and_facts(tmp_path: Path) -> None:
    row = {
        "question": "Кто жена Зуева?", "kind": "fact", "answers": [["Анна", "Анна Зуева"]],
        "documents": ["01.txt"], "facts": ["p1 SPOUSE p2"],
    }  # fmt: skip
    bare = {"question": "А?", "kind": "abstain", "answers": [], "documents": []}
    one, other = read_questions(ask(tmp_path / "mill", row, bare))
    assert one.answers == (("Анна", "Анна Зуева"),)
    assert one.facts == (Fact("mill.p1", "SPOUSE", "mill.p2"),)
    assert one.documents == ("01.txt",)
    assert (other.kind, other.answers, other.facts) == ("abstain", (), ())


@pytest.mark.parametrize("row", ["{", '{"question": "А?"}', "[]"])
def test_questions_that_can_t_be_read_are_refused_by_file(tmp_path: Path, row: str) -> None:
    with pytest.raises(FormatError, match=r"questions\.jsonl: no readable questions"):
        read_questions(ask(tmp_path / "mill", row))
    with pytest.raises(FormatError, match=r"questions\.jsonl"):
        read_questions(tmp_path)
