"""What words don't say: the relation by a classifier, a name by its meaning."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from ask.graphs import graph

from kgbuild.ask.answer import Models, ask
from kgbuild.ask.classifier import Guess, RelationClassifier, masked
from kgbuild.errors import WeightsError
from kgbuild.resolve.normalize import RussianNormalizer
from kgbuild.types import Abstention, Answer, Entity

TEXTS = (
    "[Иван Орлов|PERSON] скончался от [чумы|DISEASE]. => 1 CAUSE_OF_DEATH 2",
    "[Иван Орлов|PERSON] учился в [Санкт-Петербургском университете|ORGANIZATION]. "
    "=> 1 SCHOOLS_ATTENDED 2",
)
UNKNOWN = "Каким недугом сражён Иван Орлов?"


def answer(question: str, models: Models) -> Answer:
    return ask(graph(*TEXTS), question, RussianNormalizer(), models=models)


def test_a_guessed_relation_is_followed_from_a_known_name() -> None:
    assert answer(UNKNOWN, Models()).abstention is Abstention.UNKNOWN_RELATION
    asked: list[str] = []

    def guess(question: str) -> Guess:
        asked.append(question)
        return Guess("CAUSE_OF_DEATH", False, 0.9)

    found = answer(UNKNOWN, Models(guess=guess))
    assert [item.text for item in found.answers] == ["чума"]
    assert asked == [UNKNOWN]


def test_a_guess_is_asked_for_only_where_words_say_nothing() -> None:
    def guess(question: str) -> Guess:
        raise AssertionError(question)

    assert answer("От чего умер Иван Орлов?", Models(guess=guess)).answers
    assert answer("Где родился Иван Орлов?", Models(guess=guess)).abstained


@pytest.mark.parametrize(
    ("guess", "question"),
    [
        (None, UNKNOWN),
        (Guess("PRICE_OF", False, 0.9), UNKNOWN),  # a person has no price
        (Guess("CAUSE_OF_DEATH", False, 0.9), "Каким недугом сражён Савва Ложкин?"),
    ],
)
def test_no_guess_and_no_fitting_name_leave_it_unknown(guess: Guess | None, question: str) -> None:
    found = answer(question, Models(guess=lambda _: guess))
    assert found.abstained
    assert not found.answers


def test_ner_finds_the_name_that_words_hide() -> None:
    question = "От чего умер тот самый граф из Твери Иван Орлов?"
    assert answer(question, Models()).abstention is Abstention.UNKNOWN_ENTITY
    found = answer(question, Models(spot=lambda _: ["Иван Орлов"]))
    assert [item.text for item in found.answers] == ["чума"]
    assert answer(question, Models(spot=lambda _: ["Орлан", "тогда"])).abstained


@pytest.mark.parametrize(
    ("scores", "known"), [((0.93, 0.90), True), ((0.93, 0.929), False), ((0.90, 0.80), False)]
)
def test_a_name_is_meant_where_one_entity_stands_out(
    scores: tuple[float, float], known: bool
) -> None:
    store = graph(*TEXTS)
    [school] = store.entities(type="ORGANIZATION")
    [illness] = store.entities(type="DISEASE")

    def nearest(name: str) -> list[tuple[Entity, float]]:
        return list(zip((school, illness), scores, strict=True))

    question = "Кто окончил Альма-матер на Неве?"
    found = ask(store, question, RussianNormalizer(), models=Models(nearest=nearest))
    assert [item.text for item in found.answers] == (["Иван Орлов"] if known else [])


def test_masks_stand_for_names() -> None:
    assert masked("Где родился Дмитрий Менделеев?") == "Где родился N?"
    assert masked("Кто снял «Войну и мир» в 1965 году?") == "Кто снял N в N году?"
    assert masked("кто это?") == "кто это?"


def test_weights_are_read_as_they_were_written(tmp_path: Path) -> None:
    made = RelationClassifier(
        (("", False), ("SPOUSE", True)),
        np.array([[1, 0], [0, 2]], np.float32),
        np.array([0, 0.5], np.float32),
        np.array([0.25, 0], np.float32),
        0.6,
        "e5",
    )
    made.save(tmp_path / "q.safetensors")
    read = RelationClassifier.load(tmp_path / "q.safetensors")
    assert (read.classes, read.threshold, read.embedder) == (made.classes, 0.6, "e5")
    vector = np.array([0.1, 0.9], np.float32)
    assert read.guess(vector) == made.guess(vector)
    assert read.guess(np.array([3, 0], np.float32)) is None, "no relation is likeliest"
    with pytest.raises(WeightsError, match=r"none\.safetensors"):
        RelationClassifier.load(tmp_path / "none.safetensors")


def test_the_shipped_classifier_knows_wordings_it_was_not_written() -> None:
    """The real embedder; the wordings stand in no file that it learnt from."""
    from kgbuild.config import Settings
    from kgbuild.wiring import make_embedder, make_guesser

    guess = make_guesser(make_embedder(Settings()))
    questions = {
        "Кто приходится супругой Андрею Белову?": "SPOUSE",
        "В каком вузе получала образование Анна Белова?": "SCHOOLS_ATTENDED",
        "Какой болезнью страдал Андрей Белов?": "MEDICAL_CONDITION",
        "Под каким прозвищем известен Андрей Белов?": "ALTERNATIVE_NAME",
        "Какова цена билета «Ласточки»?": "PRICE_OF",
        "Какие ордена вручили Анне Беловой?": "AWARDED_WITH",
    }
    right = sum(
        (found := guess(question)) is not None and found.relation == relation
        for question, relation in questions.items()
    )
    assert right >= 4
    assert guess("Какого цвета забор у Анны Беловой?") is None
