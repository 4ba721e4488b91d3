"""Scores become mentions and relations: by numbers computed by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notation import parse
from tokenizers import Tokenizer

from kgbuild.extract.batch import RELATION_INDEX, SPAN_TYPES, TYPE_INDEX
from kgbuild.extract.calibration import table_of as calibration_of
from kgbuild.extract.decode import (
    KEEP,
    DecodingConfig,
    Floats,
    PairScores,
    SpanScores,
    average_pairs,
    best_labels,
    decode_mentions,
    decode_relations,
    span_scores,
    without_crossings,
)
from kgbuild.extract.windows import Window, WordTable, tabulate
from kgbuild.ontology import RELATIONS, allowed, relation_type
from kgbuild.types import Mention

PERSON, CITY, ORG, FACILITY = (
    TYPE_INDEX[n] for n in ("PERSON", "CITY", "ORGANIZATION", "FACILITY")
)
HALF = np.full(len(SPAN_TYPES), 0.5, np.float32)


def mentions_of(
    table: WordTable, windows: list[SpanScores], levels: Floats, **calibration: tuple[float, float]
) -> tuple[Mention, ...]:
    reading = DecodingConfig(calibration_of(calibration, TYPE_INDEX), levels)
    return decode_mentions(table, windows, reading)


def table_of(tokenizer: Tokenizer, text: str = "а б в г д е") -> WordTable:
    return tabulate(text, tokenizer, 254)


def window_of(start: int, end: int, *cells: tuple[int, int, int, float]) -> SpanScores:
    """Scores of one window from (first word, last word, type, probability) of the whole text."""
    probabilities = np.zeros((end - start, 6, 29), np.float32)
    for first, last, kind, score in cells:
        probabilities[first - start, last - first, kind] = score
    return span_scores(Window(start, end), probabilities)


def found(mentions: tuple[Mention, ...]) -> list[tuple[int, int, str, float]]:
    return [(m.start, m.end, m.type, round(m.score, 4)) for m in mentions]


def test_spans_are_kept_from_the_least_score_and_counted_in_the_text() -> None:
    scored = window_of(2, 6, (2, 2, PERSON, 0.9), (3, 5, CITY, 0.03), (4, 4, ORG, KEEP / 2))
    assert scored.spans.tolist() == [[2, 2, PERSON], [3, 5, CITY]]
    assert scored.scores == pytest.approx([0.9, 0.03])


def test_spans_over_the_window_s_end_and_padding_are_none() -> None:
    probabilities = np.ones((8, 4, 29), np.float32)  # 3 words are real, 5 are padding
    scored = span_scores(Window(5, 8), probabilities)
    assert {(a, b) for a, b, _ in scored.spans.tolist()} == {
        (5, 5), (5, 6), (5, 7), (6, 6), (6, 7), (7, 7),
    }  # fmt: skip


def test_a_person_s_whole_name_needs_less_than_another_span(tokenizer: Tokenizer) -> None:
    table = table_of(tokenizer, "Анна Петровна Зуева и мост Лейтенанта Зуева")
    scored = window_of(0, 7, (0, 2, PERSON, 0.06), (4, 6, PERSON, 0.06))
    assert found(mentions_of(table, [scored], HALF)) == [(0, 19, "PERSON", 0.5)]
    assert mentions_of(table, [window_of(0, 7, (0, 2, PERSON, 0.04))], HALF) == ()


def test_a_name_of_doubtful_type_takes_the_likeliest(tokenizer: Tokenizer) -> None:
    table = table_of(tokenizer, "умер в имении Красный Рог под Почепом")
    doubtful = (3, 4, CITY, 0.3), (3, 4, FACILITY, 0.4), (6, 6, CITY, 0.3)
    scored = window_of(0, 7, *doubtful)
    assert found(mentions_of(table, [scored], HALF)) == [(14, 25, "FACILITY", 0.5)]
    sure = window_of(0, 7, *doubtful, (3, 4, PERSON, 0.6))
    assert found(mentions_of(table, [sure], HALF)) == [(14, 25, "PERSON", 0.6)]
    apart = window_of(0, 7, (3, 4, CITY, 0.3), (3, 4, FACILITY, 0.3), (3, 4, PERSON, 0.3))
    assert mentions_of(table, [apart], HALF) == ()


@pytest.mark.parametrize(
    ("text", "cut", "whole"),
    [
        ("умер в 347 году до н. э. в Афинах", "347 году", "347 году до н. э."),
        ("в I веке н.э. пала", "I веке", "I веке н.э."),
        ("в 44 году до нашей эры пал", "44 году", "44 году до нашей эры"),
        ("в 1812 году до Москвы", "1812 году", "1812 году"),
    ],
)
def test_a_date_has_its_era_with_it_and_an_age_has_none(
    tokenizer: Tokenizer, text: str, cut: str, whole: str
) -> None:
    table = table_of(tokenizer, text)
    begin = text.index(cut)
    place = table.locate(begin, begin + len(cut))
    assert place is not None
    date, age = TYPE_INDEX["DATE"], TYPE_INDEX["AGE"]
    scored = window_of(0, len(table.ends), (*place, date, 0.9), (*place, age, 0.8))
    kinds = {m.type: text[m.start : m.end] for m in mentions_of(table, [scored], HALF)}
    assert kinds.pop("DATE") == whole
    assert kinds == ({} if whole != cut else {"AGE": cut})


@pytest.mark.parametrize(
    ("text", "found", "bare"),
    [
        ("Это **Анна Белова** и всё", "**Анна Белова**", "Анна Белова"),
        ("# БЕЛОВА АННА**", "БЕЛОВА АННА**", "БЕЛОВА АННА"),
        ("певица МакSим* тут", "МакSим", "МакSим"),
        ("## Анна Белова ##", "Анна Белова ##", "Анна Белова"),
        ("игра «Студия C#» тут", "Студия C#", "Студия C#"),
    ],
)
def test_marks_of_markdown_are_no_part_of_a_name(
    tokenizer: Tokenizer, text: str, found: str, bare: str
) -> None:
    table = table_of(tokenizer, text)
    begin = text.index(found)
    place = table.locate(begin, begin + len(found))
    assert place is not None
    scored = window_of(0, len(table.ends), (*place, PERSON, 0.9))
    assert [text[m.start : m.end] for m in mentions_of(table, [scored], HALF)] == [bare]


@pytest.mark.parametrize(
    ("text", "type"),
    [
        ("Ветла (ООО) выиграла суд", "ORGANIZATION"),
        ("Ветла, ЗАО, выиграла суд", "ORGANIZATION"),
        ("Ветла (город) растёт", "CITY"),
    ],
)
def test_what_a_legal_form_follows_is_an_organisation(
    tokenizer: Tokenizer, text: str, type: str
) -> None:
    table = table_of(tokenizer, text)
    place = table.locate(0, len("Ветла"))
    assert place is not None
    scored = window_of(0, len(table.ends), (*place, CITY, 0.9))
    assert [m.type for m in mentions_of(table, [scored], HALF)] == [type]


def test_a_score_is_the_mean_over_the_windows_that_hold_the_span(tokenizer: Tokenizer) -> None:
    table = table_of(tokenizer)
    windows = [
        window_of(0, 4, (0, 0, PERSON, 0.9), (2, 3, CITY, 0.8), (3, 3, ORG, 0.9)),
        window_of(2, 6, (2, 3, CITY, 0.4), (5, 5, PERSON, 0.6)),
    ]
    # «а» only the first window holds; «в г» both: 0.6; «г» both, scored in one: 0.45
    assert found(mentions_of(table, windows, HALF)) == [
        (0, 1, "PERSON", 0.9),
        (4, 7, "CITY", 0.6),
        (10, 11, "PERSON", 0.6),
    ]
    low = np.full(29, 0.45, np.float32)
    assert (6, 7, "ORGANIZATION", 0.45) in found(mentions_of(table, windows, low - 1e-6))


def test_a_span_over_a_border_counts_only_where_it_is_whole(tokenizer: Tokenizer) -> None:
    windows = [
        window_of(0, 3, (2, 2, PERSON, 0.6)),
        window_of(1, 5, (2, 3, PERSON, 0.7), (2, 2, PERSON, 0.6)),
        window_of(3, 6),
    ]
    found_spans = found(mentions_of(table_of(tokenizer), windows, HALF))
    assert found_spans == [(4, 7, "PERSON", 0.7), (4, 5, "PERSON", 0.6)]


def test_each_type_has_its_threshold(tokenizer: Tokenizer) -> None:
    windows = [window_of(0, 6, (0, 0, PERSON, 0.55), (1, 1, CITY, 0.55), (2, 2, PERSON, 0.65))]
    levels = HALF.copy()
    levels[PERSON] = 0.6
    assert found(mentions_of(table_of(tokenizer), windows, levels)) == [
        (2, 3, "CITY", 0.55), (4, 5, "PERSON", 0.65),
    ]  # fmt: skip


def test_nesting_is_kept_and_the_worse_of_two_crossing_spans_dropped(
    tokenizer: Tokenizer,
) -> None:
    windows = [
        window_of(
            0, 6,
            (0, 2, ORG, 0.9), (1, 1, CITY, 0.6), (1, 2, PERSON, 0.7),  # nested in it
            (2, 3, PERSON, 0.8),  # crosses the first
            (3, 5, ORG, 0.6), (3, 5, CITY, 0.55),  # one span, two types
        )
    ]  # fmt: skip
    assert found(mentions_of(table_of(tokenizer), windows, HALF)) == [
        (0, 5, "ORGANIZATION", 0.9),
        (2, 5, "PERSON", 0.7),
        (2, 3, "CITY", 0.6),
        (6, 11, "CITY", 0.55),
        (6, 11, "ORGANIZATION", 0.6),
    ]


def test_no_windows_and_no_scores_give_no_mentions(tokenizer: Tokenizer) -> None:
    assert mentions_of(table_of(tokenizer), [], HALF) == ()
    assert mentions_of(table_of(tokenizer), [window_of(0, 6)], HALF) == ()


SPANS = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 5), st.integers(0, 2), st.floats(0.1, 1)),
    max_size=30,
)


@settings(max_examples=200, deadline=None)
@given(SPANS)
def test_what_is_left_never_crosses_and_what_is_dropped_crosses_a_better_one(
    spans: list[tuple[int, int, int, float]],
) -> None:
    scored = sorted(((s, [a, a + w, k]) for a, w, k, s in spans), reverse=True)
    kept = without_crossings(scored)

    def cross(x: list[int], y: list[int]) -> bool:
        return x[0] < y[0] <= x[1] < y[1] or y[0] < x[0] <= y[1] < x[1]

    assert not any(cross(x, y) for _, x in kept for _, y in kept)
    for score, span in scored:
        if (score, span) not in kept:
            assert any(cross(span, other) and better >= score for better, other in kept)


CASE = parse("[Иван|PERSON] из [Газпрома|ORGANIZATION] в [Москве|CITY] и [Мария|PERSON]")
LEVELS = np.full(49, 0.5, np.float32)


def pairs_of(*cells: tuple[int, int, str, float]) -> PairScores:
    """Scores from (subject, object, relation, probability) by mention number."""
    ends = sorted({(s, o) for s, o, _, _ in cells})
    scores = np.full((len(ends), 49), 0.001, np.float32)
    for s, o, name, score in cells:
        scores[ends.index((s, o)), RELATION_INDEX[name]] = score
    return PairScores(np.array(ends, np.int64).reshape(-1, 2), scores)


def reading_of(levels: Floats = LEVELS, **calibration: tuple[float, float]) -> DecodingConfig:
    return DecodingConfig(calibration_of(calibration, RELATION_INDEX), levels)


def relations_of(
    windows: list[PairScores], levels: Floats = LEVELS, **calibration: tuple[float, float]
) -> list[tuple[object, ...]]:
    return [
        (r.relation, CASE.mentions.index(r.subject), CASE.mentions.index(r.object),
         round(r.confidence, 4))
        for r in decode_relations(
            CASE.mentions, average_pairs(windows), reading_of(levels, **calibration)
        )
    ]  # fmt: skip


def test_pairs_are_averaged_over_the_windows_that_hold_both() -> None:
    one = pairs_of((0, 1, "WORKPLACE", 0.9), (1, 2, "HEADQUARTERED_IN", 0.8))
    two = pairs_of((0, 1, "WORKPLACE", 0.5), (0, 3, "SPOUSE", 0.6))
    both = average_pairs([one, two])
    rows = {tuple(p): both.scores[i] for i, p in enumerate(both.pairs.tolist())}
    assert rows[0, 1][RELATION_INDEX["WORKPLACE"]] == pytest.approx(0.7)
    assert rows[1, 2][RELATION_INDEX["HEADQUARTERED_IN"]] == pytest.approx(0.8)
    assert rows[0, 3][RELATION_INDEX["SPOUSE"]] == pytest.approx(0.6)
    assert relations_of([one, two]) == [
        ("HEADQUARTERED_IN", 1, 2, 0.8), ("SPOUSE", 0, 3, 0.6), ("WORKPLACE", 0, 1, 0.7),
    ]  # fmt: skip


def test_a_pair_gets_its_best_label_alone() -> None:
    window = pairs_of(
        (0, 3, "PARENT_OF", 0.7), (0, 3, "SUBORDINATE_OF", 0.9), (3, 0, "PARENT_OF", 0.6)
    )  # fmt: skip
    assert relations_of([window]) == [("PARENT_OF", 3, 0, 0.6), ("SUBORDINATE_OF", 0, 3, 0.9)]


def test_a_symmetric_relation_is_the_mean_of_both_ways_and_stands_in_one() -> None:
    window = pairs_of((0, 3, "SPOUSE", 0.9), (3, 0, "SPOUSE", 0.5), (3, 0, "PARENT_OF", 0.6))
    assert relations_of([window]) == [("PARENT_OF", 3, 0, 0.6), ("SPOUSE", 0, 3, 0.7)]
    later = pairs_of((3, 0, "SPOUSE", 0.9), (0, 3, "SPOUSE", 0.5))
    assert relations_of([later]) == [("SPOUSE", 0, 3, 0.7)]
    weak = pairs_of((3, 0, "SPOUSE", 0.9), (0, 3, "SPOUSE", 0.02))
    assert relations_of([weak]) == []


def test_a_symmetric_relation_seen_from_one_side_alone_stands_there() -> None:
    assert relations_of([pairs_of((3, 0, "SPOUSE", 0.9))]) == [("SPOUSE", 3, 0, 0.9)]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_the_order_of_pairs_and_mentions_changes_no_symmetric_answer(seed: int) -> None:
    random = np.random.default_rng(seed)
    pairs = np.array([(i, j) for i in range(4) for j in range(4) if i != j], np.int64)
    scores = random.random((len(pairs), 49), np.float32)
    order, renamed = random.permutation(len(pairs)), random.permutation(4)
    plain = decode_relations(CASE.mentions, PairScores(pairs, scores), reading_of())
    mentions = [CASE.mentions[i] for i in np.argsort(renamed)]
    turned = PairScores(renamed[pairs][order], scores[order])
    assert decode_relations(mentions, turned, reading_of()) == plain
    for r in plain:  # between types that the ontology relates in one direction, it decides
        if relation_type(r.relation).symmetric and r.subject.type == r.object.type:
            assert r.subject.start < r.object.start


def test_labels_that_the_types_forbid_never_come_out() -> None:
    assert not allowed("SPOUSE", "PERSON", "ORGANIZATION")
    window = pairs_of(
        (0, 1, "SPOUSE", 0.99), (0, 1, "WORKPLACE", 0.6), (2, 0, "WORKPLACE", 0.99)
    )  # fmt: skip
    assert relations_of([window]) == [("WORKPLACE", 0, 1, 0.6)]


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0, 0.9))
def test_whatever_the_scores_every_relation_is_allowed(seed: int, level: float) -> None:
    pairs = np.array([(i, j) for i in range(4) for j in range(4) if i != j], np.int64)
    scores = np.random.default_rng(seed).random((len(pairs), 49), np.float32)
    found_relations = decode_relations(
        CASE.mentions, PairScores(pairs, scores), reading_of(np.full(49, level, np.float32))
    )
    ends = [(r.subject, r.object) for r in found_relations]
    assert len(set(ends)) == len(ends)
    for relation in found_relations:
        assert allowed(relation.relation, relation.subject.type, relation.object.type)
        assert relation.confidence >= level - 1e-6


def test_each_relation_has_its_threshold() -> None:
    window = pairs_of((0, 1, "WORKPLACE", 0.55), (0, 3, "SPOUSE", 0.55))
    levels = LEVELS.copy()
    levels[RELATIONS.index("SPOUSE")] = 0.6
    assert relations_of([window], levels) == [("WORKPLACE", 0, 1, 0.55)]


def test_no_windows_give_no_relations() -> None:
    assert decode_relations(CASE.mentions, average_pairs([]), reading_of()) == ()
    assert decode_relations((), average_pairs([]), reading_of()) == ()


def test_a_pair_without_any_score_gets_no_forbidden_label() -> None:
    window = PairScores(np.array([[0, 1]], np.int64), np.zeros((1, 49), np.float32))
    found_relations = decode_relations(CASE.mentions, window, reading_of(np.zeros(49, np.float32)))
    assert all(allowed(r.relation, r.subject.type, r.object.type) for r in found_relations)


def test_a_document_without_mentions_has_labels_of_no_pair() -> None:
    best, strength = best_labels((), average_pairs([]))
    assert len(best) == len(strength) == 0


def test_scores_are_calibrated_before_the_threshold(tokenizer: Tokenizer) -> None:
    # log-odds of 0.6 are 0.4055: doubled they give 0.6923; shifted by −1, 0.3556
    windows = [window_of(0, 6, (0, 0, PERSON, 0.6), (2, 2, CITY, 0.6), (4, 4, ORG, 0.6))]
    levels = np.full(len(SPAN_TYPES), 0.55, np.float32)
    calibrated = mentions_of(
        table_of(tokenizer), windows, levels, PERSON=(2.0, 0.0), CITY=(1.0, -1.0)
    )
    assert found(calibrated) == [(0, 1, "PERSON", 0.6923), (8, 9, "ORGANIZATION", 0.6)]
    window = pairs_of((0, 1, "WORKPLACE", 0.6), (0, 3, "SPOUSE", 0.6))
    assert relations_of([window], WORKPLACE=(2.0, 0.0), SPOUSE=(1.0, -1.0)) == [
        ("WORKPLACE", 0, 1, 0.6923)
    ]
