"""Texts as they come: hyphenated, wrapped, in capitals, with signs of every kind.

Through the real path: sentences, words and tokens, windows, extraction by a small network.
"""

from __future__ import annotations

import resource
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from kgbuild.extract.joint import JointExtractor
from kgbuild.extract.likeness import SAME, form, likeness
from kgbuild.extract.windows import WORD, WordTable, plan, tabulate
from kgbuild.models.encoder import LoadedEncoder
from kgbuild.read.breaks import HYPHENATION, rejoin
from tests.extract.test_joint import network_of, settings_of


def words(text: str, table: WordTable) -> list[str]:
    return [text[a:b] for a, b in zip(table.starts, table.ends, strict=True)]


def read(text: str, tokenizer: Tokenizer) -> tuple[list[str], list[int]]:
    """The words of a text, and the token ids that the models read for it."""
    table = tabulate(text, tokenizer, 254)
    return words(text, table), table.ids.tolist()


SAME_TO_THE_MODELS = [
    ("Пётр Семёнов живёт здесь", "Петр Семенов живет здесь"),
    ("“Газпром” и „нефть“", '"Газпром" и "нефть"'),
    ("Жан‑Жак и Жан‐Жак", "Жан-Жак и Жан-Жак"),
    ("при­ехал Ме­нде­леев", "приехал Менделеев"),
    ("Мен-\nделеев и Мен­\r\n  делеев", "Менделеев и Менделеев"),
    ("Санкт-\nПетербург", "Санкт-Петербург"),
    ("кто-\nто пришёл", "кто-то пришёл"),
    ("Ива\u200bнов и \ufeffПет\u2060ров", "Иванов и Петров"),
    ("Ма\u0301лышев жил", "Малышев жил"),
    ("и\u0306од и е\u0308лка", "йод и ёлка"),
]


@pytest.mark.parametrize(("text", "plain"), SAME_TO_THE_MODELS)
def test_what_readers_read_alike_the_models_do(tokenizer: Tokenizer, text: str, plain: str) -> None:
    found, ids = read(text, tokenizer)
    expected, expected_ids = read(plain, tokenizer)
    assert ids == expected_ids
    assert len(found) == len(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Иван Мен-\nделеев.", ["Иван", "Мен-\nделеев", "."]),
        ("Ме\u00adнде\u00adлеев", ["Ме\u00adнде\u00adлеев"]),
        ("\ufeffИван\u200b жил", ["Иван", "жил"]),
        ("Андре\u0301й", ["Андре\u0301й"]),
        ("Microsoft и iPhone-6s", ["Microsoft", "и", "iPhone", "-", "6s"]),
        ("ООО «Ромашка»", ["ООО", "«", "Ромашка", "»"]),
        ("Иван 👨\u200d👩 тут", ["Иван", "👨", "👩", "тут"]),
        ("\u200b \ufeff", []),
    ],
)
def test_words_are_found_in_the_text_as_stored(
    tokenizer: Tokenizer, text: str, expected: list[str]
) -> None:
    assert read(text, tokenizer)[0] == expected


def test_capitals_change_neither_words_nor_sentences(tokenizer: Tokenizer) -> None:
    text = (
        "Иван Петров живёт в г. Москве. Он работает в «Газпроме» с 1999 г. вместе с А. С. Ивановым."
    )
    plain = tabulate(text, tokenizer, 254)
    capital = tabulate(text.upper(), tokenizer, 254)
    assert plain.starts.tolist() == capital.starts.tolist()
    assert plain.ends.tolist() == capital.ends.tolist()


def test_a_name_broken_over_lines_is_the_same_name() -> None:
    assert likeness(form("Мен-\nделеев"), form("Менделеев")) == SAME
    assert likeness(form("Ма\u0301лышев"), form("Малышев")) == SAME


# the extractor, whatever its weights say


@pytest.fixture
def extractor(tiny_encoder: LoadedEncoder) -> JointExtractor:
    return JointExtractor(network_of(tiny_encoder), tiny_encoder, settings_of(tokens=40))


BROKEN = "Дмитрий Мен-\nделеев работает в Санкт-\nПетербурге в «Газ\u00adпро\u00adме»."


