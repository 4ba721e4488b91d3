"""Precision, recall and F1 over gold ∪ predicted."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of true positives, false positives and false negatives."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def precision(self) -> float:
        """tp / (tp + fp); 0 where nothing was predicted."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        """tp / (tp + fn); 0 where there is no gold."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = 2 * self.tp + self.fp + self.fn
        return 2 * self.tp / total if total else 0.0

    def to_dict(self) -> dict[str, float | int]:
        """As JSON."""
        ratios = {"precision": self.precision, "recall": self.recall, "f1": self.f1}
        return {name: round(value, 4) for name, value in ratios.items()} | {
            "tp": self.tp, "fp": self.fp, "fn": self.fn, "gold": self.tp + self.fn,
        }  # fmt: skip


def compare(
    gold: Iterable[T], predicted: Iterable[T], label: Callable[[T], str]
) -> dict[str, Score]:
    """Scores by label; an item counts once on each side."""
    wanted, found = set(gold), set(predicted)
    scores: dict[str, Score] = {}
    for item in wanted | found:
        one = Score(int(item in wanted and item in found), int(item not in wanted),
                    int(item not in found))  # fmt: skip
        scores[label(item)] = scores.get(label(item), Score()) + one
    return scores


def micro(scores: Mapping[str, Score]) -> Score:
    """All labels' counts together."""
    return sum(scores.values(), Score())


def macro(scores: Mapping[str, Score]) -> dict[str, float]:
    """Mean precision, recall and F1 over the labels that gold holds."""
    real = [s for s in scores.values() if s.tp + s.fn]
    if not real:
        return {"precision": 0.0, "recall": 0.0, "f1": 0.0}
    return {
        name: round(sum(getattr(s, name) for s in real) / len(real), 4)
        for name in ("precision", "recall", "f1")
    }
