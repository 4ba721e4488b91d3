"""Names of people: the nominative of a whole name, its gender and its parts.

The words of a name agree, so they are read together: each hypothesis (case, gender,
number) is scored by the product of the words' readings under it, and the best one
says how to inflect every word. «Терезы Мэй» is thus feminine, and «Мэй» stays.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import prod

from kgbuild.read.breaks import rejoin
from kgbuild.russian.folding import fold, is_cyrillic, tidy, tokens
from kgbuild.russian.given import (
    full_names,
    given_forms,
    is_spoken_patronymic,
    patronymic_of,
)
from kgbuild.russian.hypotheses import (
    Hypothesis,
    best_form,
    hypotheses,
    is_of_gender,
    personal_readings,
)
from kgbuild.russian.morphology import (
    CONSONANTS,
    NameReading,
    dictionary_readings,
    lemma,
    readings,
    respell,
)
from kgbuild.russian.romanised import is_latin

_INITIAL = re.compile(r"[A-ZА-ЯЁ]\.")
_CUT_INITIAL = re.compile(r"\s[A-ZА-ЯЁ]$")
_NUMERAL = re.compile(r"[IVXLC]+")
_GLUED_INITIALS = re.compile(r"(?<=[A-ZА-ЯЁ]\.)(?=[A-ZА-ЯЁ])")
_SHORT_STAYS = 0.1
_WHOLE_NAME = 1.5
"""How much likelier than its words taken each alone a woman's first name and surname are in
the nominative; else two cases of a man's name, added up, outweigh it."""
_PARTICLES = frozenset(
    {"аль", "бен", "бин", "ван", "да", "де", "дель", "дер", "ди", "ибн", "ла", "ле", "фон", "эль"}
)
_HONORIFICS = frozenset(
    {"герр", "госпожа", "господин", "г-жа", "г-н", "гражданин", "гражданка", "мадам", "миссис",
     "мисс", "мистер", "мсье", "сеньор", "сеньора", "сэр", "тов", "товарищ", "фрау"}
)  # fmt: skip
"""Words of courtesy before any name."""
_BESIDE = re.compile(r"(?<=\w)\s*\([^()]*\)\s*(?=\w)|^ИП\s+(?=\w)")
"""Another surname in brackets inside a name: «Боброва (Орлова) Анна»; that somebody is a firm."""
_HARD_SIGN = re.compile(r"(?<=[бвгджзклмнпрстфхцчшщ])[ъЪ](?!\w)", re.IGNORECASE)
_BEFORE_REFORM = re.compile(
    r"[ѣѢѳѲѵѴ]|[бвгджзклмнпрстфхцчшщ]ъ(?!\w)|[іi](?=[аеийоуюя])", re.IGNORECASE
)
_REFORM = str.maketrans("ѣѢіІѳѲѵѴ", "еЕиИфФиИ")
_STYLES = frozenset({"баба", "бабушка", "дед", "дедушка", "дядя", "тетя", "мама", "папа"})
_SENIORITY = frozenset({"младший", "отец", "старший", "сын"})
_GENERATION = re.compile(
    r"\s+(?:\(((?:отец|отц|сын|млад|стар)\w*)\)|[—–-]\s+(отец|сын)\s*$)", re.MULTILINE
)
_PATRONYMIC = re.compile(r"(ович|евич|ьич|овна|евна|инична|ична)$")
_ONLY_PATRONYMIC = re.compile(r"(?:[аиэ]евич|овна|евна|инична)$")
"""Endings of patronymics that surnames hardly have, of fathers whom nobody knows too."""
_FAMILY = re.compile(r"(?<=\w\w)(?:[ое]ва?|енко|[сц]к(?:ий|ая))$")
_MAYBE_FAMILY = re.compile(r"(?:[иы]на?|ко|их|ых)$")
_OF_EITHER = re.compile(r"[бвгджзйклмнпрстфхцчшщьъ]$")
_OF_ONE = re.compile(r"(?:[оеё]в|[иы]н|[иыо]й)$")
_VOWEL = re.compile(r"[аеиоуыэюя]")
_INITIALED = 2.5
"""How much likelier a woman's name with initials is in the nominative than its surname alone
says: registers write «Соколова И. П.», and two cases of Соколов would outweigh it."""


