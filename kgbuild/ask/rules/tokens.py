"""A question's tokens: words with their dictionary forms, quoted names, question words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from kgbuild.ask.rules.wordings import PEOPLE, PLACES, TIMES, wordings
from kgbuild.russian.folding import fold_yo
from kgbuild.russian.morphology import Reading, readings

_TOKEN = re.compile(
    # Quotations have a bound: a text of opening marks alone would be searched from each to its end.
    r"«[^»]{1,300}»|„[^“”]{1,300}[“”]|“[^”]{1,300}”|\"[^\"]{1,300}\"|[\w][\w.\-/']*|[^\w\s]"
)
_SLOT_WORDS = {
    "кто": "WHO",
    "кого": "WHOM",
    "кому": "WHOM",
    "кем": "WHOM",
    "ком": "WHOM",
    "что": "WHAT",
    "чего": "WHAT",
    "чему": "WHAT",
    "чем": "WHAT",
    "где": "WHERE",
    "куда": "WHERE",
    "откуда": "WHERE",
    "когда": "WHEN",
    "сколько": "COUNT",
    "почему": "WHY",
    "отчего": "WHY",
}
_WHICH = frozenset({"какой", "который", "каков", "каковой"})
_UNITS = frozenset(
    {"год", "лето", "месяц", "день", "час", "минута", "раз", "рубль", "доллар", "евро", "деньга"}
    | {"деньги", "миллион", "тысяча", "миллиард", "процент", "время", "средство"}
)
"""What «сколько» measures with, rather than counts."""
_FILLERS = frozenset(
    {"а", "бы", "в", "во", "ведь", "где", "год", "для", "до", "еще", "же", "за", "звать", "и", "из"}
    | {"имя", "ли", "на", "назвать", "называть", "называться", "о", "об", "он", "она", "от", "по"}
    | {"подсказать", "пожалуйста", "при", "про", "с", "сказать", "со", "такой", "то", "у", "это"}
    | {"быть", "как", "кто", "что", "являться", "к", "под", "над", "ну", "знать"}
    | {"известный", "знаменитый", "легендарный", "великий", "прославленный", "подлинный"}
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a quoted name of the question.

    ``slots`` are the question words that it can stand for; ``types`` the entity types that
    it asks for; ``noun`` marks the noun of «какой N» and of «сколько N», ``counted`` the
    word «сколько» before such a noun, ``spent`` what describes it («в каком старинном городе»).
    """

    text: str
    start: int
    end: int
    lemmas: frozenset[str]
    quoted: bool = False
    slots: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    noun: bool = False
    counted: bool = False
    spent: bool = False

    @property
    def named(self) -> bool:
        """Whether it looks like a part of a name: quoted, capitalised or a number."""
        return self.quoted or self.text[0].isupper() or self.text[0].isdigit()

    @property
    def filler(self) -> bool:
        """Whether a name can't begin or end with it."""
        if self.quoted or (self.named and self.start > 0):
            return False
        return bool(self.slots or self.noun or not self.text[0].isalnum() or self.lemmas & _FILLERS)

    def matches(self, element: frozenset[str]) -> bool:
        """Whether the token stands for an element of a wording."""
        if self.quoted:
            return False
        return bool(self.slots & element or self.lemmas & element)


def _lemmas(word: str, found: tuple[Reading, ...]) -> frozenset[str]:
    return frozenset({fold_yo(word.casefold())} | {fold_yo(reading.lemma) for reading in found})


def _agreed_cases(which: str, noun: str) -> frozenset[str]:
    """The cases in which «какой» and its noun agree."""
    forms = {(r.case, r.number) for r in readings(noun) if r.pos == "NOUN" and r.case}
    return frozenset(
        r.case for r in readings(which) if r.case and (not noun or (r.case, r.number) in forms)
    )


