"""Corrections: they take their document's place, are learnt, and say by silence what is false."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from kgbuild.errors import FormatError
from kgbuild.train.corpora.corpus import read_corpus
from kgbuild.train.corpora.nerel import GoldDocument
from kgbuild.train.examples import collate, prepare
from kgbuild.train.fit import special_ids
from tests.train.gold import document, documents, write_brat
from tests.train.test_examples import whole


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for gold in documents():
        write_brat(tmp_path / "data", gold)
    return tmp_path / "data"


def correct(folder: Path, *golds: GoldDocument) -> Path:
    for gold in golds:
        write_brat(folder, gold)
    return folder


def names(golds: tuple[GoldDocument, ...]) -> list[str]:
    return [gold.name for gold in golds]


def test_without_corrections_every_document_is_in_one_part(data: Path) -> None:
    corpus = read_corpus([data], held_out=2)
    assert names(corpus.train) == ["d0", "d2"]
    assert names(corpus.held_out) == ["d1", "d3"]


def test_a_correction_takes_its_document_s_place_and_is_never_held_out(
    data: Path, tmp_path: Path
) -> None:
    learnt = replace(documents()[0], relations=())
    aside = document("d1", "[Мария|PERSON] дома.")
    extra = correct(tmp_path / "extra", learnt, aside, document("new", "[Пётр|PERSON]"))
    corpus = read_corpus([data], [extra], held_out=2)
    assert names(corpus.train) == ["d2", "d0", "d1", "new"]
    assert names(corpus.held_out) == ["d3"]
    found = {gold.name: gold for gold in corpus.train}
    assert found["d0"].relations == ()
    assert found["d1"].text == aside.text


def test_a_later_folder_corrects_an_earlier_one(data: Path, tmp_path: Path) -> None:
    one = correct(tmp_path / "one", document("d0", "[Пётр|PERSON]"), document("x", "Да."))
    two = correct(tmp_path / "two", document("d0", "[Анна|PERSON]"))
    corpus = read_corpus([data], [one, two])
    assert sorted(names(corpus.train)) == ["d0", "d1", "d2", "d3", "x"]
    assert [g.text for g in corpus.train if g.name == "d0"] == ["Анна"]


def test_the_weight_repeats_corrections_alone(data: Path, tmp_path: Path) -> None:
    extra = correct(tmp_path / "extra", document("d0", "[Пётр|PERSON]"), document("x", "Да."))
    found = names(read_corpus([data], [extra], weight=3).train)
    assert {name: found.count(name) for name in found} == {
        "d0": 3, "x": 3, "d1": 1, "d2": 1, "d3": 1,
    }  # fmt: skip


def test_a_relation_taken_out_is_a_negative(
    data: Path, tmp_path: Path, tokenizer: Tokenizer
) -> None:
    """The pair stays a candidate, with no label; so does the mention's span, taken out."""
    said = documents()[0]
    rejected = replace(said, relations=said.relations[1:])
    extra = correct(tmp_path / "extra", rejected)
    [gold] = [g for g in read_corpus([data], [extra]).train if g.name == said.name]
    before, after = (
        collate([whole(g, tokenizer)], special_ids(tokenizer), 4) for g in (said, gold)
    )
    assert after.pairs.pairs.tolist() == before.pairs.pairs.tolist()
    lost = (before.labels != after.labels).nonzero()
    assert len(lost) == 1
    assert before.labels.sum() - after.labels.sum() == 1


@pytest.mark.parametrize(
    ("notation", "reason"),
    [("[Иван|PERSONN]", "PERSONN"), ("[А|PERSON] [Б|PERSON] => 1 SPOUZE 2", "SPOUZE")],
)
def test_labels_that_are_not_known_are_refused_by_name(
    data: Path, tmp_path: Path, notation: str, reason: str
) -> None:
    extra = correct(tmp_path / "extra", document("mine", notation))
    with pytest.raises(FormatError, match=f"mine: unknown types or relations: {reason}"):
        read_corpus([data], [extra])


def test_a_folder_without_annotations_is_refused(data: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(FormatError, match="empty"):
        read_corpus([data], [tmp_path / "empty"])


def test_corrected_documents_are_prepared_like_others(
    data: Path, tmp_path: Path, tokenizer: Tokenizer
) -> None:
    extra = correct(tmp_path / "extra", document("x", "[Иван|PERSON] тут."))
    examples = prepare(read_corpus([data], [extra]).train, tokenizer, 254)
    assert len(examples) == 5