@dataclass(frozen=True, slots=True)
class PersonName:
    """A person's name in the nominative.

    ``gender`` is masc or femn, or None where the form doesn't decide. ``given`` are first
    names and initials, ``surname`` the family name, "" where there is none; all folded.
    ``alternatives`` are the (nominative, gender) that a lone word may stand for: the form
    «Менделеева» is Менделеев's genitive and Менделеева's nominative. ``others`` are the other
    names that the form of several words allows for: «И. П. Соколова» is Соколов's too.
    """

    canonical: str
    gender: str | None
    given: tuple[str, ...]
    patronymic: str
    surname: str
    alternatives: frozenset[tuple[str, str]] = frozenset()
    others: tuple[PersonName, ...] = ()

    @property
    def names(self) -> tuple[PersonName, ...]:
        """The name and what else its form allows for."""
        return (self, *self.others)

    @property
    def is_cut(self) -> bool:
        """Whether the surname is an initial: «Зоя Э.»."""
        return len(self.surname) == 1

    @property
    def seniority(self) -> str:
        """Which of two namesakes is meant: «сын» of Дюма-сын; "" where the name doesn't say."""
        last = re.split("[- ]", self.surname)[-1]
        return last if last in _SENIORITY and last != self.surname else ""

    @property
    def family(self) -> str:
        """The surname without the seniority."""
        return self.surname.removesuffix(self.seniority).rstrip("- ")


def written_name(text: str, start: int, end: int) -> str:
    """A person's name as it stands in a text, with what behind it says whether the father or
    the son is meant: «Александра Дюма (отца)» → «Александра Дюма-отца»."""
    name = rejoin(text[start:end])
    if text[end : end + 1] == "." and _CUT_INITIAL.search(name):
        name += "."  # a mention that ends before its last full stop: «Янтарёв М. Ф»
    found = _GENERATION.match(text, end)
    if found is None or "-" in name.rsplit(maxsplit=1)[-1]:
        return name
    return f"{name}-{found[1] or found[2]}"


def _pieces(token: str) -> list[str]:
    """A token's hyphened parts, or the token alone where the dictionary knows it whole."""
    if "-" in token and not any(reading.known for reading in readings(token)):
        return token.split("-")
    return [token]


def _declines(piece: str) -> bool:
    if _INITIAL.match(piece) or not is_cyrillic(piece) or len(piece) < 2:
        return False
    if piece.casefold() in _PARTICLES:
        return False
    return piece[0].isupper() or lemma(piece) in _SENIORITY


@dataclass(frozen=True, slots=True)
class _Scored:
    score: float
    hypothesis: Hypothesis
    form: tuple[str, ...]


def _is_womans(word: str) -> bool:
    """Whether the dictionary knows the word as a woman's first name."""
    return any(
        {"Name", "femn"} <= r.marks and r.known and r.fits("nomn", "femn", "sing")
        for r in personal_readings(word)
    )


def _place(number: int, count: int) -> str:
    """Which of several words a word is."""
    if count < 2:
        return ""
    return "first" if not number else "last" if number == count - 1 else ""


def _score(words: list[tuple[str, float]], plural: float, initialed: bool = False) -> list[_Scored]:
    scored = []
    womanly = len(words) > 1 and _is_womans(words[0][0])
    for hypothesis in hypotheses(plural):
        options = [
            best_form(word, hypothesis, fallback, _place(number, len(words)))
            for number, (word, fallback) in enumerate(words)
        ]
        score = hypothesis.prior * prod(weight for weight, _ in options)
        if hypothesis.case == "nomn" and hypothesis.gender == "femn" and womanly:
            score *= _WHOLE_NAME
        if hypothesis.case == "nomn" and hypothesis.gender == "femn" and initialed:
            score *= _INITIALED
        scored.append(_Scored(score, hypothesis, tuple(nominative for _, nominative in options)))
    return scored


def _choose(scored: list[_Scored], written: tuple[str, ...]) -> _Scored:
    """The best hypothesis.

    Hypotheses of one gender that lead to one nominative add up: «Лермонтова» is a genitive
    and an accusative of one name before it is the nominative of another.
    """
    likelihood: dict[tuple[str, tuple[str, ...]], float] = defaultdict(float)
    for item in scored:
        key = (item.hypothesis.gender, item.form)
        together = item.score + likelihood[key]
        likelihood[key] = together if item.form != written else max(item.score, likelihood[key])
    _, form = max(likelihood, key=lambda key: likelihood[key])
    return max((item for item in scored if item.form == form), key=lambda item: item.score)


def _leave(piece: str, first_piece: bool, last_word: bool) -> float:
    """The weight of leaving a word as it is.

    «Жан-Поля» has a first half that stays, «Ким Чен Ына» two short words that do.
    """
    if first_piece:
        return 0.1 if piece[-1:] in tuple(CONSONANTS) else 0.005
    if last_word:
        return 1e-4
    return _SHORT_STAYS if len(piece) < 4 and piece[-1:] in tuple(CONSONANTS) else 1e-3


