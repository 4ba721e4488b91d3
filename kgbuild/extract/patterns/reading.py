"""A text and its mentions → what patterns read in it, sentence by sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kgbuild.extract.patterns.clause import Clause
from kgbuild.extract.patterns.finding import Findings, Stated
from kgbuild.extract.patterns.kinship import KinshipReader
from kgbuild.extract.patterns.life import stated_lives
from kgbuild.extract.patterns.page import KIN_WORD, Page
from kgbuild.types import Mention

_LIFE_WORD = re.compile(r"(?i)\b(?:родил|умер|скончал|погиб|застрелил|повесил|утону)")


def stated_in(text: str, mentions: Sequence[Mention]) -> Findings:
    """What the sentences of a text state in so many words of what is mentioned in it."""
    if KIN_WORD.search(text) is None and _LIFE_WORD.search(text) is None:
        return Findings()
    page = Page(text, mentions)
    found: dict[tuple[str, Mention, Mention], Stated] = {}
    unread = []
    for number, sentence in enumerate(page.sentences):
        span = sentence.start, sentence.end
        kin = page.names_in(number) and KIN_WORD.search(text, *span)
        life = _LIFE_WORD.search(text, *span)
        if not kin and not life:
            continue
        clause = Clause(page, number)
        stated = list(stated_lives(clause)) if life else []
        if kin:
            reader = KinshipReader(clause)
            stated += reader.stated()
            if reader.has_kin:
                unread.append((sentence, frozenset(reader.unread)))
        for one in stated:
            found.setdefault((one.relation, one.subject, one.object), one)
    return Findings(tuple(found.values()), tuple(unread))
