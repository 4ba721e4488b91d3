"""The last decision: which option answers a question, or none.

A small net scores every option (:mod:`kgbuild.ask.options`), another «no answer»; a softmax
over both, over the mean of a few such nets, says how likely each is right. NumPy alone.
Trained by :mod:`kgbuild.train.decisions` on questions over graphs that the ranker beside it
hadn't learnt from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kgbuild.ask.nets import Array, load_nets, save_nets
from kgbuild.ask.options import NONE_FIGURES, OPTION_FIGURES, Options
from kgbuild.ask.ranker import CLIP
from kgbuild.errors import WeightsError

_FIGURES = {"options": OPTION_FIGURES, "none": NONE_FIGURES}


@dataclass(frozen=True, slots=True)
class Decision:
    """Nets as their weights by name (:func:`shapes_of`); ``threshold`` is the least
    probability of an answer."""

    members: tuple[dict[str, Array], ...]
    threshold: float

    def shares(self, options: Options) -> NDArray[np.float64]:
        """The probability of each option, and of no answer at the end [n + 1]."""
        scores = np.mean([_scores(w, options) for w in self.members], axis=0, dtype=np.float64)
        powers = np.exp(scores - scores.max())
        found: NDArray[np.float64] = powers / powers.sum()
        return found

    def save(self, path: Path) -> None:
        """Write a safetensors file, weights in half precision."""
        save_nets(path, self.members, _FIGURES, threshold=str(self.threshold))

    @classmethod
    def load(cls, path: Path) -> Decision:
        """Read what :meth:`save` wrote.

        Raises:
            WeightsError: the file is missing, isn't such a file, or is of other figures.
        """
        members, notes = load_nets(path, "decision", _FIGURES, shapes_of)
        try:
            return cls(tuple(members), float(notes["threshold"]))
        except (ValueError, KeyError) as error:
            raise WeightsError(f"{path}: no threshold of a decision: {error}") from error


def _scores(w: Mapping[str, Array], options: Options) -> NDArray[np.float64]:
    """A score of each option, and of no answer [n + 1]."""
    seen = np.clip((options.figures - w["mean"]) / w["std"], -CLIP, CLIP)
    hidden = np.maximum(seen @ w["a"].T + w["a_bias"], 0)
    none = np.clip((options.none - w["none_mean"]) / w["none_std"], -CLIP, CLIP)
    none_hidden = np.maximum(w["n"] @ none + w["n_bias"], 0)
    scores = np.append(hidden @ w["c"], none_hidden @ w["m"] + w["m_bias"][0])
    return scores.astype(np.float64)


def shapes_of(weights: Mapping[str, Array]) -> dict[str, tuple[int, ...]]:
    """What shape each of the weights has to have, by the sizes of two of them."""
    h, n, f, g = len(weights["a"]), len(weights["n"]), len(OPTION_FIGURES), len(NONE_FIGURES)
    return {
        "mean": (f,), "std": (f,), "a": (h, f), "a_bias": (h,), "c": (h,),
        "none_mean": (g,), "none_std": (g,), "n": (n, g), "n_bias": (n,), "m": (n,),
        "m_bias": (1,),
    }  # fmt: skip