def _fallbacks(parts: list[str]) -> list[list[tuple[str, float]]]:
    """Each part's hyphened pieces with the weight of leaving the piece as it is."""
    return [
        [
            (piece, _leave(piece, place + 1 < len(group), part is parts[-1]))
            for place, piece in enumerate(group)
        ]
        for part, group in zip(parts, map(_pieces, parts), strict=True)
    ]


def _alternatives(scored: list[_Scored], chosen: _Scored) -> frozenset[tuple[str, str]]:
    """The nominatives and genders that a lone word may well stand for."""
    return frozenset(
        (fold("-".join(item.form)), item.hypothesis.gender)
        for item in scored
        if item.score >= chosen.score * 0.1
        and item.hypothesis.number == "sing"
        and is_of_gender(item.form[-1], item.hypothesis.gender)
    ) or frozenset({(fold("-".join(chosen.form)), chosen.hypothesis.gender)})


def _scored(
    words: list[tuple[str, float]], parts: list[str], family: bool, nominative: bool = False
) -> list[_Scored]:
    initialed = not nominative and len(words) == 1 and any(map(_INITIAL.match, parts))
    return _score(words, 0.9 if family else 0.05 if len(parts) == 1 else 0.005, initialed)


def _spelt(groups: list[list[tuple[str, float]]], form: tuple[str, ...]) -> list[str]:
    """The parts of the name with its declined pieces in these forms."""
    forms = iter(form)
    return [
        "-".join(respell(piece, next(forms)) if _declines(piece) else piece for piece, _ in group)
        for group in groups
    ]


def written_parts(surface: str) -> list[str]:
    """The words of a person's name: initials parted, no commas between its words, and words in
    capitals in their normal case («КАРЕТНИКОВ В. А.», «Шабельников, Виктор Тимофеевич»)."""
    parts = tokens(_GLUED_INITIALS.sub(" ", tidy(_BESIDE.sub(" ", _reformed(surface)))))
    if len(parts) > 1 and parts[0].endswith(",") and is_latin(fold(parts[0])):
        parts = [*parts[1:], parts[0]]  # «DUGAROV, Bair»: the surname first
    parts = [part.strip(",;") for part in parts]
    if any(surface.count(one) != surface.count(other) for one, other in ("()", "[]")):
        parts = [part.strip("()[]") for part in parts if part.strip("()[]")] or parts
    return [_in_normal_case(part, len(parts)) for part in parts if part]


def _reformed(surface: str) -> str:
    """A name in the spelling of before 1918 in today's: «Никаноръ», «Василій», «Матвѣй»."""
    if _BEFORE_REFORM.search(surface) is None:
        return surface
    return _HARD_SIGN.sub("", surface).translate(_REFORM)


def _in_normal_case(part: str, words: int) -> str:
    letters = [c for c in part if c.isalpha()]
    if _NUMERAL.fullmatch(part):
        return part
    if len(letters) < 2 or not all(c.isupper() for c in letters) or "." in part:
        return part
    if words == 1 and len(letters) < 5 and not given_forms(part.title()):
        return part  # an abbreviation, not a name in capitals
    return "-".join(piece.title() for piece in part.split("-"))


@lru_cache(maxsize=16384)
def person_readings(surface: str, family: bool = False) -> tuple[NameReading, ...]:
    """Every nominative that a person's name may have, with the case it is then in.

    Readings of one nominative speak for one another (``summed``), but those that leave the
    name as it is written are one reading in several cases.
    """
    parts = written_parts(surface)
    groups = _fallbacks(parts)
    words = [item for group in groups for item in group if _declines(item[0])]
    if not words:
        return (NameReading(_assemble(parts, None).canonical, "", 1.0),)
    written = tuple(word.casefold() for word, _ in words)
    spelt: dict[tuple[str, ...], str] = {}
    found = []
    for item in _scored(words, parts, family):
        if item.form not in spelt:
            spelt[item.form] = _assemble(_spelt(groups, item.form), None).canonical
        hypothesis = item.hypothesis
        group = f"{hypothesis.gender} {hypothesis.number == 'plur'}"
        found.append(
            NameReading(spelt[item.form], hypothesis.case, item.score, group, item.form != written)
        )
    return tuple(found)


