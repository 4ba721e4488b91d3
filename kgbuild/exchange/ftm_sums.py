"""Sums of money and payments, as FollowTheMoney entities tell them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kgbuild.russian.values import value_of
from kgbuild.russian.valuetypes import Quantity
from kgbuild.types import Evidence, Fact

_COUNTRY = "сша"
"""«долларов США»: the one word after a currency that is a part of its name."""
Spot = tuple[str, int, int]
"""A mention: its document, start and end."""


@dataclass(frozen=True, slots=True)
class Sum:
    """An exact sum: a decimal number in digits, and the currency's ISO 4217 code."""

    amount: str
    currency: str


@dataclass(frozen=True, slots=True)
class Payment:
    """Who paid whom: two facts about one mention of a sum, and what states them."""

    spent: Fact
    earned: Fact
    evidence: tuple[Evidence, ...]


def sure_sum(name: str) -> Sum | None:
    """The sum that a name of money says, where it says one and no more than that.

    «около 5 рублей», «5–6 рублей», «5 рублей в год» and «5 рублей 20 копеек» give None.
    """
    text = " ".join(name.split())
    value = value_of(text, "MONEY")
    if not isinstance(value, Quantity) or value.bound or value.upper is not None:
        return None
    if len(value.unit) != 3 or value.number <= 0:
        return None
    if text.casefold().endswith(f" {_COUNTRY}"):
        text = text[: -len(_COUNTRY)].strip()
    before = text.rpartition(" ")[0]
    if before and value_of(before, "MONEY") == value:  # the last word added nothing to it
        return None
    whole = value.number.is_integer()
    return Sum(str(int(value.number)) if whole else repr(value.number), value.unit)


def payments(facts: Iterable[Fact]) -> Iterator[Payment]:
    """One for each two facts that one mention of a sum is an expenditure and an income in."""
    sides: dict[str, dict[Spot, list[tuple[Fact, Evidence]]]]
    sides = {name: defaultdict(list) for name in ("EXPENDITURE", "INCOME")}
    for fact in facts:
        if fact.relation in sides and fact.object.type == "MONEY":
            for one in fact.evidence:
                sides[fact.relation][_spot(one)].append((fact, one))
    spent, earned = sides["EXPENDITURE"], sides["INCOME"]
    found: dict[tuple[str, str], list[Evidence]] = defaultdict(list)
    by_id: dict[str, Fact] = {}
    for spot in sorted(spent.keys() & earned.keys()):
        for payer, one in spent[spot]:
            for payee, other in earned[spot]:
                if payer.subject.id != payee.subject.id:
                    by_id |= {payer.id: payer, payee.id: payee}
                    found[payer.id, payee.id] += [one, other]
    for (payer_id, payee_id), evidence in found.items():
        unique = tuple(dict.fromkeys(evidence))
        yield Payment(by_id[payer_id], by_id[payee_id], unique)


def _spot(evidence: Evidence) -> Spot:
    return evidence.document, evidence.object.start, evidence.object.end
