"""How results look: dicts, tables, lines and HTML that nobody's name can break out of."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest

from kgbuild import errors
from kgbuild.display import Shown, Stream, marked_html, pieces
from kgbuild.errors import MissingExtraError
from kgbuild.types import (
    Answer,
    AnswerItem,
    Correction,
    Entity,
    Evidence,
    Fact,
    Mention,
    Passage,
    SearchResults,
)

HOSTILE = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>&amp;"
TEXT = f"Иван {HOSTILE} тут."
SUBJECT, OBJECT = Mention(10, 14, "PERSON"), Mention(15, 15 + len(HOSTILE), "ORGANIZATION")


def results(name: str) -> list[Shown]:
    entity = Entity("p1", "PERSON", name, (name, "Иван"), 3)
    evidence = Evidence(name, 10, 10 + len(TEXT), TEXT, SUBJECT, OBJECT, 0.5)
    fact = Fact("WORKPLACE", entity, entity, 0.5, (evidence, evidence))
    item = AnswerItem(name, "p1", 0.5, "WORKPLACE", (evidence,))
    passage = Passage(name, 10, 10 + len(TEXT), TEXT, 0.25, ((10, 14), (15, 30)), ("lexical",))
    return [
        entity,
        fact,
        item,
        passage,
        Answer(name, (item,)),
        Answer(name, passages=(passage,), reason=name),
        SearchResults(name, "hybrid", (passage,), (Correction(name, name),)),
        SearchResults(name, "hybrid"),
    ]


class Tags(HTMLParser):
    """Collects the tags and whatever would run."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("number", range(8))
def test_hostile_names_stay_text(number: int) -> None:
    page = Tags()
    page.feed(results(HOSTILE)[number]._repr_html_())
    assert page.tags <= {"div", "p", "b", "table", "tr", "td", "mark"}
    assert page.attributes <= {"style"}
    assert HOSTILE in page.text


@pytest.mark.parametrize("number", range(8))
def test_results_become_json_and_a_line(number: int) -> None:
    result = results("Имя")[number]
    assert json.loads(json.dumps(result.to_dict())) == result.to_dict()
    assert "Имя" in repr(result)


def test_dict_has_the_fields() -> None:
    fact = results("Имя")[1].to_dict()
    assert list(fact) == ["relation", "subject", "object", "confidence", "evidence", "stated_by"]
    assert fact["subject"]["name"] == "Имя"
    assert fact["evidence"][0]["subject"]["type"] == "PERSON"


def test_tables_have_a_row_an_evidence() -> None:
    pytest.importorskip("pandas")
    entity, fact, item, passage, answer, abstained, found, nothing = results("Имя")
    assert list(entity.to_pandas()["name"]) == ["Имя"]
    table = fact.to_pandas()
    assert list(table["subject"]) == ["Имя", "Имя"]
    assert list(table["subject_id"]) == ["p1", "p1"]
    assert list(table["passage"]) == [TEXT, TEXT]
    assert len(item.to_pandas()) == len(answer.to_pandas()) == 1
    for one in (passage, abstained, found):
        assert list(one.to_pandas()["score"]) == [0.25]
    assert len(nothing.to_pandas()) == 0


def test_without_pandas_the_command_to_install_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(module: str) -> None:
        raise ImportError(module)

    monkeypatch.setattr(errors.importlib, "import_module", fail)
    with pytest.raises(MissingExtraError, match=r"pip install 'kgbuild\[analysis\]'"):
        results("Имя")[0].to_pandas()


def test_results_are_a_sequence() -> None:
    found = results("Имя")[6]
    assert isinstance(found, SearchResults)
    assert len(found) == 1
    assert list(found) == [found[0]] == list(found[:5])
    assert found.passages[0] in found


def test_lines_are_short() -> None:
    _, fact, _, _, answer, abstained, found, _ = results("Имя")
    assert repr(fact) == "Fact(Имя —WORKPLACE→ Имя, 0.50, 2 evidence)"
    assert repr(answer).splitlines() == ["Answer('Имя':", "    Имя (0.50)", ")"]
    assert "нет ответа" in repr(abstained)
    assert repr(found).splitlines()[0] == "SearchResults('Имя', hybrid, 1 found:"


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(10, 13)], "<mark>a&lt;b</mark>cdef"),
        ([(11, 12), (14, 15)], "a<mark>&lt;</mark>bc<mark>d</mark>ef"),
        ([(11, 14), (12, 16)], "a<mark>&lt;bc</mark><mark>de</mark>f"),
        ([(0, 11), (16, 99)], "<mark>a</mark>&lt;bcde<mark>f</mark>"),
        ([(12, 12), (90, 99), (14, 12)], "a&lt;bcdef"),
        ([], "a&lt;bcdef"),
    ],
)
def test_marks(spans: list[tuple[int, int]], expected: str) -> None:
    assert marked_html("a<bcdef", 10, spans) == expected
    assert "".join(piece for piece, _ in pieces("a<bcdef", 10, spans)) == "a<bcdef"


def test_a_stream_is_read_one_by_one_or_as_a_table() -> None:
    pytest.importorskip("pandas")
    fact = results("Имя")[1]
    stream = Stream(iter([fact, fact, fact]))
    assert next(stream) is fact
    assert list(stream.to_pandas()["subject"]) == ["Имя"] * 4
    assert list(stream) == []
    assert len(Stream([]).to_pandas()) == 0
