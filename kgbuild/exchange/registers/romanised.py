"""How Russian words are written in Latin letters, by the standards in use.

Each scheme says what a letter may be written as, in its surroundings; a Latin word spells a
Russian one where one scheme alone spells all of it. The schemes, with ё taken for е as the
graph's names have it, so that е may be what either is:

* ``BGN/PCGN``: BGN/PCGN 1947 System for Russian, which newspapers and older passports follow;
* ``ICAO``: Doc 9303 Part 3, Russian passports since 2013 (ъ is «ie»);
* ``ALA-LC``: of 1997, with its diacritics or without them;
* ``GOST R 52535``: GOST R 52535.1-2006, passports of 2010–2013 (ц is «tc»);
* ``ISO 9``: ISO 9:1995, which is GOST 7.79-2000 System A, a letter for a letter;
* ``GOST 7.79 B``: GOST 7.79-2000 System B, ASCII only;
* ``scientific``: ISO/R 9:1968, the transliteration of Slavists;
* ``usage``: no standard, but what English texts make of BGN/PCGN: «y» left out before «e»,
  «-y» or «-i» for -ий, «-ia» for -ия, «x» for кс, «ie» for ье, «sch» for щ.

Marks for ъ and ь are left out on both sides; other diacritics count: «Zukov» isn't «Жуков».
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_PLAIN = dict(zip("абвгдезийклмнопрстуфъыь", "abvgdeziyklmnoprstuf*y*", strict=True))
_ENGLISH = _PLAIN | {"ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "э": "e"}
_CARON = _PLAIN | {"ж": "ž", "й": "j", "ц": "c", "ч": "č", "ш": "š"}
_PASSPORT = _ENGLISH | {"й": "i", "ю": "iu", "я": "ia", "ъ": "ie *"}
_LETTERS: dict[str, dict[str, str]] = {
    "BGN/PCGN": _ENGLISH | {"ю": "yu", "я": "ya"},
    "ICAO": _PASSPORT,
    "ALA-LC": _PASSPORT | {"й": "i ĭ", "э": "e ė", "ъ": "*", "е": "e ë"},
    "GOST R 52535": _PASSPORT | {"ц": "tc", "ъ": "*"},
    "usage": _ENGLISH | {"й": "y i", "щ": "shch sch", "ю": "yu iu", "я": "ya ia", "е": "e ye yo"},
    "ISO 9": _CARON | {"х": "h", "щ": "ŝ", "э": "è", "ю": "û", "я": "â", "е": "e ë"},
    "GOST 7.79 B": _ENGLISH
    | {"й": "j", "х": "x", "ц": "c cz", "щ": "shh", "ю": "yu", "я": "ya", "е": "e yo"},
    "scientific": _CARON
    | {"х": "ch x h", "щ": "šč", "э": "e è ė", "ю": "ju", "я": "ja", "е": "e ë jo"},
}
SCHEMES = tuple(_LETTERS)
"""The schemes by name, those that are met most in lists first."""

_USAGE = {"кс": "ks x", "ье": "ye ie e yo", "ьи": "yi ii i", "ья": "ya ia", "ью": "yu iu"}
_ENDINGS = {"ий": "y i iy ii", "ый": "y yy yi iy", "ия": "ia iya iia"}
_VOWELS = "аеиоуыэюя"
_SIBILANTS = "жчшщ"
_MARKS = str.maketrans(dict.fromkeys("'’‘`ʹʺ′″\"”\u02bc\u0361\ufe20\ufe21"))
_SHARED = "bvgdlmnprf"
_SKELETON = dict(zip("бвгдлмнпрф", _SHARED, strict=True))


def latin_word(word: str) -> str:
    """A Latin word or name as it is compared: casefolded, composed, without marks for ъ and ь."""
    return unicodedata.normalize("NFC", word.casefold()).translate(_MARKS)


def schemes_of(russian: str, latin: str) -> frozenset[str]:
    """The schemes by which a Latin word spells a folded Russian one."""
    return frozenset(scheme for scheme in SCHEMES if _spells(_options(russian, scheme), latin))


def initial_of(russian: str, latin: str) -> bool:
    """Whether a folded Russian word or letter and a Latin word or initial («y.», «yu.») begin
    alike, by one scheme or another."""
    firsts = {o for scheme in SCHEMES for o in _options(russian, scheme)[0] if o}
    if latin.endswith("."):
        return any(first.startswith(latin[:-1]) for first in firsts)
    return any(latin.startswith(first) for first in firsts)


def skeleton(word: str) -> str:
    """The consonants of a word of either alphabet that every scheme writes alike.

    A Latin word that spells a Russian one has its skeleton; many others have it too.
    """
    bare = unicodedata.normalize("NFD", word.casefold())
    return "".join(c for letter in bare if (c := _SKELETON.get(letter, letter)) in _SHARED)


def _spells(options: tuple[tuple[str, ...], ...], latin: str) -> bool:
    places = {0}
    for some in options:
        places = {at + len(one) for at in places for one in some if latin.startswith(one, at)}
    return len(latin) in places


@lru_cache(maxsize=16384)
def _options(russian: str, scheme: str) -> tuple[tuple[str, ...], ...]:
    """What the letters of a folded word may be written as, letter after letter."""
    found, at = [], 0
    while at < len(russian):
        pair, last = russian[at : at + 2], at + 2 == len(russian)
        several = _USAGE.get(pair) or (_ENDINGS.get(pair) if last else None)
        if scheme == "usage" and several:
            found.append(tuple(several.split()))
            at += 2
            continue
        found.append(_of_letter(russian, at, scheme))
        at += 1
    return tuple(found)


def _of_letter(russian: str, at: int, scheme: str) -> tuple[str, ...]:
    letter, before = russian[at], russian[at - 1 : at]
    plain = _LETTERS[scheme].get(letter, letter)
    found = ["" if one == "*" else one for one in plain.split()] or [letter]
    if letter == "е" and before and before in _SIBILANTS:
        found.append("o")  # ё
    if letter == "е" and scheme in ("BGN/PCGN", "scientific"):
        soft = "ye" if scheme == "BGN/PCGN" else "je"
        begins = not before or before in f"{_VOWELS}йъь-"
        found = [soft, *found[1:]] if begins and soft == "ye" else [*found, *[soft] * begins]
        found += ["yo", "ë", "yë"] if soft == "ye" else []
    return tuple(dict.fromkeys(found))
