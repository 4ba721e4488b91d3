"""Names that are one in every text: what a name is compared by, beyond its nominative.

The tables are general knowledge, written for this project: long, short, foreign and
colloquial names of countries and bodies of state, and names of offices. A woman's name of a
profession is compared by the man's («актриса», «актёр»), where the dictionary has it.
"""

from __future__ import annotations

import re
from functools import lru_cache

from kgbuild.russian.data import countries
from kgbuild.russian.folding import fold, is_cyrillic
from kgbuild.russian.legal import without_form
from kgbuild.russian.morphology import dictionary_readings, readings

_COUNTRIES = {
    "сша": "америка; штаты; соединенные штаты; us; u.s; usa; u.s.a; america; united states;"
    " united states of america; североамериканские соединенные штаты",
    "россия": "russia; рф; российская федерация; russian federation; российское государство;"
    " российско; всероссийский; общероссийский",
    "великобритания": "британия; uk; united kingdom; great britain; britain; объединенное"
    " королевство; соединенное королевство великобритании и северной ирландии",
    "китай": "china; всекитайский; поднебесная",
    "германия": "germany",
    "франция": "france; французская республика",
    "украина": "ukraine; всеукраинский",
    "ссср": "советский союз; советская россия; ussr; всесоюзный; общесоюзный",
    "нидерланды": "голландия",
    "молдавия": "молдова; республика молдова",
    "киргизия": "кыргызстан; киргизстан; киргизская республика",
    "туркмения": "туркменистан",
    "белоруссия": "belarus",
    "иран": "исламская республика иран; ири; iran",
    "южная корея": "республика корея",
    "северная корея": "корейская народно-демократическая республика",
    "япония": "japan",
    "индия": "india",
    "италия": "italy",
    "испания": "spain",
    "канада": "canada",
    "турция": "турецкая республика; turkey",
    "польша": "республика польша; речь посполитая польская; poland",
    "сирия": "сирийская арабская республика; сар",
    "казахстан": "республика казахстан; рк",
    "узбекистан": "республика узбекистан",
    "армения": "республика армения",
    "азербайджан": "азербайджанская республика",
    "российская империя": "царская россия",
    "рсфср": "российская советская федеративная социалистическая республика",
    "мали": "mali; республика мали",
}
_BODIES = {
    "организация объединенных наций": "оон; un; united nations",
    "европейский союз": "ес; евросоюз; eu; european union",
    "североатлантический альянс": "нато; nato; организация североатлантического договора;"
    " североатлантический союз",
    "государственная дума": "госдума; гд; государственная дума рф; госдума рф; госдума россии;"
    " государственная дума российской федерации; государственная дума россии; гд рф",
    "совет федерации": "совфед; сф; совет федерации рф; совет федерации россии",
    "министерство внутренних дел россии": "мвд россии; мвд рф; министерство внутренних дел рф;"
    " министерство внутренних дел российской федерации",
    "министерство иностранных дел россии": "мид россии; мид рф; министерство иностранных дел"
    " рф; министерство иностранных дел российской федерации",
    "министерство обороны россии": "минобороны россии; минобороны рф; министерство обороны рф;"
    " министерство обороны российской федерации",
    "министерство обороны": "минобороны",
    "министерство внутренних дел": "мвд",
    "министерство иностранных дел": "мид",
    "министерство финансов": "минфин",
    "министерство здравоохранения": "минздрав",
    "министерство юстиции": "минюст",
    "министерство образования": "минобразования",
    "министерство культуры": "минкультуры; минкульт",
    "министерство спорта": "минспорт; минспорта",
    "федеральная служба безопасности": "фсб; фсб россии; фсб рф; федеральная служба безопасности"
    " рф; федеральная служба безопасности россии",
    "комитет государственной безопасности": "кгб; кгб ссср",
    "центральное разведывательное управление": "цру; cia; цру сша",
    "федеральное бюро расследований": "фбр; fbi; фбр сша",
    "генеральная прокуратура": "генпрокуратура",
    "следственный комитет россии": "ск россии; ск рф; следственный комитет рф; скр; следственный"
    " комитет российской федерации",
    "центральная избирательная комиссия": "центризбирком; цик",
    "международный валютный фонд": "мвф; imf",
    "всемирная организация здравоохранения": "воз",
    "исламское государство": "иг; игил; isis; исламское государство ирака и леванта; даиш",
    "международный олимпийский комитет": "мок; ioc",
    "единая россия": "партия единая россия",
    "московский государственный университет": "мгу",
    "кабинет министров": "кабмин",
}
_OFFICES = {
    "премьер-министр": "премьер; премьера; председатель правительства; prime minister",
    "президент россии": "президент рф; президент российской федерации; глава российского"
    " государства",
    "президент сша": "американский президент; президент соединенных штатов",
    "президент": "president",
    "министр иностранных дел": "глава мид; министр мид",
    "министр внутренних дел": "глава мвд",
    "министр обороны": "глава минобороны",
    "министр финансов": "глава минфина",
    "вице-премьер": "заместитель председателя правительства; зампред правительства;"
    " заместитель премьер-министра; вице-премьер-министр",
    "заместитель": "зам",
    "заместитель директора": "замдиректора",
    "заместитель министра": "замминистра",
    "генеральный директор": "гендиректор",
    "генеральный секретарь": "генсек",
    "генеральный прокурор": "генпрокурор",
    "врач": "доктор; медик",
    "депутат госдумы": "депутат государственной думы; депутат госдумы рф",
    "кинорежиссер": "кинопостановщик",
    "пресс-секретарь": "пресс-атташе",
}


