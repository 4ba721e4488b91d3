"""Questions in Latin letters."""

import pytest

from kgbuild.ask.romanised import in_cyrillic


@pytest.mark.parametrize(
    ("latin", "cyrillic"),
    [
        ("Kto osnoval kompaniyu Yandex?", "Кто основал компанию Яндекс?"),
        ("Yuriy Nikolaevich Bezymyannyy gde rabotaet?", "Юрий Николаевич Безымянный где работает?"),
        ("Chem zanimaetsya doch Olgi?", "Чем занимается дочь Ольги?"),
        ("Skolko deneg poluchil igrok kluba?", "Сколько денег получил игрок клуба?"),
        ("Kakie organizatsii vozglavlyal Mikhail?", "Какие организации возглавлял Михаил?"),
    ],
)
def test_a_russian_question_in_latin_letters_is_read(latin: str, cyrillic: str) -> None:
    assert in_cyrillic(latin) == cyrillic


@pytest.mark.parametrize(
    "text",
    [
        "Where was Pushkin born?",
        "Apple Inc.",
        "Кто основал Google LLC?",
        "Google Chrome Mobile Beta",
        "",
    ],
)
def test_what_is_no_russian_stays(text: str) -> None:
    assert in_cyrillic(text) == text
