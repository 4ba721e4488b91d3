"""The options of a question, what speaks for each, and the decision between them and none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ask.graphs import graph

from kgbuild.ask.asker import Asker, Tools
from kgbuild.ask.decision import Decision
from kgbuild.ask.options import NONE_FIGURES, OPTION_FIGURES, Options
from kgbuild.errors import WeightsError
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.wiring import make_decision, make_question_vectors, make_ranker

MOVED = (
    "В [1998 году|DATE] [Иван Орлов|PERSON] перебрался в [Клин|CITY], а вырос в [Твери|CITY]."
    " => 2 PLACE_RESIDES_IN 3, 2 PLACE_OF_BIRTH 4"
)


def asker(*texts: str, weak: str = "") -> Asker:
    store = graph(*texts, weak=frozenset({weak}))
    tools = Tools(RussianNormalizer, make_ranker, make_decision, make_question_vectors)
    return Asker(store, tools)


def options(question: str, *texts: str, weak: str = "") -> tuple[list[str], Options]:
    """The names of a question's options, and the options."""
    considered = asker(*texts, weak=weak).considered(question)
    assert considered.options is not None
    entities = considered.ranked.proposed.entities
    names = [entities[o.end].name if o.at >= 0 else "" for o in considered.options.all]
    return names, considered.options


def figure(found: Options, at: int, name: str) -> float:
    return float(found.figures[at, OPTION_FIGURES.index(name)])


def test_the_wordings_answer_is_known_among_the_options() -> None:
    names, found = options("Где родился Иван Орлов?", MOVED)
    for at, name in enumerate(names):
        said = name == "Тверь"
        assert found.all[at].spoken == said
        assert figure(found, at, "the same, a fact") == said
        assert figure(found, at, "another, a fact") == (not said)


def test_a_reading_too_weak_for_a_fact_is_an_option_and_marked() -> None:
    question = "Где родился Иван Орлов?"
    names, found = options(question, MOVED, weak="PLACE_OF_BIRTH")
    at = names.index("Тверь")
    assert found.all[at].spoken
    assert figure(found, at, "the same, tentative") == 1
    asking = asker(MOVED, weak="PLACE_OF_BIRTH")
    answer = asking.ask(question)
    assert answer.tentative
    assert [(i.text, i.facts, len(i.evidence)) for i in answer.answers] == [("Тверь", (), 1)]
    assert asking.ask(question, sure=True).abstained


def test_what_the_evidence_says_beside_names_speaks_for_an_option() -> None:
    born = "[Орлов|PERSON] вырос в [Твери|CITY]. => 1 PLACE_OF_BIRTH 2"
    lives = "[Орлов|PERSON] в 1998 году перебрался в [Клин|CITY]. => 1 PLACE_RESIDES_IN 2"
    names, found = options("Куда Орлов перебрался в 1998 году?", born, lives)
    klin, tver = names.index("Клин"), names.index("Тверь")
    said = "said in the evidence"
    assert figure(found, klin, said) > figure(found, tver, said)
    assert figure(found, tver, "figures not in it") > 0
    assert figure(found, klin, "figures not in it") == 0


def test_no_answer_has_figures_too() -> None:
    _, found = options("Кто жена Ивана Орлова?", MOVED)
    assert found.none.shape == (len(NONE_FIGURES),)
    assert np.isfinite(found.figures).all()
    assert np.isfinite(found.none).all()


def test_shares_are_of_options_and_none() -> None:
    _, found = options("Где родился Иван Орлов?", MOVED)
    shares = make_decision().shares(found)
    assert len(shares) == len(found.all) + 1
    assert shares.sum() == pytest.approx(1)


CHILDREN = (
    "[Лев|PERSON] — сын [Ивана Орлова|PERSON]. => 2 PARENT_OF 1 0.90",
    "[Глеб|PERSON] — сын [Ивана Орлова|PERSON]. => 2 PARENT_OF 1 0.88",
    "[Марк|PERSON] — сын [Ивана Орлова|PERSON]. => 2 PARENT_OF 1 0.80",
    "[Яков|PERSON] — сын [Ивана Орлова|PERSON]. => 2 PARENT_OF 1 0.10",
)


def test_what_is_nearly_as_sure_as_the_first_is_spoken_too() -> None:
    names, found = options("Кто дети Ивана Орлова?", *CHILDREN)
    spoken = {name: found.all[at].spoken for at, name in enumerate(names)}
    assert spoken == {"Лев": True, "Глеб": True, "Марк": False, "Яков": False}


@pytest.mark.parametrize(
    ("chosen", "order"),
    [
        ("Лев", ["Лев", "Глеб", "Марк", "Яков"]),
        ("Глеб", ["Глеб", "Лев", "Марк", "Яков"]),  # the others stay in their order
    ],
)
def test_a_list_begins_with_the_answer_that_was_chosen(
    monkeypatch: pytest.MonkeyPatch, chosen: str, order: list[str]
) -> None:
    asking = asker(*CHILDREN)
    considered = asking.considered("Кто дети Ивана Орлова?")
    assert considered.options is not None
    ends = [considered.ranked.proposed.entities[o.end].name for o in considered.options.all]
    shares = np.array([0.9 if name == chosen else 0.02 for name in [*ends, ""]])
    monkeypatch.setattr(Decision, "shares", lambda decision, options: shares)
    found = asking._decided(considered, considered.options)
    assert [item.text for item in found.items] == order


def test_what_is_less_likely_than_the_threshold_is_not_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asking = asker(MOVED)
    assert asking.ask("Где родился Иван Орлов?").answers
    strict = replace(make_decision(), threshold=1.01)
    monkeypatch.setattr(asking, "_tools", replace(asking._tools, decision=lambda: strict))
    assert asking.ask("Где родился Иван Орлов?").abstained


def test_a_decision_is_read_as_it_was_written(tmp_path: Path) -> None:
    made = make_decision()
    made.save(tmp_path / "d.safetensors")
    read = Decision.load(tmp_path / "d.safetensors")
    assert read.threshold == made.threshold
    assert len(read.members) == len(made.members) > 1
    for one, other in zip(read.members, made.members, strict=True):
        assert all(np.array_equal(one[name], other[name]) for name in other)
    with pytest.raises(WeightsError, match=r"none\.safetensors"):
        Decision.load(tmp_path / "none.safetensors")
    spoilt = made.members[0] | {"c": made.members[0]["c"][:3]}
    Decision((spoilt,), 0.3).save(tmp_path / "cut.safetensors")
    with pytest.raises(WeightsError, match="c don't fit"):
        Decision.load(tmp_path / "cut.safetensors")
    make_ranker().save(tmp_path / "r.safetensors")
    with pytest.raises(WeightsError, match="other figures"):
        Decision.load(tmp_path / "r.safetensors")
