"""How alike two mentions are written: what tells a repeated name from a new one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from kgbuild.read.breaks import rejoin

_WORD = re.compile(r"[^\W_]+")
STEM = 5
"""Letters of a word that survive most Russian endings."""

DIFFERENT, SHARES_WORD, CONTAINED, SAME_STEMS, SAME, ACRONYM = range(6)
LIKENESSES = 6


@dataclass(frozen=True, slots=True)
class Form:
    """A surface form prepared for comparison."""

    folded: str
    stems: frozenset[str]
    initials: str
    acronym: str


@lru_cache(maxsize=50_000)
def form(surface: str) -> Form:
    """Fold case and ё, cut words to stems, take the initials; ``acronym`` where it looks like one."""
    words = _WORD.findall(rejoin(surface))
    folded = [word.casefold().replace("ё", "е") for word in words]
    acronym = words[0] if len(words) == 1 and words[0].isupper() and len(words[0]) > 1 else ""
    return Form(
        " ".join(folded),
        frozenset(word[:STEM] for word in folded if len(word) > 1),
        "".join(word[0] for word in folded),
        acronym.casefold().replace("ё", "е"),
    )


def likeness(one: Form, other: Form) -> int:
    """One of the ``LIKENESSES`` kinds, symmetric in its arguments."""
    if one.folded == other.folded:
        return SAME
    if one.acronym and other.initials.startswith(one.acronym):
        return ACRONYM
    if other.acronym and one.initials.startswith(other.acronym):
        return ACRONYM
    shared = one.stems & other.stems
    if not shared:
        return DIFFERENT
    if one.stems == other.stems:
        return SAME_STEMS
    return CONTAINED if shared in (one.stems, other.stems) else SHARES_WORD
