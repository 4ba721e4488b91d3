"""First names and patronymics: whose short form a name is, and how the forms decline.

The table is ``data/given_names.txt``; the regular pet forms («Витя» → «Витька», «Витенька»)
are made here, and all cases of what it holds.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache, lru_cache

from kgbuild.russian.data import lines
from kgbuild.russian.folding import fold_yo

_VELAR = "гкхжшчщц"
_HUSH = "жшчщц"
_CASES = ("nomn", "gent", "datv", "accs", "ablt", "loct")
_PET = ("ька", "ка", "енька", "онька", "очка", "ечка", "уля", "юля", "уша", "юша", "уха", "юха",
        "уся", "юся", "ушка", "юшка", "енок", "ок", "ик", "ян", "он", "ан")  # fmt: skip

Form = tuple[str, str, str]
"""A nominative, a case and a gender."""


@cache
def _table() -> dict[str, frozenset[tuple[str, str]]]:
    """The full names, with gender, by each listed form of them, folded."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for line in lines("given_names.txt"):
        head, _, others = line.partition(":")
        name, sex = head.split()
        full = fold_yo(name.casefold())
        gender = "masc" if sex == "m" else "femn"
        for form in (name, *others.split()):
            found[fold_yo(form.casefold())].add((full, gender))
    return {form: frozenset(names) for form, names in found.items()}


@lru_cache(maxsize=16384)
def full_names(word: str) -> frozenset[tuple[str, str]]:
    """The full first names, with gender, that a folded nominative may be a form of.

    None for a word that the table doesn't know.
    """
    table = _table()
    if word in table:
        return table[word]
    found: set[tuple[str, str]] = set()
    for ending in _PET:
        stem = word.removesuffix(ending)
        if len(stem) < 2 or stem == word:
            continue
        for base in (stem + "а", stem + "я"):
            found |= {pair for pair in table.get(base, ()) if pair[0] != base}
        if ending in ("ка", "ушка", "ик", "ок"):
            found |= table.get(stem, frozenset())
    return frozenset(found)


def is_full_name(word: str) -> bool:
    """Whether a folded nominative is a full first name of the table."""
    return any(full == word for full, _ in _table().get(word, ()))


def is_short(word: str) -> bool:
    """Whether a folded nominative is a short or pet form only."""
    return bool(full_names(word)) and not is_full_name(word)


def same_first_name(one: str, other: str) -> bool:
    """Whether two folded first names may be forms of one name: «саша» and «александр»."""
    if one == other:
        return True
    mine = full_names(one) or {(one, "")}
    theirs = full_names(other) or {(other, "")}
    return bool({full for full, _ in mine} & {full for full, _ in theirs})


def _ending(word: str, gender: str) -> tuple[str, tuple[str, ...]]:
    """The stem and the endings from the genitive to the locative."""
    stem, last = word[:-1], word[-1]
    if last in "ая":
        return stem, _feminine(word)
    if gender == "femn":
        return (stem, ("и", "и", "ь", "ью", "и")) if last == "ь" else (word, ("",) * 5)
    if last in "йь":
        return stem, ("я", "ю", "я", "ем", "и" if word.endswith("ий") else "е")
    return word, ("",) * 5 if last in "оеиуыэю" else ("а", "у", "а", "ом", "е")


def _feminine(word: str) -> tuple[str, ...]:
    """The endings of a name in -а or -я, a man's too."""
    before = word[-2]
    if word.endswith("ия"):
        return "и", "и", "ю", "ей", "и"
    if word[-1] == "я":
        return "и", "е", "ю", "ей", "е"
    genitive = "и" if before in _VELAR and before != "ц" else "ы"
    return genitive, "е", "у", "ей" if before in _HUSH else "ой", "е"


def _irregular(word: str) -> str:
    """The stem that a name has in its other cases: «Пётр» → Петр-, «Лев» → Льв-."""
    fixed = {"лев": "льв", "павел": "павл", "пётр": "петр", "назар": "назар"}
    if word in fixed:
        return fixed[word]
    if word.endswith(("ок", "ёк")) and len(word) > 3 and word not in ("набок",):
        return word[:-2] + ("ьк" if word.endswith("ёк") else "к")
    return word


