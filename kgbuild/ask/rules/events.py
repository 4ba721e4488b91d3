"""«Когда Иван Орлов подписал указ?»: the time and place of what somebody did.

The graph holds what happened as events of their own, so such a question takes two hops:
from the one who acted to the event that the verb names, and from it to its time or place.
"""

from __future__ import annotations

from kgbuild.ask.link import EntityLookup
from kgbuild.ask.rules.plan import Branch, Lookup, Wants
from kgbuild.ask.rules.question import RelationAsked
from kgbuild.ask.rules.shapes import names_in
from kgbuild.ask.rules.tokens import tokenize
from kgbuild.ask.rules.wordings import PLACES, TIMES, wordings
from kgbuild.russian.folding import fold_yo
from kgbuild.russian.morphology import readings

_TAKING_PART = ("AGENT", "PARTICIPANT_IN", "INANIMATE_INVOLVED")
_ASKED = {"WHEN": ("POINT_IN_TIME", TIMES), "WHERE": ("TAKES_PLACE_IN", PLACES)}


def event_lookup(question: str, linker: EntityLookup) -> Lookup | None:
    """The two hops; None where the question isn't «когда» or «где» about a known name."""
    found = tokenize(question)
    slots = {slot for token in found for slot in token.slots}
    asked = next((_ASKED[slot] for slot in _ASKED if slot in slots), None)
    verbs = frozenset(
        fold_yo(reading.lemma)
        for token in found
        if not token.named
        for reading in readings(token.text)[:1]
        if reading.pos in ("VERB", "PRTS", "INFN") and reading.lemma not in ("быть", "мочь")
    )
    kin = any(token.lemmas & wordings().genders.keys() for token in found if not token.named)
    names = names_in(question, found, linker) if asked and verbs and not kin else []
    if asked is None or not names:
        return None
    name = names[0][2]
    acts = tuple(
        Branch(RelationAsked(relation, False, (name.text,)), Wants(noun=verbs), (name,))
        for relation in _TAKING_PART
    )
    relation, types = asked
    return Lookup(
        (Branch(RelationAsked(relation, False, (name.text,)), Wants(types), (Lookup(acts),)),)
    )
