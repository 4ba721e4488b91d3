"""Windows as padded arrays, and the candidate pairs with their features."""

from __future__ import annotations

import numpy as np
import pytest
from notation import Case, parse
from tokenizers import Tokenizer

from kgbuild import ontology
from kgbuild.extract.batch import (
    BUCKETS,
    REFERENCES,
    RELATION_INDEX,
    SPAN_TYPES,
    TYPE_INDEX,
    WindowMentions,
    allowed_labels,
    allowed_pairs,
    inside,
    locate_all,
    pair_batch,
    text_batch,
)
from kgbuild.extract.likeness import ACRONYM, DIFFERENT, SAME, form, likeness
from kgbuild.extract.windows import Window, WordTable, plan, tabulate
from kgbuild.types import Mention

SPECIALS = (0, 2, 1)
NOTATION = (
    "[Иван|PERSON] работает в [[Газпром|ORGANIZATION]-банке|ORGANIZATION]. "
    "Там же [Пётр|PERSON] и [Мария|PERSON]. В [Москве|CITY] [Иван|PERSON]."
)


def whole(tokenizer: Tokenizer, case: Case) -> tuple[WordTable, Window, WindowMentions]:
    table = tabulate(case.text, tokenizer, 254)
    window = Window(0, len(table.starts))
    return table, window, inside(window, case.mentions, locate_all(table, case.mentions))


def test_tables_of_the_ontology_agree_with_it() -> None:
    names = len(ontology.ENTITY_TYPES)
    assert allowed_labels()[:names, :names].sum() == len(ontology.ALLOWED)
    for relation, subject, obj in ontology.ALLOWED:
        assert allowed_labels()[TYPE_INDEX[subject], TYPE_INDEX[obj], RELATION_INDEX[relation]]
        assert allowed_pairs()[TYPE_INDEX[subject], TYPE_INDEX[obj]]
    assert 0 < allowed_pairs().sum() < len(SPAN_TYPES) ** 2
    for reference, stands in REFERENCES.items():
        one, other = TYPE_INDEX[reference], TYPE_INDEX[stands]
        assert (allowed_labels()[one] == allowed_labels()[other]).all()
        assert (allowed_labels()[:, one] == allowed_labels()[:, other]).all()


def test_windows_are_padded_to_the_longest(tokenizer: Tokenizer) -> None:
    tables = [tabulate(text, tokenizer, 100) for text in ("Да, нет.", "Иван Петров", "я")]
    items = [(t, Window(0, len(t.starts))) for t in tables]
    batch = text_batch(items, SPECIALS)
    lengths = batch.mask.sum(1).tolist()
    assert batch.ids.shape == batch.mask.shape == (3, max(lengths))
    assert batch.words.sum(1).tolist() == [4, 2, 1]
    for row, table in enumerate(tables):
        ids = batch.ids[row].tolist()
        assert ids[0] == SPECIALS[0]
        assert ids[lengths[row] - 1] == SPECIALS[1]
        assert set(ids[lengths[row] :]) <= {SPECIALS[2]}
        begin, end = int(table.first[0]), int(table.last[-1]) + 1
        assert ids[1 : lengths[row] - 1] == table.ids[begin:end].tolist()
        assert batch.mask[row].tolist() == [i < lengths[row] for i in range(max(lengths))]


def test_token_indexes_of_words_point_at_their_tokens(tokenizer: Tokenizer) -> None:
    table = tabulate("Да да. Нет нет нет. Иван Петров пришёл.", tokenizer, 12)
    windows = plan(table, 12, 0)
    assert len(windows) > 1
    batch = text_batch([(table, w) for w in windows], SPECIALS)
    for row, window in enumerate(windows):
        for column, word in enumerate(range(window.start, window.end)):
            first, last = batch.first[row, column], batch.last[row, column]
            wanted = table.ids[table.first[word] : table.last[word] + 1].tolist()
            assert batch.ids[row, first : last + 1].tolist() == wanted


def test_a_window_holds_the_mentions_wholly_inside(tokenizer: Tokenizer) -> None:
    case = parse("[[Иван|PERSON] Петров|PERSON] и [Мария|PERSON]")
    table = tabulate(case.text, tokenizer, 100)
    spans = locate_all(table, case.mentions)
    assert spans.tolist() == [[0, 1], [0, 0], [3, 3]]
    assert inside(Window(0, 1), case.mentions, spans).numbers == (1,)
    assert inside(Window(0, 3), case.mentions, spans).numbers == (0, 1)
    right = inside(Window(1, 4), case.mentions, spans)
    assert right.numbers == (2,)
    assert right.spans.tolist() == [[2, 2]]
    assert inside(Window(1, 1), case.mentions, spans).numbers == ()


def test_a_mention_without_words_is_in_no_window(tokenizer: Tokenizer) -> None:
    table = tabulate("Иван  Петров", tokenizer, 100)
    mentions = (Mention(4, 6, "PERSON"), Mention(50, 60, "PERSON"))
    spans = locate_all(table, mentions)
    assert spans.tolist() == [[-1, -1], [-1, -1]]
    assert inside(Window(0, 2), mentions, spans).numbers == ()


