"""A question about one entity for certain: of an earlier answer («где он родился?»), or of
several that bear the name in it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kgbuild.ask.link import ID
from kgbuild.ask.plan import (
    Anchor,
    Compare,
    Connect,
    Count,
    Lookup,
    Plan,
    Several,
    Unanswerable,
    Verify,
)
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


def asked_meaning(question: str, plan: Plan | Several, entity: str) -> str:
    """The question with an entity's id in the place of the name that can mean it.

    ``plan`` is the question's own. Where none of its names can mean the entity, the id comes
    in as :func:`asked_about` has it.
    """
    for anchor in _anchors(plan):
        at = question.casefold().find(anchor.text.casefold())
        if at >= 0 and any(known.id == entity for known in anchor.entities):
            return question[:at] + entity + question[at + len(anchor.text) :]
    return asked_about(question, entity)


def _anchors(plan: Plan | Several | Anchor) -> Iterator[Anchor]:
    match plan:
        case Anchor():
            yield plan
        case Count():
            yield from _anchors(plan.lookup)
        case Lookup():
            for branch in plan.branches:
                for source in branch.sources:
                    yield from _anchors(source)
        case Several():
            for _, one in plan.plans:
                yield from _anchors(one)
        case Verify() | Connect() | Compare():
            yield from (plan.one, plan.other)
        case Unanswerable():
            return
