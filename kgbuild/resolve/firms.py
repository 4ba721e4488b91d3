"""Organisations of one name in a document, told apart by their legal forms.

«ООО «Ромашкино» заключило договор с ЗАО «Ромашкино»» speaks of two firms: one sentence gives
one name two forms, and says nothing of a change from one to the other. Forms in different
sentences, or in different documents, don't part a name: firms are reorganised, and writers err.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from kgbuild.read.sentences import split_sentences
from kgbuild.russian.legal import legal_form
from kgbuild.types import Mention

_CHANGE = re.compile(
    r"(?i)\b(?:преобраз|реорганиз|переименов|перерегистр|правопреем|прежн|бывш|ранее|смени)"
)


@dataclass(frozen=True, slots=True)
class Firms:
    """The legal forms of a document's organisations; ``parted`` are the names of several."""

    of_mention: Mapping[Mention, str] = field(default_factory=dict)
    of_name: Mapping[str, frozenset[str]] = field(default_factory=dict)
    parted: frozenset[str] = frozenset()

    def known_by(self, mention: Mention, key: str) -> str:
        """What a mention's node is known by: firms of one name get nodes of their own."""
        form = self.of_mention.get(mention, "")
        return f"{key}\0{form}" if form and key in self.parted else key

    def forms(self, mention: Mention, key: str) -> frozenset[str]:
        """The legal forms that the document gives the bearer of a mention's name."""
        if key not in self.parted:
            return self.of_name.get(key, frozenset())
        return frozenset({self.of_mention.get(mention, "")} - {""})


def firms_of(text: str, keys: Mapping[Mention, str]) -> Firms:
    """The legal forms of the organisations that a document mentions; ``keys`` are what their
    names are compared by."""
    of_mention = {
        mention: form for mention in keys if (form := legal_form(text, mention.start, mention.end))
    }
    of_name: dict[str, set[str]] = defaultdict(set)
    for mention, form in of_mention.items():
        of_name[keys[mention]].add(form)
    several = {key for key, forms in of_name.items() if len(forms) > 1}
    found = {key: frozenset(forms) for key, forms in of_name.items()}
    parted = _parted(text, {m: keys[m] for m in of_mention if keys[m] in several}, of_mention)
    return Firms(of_mention, found, parted)


def _parted(text: str, keys: Mapping[Mention, str], forms: Mapping[Mention, str]) -> frozenset[str]:
    """The names to which one sentence gives two forms."""
    if not keys:
        return frozenset()
    sentences = split_sentences(text)
    starts = [sentence.start for sentence in sentences]
    said: dict[tuple[int, str], set[str]] = defaultdict(set)
    for mention, key in keys.items():
        said[max(0, bisect_right(starts, mention.start) - 1), key].add(forms[mention])
    return frozenset(
        key
        for (place, key), found in said.items()
        if len(found) > 1 and not _CHANGE.search(text, sentences[place].start, sentences[place].end)
    )
