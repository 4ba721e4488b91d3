"""What documents say of two people that one person can't be.

Each rule is a named function of what is known of the one and of the other; it answers
whether they contradict each other. A contradiction outweighs every rule and score that would
join two names, and only a judgement outweighs it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kgbuild.types import NodeFeature, NodeStats

LIFE = ("born", "died")
"""The kinds of feature that hold a year of a person's life."""


@dataclass(frozen=True, slots=True)
class Life:
    """The years of birth and of death that documents state, as four digits; mostly one each."""

    born: frozenset[str] = frozenset()
    died: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.born or self.died)

    def with_(self, other: Life) -> Life:
        """What is known of two names that are one person's."""
        return Life(self.born | other.born, self.died | other.died)


NOTHING = Life()


def life_of(node: NodeStats) -> Life:
    """What documents say of a node's years."""
    return Life(*(_values(node, kind) for kind in LIFE))


def _values(node: NodeStats, kind: str) -> frozenset[str]:
    return frozenset(feature.value for feature, _ in node.features if feature.kind == kind)


def life_features(born: str | None, died: str | None) -> set[NodeFeature]:
    """What a document states of a person's years, as features of the node."""
    return {
        NodeFeature(k, year) for k, year in zip(LIFE, (born, died), strict=True) if year is not None
    }


def other_year_of_birth(one: Life, other: Life) -> bool:
    """Nobody is born twice."""
    return bool(one.born and other.born) and one.born != other.born


def other_year_of_death(one: Life, other: Life) -> bool:
    """Nobody dies twice."""
    return bool(one.died and other.died) and one.died != other.died


def dead_before_the_other_s_birth(one: Life, other: Life) -> bool:
    """A grandfather who died in 1802 isn't his namesake of 1834."""
    pairs = ((one.died, other.born), (other.died, one.born))
    return any(bool(died and born) and max(died) < min(born) for died, born in pairs)


CONTRADICTIONS: tuple[Callable[[Life, Life], bool], ...] = (
    other_year_of_birth,
    other_year_of_death,
    dead_before_the_other_s_birth,
)
"""The rules in the order in which they are asked."""


def contradiction(one: Life, other: Life) -> str:
    """The name of the first rule by which two names can't be one person's; "" for none."""
    return next((rule.__name__ for rule in CONTRADICTIONS if rule(one, other)), "")
