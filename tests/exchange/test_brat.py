"""Annotations in brat's format go into the store as a model's findings would."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgbuild.errors import FormatError
from kgbuild.exchange.annotations.brat import BratExtractor, find_annotated, outcomes
from kgbuild.pipeline import BuildReport, Parts, build
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.types import AddResult
from tests.oracle import MemoryStore

TEXT = "Иван Орлов родился в Клину."
ANN = "T1\tPERSON 0 10\tИван Орлов\nT2\tCITY 21 26\tКлину\nR1\tPLACE_OF_BIRTH Arg1:T1 Arg2:T2\n"


def write(folder: Path, name: str, text: str = TEXT, ann: str | None = ANN) -> None:
    (folder / f"{name}.txt").write_text(text, "utf-8")
    if ann is not None:
        (folder / f"{name}.ann").write_text(ann, "utf-8")


def imported(folder: Path, store: MemoryStore) -> BuildReport:
    paths = find_annotated(folder)
    parts = Parts(BratExtractor(paths), RussianNormalizer(), None, store)
    return build(paths, parts, read=outcomes)


def test_annotations_become_facts(tmp_path: Path) -> None:
    write(tmp_path, "a")
    store = MemoryStore()
    assert imported(tmp_path, store).results[AddResult.ADDED] == 1
    [fact] = store.facts()
    assert (fact.subject.name, fact.relation, fact.object.name) == (
        "Иван Орлов",
        "PLACE_OF_BIRTH",
        "Клин",
    )
    assert fact.evidence[0].text == TEXT
    assert not list(store.vectors("sentence", "any"))


def test_changed_annotations_replace_the_document(tmp_path: Path) -> None:
    write(tmp_path, "a")
    store = MemoryStore()
    imported(tmp_path, store)
    assert imported(tmp_path, store).results[AddResult.UNCHANGED] == 1
    write(tmp_path, "a", ann=ANN.splitlines()[0] + "\n")
    assert imported(tmp_path, store).results[AddResult.REPLACED] == 1
    assert not list(store.facts())


def test_a_bad_document_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    write(tmp_path, "a")
    write(tmp_path, "b", text="Клин.", ann="T1\tCITY 0 99\tКлин\n")
    write(tmp_path, "c", text="Тверь.", ann=None)
    (tmp_path / "d.ann").write_text(ANN, "utf-8")
    store = MemoryStore()
    report = imported(tmp_path, store)
    assert report.results[AddResult.ADDED] == 1
    assert [Path(source).stem for source, _ in sorted(report.failures)] == ["b", "c", "d"]


def test_the_fingerprint_is_of_the_annotations(tmp_path: Path) -> None:
    write(tmp_path, "a")
    before = BratExtractor(find_annotated(tmp_path)).fingerprint
    assert before.startswith("brat:")
    assert before == BratExtractor(find_annotated(tmp_path)).fingerprint
    write(tmp_path, "a", ann=ANN + "\n#1\tnote")
    assert before != BratExtractor(find_annotated(tmp_path)).fingerprint


def test_a_folder_without_annotations_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"no \.ann"):
        find_annotated(tmp_path)