@lru_cache(maxsize=16384)
def parse_person(surface: str, family: bool = False, nominative: bool = False) -> PersonName:
    """Read a person's name in any case.

    With ``family`` a plural is as likely as a singular; with ``nominative`` the name is
    canonical already, so only that case is considered.
    """
    parts = written_parts(surface)
    groups = _fallbacks(parts)
    words = [item for group in groups for item in group if _declines(item[0])]
    if not words:
        return _assemble(parts, None)
    scored = _scored(words, parts, family, nominative)
    if nominative:
        scored = [item for item in scored if item.hypothesis.case == "nomn"]
    chosen = _choose(scored, tuple(word.casefold() for word, _ in words))
    hypothesis = chosen.hypothesis
    changed = _spelt(groups, chosen.form)
    other = max(item.score for item in scored if item.hypothesis.gender != hypothesis.gender)
    decided = chosen.score > 1.5 * other and hypothesis.number == "sing"
    name = _assemble(changed, hypothesis.gender if decided else None)
    if changed == parts and _is_of_either(name):
        name = replace(name, gender=None)
    if len(parts) > 1 or name.patronymic:
        return name
    alternatives = _alternatives(scored, chosen)
    genders = {gender for _, gender in alternatives}
    gender = next(iter(genders)) if len(genders) == 1 else None
    return replace(name, gender=gender, alternatives=alternatives)


def _is_of_either(name: PersonName) -> bool:
    """Whether a name of initials and a surname may be a man's and a woman's as it stands: «В. С.
    Цой», «Ким А. Р.», but «В. С. Зуев»."""
    initials = bool(name.given) and all(len(part.rstrip(".")) == 1 for part in name.given)
    if not initials or name.patronymic:
        return False
    russian = _OF_ONE.search(name.surname) and _VOWEL.search(name.surname[:-2])
    return bool(_OF_EITHER.search(name.surname)) and not russian


def person_of(options: Sequence[tuple[str, str | None]]) -> PersonName:
    """A person by the nominatives, with gender, that a name may have, likeliest first."""
    canonical, gender = options[0]
    parts = written_parts(canonical)
    genders = {of for name, of in options if name == canonical}
    name = _assemble(parts, gender if len(genders) == 1 else None)
    if len(parts) > 1:
        rest = [(c, g) for c, g in options if c != canonical]
        others = tuple(_assemble(written_parts(c), g) for c, g in rest[:4])
        return replace(name, others=(*others, *_turned(name)))
    alternatives = frozenset((fold(c), g) for c, g in options if g is not None)
    if not name.patronymic:
        name = replace(name, alternatives=alternatives)
    found = {of for _, of in options}
    return replace(name, gender=next(iter(found)) if len(found) == 1 else None)


def _turned(name: PersonName) -> tuple[PersonName, ...]:
    """A name of two words in the other order, where no ending and no list says which of them is the
    surname: «Пеккарайнен Тойво»."""
    given, surname = name.canonical.partition(" ")[::2]
    two = surname and " " not in surname and not name.patronymic and len(name.given) == 1
    if not two or not is_cyrillic(given) or len(given.rstrip(".")) < 2 or len(surname) < 3:
        return ()
    if _is_given(given) or _FAMILY.search(fold(surname)) or _MAYBE_FAMILY.search(fold(surname)):
        return ()
    return (PersonName(f"{surname} {given}", name.gender, (fold(surname),), "", fold(given)),)


def _is_given(word: str) -> bool:
    if full_names(fold(word)):
        return True
    return any(
        "Name" in r.marks and r.case == "nomn" and r.known for r in personal_readings(word)[:4]
    )


def _is_patronymic(parts: list[str], place: int) -> bool:
    """Whether the word is a patronymic; at a name's end «Рабинович» may be a surname."""
    word = parts[place]
    if is_spoken_patronymic(fold(word)):
        return True
    if _PATRONYMIC.search(word.casefold()) is None:
        return False
    last = place + 1 == len(parts)
    if _ONLY_PATRONYMIC.search(word.casefold()):
        return True
    if not last or any("Patr" in r.marks and r.known for r in readings(word)):
        return True
    return len(parts) == 2 and _is_given(parts[0]) and _is_mans_name(patronymic_of(fold(word)))


def _is_mans_name(stem: str) -> bool:
    """Whether a patronymic's stem is a man's first name: «хачатур» of «Хачатурович», and no
    «мицк» of «Мицкевич»."""
    forms = (stem, f"{stem}а", f"{stem}й", f"{stem}ь") if len(stem) > 2 else ()
    return any(
        {"Name", "masc", "nomn"} <= r.marks and r.known
        for form in forms
        for r in dictionary_readings(form.title())
    )