def _table(groups: dict[str, str]) -> dict[str, str]:
    return {name.strip(): main for main, names in groups.items() for name in names.split(";")}


_CITIES = {"санкт-петербург": "петербург; питер; спб; st. petersburg"}


_TABLES = {
    "CITY": _table(_CITIES),
    "COUNTRY": {k: fold(v) for k, v in countries().items()} | _table(_COUNTRIES),
    "ORGANIZATION": _table(_BODIES),
    "PROFESSION": _table(_OFFICES),
}
_MEN: tuple[tuple[str, str], ...] = (
    ("актриса", "актер"),
    ("поэтесса", "поэт"),
    ("певица", "певец"),
    ("тельница", "тель"),
    ("истка", "ист"),
    ("ница", "ник"),
    ("ница", "нец"),
    ("есса", ""),
    ("ица", "ец"),
    ("ка", ""),
    ("анка", "анец"),
)


@lru_cache(maxsize=16384)
def _man(word: str) -> str:
    """The man's name of a profession for a woman's, where the dictionary knows both."""
    own = readings(word)
    if not own or own[0].gender != "femn" or own[0].pos != "NOUN" or not own[0].known:
        return word
    if "anim" not in own[0].marks:
        return word
    for ending, other in _MEN:
        if word.endswith(ending):
            man = word[: len(word) - len(ending)] + other
            if any(
                r.known and r.pos == "NOUN" and r.gender == "masc" and "anim" in r.marks
                and fold(r.lemma) == man
                for r in readings(man)
            ):  # fmt: skip
                return man
    return word


_PLACE_WORDS = {
    "CITY": re.compile(r"^(?:город|село|деревня|поселок|станица|хутор|аул|слобода) (?=\w{2})"),
    "STATE_OR_PROVINCE": re.compile(r"^республика (?=\w{3,}(?<![аяое][яе]|ая|ий)$)"),
}


def _without_place_word(key: str, type: str) -> str:
    """«город Элиста» is Элиста, «Республика Калмыкия» Калмыкия; of abbreviations a name has
    none (:mod:`kgbuild.russian.addresses`)."""
    return _PLACE_WORDS[type].sub("", key)


@lru_cache(maxsize=16384)
def identity_key(key: str, type: str) -> str:
    """What a folded canonical name of a type is compared by."""
    if type in _PLACE_WORDS:
        key = _without_place_word(key, type)
    if type == "ORGANIZATION":
        key = without_form(key)
    found = _TABLES.get(type, {}).get(key, key)
    if type == "PROFESSION" and found == key:
        words = key.split()
        changed = " ".join([_man(words[0]), *words[1:]]) if words else key
        return _TABLES[type].get(changed, changed)
    return found


