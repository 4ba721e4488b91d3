"""NEREL's files: what is read, what is skipped, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from tokenizers import Tokenizer

from kgbuild import ontology
from kgbuild.errors import FormatError
from kgbuild.train.corpora.nerel import GoldDocument, in_folds, read_document, read_folder
from kgbuild.train.examples import prepare
from kgbuild.types import Mention, Relation
from tests.train.gold import document, documents, write_brat

TEXT = "Театр имени Ермоловой открыт.\r\nИван и его сын Пётр."


def read(folder: Path, annotations: str, text: str = TEXT) -> GoldDocument:
    (folder / "a.txt").write_bytes(text.encode())
    (folder / "a.ann").write_text(annotations, "utf-8")
    return read_document(folder / "a.ann")


def test_nested_mentions_and_relations(tmp_path: Path) -> None:
    gold = read(
        tmp_path,
        "T2\tPERSON 12 21\tЕрмоловой\nT1\tORGANIZATION 0 21\tТеатр имени Ермоловой\n"
        "T3\tPERSON 31 35\tИван\nR1\tKNOWS Arg1:T3 Arg2:T2\t\n",
    )
    theatre, person, ivan = (
        Mention(0, 21, "ORGANIZATION"), Mention(12, 21, "PERSON"), Mention(31, 35, "PERSON"),
    )  # fmt: skip
    assert gold.mentions == (theatre, person, ivan)
    assert gold.relations == (Relation("KNOWS", ivan, person),)
    assert [gold.text[m.start : m.end] for m in gold.mentions] == [
        "Театр имени Ермоловой", "Ермоловой", "Иван",
    ]  # fmt: skip
    assert gold.name == "a"
    assert gold.skipped_lines == 0


def test_line_ends_are_kept_so_that_offsets_hold(tmp_path: Path) -> None:
    gold = read(tmp_path, "T1\tPERSON 31 35\tИван\n")
    assert gold.text == TEXT
    assert gold.text[31:35] == "Иван"


def test_discontinuous_mentions_are_their_hull(tmp_path: Path) -> None:
    gold = read(tmp_path, "T1\tORGANIZATION 0 5;12 21\tТеатр Ермоловой\n")
    assert gold.mentions == (Mention(0, 21, "ORGANIZATION"),)


def test_repeated_lines_count_once(tmp_path: Path) -> None:
    gold = read(
        tmp_path,
        "T1\tPERSON 31 35\tИван\nT2\tPERSON 46 50\tПётр\nT3\tPERSON 46 50\tПётр\n"
        "R1\tPARENT_OF Arg1:T1 Arg2:T2\t\nR2\tPARENT_OF Arg1:T1 Arg2:T2\t\n"
        "R3\tPARENT_OF Arg1:T1 Arg2:T3\t\n",
    )
    assert len(gold.mentions) == 2
    assert len(gold.relations) == 1


def test_relations_may_stand_before_their_mentions(tmp_path: Path) -> None:
    gold = read(
        tmp_path,
        "R1\tPARENT_OF Arg1:T1 Arg2:T2\t\nT1\tPERSON 31 35\tИван\nT2\tPERSON 46 50\tПётр\n",
    )
    assert len(gold.relations) == 1


@pytest.mark.parametrize(
    "line",
    [
        "T9 PERSON 0 3 Теа",
        "T9\tPERSON\tТеа",
        "R9\tKNOWS T1 T2",
        "R9\tKNOWS Arg1:T1 Arg2:T77",
        "По словам очевидцев",
    ],
)
def test_a_line_that_is_not_brat_is_skipped_and_counted(tmp_path: Path, line: str) -> None:
    gold = read(tmp_path, f"T1\tPERSON 31 35\tИван\n{line}\n\n")
    assert gold.skipped_lines == 1
    assert len(gold.mentions) == 1


def test_links_and_notes(tmp_path: Path) -> None:
    gold = read(
        tmp_path,
        "T1\tPERSON 31 35\tИван\nN1\tReference T1 Wikidata:Q42\tИван\n"
        "N3\tReference T1 Wikidata:NULL\tникто\nN2\tReference T7 Wikidata:Q43\tникто\n#1\tAnnotatorNotes T1\tхм\nA1\tSure T1\n",
    )
    assert gold.links == {Mention(31, 35, "PERSON"): "Wikidata:Q42"}
    assert gold.skipped_lines == 0


@pytest.mark.parametrize("span", ["40 500", "51 52", "5 5"])
def test_a_span_outside_the_text_is_refused_by_name(tmp_path: Path, span: str) -> None:
    with pytest.raises(FormatError, match=r"a\.ann: T1 spans .* the text has 51"):
        read(tmp_path, f"T1\tPERSON {span}\tИван\n")


def test_a_missing_or_undecodable_text_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.ann").write_text("")
    with pytest.raises(FormatError, match=r"a\.ann.*a\.txt"):
        read_document(tmp_path / "a.ann")
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe\xfd")
    with pytest.raises(FormatError, match=r"a\.ann"):
        read_document(tmp_path / "a.ann")


def test_a_folder_without_annotations_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(FormatError, match=r"no \.ann files"):
        read_folder(tmp_path)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    for gold in documents():
        write_brat(tmp_path, gold)
    assert read_folder(tmp_path) == documents()


@pytest.mark.parametrize(
    ("count", "held_out"), [(4, 1), (10, 3), (60, 46), (91, 46), (746, 46), (3, 5), (2, 1)]
)
def test_folds_share_the_documents_and_leave_some_to_train(count: int, held_out: int) -> None:
    everything = [document(str(i), "Да") for i in range(count)]
    train, held = in_folds(everything, held_out)
    assert sorted([*train, *held], key=lambda d: int(d.name)) == everything
    assert len(train) >= count / 2
    assert 0 < len(held) <= max(held_out * 1.25, 1)


def test_folds_without_held_out_documents() -> None:
    for count, held_out in ((5, 0), (1, 46)):
        everything = [document(str(i), "Да") for i in range(count)]
        train, held = in_folds(everything, held_out)
        assert train == everything
        assert held == []


def test_nerel_s_development_part(nerel: Path, tokenizer: Tokenizer) -> None:
    gold = read_folder(nerel / "dev")
    assert len(gold) == 94
    mentions = [(d, m) for d in gold for m in d.mentions]
    relations = [r for d in gold for r in d.relations]
    assert len(mentions) > 5_500
    assert len(relations) > 3_900
    assert {m.type for _, m in mentions} <= set(ontology.ENTITY_TYPES)
    assert {r.relation for r in relations} <= set(ontology.RELATIONS)
    known = sum(ontology.allowed(r.relation, r.subject.type, r.object.type) for r in relations)
    assert known / len(relations) > 0.99
    assert sum(len(d.links) for d in gold) > 3_000
    aligned = 0
    for example in prepare(gold, tokenizer, 254):
        table = example.table
        for mention, (a, b) in zip(example.document.mentions, example.spans.tolist(), strict=True):
            found = (int(table.starts[a]), int(table.ends[b])) if a >= 0 else None
            aligned += found == (mention.start, mention.end)
    assert aligned / len(mentions) > 0.999
