"""A question about one entity for certain: of an earlier answer («где он родился?»), or of
several that bear the name in it."""

from __future__ import annotations

import re

from kgbuild.ask.link import ID
from kgbuild.russian.morphology import readings

_POSSESSIVE = re.compile(r"\b(?:его|её|ее|их)\s+([а-яё-]+)\b", re.IGNORECASE)
_PRONOUN = re.compile(
    r"\b(?:он|она|оно|они|его|её|ее|ему|ей|им|ими|них|него|неё|нее|нему|ней|нём|нем|ним|ними"
    r"|нею|ею|их|этот|эта|это|эти|там)\b",
    re.IGNORECASE,
)


def asked_about(question: str, entity: str) -> str:
    """The question with an entity's id in the place of its pronoun, or at its end.

    A question that holds an id is left as it is.

    >>> asked_about("Где родилась его жена?", "E0123456789abcdef")
    'Где родилась жена E0123456789abcdef?'
    """
    if ID.search(question):
        return question
    owned = _POSSESSIVE.search(question)
    if owned is not None and any(r.pos == "NOUN" for r in readings(owned[1])[:2]):
        return f"{question[: owned.start()]}{owned[1]} {entity}{question[owned.end() :]}"
    pronoun = _PRONOUN.search(question)
    if pronoun is not None:
        return f"{question[: pronoun.start()]}{entity}{question[pronoun.end() :]}"
    bare = question.rstrip("?!. ")
    return f"{bare} {entity}{question[len(bare) :]}"
