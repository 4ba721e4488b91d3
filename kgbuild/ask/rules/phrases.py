"""Phrases of a question, taken apart by their words alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kgbuild.ask.rules.tokens import tokenize
from kgbuild.russian.morphology import lemma, readings

_KINSHIP = {
    "дед": "отец родителя",
    "дедушка": "отец родителя",
    "бабушка": "мать родителя",
    "внук": "сын ребенка",
    "внучка": "дочь ребенка",
    "тесть": "отец жены",
    "теща": "мать жены",
    "свекор": "отец мужа",
    "свекровь": "мать мужа",
    "зять": "муж дочери",
    "невестка": "жена сына",
    "сноха": "жена сына",
    "дядя": "брат родителя",
    "тетя": "сестра родителя",
    "тетка": "сестра родителя",
    "племянник": "сын брата",
    "племянница": "дочь брата",
    "сват": "родитель супруга",
}
"""Kinship that two relations make."""

_WORD = re.compile(r"[А-Яа-яЁё-]+")
_CLAUSE = re.compile(
    r",\s+(?:(?P<where>где|откуда|куда)|(?:(?P<prep>в|во|на|из|с|со|о|об|к|от|за)\s*)?котор\w+)\s+"
)


@dataclass(frozen=True, slots=True)
class Role:
    """«Главный редактор „Маяка“»: dictionary forms of the nouns, and the name after them."""

    nouns: frozenset[str]
    name: str


def split_role(text: str) -> Role | None:
    """Common nouns before a proper name; None where there is no such pair."""
    found = tokenize(text)
    first = next((i for i, token in enumerate(found) if token.named), None)
    if not first:
        return None
    nouns = [t for t in found[:first] if readings(t.text) and readings(t.text)[0].pos == "NOUN"]
    if not nouns:
        return None
    return Role(frozenset({lemma(nouns[0].text)}), text[found[first].start :])


def unfold_kinship(text: str) -> str:
    """«Дедушка Алсу» as «отец родителя Алсу»."""

    def unfolded(match: re.Match[str]) -> str:
        word = match[0]
        return _KINSHIP.get(lemma(word), word) if word[0].islower() else word

    return _WORD.sub(unfolded, text)


@dataclass(frozen=True, slots=True)
class Clause:
    """«В какой стране город, где стоит Маяк?»: ``outer`` is the question with ``MARK`` in
    the place of «город», ``inner`` asks for it: «в каком город стоит Маяк»."""

    outer: str
    inner: str


MARK = "«#»"
"""Stands for the answers of the inner question."""


def split_clause(question: str) -> Clause | None:
    """A relative clause and what it describes; None where there is none."""
    match = _CLAUSE.search(question)
    if match is None:
        return None
    head = question[: match.start()].rstrip()
    noun = head.rpartition(" ")[2]
    if not any(reading.pos == "NOUN" for reading in readings(noun)[:2]):
        return None
    rest = question[match.end() :].rstrip("?!. ")
    inner = f"в каком {noun} {rest}" if match["where"] or match["prep"] else f"какой {noun} {rest}"
    return Clause(f"{head[: len(head) - len(noun)]}{MARK}?", inner)