_ADJECTIVE = re.compile(r"^(.{2,}?)(с|ц)к(?:ий|ая|ое|ие|ой|ого|ому|ом|им|их|ими|ую|ою|о)$")
_OF_BODY = re.compile(r"^(.{3,}ств)енн(?:ый|ая|ое|ые)$")
_SUFFIXES = ("ин", "ов", "ев", "ан", "ен", "н", "ат", "им", "ам")
_ENDING = re.compile(r"(?<![аеиоуыьйяюё])[аеиоуыьйяюё]+$")
_ATTRIBUTE = re.compile(r"^(\w{3,}?)(?:ый|ий|ой|ая|яя|ое|ее)$")
_HARD = {"ж": "г", "ч": "кц", "ш": "х", "ц": "кчт"}
"""What the last consonant of a noun's stem is where it is this one in the adjective."""
_FLEETING = re.compile(r"[оеё](?=[бвгджзклмнпрстфхцчшщ]$)")
_IRREGULAR = {
    "москов": "москв",
    "петербург": "санкт-петербург",
    "уфим": "уф",
    "орлов": "орел",
    "париж": "париж",
}
ADJECTIVAL = frozenset(
    {"CITY", "COUNTRY", "DISTRICT", "FACILITY", "LOCATION", "ORGANIZATION", "PROFESSION",
     "STATE_OR_PROVINCE"}
)  # fmt: skip
"""Types whose names are also said as adjectives: «московский» of Москва."""


def _bare(stem: str) -> str:
    return _ENDING.sub("", stem) or stem


def _is_someone(word: str) -> bool:
    """Whether an adjective is a noun too: «полицейский» is a man, not an adjective of полиция."""
    found = dictionary_readings(word)
    return any(r.known and r.pos == "NOUN" and "anim" in r.marks for r in found)


def adjective_stems(key: str, type: str = "") -> frozenset[str]:
    """The stems that the noun of an adjective may have; none for another word."""
    return frozenset[str]().union(*stems_by_likeness(key, type))


@lru_cache(maxsize=16384)
def stems_by_likeness(key: str, type: str = "") -> tuple[frozenset[str], ...]:
    """The stems that the noun of an adjective may have, the likest ones first: the adjective's
    own, those of which its last consonant is made («калужский»: Калуга) or that have no vowel
    before it («вологодский»: Вологда), those without a suffix («ялтинский»: Ялта)."""
    if " " in key or not is_cyrillic(key) or (type == "PROFESSION" and _is_someone(key)):
        return ()
    body = _OF_BODY.match(key)
    if body is not None:
        return (frozenset({_bare(body[1])}),)
    found = _ADJECTIVE.match(key)
    if found is None:
        return ()
    stem = found[1] + ("ц" if found[2] == "ц" else "")
    own = {_bare(stem), _bare(found[1]), _IRREGULAR.get(stem, _bare(stem))}
    softened = {stem[:-1] + hard for hard in _HARD.get(stem[-1], "")}
    fleeting = {_FLEETING.sub("", one) for one in (*own, *softened)}
    short = {_bare(stem[: -len(s)]) for s in _SUFFIXES if stem.endswith(s) and len(stem) > 4}
    return frozenset(own), frozenset(softened | fleeting) - own, frozenset(short) - own


def adjective_root(key: str) -> str:
    """What the forms of one adjective in -ский share; "" for another word."""
    found = _ADJECTIVE.match(key) if " " not in key and is_cyrillic(key) else None
    return "" if found is None else found[1] + found[2]


def noun_stem(key: str) -> str:
    """The stem of a one-word noun, as :func:`adjective_stems` gives it; "" for others."""
    if " " in key or not is_cyrillic(key) or adjective_stems(key):
        return ""
    return _bare(key[:-2]) if key.endswith(("ск", "цк")) and len(key) > 4 else _bare(key)


def noun_stems(key: str) -> frozenset[str]:
    """All stems that an adjective of a place's name may have: «хотынский» of Хотынка,
    «нижнетагильский» of Нижний Тагил."""
    first, _, last = key.partition(" ")
    if last and " " not in last and (found := _ATTRIBUTE.match(first)):
        return frozenset(found[1] + vowel + stem for stem in noun_stems(last) for vowel in "ое")
    stems = {noun_stem(key)}
    if key.endswith("ка") and len(key) > 4 and stems != {""}:
        stems.add(_bare(key[:-2]))
    return frozenset(stems - {""})


_SKIPPED = frozenset({"и", "в", "на", "по", "при", "о", "об", "за", "для", "с", "имени", "им"})


def is_acronym(short: str, full: str) -> bool:
    """Whether a folded name is made of the first letters of another's words."""
    return short in acronyms(full)


def acronyms(full: str) -> frozenset[str]:
    """The first letters of a folded name's words, and those of the words that count."""
    words = [w for w in re.split(r"[ -]+", full) if w]
    if len(words) < 2:
        return frozenset()
    every = "".join(w[0] for w in words)
    main = "".join(w[0] for w in words if w not in _SKIPPED)
    return frozenset(letters for letters in (every, main) if len(letters) > 1)
