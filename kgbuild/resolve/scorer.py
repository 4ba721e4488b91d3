"""How likely a shorter name of a person means the bearer of a fuller one.

A logistic regression; its weights are trained on annotated documents by
``kgbuild train resolution`` and lie beside this file as JSON.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kgbuild.errors import WeightsError
from kgbuild.russian.morphology import readings

if TYPE_CHECKING:
    from kgbuild.resolve.bearers import Bearer

Features = tuple[float, ...]

FEATURES = (
    "bias",
    "surname alone",
    "initials alone",
    "first name of one part",
    "a patronymic is added",
    "more people it may mean",
    "more bearers of the surname",
    "share of the documents",
    "documents of the fuller name",
    "documents of the shorter name",
    "shares a neighbour",
    "share of neighbours",
    "gender agrees",
    "a common Russian surname",
    "length of the surname",
)
SHIPPED = Path(__file__).with_name("scorer.json")


def features(shorter: Bearer, fuller: Bearer, block: tuple[int, int, int]) -> Features:
    """What speaks for a shorter name meaning the bearer of a fuller one.

    ``block`` holds how many people it may mean, how many first names the surname has, and
    in how many documents the people it may mean stand.
    """
    rivals, bearers, documents = block
    name, full = shorter.name, fuller.name
    given = name.given[0].rstrip(".") if name.given else ""
    shared = len(shorter.near & fuller.near)
    least = min(len(shorter.near), len(fuller.near))
    return (
        1.0,
        float(not given),
        float(len(given) == 1),
        float(len(given) > 1),
        float(bool(full.patronymic) and not name.patronymic),
        math.log(rivals),
        math.log(bearers),
        fuller.node.documents / max(documents, 1),
        math.log(fuller.node.documents),
        math.log(shorter.node.documents),
        float(shared > 0),
        shared / least if least else 0.0,
        float(name.gender is not None and name.gender == full.gender),
        float(_is_common(full.surname)),
        len(full.surname) / 10,
    )


def has_evidence(values: Features) -> bool:
    """Whether more than a lone surname speaks for a pair: a name beside it, or a neighbour."""
    named = dict(zip(FEATURES, values, strict=True))
    return not named["surname alone"] or named["shares a neighbour"] > 0


def _is_common(surname: str) -> bool:
    return any(r.known and "Surn" in r.marks for r in readings(surname)[:3])


@dataclass(frozen=True, slots=True)
class Scorer:
    """Weights by the order of ``FEATURES``, and the probability from which names join."""

    weights: tuple[float, ...]
    threshold: float

    @property
    def fingerprint(self) -> str:
        """Changes with any weight."""
        return ",".join(f"{value:.6g}" for value in (*self.weights, self.threshold))

    def score(self, values: Features) -> float:
        """The probability that the two names are one person's."""
        total = sum(w * v for w, v in zip(self.weights, values, strict=True))
        return 1 / (1 + math.exp(-max(min(total, 30.0), -30.0)))

    @classmethod
    def empty(cls) -> Scorer:
        """One that knows nothing and joins nothing, to begin training with."""
        return cls((0.0,) * len(FEATURES), 1.0)

    def save(self, path: Path) -> None:
        """Write the weights as JSON, by the features' names."""
        weights = {name: round(w, 5) for name, w in zip(FEATURES, self.weights, strict=True)}
        content = {"threshold": self.threshold, "weights": weights}
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")

    @classmethod
    def load(cls, path: Path) -> Scorer:
        """Read weights.

        Raises:
            WeightsError: the file is missing or doesn't hold these features' weights.
        """
        try:
            content = json.loads(path.read_text("utf-8"))
            weights = tuple(float(content["weights"][name]) for name in FEATURES)
            return cls(weights, float(content["threshold"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise WeightsError(f"{path}: no weights of the scorer of names: {error}") from error

    @classmethod
    def shipped(cls) -> Scorer:
        """The weights in the package."""
        return cls.load(SHIPPED)
