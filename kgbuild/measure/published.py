"""Encodechka's figures as the models' cards print them.

Source: the tables of https://huggingface.co/sergeyzh/LaBSE-ru-turbo and
https://huggingface.co/sergeyzh/rubert-tiny-turbo.
"""

from __future__ import annotations

from collections.abc import Mapping

_NAMES = ("STS", "PI", "NLI", "SA", "TI", "IA", "IC", "ICX", "NE1", "NE2")


def _row(*scores: float) -> dict[str, float]:
    return dict(zip(_NAMES, scores, strict=True))


PUBLISHED: Mapping[str, Mapping[str, float]] = {
    "multilingual-e5-small":
        _row(0.822, 0.714, 0.457, 0.758, 0.957, 0.761, 0.779, 0.691, 0.234, 0.275),
    "multilingual-e5-base":
        _row(0.835, 0.704, 0.459, 0.796, 0.964, 0.783, 0.802, 0.738, 0.235, 0.376),
    "multilingual-e5-large":
        _row(0.862, 0.727, 0.473, 0.810, 0.979, 0.798, 0.819, 0.773, 0.224, 0.374),
    "rubert-tiny2":
        _row(0.750, 0.651, 0.417, 0.737, 0.937, 0.746, 0.757, 0.638, 0.360, 0.386),
    "LaBSE-ru-turbo":
        _row(0.864, 0.748, 0.490, 0.814, 0.974, 0.806, 0.815, 0.801, 0.305, 0.404),
}  # fmt: skip
"""Task → score, by the model's name in the registry."""
