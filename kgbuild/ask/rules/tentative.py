"""Answers of last resort: readings that were too weak to be facts.

A question tells that its fact is likely: a pair of names about which nobody asks needs more
evidence to be believed than the pair that answers. So where the graph knows the names and not
the fact, relations under their threshold are looked at, and what they say is marked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kgbuild.ask.link import EntityLookup
from kgbuild.ask.outcomes import Result, execute
from kgbuild.ask.rules.plan import Lookup, Plan, Verify

SHARE = 0.5
"""Of the best answer's confidence: what is weaker isn't shown beside it."""


def tentatively(plans: Sequence[Plan], linker: EntityLookup) -> Result | None:
    """What the first plan with any answer gets from weak readings; None where none does.

    Neither counts, comparisons nor paths are made of them.
    """
    doubtful = linker.tentatively()
    for plan in plans:
        if not isinstance(plan, Lookup | Verify):
            continue
        result = execute(plan, doubtful)
        if result.items:
            least = SHARE * max(item.confidence for item in result.items)
            items = tuple(
                replace(item, facts=()) for item in result.items if item.confidence >= least
            )
            return replace(result, items=items, conflicting=False, tentative=True)
    return None
