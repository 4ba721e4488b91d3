"""No regular expression of the package takes time with the square of a text's length."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from security.patterns import Used, inputs, patterns

SIZES = (10, 18, 300, 2500, 10_000)
QUICK = 0.004
"""Seconds of the processor in which no pattern can walk ten thousand letters more than a few
dozen times each; what is so quick needs no closer look."""
LOOKS = 3
"""Looks that have to agree on what grows too fast: what really does, does so each time."""
GROWTH = 2.2
"""How much longer a text of twice the length may take: a line gives 2, a square 4."""


def seconds(used: Used, text: Any, rounds: int = 1) -> float:
    """The least of several times that all uses of a pattern on a text took."""
    best = float("inf")
    for _ in range(rounds):
        began = time.process_time()
        if used.anchored:
            used.pattern.match(text)
            used.pattern.fullmatch(text)
        else:
            for _ in used.pattern.finditer(text):
                pass
        best = min(best, time.process_time() - began)
    return best


def growth(used: Used, text: Any) -> float:
    """How many times as long as its first half a text takes, both measured turn about, so that
    a processor that slows down for a while slows both."""
    half = text[: len(text) // 2]
    turns = [(seconds(used, text), seconds(used, half)) for _ in range(5)]
    return min(whole for whole, _ in turns) / max(min(part for _, part in turns), 1e-9)


def slow_input(used: Used) -> str:
    """What of an input makes a pattern take more than its share of time; «» for nothing."""
    makers = [list(inputs(used.pattern, size)) for size in SIZES]
    for number, small in enumerate(makers[0]):
        for size, texts in zip(SIZES, makers, strict=True):
            text = coded(used, texts[number])
            if seconds(used, text) < QUICK:
                continue
            # Is it the length or its square? Only that much more of the same can tell.
            if all(growth(used, text) > GROWTH * 1.3 for _ in range(LOOKS)):
                return f"{small[:24]!r}…, {size} letters, {seconds(used, text):.3f} s"
            if seconds(used, text) > 1:
                return f"{small[:24]!r}…, {size} letters take over a second"
    return ""


def coded(used: Used, text: str) -> Any:
    return text.encode("utf-8") if isinstance(used.pattern.pattern, bytes) else text


@pytest.mark.slow
def test_no_pattern_is_slower_than_its_text_is_long() -> None:
    found = {used.where: slow for used in patterns() if (slow := slow_input(used))}
    assert not found, "\n".join(f"{where}: {slow}" for where, slow in found.items())


@pytest.mark.slow
def test_all_patterns_are_seen() -> None:
    where = {used.where for used in patterns()}
    assert {"kgbuild.read.breaks._ANY_BREAK", "kgbuild.russian.dates._POINT"} <= where
    assert len(where) > 150


@pytest.mark.parametrize("bad", [r"\s*[\n]\s*", r"(а|а)*б", r"«[^»]+»", r"^(\w+\s?)*$", r"\w+@"])
def test_a_slow_one_is_noticed(bad: str) -> None:
    assert slow_input(Used("here", re.compile(bad), anchored=False))


@pytest.mark.parametrize("good", [r"\w+", r"«[^«»]{1,200}»", r"(?<!\s)\s*+\n", r"(?<!\d)\d+-й"])
def test_a_quick_one_is_let_through(good: str) -> None:
    assert not slow_input(Used("here", re.compile(good), anchored=False))
