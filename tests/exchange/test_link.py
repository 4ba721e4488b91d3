"""Wikidata ids come to entities where the evidence leaves one choice."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import json
from pathlib import Path

import pytest

from kgbuild.errors import FormatError, ReadError
from kgbuild.exchange.registers.known import Grade, listed_person
from kgbuild.exchange.registers.linking import LinkReport, link
from kgbuild.exchange.registers.wikidata import read_items, types_of
from kgbuild.ontology import ENTITY_TYPES
from kgbuild.resolve.known_alias import RegistryClusterer
from kgbuild.resolve.link import RussianLinker
from tests.exchange.linked import NORMALIZER, graph, item, written
from tests.oracle import MemoryStore

SAMPLE = Path(__file__).parents[2] / "examples" / "wikidata-slice.jsonl"
ORLOV = "[Иван Орлов|PERSON] родился в [1900 году|DATE] в [Клину|CITY]. => 1 DATE_OF_BIRTH 2, 1 PLACE_OF_BIRTH 3"


def linked(store: MemoryStore, path: Path, **how: object) -> dict[str, str]:
    report = link(store, NORMALIZER, path, **how)  # type: ignore[arg-type]
    return {m.entity.name: m.known.id for m in report.linked}


def reasons(report: LinkReport) -> dict[str, str]:
    return {one.entity.name: one.reason for one in report.unlinked}


@pytest.fixture
def store(tmp_path: Path) -> MemoryStore:
    return graph(tmp_path / "docs", ORLOV, "[Пётр Ильич Лосев|PERSON] и [Анна Лосева|PERSON].")


def test_names_types_and_years_link(store: MemoryStore, tmp_path: Path) -> None:
    path = written(
        tmp_path / "slice.jsonl",
        item("Q1", "Орлов, Иван Сергеевич", born="1900-05-01"),
        item("Q2", "Клин", "Q515"),
        item("Q3", "Лосев, Пётр Ильич"),
        item("Q4", "Анна Лосева"),
        item("Q5", "Клин", "Q8502"),
        item("Q6", "Клин", "Q4167410"),
    )
    dry = link(store, NORMALIZER, path, dry_run=True)
    assert not list(store.external_ids())
    report = link(store, NORMALIZER, path)
    assert report.linked == dry.linked
    assert {(m.entity.name, m.known.id, m.grade.name) for m in report.linked} == {
        ("Иван Орлов", "Q1", "YEARS"), ("Клин", "Q2", "WHOLE"), ("Пётр Ильич Лосев", "Q3", "WHOLE"),
    }  # fmt: skip
    assert reasons(report) == {"Анна Лосева": "only part of a name"}
    assert {one.source for one in store.external_ids()} == {
        f"slice.jsonl@sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    }
    again = link(store, NORMALIZER, path)
    assert (again.linked, again.known, len(list(store.external_ids()))) == ((), 3, 3)
    assert linked(store, path, least=Grade.NAME) == {"Анна Лосева": "Q4"}


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        ([item("Q1", "Иван Орлов", born="1870-01-30")], None),
        ([item("Q1", "Иван Орлов", born="1900-05-01"), item("Q2", "Иван Орлов", born="1900-07-01")], "several items"),
        ([item("Q1", "Иван Орлов"), item("Q2", "Иван Орлов")], "several items"),
        ([item("Q1", "Иван Орлов", "Q515")], None),
        ([item("Q1", "Иван Орлов", "Q4167410")], None),
        ([item("Q1", "Орлов")], None),
    ],
    ids=["other year", "one year", "no years", "a city", "unknown class", "surname"],
)  # fmt: skip
def test_namesakes_arent_linked(
    store: MemoryStore, tmp_path: Path, items: list[dict[str, object]], reason: str | None
) -> None:
    report = link(store, NORMALIZER, written(tmp_path / "s.jsonl", *items), Grade.NAME)
    assert "Иван Орлов" not in {m.entity.name for m in report.linked}
    assert reasons(report).get("Иван Орлов") == reason


def test_a_year_tells_namesakes_apart(tmp_path: Path) -> None:
    store = graph(
        tmp_path / "docs", ORLOV,
        "[Иван Орлов|PERSON] родился в [1950 году|DATE]. => 1 DATE_OF_BIRTH 2",
    )  # fmt: skip
    path = written(
        tmp_path / "s.jsonl",
        item("Q1", "Иван Орлов", born="1900-01-05"),
        item("Q2", "Иван Орлов", born="1950-01-05"),
        item("Q3", "Иван Орлов", born="1999-12-25"),
    )
    report = link(store, NORMALIZER, path)
    born = {f.subject.id: f.object.name for f in store.facts(relation="DATE_OF_BIRTH")}
    assert {(born[m.entity.id], m.known.id) for m in report.linked} == {
        ("1900 год", "Q1"), ("1950 год", "Q2"),
    }  # fmt: skip


def test_another_patronymic_is_another_person(tmp_path: Path) -> None:
    store = graph(tmp_path / "docs", "[Лев Львович Толстой|PERSON]. [Лев Толстой|PERSON].")
    path = written(tmp_path / "s.jsonl", item("Q7243", "Лев Николаевич Толстой"))
    assert linked(store, path, least=Grade.NAME) == {}


def test_a_link_isnt_replaced_by_another(store: MemoryStore, tmp_path: Path) -> None:
    link(store, NORMALIZER, written(tmp_path / "a", item("Q2", "Клин", "Q515")))
    report = link(store, NORMALIZER, written(tmp_path / "b", item("Q9", "Клин", "Q3957")))
    assert (report.linked, report.known, reasons(report)) == ((), 0, {"Клин": "has Q2 already"})


def test_a_dump_is_read_in_each_of_its_forms(tmp_path: Path) -> None:
    one, two = item("Q1", "Клин", "Q515"), item("Q2", "Тверь", "Q515")
    array = "[\n" + json.dumps(one) + ",\n" + json.dumps(two) + "\n]\n"
    property_ = json.dumps({"type": "property", "id": "P31", "labels": {}})
    lines = f"{json.dumps(one)}\n{property_}\n{json.dumps(two)}\n"
    for name, data in (
        ("array.json", array.encode()), ("lines.jsonl", lines.encode()),
        ("a.gz", gzip.compress(array.encode())), ("a.bz2", bz2.compress(lines.encode())),
    ):  # fmt: skip
        (tmp_path / name).write_bytes(data)
        assert [i.id for i in read_items(tmp_path / name)] == ["Q1", "Q2"], name
    (tmp_path / "cut.gz").write_bytes(gzip.compress(array.encode())[:-12])
    with pytest.raises(ReadError):
        list(read_items(tmp_path / "cut.gz"))
    (tmp_path / "bad").write_text('{"type": "item", "id": "Q1"}\n{"type": "item", "labels": 7}\n')
    with pytest.raises(FormatError, match="bad:2"):
        list(read_items(tmp_path / "bad"))


def test_ranks_precision_and_calendars(tmp_path: Path) -> None:
    def born(time: str, precision: int = 11, rank: str = "normal") -> dict[str, object]:
        value = {"time": time, "precision": precision}
        snak = {"snaktype": "value", "property": "P569", "datavalue": {"value": value}}
        return {"mainsnak": snak, "rank": rank}

    def years(*said: dict[str, object]) -> tuple[str, ...]:
        one = item("Q1", "Иван")
        one["claims"] = {**one["claims"], "P569": list(said)}  # type: ignore[dict-item]
        [read] = read_items(written(tmp_path / "s", one))
        return read.born

    assert years(born("+1834-02-08T00:00:00Z")) == ("1834",)
    assert years(born("+1834-00-00T00:00:00Z", 9)) == ("1834",)
    assert years(born("+1799-12-25T00:00:00Z")) == ("1799", "1800")
    assert years(born("+1850-00-00T00:00:00Z", 7)) == ()
    assert years(born("-0044-03-15T00:00:00Z")) == ()
    assert years(
        born("+1800-06-01T00:00:00Z"), born("+1801-06-01T00:00:00Z", rank="preferred")
    ) == ("1801",)
    assert years(born("+1800-06-01T00:00:00Z", rank="deprecated")) == ()
    unknown = {"mainsnak": {"snaktype": "somevalue", "property": "P569"}, "rank": "normal"}
    assert years(unknown) == ()


def test_names_as_registers_write_them() -> None:
    for name in ("Орлов, Иван Петрович", "Иван Петрович Орлов", "ОРЛОВ ИВАН ПЕТРОВИЧ"):
        read = listed_person(name)
        assert (read.given, read.patronymic, read.surname) == (("иван",), "петрович", "орлов"), name


def test_the_sample_slice_is_whole() -> None:
    items = list(read_items(SAMPLE))
    assert len({one.id for one in items}) == len(items) == 40
    assert all(one.types and set(one.types) <= set(ENTITY_TYPES) for one in items)
    assert all(one.born for one in items if one.types == ("PERSON",))
    assert types_of("Q5") == ("PERSON",)
    assert types_of("Q4167410") == ()


def test_aliases_of_linked_items_take_part(tmp_path: Path) -> None:
    store = MemoryStore(RegistryClusterer(RussianLinker()))
    graph(
        tmp_path / "docs",
        "[Пётр Ильич Лосев|PERSON] пел.",
        "[Фома Громов|PERSON] и [Фома Дальний|PERSON] спали.",
        store=store,
    )
    alias = {"ru": [{"language": "ru", "value": "Фома Громов"}]}
    other = {"ru": [{"language": "ru", "value": "Фома Дальний"}]}
    path = written(
        tmp_path / "s.jsonl",
        item("Q3", "Лосев, Пётр Ильич", aliases=alias),
        item("Q4", "Лев Львович Львов", aliases=other),
    )
    link(store, NORMALIZER, path, dry_run=True)
    assert store.stats().entities == 3
    link(store, NORMALIZER, path)
    assert {e.name for e in store.entities()} == {"Пётр Ильич Лосев", "Фома Дальний"}
    again = link(store, NORMALIZER, path)
    assert (again.linked, again.known) == ((), 1)
    assert {e.name for e in store.entities()} == {"Пётр Ильич Лосев", "Фома Дальний"}