def test_mentions_come_in_reading_order_whatever_order_they_are_given_in(
    tokenizer: Tokenizer,
) -> None:
    case = parse(NOTATION)
    table = tabulate(case.text, tokenizer, 254)
    window = Window(0, len(table.starts))
    backwards = case.mentions[::-1]
    found = inside(window, backwards, locate_all(table, backwards))
    straight = inside(window, case.mentions, locate_all(table, case.mentions))
    assert [backwards[i] for i in found.numbers] == [case.mentions[i] for i in straight.numbers]
    assert found.spans.tolist() == straight.spans.tolist()


def test_pairs_are_all_that_the_ontology_allows_and_no_others(tokenizer: Tokenizer) -> None:
    table, window, found = whole(tokenizer, parse(NOTATION))
    batch = pair_batch([(table, window)] * 2, [found] * 2)
    assert batch.entities[:, 0].tolist() == [0] * 7 + [1] * 7
    types = batch.entities[:, 3].tolist()
    wanted = {
        (base + i, base + j)
        for base in (0, 7)
        for i in range(7)
        for j in range(7)
        if i != j and ontology.relations_for(
            ontology.ENTITY_TYPES[types[i]], ontology.ENTITY_TYPES[types[j]]
        )
    }  # fmt: skip
    pairs = [tuple(p) for p in batch.pairs.tolist()]
    assert set(pairs) == wanted
    assert len(pairs) == len(wanted)
    assert wanted


@pytest.mark.parametrize(
    "notation", ["Нет имён.", "[Иван|PERSON] один.", "[5|AGE] и [русский|LANGUAGE]"]
)
def test_without_a_pair_the_arrays_are_empty(tokenizer: Tokenizer, notation: str) -> None:
    table, window, found = whole(tokenizer, parse(notation))
    batch = pair_batch([(table, window)], [found])
    assert batch.entities.shape == (len(found.types), 4)
    assert batch.pairs.shape == (0, 2)
    assert batch.features.shape == (0, len(BUCKETS))


def features(tokenizer: Tokenizer, notation: str) -> dict[tuple[int, int], list[int]]:
    """Features of every pair of a text, by mention numbers from 1 as in the notation."""
    table, window, found = whole(tokenizer, parse(notation))
    batch = pair_batch([(table, window)], [found])
    numbers = [found.numbers[i] + 1 for i in range(len(found.numbers))]
    return {
        (numbers[s], numbers[o]): row
        for (s, o), row in zip(batch.pairs.tolist(), batch.features.tolist(), strict=True)
    }


def test_features_by_hand(tokenizer: Tokenizer) -> None:
    found = features(tokenizer, "[Иван|PERSON] живёт в [Москве|CITY]. [Мария|PERSON] тоже.")
    # Иван … Москве: three words on, apart, one sentence; «Москве» … «Мария»: two words on
    distance, nesting, apart, *_ = found[1, 2]
    assert (distance, nesting, apart) == (3, 0, 2)
    distance, nesting, apart, *_ = found[2, 3] if (2, 3) in found else found[3, 2]
    assert (nesting, apart) == (0, 1)
    assert distance == 11 + 2
    distance, _, apart, alike, same, _ = found[1, 3]
    assert distance == 4  # five words on
    assert apart == 3
    assert alike == DIFFERENT
    assert same == 0


def test_nesting_is_seen_from_both_ends(tokenizer: Tokenizer) -> None:
    found = features(tokenizer, "[[Газпром|ORGANIZATION] [Москва|CITY]|ORGANIZATION]")
    assert found[1, 2][1] == 1
    assert found[2, 1][1] == 2
    same_span = features(tokenizer, "[[Газпром|ORGANIZATION]|PERSON]")
    assert {row[1] for row in same_span.values()} == {3}


def test_likeness_and_rivals(tokenizer: Tokenizer) -> None:
    found = features(tokenizer, NOTATION)
    assert found[1, 7][3] == SAME
    assert found[1, 4][3] == DIFFERENT
    assert found[1, 4][4] == 0
    assert found[1, 7][4] == 2  # Пётр and Мария stand between
    assert found[7, 1][4] == 2
    assert found[1, 6][4:] == [2, 0]


def test_likeness_is_symmetric_and_knows_endings_and_acronyms() -> None:
    names = [
        "Менделеев",
        "Менделеева",
        "МГУ",
        "Московский государственный университет",
        "ё",
        "",
        "Д. И. Менделеев",
    ]
    for one in names:
        for other in names:
            assert likeness(form(one), form(other)) == likeness(form(other), form(one))
    assert likeness(form("Орёл"), form("орел")) == SAME
    assert likeness(form(names[2]), form(names[3])) == ACRONYM
    assert likeness(form("Иван"), form("Пётр")) == DIFFERENT


def test_features_stay_inside_their_buckets(tokenizer: Tokenizer) -> None:
    words = " ".join(f"[Иван{i}|PERSON] слово. " + "да " * i for i in range(40))
    case = parse("[[Иван|PERSON] [Петров|PERSON]|PERSON] " + words)
    table = tabulate(case.text, tokenizer, 10_000)
    window = Window(0, len(table.starts))
    found = inside(window, case.mentions, locate_all(table, case.mentions))
    rows = pair_batch([(table, window)], [found]).features.numpy()
    assert (rows >= 0).all()
    assert (rows < np.array(BUCKETS)).all()
    assert rows[:, 0].max() == BUCKETS[0] - 1
