"""The versions of resolution's rules, said: raise one in the commit that changes an answer.

``tests/resolve/test_golden.py`` holds what each version answers, and fails where an answer
changes and its number doesn't. A graph that another version made is brought up to date by
``kgbuild reprocess``, without a model. Graphs of before 0012 carry a hash of the rules' source
in the number's place: no number equals it, so they count as made by another version, once.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

NORMALIZER = 12
"""Of the names that mentions get and of the nodes that documents make of them."""

LINKER = 11
"""Of the rules that say which nodes are one entity; the scorer's weights are named beside it."""

KNOWN_ALIAS = 3
"""Of the rule that joins the names that a register gives one entry."""


@cache
def dictionary() -> str:
    """The version of the dictionary that names are read by."""
    return version("pymorphy3-dicts-ru")