def _which_slots(
    types: frozenset[str], cases: frozenset[str], after_preposition: bool
) -> frozenset[str]:
    slots = {"WHAT"}
    if "nomn" in cases and not after_preposition:
        slots |= {"SUBJECT", "WHO"} if types & PEOPLE else {"SUBJECT"}
    if after_preposition or "nomn" not in cases:
        slots.add("OBLIQUE")
    if types & PEOPLE and cases - {"nomn"}:
        slots.add("WHOM")
    if types & PLACES and after_preposition:
        slots.add("WHERE")
    if types & TIMES and (after_preposition or "gent" in cases):
        slots.add("WHEN")
    return frozenset(slots)


def _slots_of(word: str, slot: str) -> frozenset[str]:
    if slot != "WHAT":
        return frozenset({slot})
    return frozenset({slot, "SUBJECT" if word == "что" else "OBLIQUE"})


def _plain(text: str, start: int, first: bool) -> Token:
    end = start + len(text)
    if text[0] in '«„“"':
        return Token(text, start, end, frozenset(), quoted=True)
    low = fold_yo(text.casefold())
    slot = _SLOT_WORDS.get(low)
    if slot is not None and (first or text[0].islower()):
        types = {"WHERE": PLACES, "WHEN": TIMES, "WHO": PEOPLE, "WHOM": PEOPLE}.get(slot)
        return Token(
            text,
            start,
            end,
            frozenset({low}),
            slots=_slots_of(low, slot),
            types=types or frozenset(),
        )
    lemmas = _lemmas(text, readings(text))
    slots = frozenset({"WHOSE"}) if "чей" in lemmas else frozenset()
    return Token(text, start, end, lemmas, slots=slots)


def _noun_after(tokens: list[Token], place: int) -> int | None:
    for later in range(place + 1, min(place + 4, len(tokens))):
        token = tokens[later]
        if token.named or any(reading.pos == "VERB" for reading in readings(token.text)[:1]):
            return None
        if any(reading.pos == "PREP" for reading in readings(token.text)[:1]):
            continue
        if any(reading.pos == "NOUN" for reading in readings(token.text)[:2]):
            return later
    return None


def _ask_which(tokens: list[Token]) -> list[Token]:
    """Give «какой N» the slots and types of its noun."""
    known = wordings().which
    result = list(tokens)
    for place, token in enumerate(tokens):
        counting = "COUNT" in token.slots
        one_of = place + 1 < len(tokens) and tokens[place + 1].text.casefold() == "из"
        choosing = "WHO" in token.slots and one_of
        if not counting and not choosing and not token.lemmas & _WHICH:
            continue
        noun_place = _noun_after(tokens, place)
        if counting and (noun_place != place + 1 or tokens[place + 1].lemmas & _UNITS):
            continue
        types: frozenset[str] = frozenset()
        noun = ""
        if noun_place is not None:
            result[noun_place] = replace(tokens[noun_place], noun=True)
            noun = tokens[noun_place].text
            for word in tokens[noun_place].lemmas:
                types |= known.get(word, frozenset())
            for between in range(place + 1, noun_place):
                result[between] = replace(tokens[between], spent=True)
        before = place > 0 and any(r.pos == "PREP" for r in readings(tokens[place - 1].text)[:1])
        if choosing:
            slots, types = token.slots, token.types
        elif counting:
            slots = frozenset(
                {"WHAT", "SUBJECT", "OBLIQUE", *(["WHO", "WHOM"] * bool(types & PEOPLE))}
            )
        else:
            slots = _which_slots(types, _agreed_cases(token.text, "" if one_of else noun), before)
        result[place] = replace(token, slots=slots, types=types, counted=counting)
    return result


def tokenize(question: str) -> tuple[Token, ...]:
    """The tokens of a question, in order, without punctuation."""
    found = [
        _plain(match[0], match.start(), place == 0)
        for place, match in enumerate(_TOKEN.finditer(question))
    ]
    return tuple(_ask_which([token for token in found if token.quoted or token.text[0].isalnum()]))
