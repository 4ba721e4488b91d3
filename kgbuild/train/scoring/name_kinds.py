"""People's names against their lemmas, by gender, case and writing order."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from kgbuild.russian.folding import fold
from kgbuild.russian.person import parse_person, person_readings, written_parts
from kgbuild.train.corpora.slavicner import NamedDocument, NamedMention
from kgbuild.train.resolution import Namer, NameScore, same_name

_INITIAL = re.compile(r"[A-ZА-ЯЁ]\.")
_CASES = {
    "nomn": "nominative",
    "gent": "genitive",
    "datv": "dative",
    "accs": "accusative",
    "ablt": "instrumental",
    "loct": "locative",
}
_GENDERS = {"masc": "men", "femn": "women"}
UNCLEAR = "unclear"


def name_kinds(mention: NamedMention) -> tuple[str, str, str]:
    """The gender of a person's lemma, the case in which it would be written as it is, and the
    order of the words there; ``UNCLEAR`` where the form doesn't say."""
    lemma = parse_person(mention.lemma, nominative=True)
    gender = _GENDERS.get(lemma.gender or "", UNCLEAR)
    return f"gender: {gender}", f"case: {_case(mention)}", f"order: {_order(mention.surface)}"


def _case(mention: NamedMention) -> str:
    if same_name(mention.surface, mention.lemma):
        return _CASES["nomn"]
    wanted = fold(mention.lemma)
    fitting = [r for r in person_readings(mention.surface) if fold(r.canonical) == wanted]
    best = max(fitting, key=lambda reading: reading.weight, default=None)
    return UNCLEAR if best is None else _CASES.get(best.case, UNCLEAR)


def _order(surface: str) -> str:
    parts = written_parts(surface)
    initials = [_INITIAL.fullmatch(part) is not None for part in parts]
    if any(initials):
        return "initials first" if initials[0] else "initials behind"
    if len(parts) < 2:
        return "one word"
    person = parse_person(surface)
    first = person.canonical.split()[0]
    return "first name first" if parse_person(parts[0]).canonical == first else "surname first"


def score_by_kind(documents: Sequence[NamedDocument], namer: Namer) -> dict[str, NameScore]:
    """People's names of documents by :func:`name_kinds`, each kind's in the order of its name."""
    found: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for document in documents:
        for named, name in zip(document.mentions, namer(document), strict=True):
            if named.mention.type != "PERSON":
                continue
            hit, changed = same_name(name, named.lemma), not same_name(named.surface, named.lemma)
            for kind in name_kinds(named):
                for place, one in enumerate((hit, True, hit and changed, changed)):
                    found[kind][place] += one
    return {kind: NameScore(*found[kind]) for kind in sorted(found)}