@cache
def _forms() -> dict[str, tuple[Form, ...]]:
    """What each form of a listed name, or of a regular pet form of one, may be."""
    found: dict[str, dict[Form, None]] = defaultdict(dict)
    words: dict[str, set[str]] = defaultdict(set)
    for line in lines("given_names.txt"):
        head, _, others = line.partition(":")
        name, sex = head.split()
        gender = "masc" if sex == "m" else "femn"
        whole = name.casefold()
        for form in (whole, *others.casefold().split()):
            words[form].add(gender)
            for pet in _pets(form) if form != whole else _pets_of_whole(whole, gender):
                words[pet].add(gender)
    for word, genders in words.items():
        for gender in genders:
            stem, endings = _ending(_irregular(word), gender)
            shapes = [word, *(stem + ending for ending in endings)]
            for case, shape in zip(_CASES, shapes, strict=True):
                found[fold_yo(shape)][word, case, gender] = None
    return {form: tuple(readings) for form, readings in found.items()}


def _pets(short: str) -> list[str]:
    """The regular pet forms of a short name in -а or -я."""
    if short[-1] not in "ая" or short.endswith("ка") or len(short) < 3:
        return []
    stem, soft = short[:-1], short[-1] == "я"
    hush = stem[-1] in _HUSH
    made = [stem + ("ька" if soft else "ка"), stem + ("енька" if soft or hush else "очка")]
    made += [stem + ("ечка" if soft or hush else "ушка"), stem + ("юха" if soft else "уха")]
    return [*made, stem + ("юша" if soft else "уля")]


def _pets_of_whole(name: str, gender: str) -> list[str]:
    """The regular pet forms of a man's whole name in a hard consonant: «Егорка», «Егорушка»,
    «Артурик»."""
    if gender != "masc" or name[-1] in "аеёийоуыьэюя":
        return []
    return [name + "ка", name + "ушка", name + "ик"]


def given_forms(word: str) -> tuple[Form, ...]:
    """What a word may be as a case of a first name of the table; ё may be е."""
    return _forms().get(fold_yo(word.casefold()), ())


_PATRONYMIC = re.compile(
    r"^(?P<stem>.{2,}?)(?P<ending>ович|евич|ич|ыч|овна|евна|инична|ична|вна|на)$"
)
_SPOKEN = {"михал": "михайл", "пал": "павл", "сан": "александр", "алексан": "александр"}
_FATHERS = {"павел": "павл", "лев": "льв", "яков": "яковл", "михаил": "михайл"}
_SOFT = "йьяаеиоуыё"


@cache
def _fathers() -> frozenset[str]:
    """What the patronymics of the table's men are made of."""
    men = {form for form, names in _table().items() if any(g == "masc" for _, g in names)}
    return frozenset(_FATHERS.get(name, name.rstrip(_SOFT)) for name in men)


@lru_cache(maxsize=16384)
def patronymic_of(word: str) -> str:
    """What a folded patronymic is made of, the same for both genders and in speech
    («степаныч», «степановна» → степан); "" for another word."""
    found = _PATRONYMIC.match(word)
    if found is None:
        return ""
    stem = found["stem"].rstrip(_SOFT) or found["stem"]
    stem = _SPOKEN.get(stem, stem)
    regular = found["ending"] in ("ович", "евич", "овна", "евна", "инична", "ична")
    regular |= found["ending"] == "ыч" and len(stem) > 3
    return stem if regular or stem in _fathers() else ""


def is_old_patronymic(word: str) -> bool:
    """Whether a folded patronymic is made as the chronicles' are, -ич behind a whole first name
    («святославич»; now святославович, and ильич of илья)."""
    stem = word.removesuffix("ич")
    return stem != word and any(full == stem for full, _ in full_names(stem))


@lru_cache(maxsize=16384)
def is_spoken_patronymic(word: str) -> bool:
    """Whether a folded word is a patronymic as it is spoken («тимофеич», «палыч»)."""
    found = _PATRONYMIC.match(word)
    short = found is not None and found["ending"] in ("ич", "ыч", "вна", "на")
    return short and word not in _table() and patronymic_of(word) in _fathers()
