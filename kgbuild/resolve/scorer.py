"""How likely a shorter name of a person means the bearer of a fuller one.

A logistic regression; its weights are trained on annotated documents by
``kgbuild train resolution`` and lie beside this file as JSON.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from kgbuild.errors import WeightsError
from kgbuild.resolve.blocking_keys import family_of
from kgbuild.russian.given import is_short
from kgbuild.russian.morphology import readings
from kgbuild.russian.person import PersonName

if TYPE_CHECKING:
    from kgbuild.resolve.bearers import PersonCandidate

Features = tuple[float, ...]

KINDS = ("surname", "initials", "first name", "patronymic", "lone name", "lone short name",
         "lone with patronymic", "lone patronymic")  # fmt: skip
"""What a shorter name is made of."""
_WITH_SURNAME, _WITHOUT = "", " (no surname)"
_BOTH = (
    "more people it may mean",
    "share of the documents",
    "documents of the fuller name",
    "shares a neighbour",
    "share of neighbours",
    "neighbours shared",
    "shares more than the others",
    "stands beside it",
    "gender agrees",
)
FEATURES = (
    "bias",
    *KINDS,
    *(name + group for group in (_WITH_SURNAME, _WITHOUT) for name in _BOTH),
    "the fuller one has no surname",
    "a patronymic is added",
    "more bearers of the surname",
    "documents of the shorter name",
    "a common Russian surname",
    "length of the surname",
    "the only one without neighbours shared",
    "of many names",
)
SHIPPED = Path(__file__).with_name("scorer.json")


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of somebody in several nodes: the fullest name, the nodes, all that stands
    near them and in how many documents they are."""

    name: PersonName
    nodes: frozenset[str]
    near: frozenset[str]
    documents: int


@dataclass(frozen=True, slots=True)
class Field:
    """The others whom a shorter name may mean: how many in all, how many first names its
    surname has, in how many documents they stand, the most neighbours that one of the others
    shares, and how many names are compared in all."""

    rivals: int
    bearers: int
    documents: int
    shared: int
    names: int


def kind_of(name: PersonName) -> str:
    """What a shorter name is made of: one of ``KINDS``."""
    given = name.given[0].rstrip(".") if name.given else ""
    if not name.surname:
        if name.patronymic:
            return "lone with patronymic" if given else "lone patronymic"
        return "lone short name" if is_short(given) else "lone name"
    if not given:
        return "surname"
    if len(given) == 1:
        return "initials"
    return "patronymic" if name.patronymic else "first name"


def features(shorter: PersonCandidate, fuller: Person, field: Field) -> Features:
    """What speaks for a shorter name meaning the bearer of a fuller one."""
    name, full = shorter.name, fuller.name
    kind = kind_of(name)
    shared = len(shorter.near & fuller.near)
    least = min(len(shorter.near), len(fuller.near))
    lone = kind.startswith("lone")
    family = family_of(full)
    beside = lone and family in shorter.near
    both = (
        math.log(field.rivals),
        fuller.documents / max(field.documents, 1),
        math.log(fuller.documents),
        float(shared > 0),
        shared / least if least else 0.0,
        math.log1p(shared),
        float(shared > field.shared),
        float(beside),
        float(name.gender is not None and name.gender == full.gender),
    )
    nothing = (0.0,) * len(both)
    groups = (*nothing, *both) if lone else (*both, *nothing)
    return (
        1.0,
        *(float(kind == one) for one in KINDS),
        *groups,
        float(not family),
        float(bool(full.patronymic) and not name.patronymic),
        math.log(field.bearers),
        math.log(shorter.node.documents),
        float(_is_common(full.surname)),
        len(full.surname) / 10,
        float(field.rivals == 1 and shared == 0),
        math.log(field.names) / 5,
    )


SPEAKS_FOR = frozenset(
    name + group
    for name in ("shares a neighbour", "share of neighbours", "neighbours shared")
    for group in (_WITH_SURNAME, _WITHOUT)
)
"""Features that may only speak for a pair, whatever a corpus makes of them."""


def shares_neighbour(values: Features) -> bool:
    """Whether a name that stands beside both speaks for a pair."""
    named = dict(zip(FEATURES, values, strict=True))
    return any(named["shares a neighbour" + group] > 0 for group in (_WITH_SURNAME, _WITHOUT))


def has_evidence(values: Features) -> bool:
    """Whether more than a lone surname speaks for a pair: a name beside it, a neighbour, or that
    the surname is no common one and nobody else of that surname is known."""
    named = dict(zip(FEATURES, values, strict=True))
    alone = named["lone name"] or named["lone short name"]
    if alone and named["the fuller one has no surname"] and not named["a patronymic is added"]:
        return named["shares a neighbour (no surname)"] > 0
    if not named["surname"] or named["shares a neighbour"] > 0:
        return True
    others = named["more people it may mean"], named["more bearers of the surname"]
    return not any(others) and not named["a common Russian surname"]


@lru_cache(maxsize=16384)
def _is_common(surname: str) -> bool:
    return any(r.known and "Surn" in r.marks for r in readings(surname.title())[:3])


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