def test_mentions_of_a_broken_text_are_those_of_the_whole_one(extractor: JointExtractor) -> None:
    [broken] = extractor.find([BROKEN])
    whole_text = rejoin(BROKEN)
    [whole] = extractor.find([whole_text])
    assert any("\n" in BROKEN[m.start : m.end] for m in broken)
    surfaces = [(rejoin(BROKEN[m.start : m.end]), m.type) for m in broken]
    assert surfaces == [(whole_text[m.start : m.end], m.type) for m in whole]
    assert not any("\n" in name or "\u00ad" in name for name, _ in surfaces)


ODD = "абвгд АБВ ёЁ .,!?-–—‐\u00ad¬«»“„\"'() \n\r\n\t\u200b\u200d\ufeff\u0301\u0306😀🇷AZaz012•№"
TEXTS = st.text(
    st.one_of(st.sampled_from(ODD), st.characters(exclude_categories=["Cs"])), max_size=80
)


def check_mentions(text: str, extractor: JointExtractor) -> None:
    [found] = extractor.extract([text])
    starts = {m.start() for m in WORD.finditer(text)}
    for mention in found.mentions:
        surface = text[mention.start : mention.end]
        assert 0 <= mention.start < mention.end <= len(text)
        assert surface == surface.strip()
        assert mention.start in starts or len(surface) > 40  # a long word may be cut inside


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(texts=st.lists(TEXTS, min_size=4, max_size=8))
def test_any_text_is_extracted_and_mentions_lie_on_it(
    tiny_folder: object, texts: list[str]
) -> None:
    extractor = _shared(tiny_folder)
    for text in texts:
        check_mentions(text, extractor)
    assert len(extractor.extract(texts)) == len(texts)


_made: list[JointExtractor] = []


def _shared(folder: object) -> JointExtractor:
    """One extractor for all examples: they don't change it."""
    import torch

    from kgbuild.models.encoder import load_encoder_folder
    from kgbuild.models.folder import ModelFolder

    assert isinstance(folder, ModelFolder)
    if not _made:
        encoder = load_encoder_folder(folder, "cpu", torch.float32)
        _made.append(JointExtractor(network_of(encoder), encoder, settings_of(tokens=40)))
    return _made[0]


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_words_part_the_text(text: str) -> None:
    """Every character is in one word, or is a space, or has no width, or is a lone break."""
    import re

    from kgbuild.read.breaks import INVISIBLE

    found = list(WORD.finditer(text))
    covered = [i for m in found for i in range(*m.span())]
    assert len(covered) == len(set(covered))
    left = "".join(c for i, c in enumerate(text) if i not in set(covered))
    assert not re.sub(f"[{INVISIBLE}]", "", left).strip()
    for match in found:
        inside = re.sub(HYPHENATION, "", match[0])
        assert not any(c.isspace() for c in inside)


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_words_of_a_table_are_those_of_the_pattern(tokenizer: Tokenizer, text: str) -> None:
    """Sentences never cut a word, so the words of all sentences are those of the text."""
    assert words(text, tabulate(text, tokenizer, 500)) == [m[0] for m in WORD.finditer(text)]


LONG = {
    "prose": ("Иван Петров работает в Газпроме с 1999 года, а Мария живёт в Москве. ", 1_000_000),
    "one sentence": ("слово, ", 200_000),
    "one word": ("а", 200_000),
    "signs": ("!", 200_000),
    "hyphens": ("аб\u00ad", 200_000),
}
"""Pieces, and how many characters of them: a million of prose, less of what no one writes."""


@pytest.mark.slow
@pytest.mark.parametrize(("piece", "size"), LONG.values(), ids=LONG)
def test_a_very_long_line_takes_seconds(tokenizer: Tokenizer, piece: str, size: int) -> None:
    text = piece * (size // len(piece))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    table = tabulate(text, tokenizer, 254)
    windows = plan(table, 254, 96)
    assert time.process_time() - began < 60
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1_500_000  # kB
    assert windows[-1].end == len(table.starts)
    assert np.all(table.starts[1:] >= table.ends[:-1])


@pytest.mark.parametrize("text", ["", " \n\t\r\n ", "\u200b\ufeff", "\n\n\n", "—", "\u0301"])
def test_texts_without_words_give_nothing_or_signs(extractor: JointExtractor, text: str) -> None:
    [found] = extractor.extract([text])
    assert all(text[m.start : m.end].strip() for m in found.mentions)
    assert not found.mentions or text.strip()
