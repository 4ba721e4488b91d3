"""CoNLL, spaCy's JSON Lines and Label Studio's JSON go into the store as a model's findings would."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kgbuild.errors import InputError
from kgbuild.exchange.annotations.annotated import Labels
from kgbuild.exchange.annotations.imports import FINGERPRINTS, opened
from kgbuild.pipeline import BuildReport, Parts, build
from kgbuild.types import AddResult
from tests.exchange.linked import NORMALIZER
from tests.oracle import MemoryStore

TEXT = "🙂 Иван Орлов из [Музея [Клина]]."
PLAIN = "🙂 Иван Орлов из Музея Клина."


def imported(path: Path, format: str, store: MemoryStore, **labels: str) -> BuildReport:
    given = opened(path, format, Labels(labels))
    return build(given.paths, Parts(given.extractor, NORMALIZER, None, store), read=given.read)


def seen(store: MemoryStore) -> list[tuple[str, str]]:
    return [(m.text, m.mention.type) for m in store.mentions()]


def stated(store: MemoryStore) -> list[tuple[str, str, str]]:
    return [(f.subject.name, f.relation, f.object.name) for f in store.facts()]


CONLL = """-DOCSTART- -X- O O

Иван NNP B-NP B-PERSON
Орлов NNP I-NP I-PERSON
уехал VBD B-VP O
из IN B-PP O
« O O O
Клина NNP B-NP B-CITY
» O O O
. . O O

Пётр NNP B-NP I-PERSON
Тверь NNP B-NP B-CITY
Клин NNP B-NP B-CITY

