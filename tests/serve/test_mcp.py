"""An assistant's client over a real graph and the real models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

pytest.importorskip("mcp", reason="mcp isn't installed")

from jsonschema import Draft202012Validator
from mcp import MCPError
from serve.mcp_client import Assistant, assistant, words

from kgbuild.serve.mcp.words import QUOTED
from tests.conftest import SAMPLES

READ = "kgbuild://document/"
LONG = "ы" * 1_000_000


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mcp") / "stderr"


@pytest.fixture(scope="module")
def helper(sample_store: Path, log: Path) -> Iterator[Assistant]:
    with assistant(sample_store, log) as made:
        yield made


def check_citations(helper: Assistant, citations: list[dict[str, Any]]) -> None:
    """Each is what its document holds there."""
    assert citations
    for citation in citations:
        text = helper.text(READ + quote(citation["document"], safe=""))
        assert text[citation["start"] : citation["end"]] == citation["text"]


def test_the_tools_tell_what_they_take_and_give(helper: Assistant) -> None:
    tools = helper.portal.call(helper.client.list_tools).tools
    names = [tool.name for tool in tools]
    assert names == ["ask", "search", "entity", "neighbours", "path", "evidence"]
    for tool in tools:
        assert tool.description
        assert tool.title
        assert any("а" <= letter <= "я" for letter in tool.title)
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint
        assert tool.output_schema is not None
        for schema in (tool.input_schema, tool.output_schema):
            Draft202012Validator.check_schema(schema)
            assert schema["type"] == "object"
    assert helper.client.instructions
    assert "cite" in helper.client.instructions


def test_a_question_is_answered_with_citations(helper: Assistant) -> None:
    result = helper.call("ask", question="Кто супруга Дмитрия Менделеева?")
    answer = result.structured_content
    assert answer["abstained"] is False
    first = answer["answers"][0]
    assert "Лещева" in first["text"]
    assert first["relation_ru"] == "супруг"
    check_citations(helper, first["citations"])
    assert "01-mendeleev.txt, знаки " in words(result)
    assert f"«{first['citations'][0]['text']}»" in words(result)


def test_it_goes_on_about_an_earlier_answer(helper: Assistant) -> None:
    person = helper.answer("entity", entity="Менделеев")["entity"]["id"]
    answer = helper.answer("ask", question="Где он родился?", about=person)
    assert answer["answers"][0]["text"] == "Тобольск"


def test_an_abstention_is_no_error_and_said_plainly(helper: Assistant) -> None:
    result = helper.call("ask", question="Где родился Пафнутий Иголкин?")
    assert not result.is_error
    assert result.structured_content["abstained"] is True
    assert result.structured_content["answers"] == []
    assert words(result).splitlines()[0] == QUOTED
    assert words(result).splitlines()[1].startswith("Ответа в графе нет.")
    assert "это не ответ" in words(result)
    check_citations(helper, result.structured_content["passages"])


def test_search_finds_sentences(helper: Assistant) -> None:
    answer = helper.answer("search", text="закон Менделеева", limit=2, document="*mendeleev*")
    assert len(answer["passages"]) == 2
    check_citations(helper, answer["passages"])


def test_a_name_in_any_case_is_an_entity_with_facts(helper: Assistant) -> None:
    answer = helper.answer("entity", entity="Менделеева", facts=5)
    assert answer["entity"]["name"] == "Дмитрий Иванович Менделеев"
    assert answer["entity"]["type_ru"] == "человек"
    assert len(answer["facts"]) == 5
    assert answer["truncated"] is True
    check_citations(helper, [c for fact in answer["facts"] for c in fact["citations"]])


def test_from_an_entity_to_the_evidence_of_its_facts(helper: Assistant) -> None:
    near = helper.answer("neighbours", entity="Менделеев", relation="PLACE_OF_BIRTH")
    [place] = [f for f in near["facts"] if f["object"]["name"] == "Тобольск"]
    assert place["words"] == "Дмитрий Иванович Менделеев: место рождения — Тобольск"
    answer = helper.answer("evidence", fact=place["fact"], context=40)
    citations = answer["fact"]["citations"]
    check_citations(helper, citations)
    for c in citations:
        text = helper.text(READ + quote(c["document"], safe=""))
        assert text[: c["start"]].endswith(c["before"])
        assert text[c["end"] :].startswith(c["after"])
        assert len(c["after"]) == 40


def test_a_path_is_told_fact_by_fact(helper: Assistant) -> None:
    result = helper.call("path", source="Менделеев", target="Александр Блок")
    paths = result.structured_content["paths"]
    assert paths
    for fact in paths[0]["facts"]:
        check_citations(helper, fact["citations"])
    lonely = helper.call("path", source="Королёв", target="Александр Блок")
    assert lonely.structured_content["paths"] == []
    assert "в графе нет" in words(lonely)


def test_documents_and_entities_are_resources(helper: Assistant) -> None:
    listed = helper.portal.call(helper.client.list_resources).resources
    assert len(listed) == len(SAMPLES)
    for resource in listed:
        assert f"{len(helper.text(resource.uri))} characters" in (resource.description or "")
    templates = helper.portal.call(helper.client.list_resource_templates).resource_templates
    assert [t.name for t in templates] == ["document", "entity"]
    person = helper.answer("entity", entity="Менделеев")["entity"]["id"]
    assert "место рождения — Тобольск" in helper.text(f"kgbuild://entity/{person}")


@pytest.mark.parametrize(
    "uri",
    [
        "kgbuild://document/nowhere.txt",
        "kgbuild://document/%ff",
        "kgbuild://document/%00",
        "kgbuild://document/../../etc/passwd",
        "kgbuild://entity/E0000000000000000",
        "kgbuild://entity/",
        "kgbuild://else/x",
        "file:///etc/passwd",
        f"kgbuild://document/{LONG}",
    ],
    ids=lambda uri: uri[:40],
)
def test_an_address_of_nothing_is_refused(helper: Assistant, uri: str) -> None:
    with pytest.raises(MCPError) as refused:
        helper.text(uri)
    assert len(str(refused.value)) < 500


HOSTILE: list[tuple[str, dict[str, Any], str]] = [
    ("ask", {}, "question: Field required"),
    ("ask", {"question": ""}, "question: "),
    ("ask", {"question": LONG}, "at most 2000 characters"),
    ("ask", {"question": "Кто\x00?"}, "NUL"),
    ("ask", {"question": ["Кто?"]}, "question: Input should be a valid string"),
    ("ask", {"question": "Кто?", "limit": 1}, "limit: Extra inputs"),
    ("ask", {"question": "Где он родился?", "about": "Пафнутий Иголкин"}, "no entity"),
    ("search", {"text": "а", "limit": 10**30}, "limit: "),
    ("search", {"text": "а", "mode": "magic"}, "mode: "),
    ("search", {"text": "а", "relation": "KNOWS; DROP TABLE"}, "relation: "),
    ("search", {"text": "а", "since": "позавчера"}, "позавчера"),
    ("search", {"text": "а", "entity": "я" * 4000}, "яяя"),
    ("ask", {"question": "Где он родился?", "about": "я" * 4000}, "яяя"),
    ("entity", {"entity": "E0000000000000000"}, "no entity"),
    ("entity", {"entity": "Пафнутий Иголкин"}, "nearest names: "),
    ("entity", {"entity": "%" * 4000}, "no entity"),
    ("entity", {"entity": " \n"}, "entity: Value error, is blank"),
    ("neighbours", {"entity": None}, "entity: "),
    ("neighbours", {"entity": "Менделеев", "depth": 99}, "depth: "),
    ("path", {"source": "Менделеев"}, "target: Field required"),
    ("path", {"source": "Менделеев", "target": {"$ref": "x"}}, "target: "),
    ("evidence", {"fact": "::"}, "no fact"),
    ("evidence", {"fact": "' OR 1=1 --"}, "no fact"),
    ("evidence", {"fact": "я" * 4000, "context": -1}, "context: "),
]


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    HOSTILE,
    ids=[f"{number}-{tool}" for number, (tool, _, _) in enumerate(HOSTILE)],
)
def test_hostile_arguments_are_tool_errors(
    helper: Assistant, tool: str, arguments: dict[str, Any], said: str
) -> None:
    result = helper.call(tool, **arguments)
    assert result.is_error
    assert said in words(result)
    assert len(words(result)) < 1000
    assert "Traceback" not in words(result)


@pytest.mark.slow
def test_odd_questions_get_an_abstention(helper: Assistant) -> None:
    for question in ("?", " ", "﷽" * 500, "\u202eкто\u2066", "🤖 кто 🤖", "SELECT * FROM entity"):
        answer = helper.answer("ask", question=question)
        assert answer["abstained"] is True


def test_an_unknown_tool_is_a_protocol_error(helper: Assistant) -> None:
    with pytest.raises(MCPError, match="there are ask, search"):
        helper.call("delete")


def test_calls_at_once_answer_as_one_by_one(helper: Assistant) -> None:
    calls: list[tuple[str, dict[str, Any]]] = [
        ("ask", {"question": "Кто супруга Дмитрия Менделеева?"}),
        ("search", {"text": "космическая ракета", "limit": 3}),
        ("entity", {"entity": "Королёв"}),
        ("path", {"source": "Менделеев", "target": "Александр Блок"}),
        ("entity", {"entity": "Пафнутий Иголкин"}),
    ]
    alone = [helper.call(tool, **arguments) for tool, arguments in calls]
    assert helper.together(calls * 6) == alone * 6


def test_the_log_holds_no_crash(helper: Assistant, log: Path) -> None:
    """Last: after everything above."""
    assert not helper.call("entity", entity="Менделеев").is_error
    assert "Traceback" not in log.read_text("utf-8")
