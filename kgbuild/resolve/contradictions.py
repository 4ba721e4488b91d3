"""What documents say of two people, or of two firms, that one can't be.

Each rule is a named function of what is known of the one and of the other; it answers
whether they contradict each other. A contradiction outweighs every rule and score that would
join two names, and only a judgement outweighs it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kgbuild.types import NodeFeature, NodeStats

KIN = "kin"
"""The kind of feature that holds the node of a namesake whom kinship joins with a person."""
LEGAL = "legal"
"""The kind of feature that holds the legal form of an organisation."""
LIFE = ("born", "died")
"""The kinds of feature that hold a year of a person's life."""
_OF_LIFE = (*LIFE, LEGAL)


@dataclass(frozen=True, slots=True)
class Life:
    """The years of birth and of death that documents state of a person, as four digits, and the
    legal forms of an organisation; mostly one each."""

    born: frozenset[str] = frozenset()
    died: frozenset[str] = frozenset()
    forms: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.born or self.died or self.forms)

    def with_(self, other: Life) -> Life:
        """What is known of two names that are one bearer's."""
        return Life(self.born | other.born, self.died | other.died, self.forms | other.forms)


NOTHING = Life()


def life_of(node: NodeStats) -> Life:
    """What documents say of a node's years and legal forms."""
    said = [feature for feature, _ in node.features if feature.kind in _OF_LIFE]
    if not said:
        return NOTHING
    return Life(*(frozenset(f.value for f in said if f.kind == kind) for kind in _OF_LIFE))


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


def other_legal_form(one: Life, other: Life) -> bool:
    """An ООО and a ЗАО of one name are two firms."""
    return bool(one.forms and other.forms) and not one.forms & other.forms


CONTRADICTIONS: tuple[Callable[[Life, Life], bool], ...] = (
    other_year_of_birth,
    other_year_of_death,
    dead_before_the_other_s_birth,
    other_legal_form,
)
"""The rules in the order in which they are asked."""


def contradiction(one: Life, other: Life) -> str:
    """The name of the first rule by which two names can't be one bearer's; "" for none."""
    return next((rule.__name__ for rule in CONTRADICTIONS if rule(one, other)), "")
