"""The trained ranker: which candidate a question asks for, and whether any.

A low-rank product of the question (its vectors and hashed words) with vectors of the path's
steps and types, and a small net over that and the figures of :mod:`kgbuild.ask.features`;
a softmax over all candidates and «none of them», over the mean of a few such nets. NumPy alone: a cold question waits for no
framework. Trained by :mod:`kgbuild.train.ranking`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kgbuild.ask.candidates import STEPS
from kgbuild.ask.features import BUCKETS, FIGURES, TYPE, CandidateView, QuestionView
from kgbuild.ask.nets import Array, load_nets, save_nets

VECTOR_SCALE, BUCKET_SCALE = 4.0, 2.0
CLIP = 4.0
"""Standard deviations beyond which a figure says no more."""

STATS = ("weight", "cover", "names left", "covered", "stray", "left")
"""Figures whose extremes over all candidates say whether anything answers."""

SHAPES = ("lookup", "yes_no", "connection")
"""What is asked: an entity or value, whether something is so, how two are joined."""


@dataclass(frozen=True, slots=True)
class Member:
    """One trained net: its weights by name; see :func:`shapes_of`."""

    weights: dict[str, Array]

    def query(self, seen: QuestionView) -> Array:
        """A question in the ranker's space [k]."""
        w = self.weights
        words = w["words"][seen.buckets].sum(axis=0) / np.sqrt(max(len(seen.buckets), 1))
        found: Array = (
            w["vector"] @ (seen.vector * VECTOR_SCALE) + w["vector_bias"] + BUCKET_SCALE * words
        ).astype(np.float32)
        return found

    def scores(self, query: Array, view: CandidateView) -> Array:
        """A score of each candidate [n]."""
        w = self.weights
        paths = view.paths
        steps = w["first"][paths[:, 0]], w["last"][paths[:, 1]]
        types = [w["type"][slot][paths[:, 2 + slot]] for slot in range(3)]
        products = np.stack([part @ query for part in (*steps, *types)], axis=1)
        figures = np.clip((view.figures - w["mean"]) / w["std"], -CLIP, CLIP)
        joint = (steps[0] + steps[1] + types[2]) * query
        inputs = np.column_stack([figures, products, joint])
        hidden = np.maximum(inputs @ w["a"].T + w["a_bias"], 0)
        hidden = np.maximum(hidden @ w["b"].T + w["b_bias"], 0)
        direct = products[:, 0] + products[:, 1] + products[:, 4]
        found: Array = (hidden @ w["c"] + w["c_bias"][0] + direct).astype(np.float32)
        return found

    def none(self, query: Array, view: CandidateView) -> float:
        """The score of no answer."""
        w = self.weights
        return float(w["none"] @ np.concatenate([query, stats(view.figures)]) + w["none_bias"][0])

    def shape(self, query: Array) -> NDArray[np.float64]:
        """Probabilities of ``SHAPES``."""
        logits = (self.weights["shape"] @ query + self.weights["shape_bias"]).astype(np.float64)
        powers = np.exp(logits - logits.max())
        found: NDArray[np.float64] = powers / powers.sum()
        return found

    def steps(self, query: Array) -> Array:
        """How much a question asks for each of ``STEPS``, as a score."""
        found: Array = self.weights["last"][: len(STEPS)] @ query
        return found


@dataclass(frozen=True, slots=True)
class Ranker:
    """The mean of several nets that differ by their seeds alone."""

    members: tuple[Member, ...]

    def query(self, seen: QuestionView) -> tuple[Array, ...]:
        """A question in the space of each member."""
        return tuple(member.query(seen) for member in self.members)

    def scores(self, query: Sequence[Array], view: CandidateView) -> Array:
        """A score of each candidate [n]."""
        every = [m.scores(q, view) for m, q in zip(self.members, query, strict=True)]
        found: Array = np.mean(every, axis=0, dtype=np.float32)
        return found

    def none(self, query: Sequence[Array], view: CandidateView) -> float:
        """The score of no answer."""
        every = [m.none(q, view) for m, q in zip(self.members, query, strict=True)]
        return sum(every) / len(every)

    def shape(self, query: Sequence[Array]) -> NDArray[np.float64]:
        """Probabilities of ``SHAPES``."""
        every = [m.shape(q) for m, q in zip(self.members, query, strict=True)]
        found: NDArray[np.float64] = np.mean(every, axis=0)
        return found

    def steps(self, query: Sequence[Array]) -> NDArray[np.float64]:
        """Probabilities of ``STEPS``: which a question asks for, whatever the graph holds."""
        every = [m.steps(q) for m, q in zip(self.members, query, strict=True)]
        powers = np.exp(np.mean(every, axis=0) - np.max(np.mean(every, axis=0)))
        found: NDArray[np.float64] = (powers / powers.sum()).astype(np.float64)
        return found

    def likeliest(self, query: Sequence[Array]) -> str:
        """The relation that a question asks for, whatever the graph holds."""
        return STEPS[int(self.steps(query).argmax())][0]

    @property
    def scale(self) -> tuple[Array, Array]:
        """Mean and standard deviation of each of ``FIGURES`` in the questions learnt from."""
        return self.members[0].weights["mean"], self.members[0].weights["std"]

    def save(self, path: Path) -> None:
        """Write a safetensors file, weights in half precision."""
        save_nets(path, [member.weights for member in self.members], FIGURES)

    @classmethod
    def load(cls, path: Path) -> Ranker:
        """Read what :meth:`save` wrote.

        Raises:
            WeightsError: the file is missing, isn't such a file, or is of other figures.
        """
        members, _ = load_nets(path, "ranker", FIGURES, shapes_of)
        return cls(tuple(map(Member, members)))


def shapes_of(weights: Mapping[str, Array]) -> dict[str, tuple[int, ...]]:
    """What shape each of the weights has to have, by the sizes of two of them."""
    k, h = len(weights["vector"]), len(weights["a"])
    steps, types = len(STEPS) + 1, len(TYPE) + 1
    inputs = len(FIGURES) + 5 + k
    return {
        "vector": (k, 768), "vector_bias": (k,), "words": (BUCKETS, k),
        "first": (steps, k), "last": (steps, k), "type": (3, types, k),
        "mean": (len(FIGURES),), "std": (len(FIGURES),),
        "a": (h, inputs), "a_bias": (h,), "b": (h, h), "b_bias": (h,), "c": (h,), "c_bias": (1,),
        "none": (k + len(STATS),), "none_bias": (1,),
        "shape": (len(SHAPES), k), "shape_bias": (len(SHAPES),),
    }  # fmt: skip


def stats(figures: NDArray[np.float32]) -> NDArray[np.float32]:
    """The extremes of some figures over all candidates [len(STATS)]."""
    if not len(figures):
        return np.zeros(len(STATS), dtype=np.float32)
    columns = [figures[:, FIGURES.index(name)] for name in STATS]
    best = (max, max, min, max, min, min)
    return np.array([b(c) for b, c in zip(best, columns, strict=True)], dtype=np.float32)
