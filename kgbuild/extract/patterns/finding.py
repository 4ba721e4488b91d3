"""What patterns find in a text."""

from __future__ import annotations

from dataclasses import dataclass

from kgbuild.types import Mention, Sentence


@dataclass(frozen=True, slots=True)
class Stated:
    """A relation and the pattern that found it: of kinship whose it says, and how it says who."""

    pattern: str
    relation: str
    subject: Mention
    object: Mention


@dataclass(frozen=True, slots=True)
class Findings:
    """What a text states; and of its sentences that have names and words of kinship the
    relations that may be meant but weren't read."""

    stated: tuple[Stated, ...] = ()
    unread: tuple[tuple[Sentence, frozenset[str]], ...] = ()
