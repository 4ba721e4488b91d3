"""What evidence makes of a fact: how sure it is, and which sentence shows it best."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from kgbuild.types import Evidence, Fact


def combined(confidences: Iterable[float]) -> float:
    """1 − Π(1 − c) over the best confidence of each source, in whatever order they come."""
    # Sorted, so that the rounding doesn't depend on the order of the sources.
    return 1.0 - math.prod(1.0 - value for value in sorted(confidences))


def confidence_of(evidence: Iterable[Evidence]) -> float:
    """What evidence makes of a fact: the best of each source, combined. A document is a source,
    all copies of one are a single one."""
    best: dict[str, float] = {}
    for one in evidence:
        source = one.copy_of or one.document
        best[source] = max(one.confidence, best.get(source, 0.0))
    return combined(best.values())


def strongest(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Evidence by falling confidence, equals by document and position."""
    return tuple(
        sorted(evidence, key=lambda e: (-e.confidence, e.document, e.start, e.subject, e.object))
    )


def said_once(facts: Sequence[Fact]) -> Fact:
    """The surest of facts that say the same, with the evidence of all."""
    surest = max(facts, key=lambda fact: fact.confidence)
    if len(facts) == 1:
        return surest
    evidence = strongest(one for fact in facts for one in fact.evidence)
    sure = max(surest.confidence, confidence_of(evidence))
    return replace(surest, confidence=sure, evidence=evidence)