-DOCSTART- O
Анна U-PERSON
Мария B-PERSON
Лосева E-PERSON
"""


def test_conll(tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text(
        CONLL.replace("« O O O", "« - - O").replace("» O O O", "» - - O"), "utf-8"
    )
    store = MemoryStore()
    assert imported(tmp_path / "a.conll", "conll", store).results[AddResult.ADDED] == 2
    one, two = store.documents()
    assert one.text == "Иван Орлов уехал из «Клина».\nПётр Тверь Клин"
    assert (one.source, two.source) == (f"{tmp_path}/a.conll#1", f"{tmp_path}/a.conll#2")
    assert seen(store) == [
        ("Иван Орлов", "PERSON"), ("Клина", "CITY"), ("Пётр", "PERSON"), ("Тверь", "CITY"),
        ("Клин", "CITY"), ("Анна", "PERSON"), ("Мария Лосева", "PERSON"),
    ]  # fmt: skip
    assert imported(tmp_path / "a.conll", "conll", store).results[AddResult.UNCHANGED] == 2


def test_a_bad_conll_document_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    (tmp_path / "a.bio").write_text(
        "Иван B-PERSON\n\n-DOCSTART-\nИван X-PERSON\n-DOCSTART-\nИван\n-DOCSTART-\nОслo B-PLC\n",
        "utf-8",
    )
    store = MemoryStore()
    report = imported(tmp_path, "conll", store)
    assert report.results[AddResult.ADDED] == 1
    assert [(s.split("#")[1], r.split(": ", 1)[1][:25]) for s, r in report.failures] == [
        ("2", "line 4: 'X-PERSON' is no "), ("3", "line 6: has 1 columns, no"), ("4", "label 'PLC' is no entity "),
    ]  # fmt: skip
    assert imported(tmp_path, "conll", store, PLC="CITY").results[AddResult.ADDED] == 1


def spans(text: str, *names: tuple[str, str]) -> list[dict[str, Any]]:
    return [
        {"start": text.index(s), "end": text.index(s) + len(s), "label": label}
        for s, label in names
    ]


def test_spacy(tmp_path: Path) -> None:
    found = spans(PLAIN, ("Иван Орлов", "PER"), ("Музея Клина", "FACILITY"), ("Клина", "CITY"))
    lines = [
        {"text": PLAIN, "ents": found[:1], "spans": {"sc": found[1:]},
         "relations": [{"head_span": found[0], "child_span": found[1], "label": "работает"}]},
        {"text": "Тверь и Москва", "spans": spans("Тверь", ("Тверь", "CITY"))},
        {"text": "Клин стоит", "label": [[0, 4, "CITY"]]},
        {"text": "Пётр", "ents": [{"start": 0, "end": 9, "label": "PERSON"}]},
        {"text": "Пётр спит", "ents": [{"start": "0", "end": 4, "label": "PERSON"}]},
        ["Пётр"],
    ]  # fmt: skip
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines) + "\n\n{", "utf-8")
    store = MemoryStore()
    report = imported(path, "spacy", store, PER="PERSON", работает="WORKPLACE")
    assert report.results[AddResult.ADDED] == 3
    assert [s.split("#")[1] for s, _ in report.failures] == ["4", "5", "6", "8"]
    assert seen(store) == [
        ("Иван Орлов", "PERSON"), ("Музея Клина", "FACILITY"), ("Клина", "CITY"),
        ("Тверь", "CITY"), ("Клин", "CITY"),
    ]  # fmt: skip
    assert stated(store) == [("Иван Орлов", "WORKPLACE", "Музей Клина")]
    again = MemoryStore()
    assert (
        imported(path, "spacy", again, PER="", работает="WORKPLACE").results[AddResult.ADDED] == 3
    )
    assert stated(again) == []


def test_one_text_annotated_in_two_ways_is_refused(tmp_path: Path) -> None:
    both = [{"text": "Клин", "ents": [[0, 4, type]]} for type in ("CITY", "PRODUCT", "CITY")]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, both)), "utf-8")
    report = imported(tmp_path / "a.jsonl", "spacy", MemoryStore())
    assert report.results[AddResult.ADDED] == 2
    [(_, reason)] = report.failures
    assert "two ways" in reason


def region(id: str, text: str, surface: str, label: str, units: bool = False) -> dict[str, Any]:
    before = text[: text.index(surface)]
    start = len(before.encode("utf-16-le")) // 2 if units else len(before)
    value = {"start": start, "end": start + len(surface), "text": surface, "labels": [label]}
    return {"id": id, "type": "labels", "from_name": "label", "to_name": "text", "value": value}


def task(id: int, *result: dict[str, Any], text: str = PLAIN, **more: Any) -> dict[str, Any]:
    return {"id": id, "data": {"text": text}, "annotations": [{"result": list(result), **more}]}


@pytest.mark.parametrize("units", [False, True])
def test_label_studio(tmp_path: Path, units: bool) -> None:
    regions = [
        region("a", PLAIN, "Иван Орлов", "PERSON", units),
        region("b", PLAIN, "Музея Клина", "FACILITY", units),
        region("c", PLAIN, "Клина", "CITY", units),
    ]
    said = {
        "type": "relation",
        "from_id": "b",
        "to_id": "a",
        "direction": "left",
        "labels": ["WORKPLACE"],
    }
    cancelled = task(3, regions[0], was_cancelled=True)
    wrong = region("a", PLAIN, "Клина", "CITY")
    wrong["value"]["text"] = "Тверь"
    tasks = [
        task(7, *regions, said),
        cancelled,
        task(4, {**said, "labels": []}, *regions),
        task(5, wrong),
        1,
    ]
    (tmp_path / "a.json").write_text(json.dumps(tasks), "utf-8")
    store = MemoryStore()
    report = imported(tmp_path, "label-studio", store)
    assert report.results[AddResult.ADDED] == 1
    assert [s.split("#")[1] for s, _ in report.failures] == ["3", "4", "5", "5"]
    assert seen(store) == [("Иван Орлов", "PERSON"), ("Музея Клина", "FACILITY"), ("Клина", "CITY")]
    assert stated(store) == [("Иван Орлов", "WORKPLACE", "Музей Клина")]


def test_a_file_that_is_something_else_is_its_own_failure(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("nonsense")
    (tmp_path / "b.json").write_text("{}")
    (tmp_path / "c.json").write_bytes(b"\xff\xfe")
    (tmp_path / "d.json").write_text(json.dumps([task(1, region("a", PLAIN, "Клина", "CITY"))]))
    report = imported(tmp_path, "label-studio", MemoryStore())
    assert [Path(source).name for source, _ in report.failures] == ["a.json", "b.json", "c.json"]
    assert report.results[AddResult.ADDED] == 1
    with pytest.raises(InputError, match="conll"):
        opened(tmp_path, "conll", Labels())
    with pytest.raises(InputError, match="no entity type"):
        Labels({"PER": "PERSN"})


def test_brat_labels_are_checked_and_mapped(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Клин", "utf-8")
    (tmp_path / "a.ann").write_text("T1\tLOC 0 4\tКлин\n", "utf-8")
    [(source, reason)] = imported(tmp_path, "brat", MemoryStore()).failures
    assert source.endswith("a.txt")
    assert "'LOC'" in reason
    assert "--map" in reason
    store = MemoryStore()
    imported(tmp_path, "brat", store, LOC="CITY")
    assert seen(store) == [("Клин", "CITY")]
    assert all(s.extractor.startswith(FINGERPRINTS) for s in store.sources())