def _is_surname_first(parts: list[str]) -> bool:
    """«Осипова Галина», «Осипова Галина Львовна», «Осипова Галина Л.»: a surname, a first name,
    and what may follow it. Behind a word between them a patronymic says so of a first name that
    nobody knows: «Пасько Юхим Демьянович»."""
    if len(parts) == 3 and _is_named_by_father(parts):
        return True
    if len(parts) == 3 and not (_ends_as_fathers(parts[2]) or _INITIAL.fullmatch(parts[2])):
        return False
    if len(parts) not in (2, 3) or not _is_given(parts[1]) or _INITIAL.match(parts[0]):
        return len(parts) == 2 and _is_surname_by_ending(parts)
    if fold(parts[0]) in _STYLES or fold(parts[1]) in _STYLES:
        return False
    if len(parts) == 3:
        return not _ends_as_fathers(parts[1])
    table = bool(full_names(fold(parts[1]))) and not full_names(fold(parts[0]))
    found = readings(parts[0])
    return table and not any({"Name", "nomn"} <= r.marks and r.known for r in found)


def _ends_as_fathers(word: str) -> bool:
    """Whether a word has a patronymic's ending, or is made of a man's name in -а: «Никитич»."""
    low = fold(word)
    return _PATRONYMIC.search(low) is not None or is_spoken_patronymic(low)


def _is_surname_by_ending(parts: list[str]) -> bool:
    """Whether of two words only the first has an ending that surnames alone have, and neither is
    a known first name: «Насунов Гаря»."""
    if any(map(_INITIAL.match, parts)) or _ends_as_fathers(parts[1]):
        return False
    first, last = (_FAMILY.search(fold(part)) is not None for part in parts)
    last = last or _MAYBE_FAMILY.search(fold(parts[1])) is not None
    return first and not last and is_cyrillic(parts[1]) and not _is_given(parts[0])


def _is_named_by_father(parts: list[str]) -> bool:
    """Whether three words end in a patronymic, and the first is no first name."""
    father = _ends_as_fathers(parts[2])
    inner = any(_INITIAL.match(p) or _ends_as_fathers(p) for p in parts[:2])
    named = _is_given(parts[0]) or fold(parts[0]) in _STYLES
    return father and not inner and not named


def _ordered(parts: list[str]) -> list[str]:
    """First name, patronymic, surname, from whichever order they were written in."""
    if _is_surname_first(parts):
        return [*parts[1:], parts[0]]
    initials = [_INITIAL.fullmatch(part) is not None for part in parts]
    short = len(parts) == 2 and _is_given(parts[0])  # «Тася К.»
    if len(parts) > 1 and not initials[0] and all(initials[1:]) and not short:
        return [*parts[1:], parts[0]]
    return parts


def _is_style(parts: list[str]) -> bool:
    """Whether a name begins with a word of courtesy, or of kin before a first name."""
    first = fold(parts[0]).rstrip(".")
    first = lemma(first) if parts[0].islower() and first not in _HONORIFICS else first
    if first in _HONORIFICS:
        return True
    return first in _STYLES and (len(parts) > 2 or bool(full_names(fold(parts[1]))))


def _is_lone_patronymic(word: str) -> bool:
    """«Степаныч», «Петрович»: a patronymic of a name of the table, which no surname is."""
    folded = fold(word)
    if is_spoken_patronymic(folded):
        return True
    found = readings(word)
    return bool(found) and found[0].known and "Patr" in found[0].marks


def _assemble(parts: list[str], gender: str | None) -> PersonName:
    """Put a nominative name's parts in order and tell them apart."""
    first = 1 if len(parts) > 2 and _is_style(parts) else 0
    parts = [*parts[:first], *_ordered(parts[first:])]
    canonical = " ".join(parts)
    if len(parts) > 1 and _is_style(parts):
        return replace(_assemble(parts[1:], gender), canonical=canonical)  # «баба Тася»
    folded = tuple(fold(part) for part in parts)
    if len(parts) == 1 and _is_lone_patronymic(parts[0]):
        return PersonName(canonical, gender, (), folded[0], "")
    if len(parts) == 1:
        given = _is_given(parts[0]) and not any("Surn" in r.marks for r in readings(parts[0]))
        return PersonName(canonical, gender, folded * given, "", "" if given else folded[0])
    place = next((i for i in range(1, len(parts)) if _is_patronymic(parts, i)), None)
    if place is None:
        return PersonName(canonical, gender, folded[:-1], "", folded[-1])
    surname = " ".join(folded[place + 1 :])
    return PersonName(canonical, gender, folded[:place], folded[place], surname)
