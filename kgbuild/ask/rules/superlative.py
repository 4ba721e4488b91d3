"""Questions for whoever is first, oldest, dearest, or has most of something.

The superlative is found by its grammar: a comparative with «всех» or «всего», «самый» or
«наиболее» before an adjective, an adjective in -ейший, or «первым», «последним» beside a verb.
What it measures is the adjective's own meaning (``scales.json``). The rest of the question
says of what («Когда родился N?») and among whom («из сотрудников завода»).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from kgbuild.ask.asked import Asked, AskedWord
from kgbuild.ask.rules.wordings import wordings
from kgbuild.russian.folding import fold_yo
from kgbuild.russian.morphology import Reading, readings

_ALL = frozenset({"всех", "всего"})
_ASKS = frozenset({"кто", "что", "какой", "который"})
"""Question words for whom the superlative is said of."""

_AMONG = frozenset({"из", "среди"})
_COPULAS = frozenset({"быть", "являться", "стать", "оказаться", "считаться"})
_PLACED = frozenset({"первый", "последний"})
_OPENING, _CLOSING = frozenset('«„“"'), frozenset('»“”"')
_ATTRIBUTIVE = frozenset({"nomn", "accs", "ablt"})


@dataclass(frozen=True, slots=True)
class Scale:
    """What an adjective measures: a ``value`` type (NUMBER: an amount or a number of things),
    whether the ``least`` of it is meant, and how a question for the value begins (``things``:
    where it is the age of no person, or things are counted)."""

    value: str
    least: bool
    asks: str
    things: str


@dataclass(frozen=True, slots=True)
class Superlative:
    """What is asked: ``question`` asks for the value of «N». ``group`` is the question for those
    among whom, "" for all; ``noun`` what they are called, and ``types`` those of entities that
    it can be ((): any); ``counted`` are the types of what is counted. ``firm``: it can't be read
    otherwise."""

    scale: Scale
    question: str
    group: str
    noun: str
    types: tuple[str, ...]
    counted: tuple[str, ...]
    firm: bool


_UNKNOWN = Scale("", False, "Насколько", "Насколько")
"""What the graph holds no values of («выше всех»)."""


@cache
def _scales() -> dict[str, Scale]:
    data = json.loads(files("kgbuild.ask.rules").joinpath("scales.json").read_text("utf-8"))
    return {
        word: Scale(row["value"], row["least"], row["asks"], row.get("things", row["asks"]))
        for row in data["scales"]
        for word in row["words"]
    }


def _first(word: AskedWord) -> Reading | None:
    return next(iter(readings(word.text)), None)


def _is(word: AskedWord, *poses: str) -> bool:
    found = _first(word)
    return found is not None and found.pos in poses


def _scale_of(word: AskedWord) -> Scale | None:
    for reading in readings(word.text)[:3]:
        found = _scales().get(fold_yo(reading.lemma))
        if found is not None:
            return found
    return None


def _agrees(adjective: AskedWord, noun: AskedWord) -> bool:
    forms = {(r.case, r.number) for r in readings(noun.text) if r.pos == "NOUN"}
    return any((r.case, r.number) in forms for r in readings(adjective.text))


@dataclass(frozen=True, slots=True)
class _Site:
    """Where the superlative stands; ``attribute`` is one of a noun, or of «кто»."""

    places: tuple[int, ...]
    scale: Scale
    attribute: bool
    firm: bool = True


def _sites(words: Sequence[AskedWord]) -> Iterator[_Site]:
    for at, word in enumerate(words):
        before = words[at - 1] if at else None
        after = words[at + 1] if at + 1 < len(words) else None
        scale = _scale_of(word)
        found = [r for r in readings(word.text)[:3] if r.pos in ("COMP", "ADJF", "ADJS")]
        if found and any(r.pos == "COMP" for r in found):
            whole = [p for p in (at + 1, at - 1) if 0 <= p < len(words) and words[p].folded in _ALL]
            if whole and (scale or words[whole[0]].folded == "всех"):  # not «скорее всего»
                yield _Site((at, whole[0]), scale or _UNKNOWN, False)
            continue
        if scale is None or not found:
            continue
        if before is not None and (before.folded == "наиболее" or "самый" in before.lemmas):
            if not (at > 1 and _is(words[at - 2], "PREP")) and _asked_case(found):
                yield _Site((at - 1, at), scale, True)
        elif any("Supr" in r.marks for r in found):
            if not (before is not None and _is(before, "PREP")) and _asked_case(found):
                yield _Site((at,), scale, True)
        elif _PLACED.intersection(word.lemmas) and any(r.case == "ablt" for r in found):
            beside = before is not None and _is(before, "VERB", "PRTS")
            alone = after is None or _is(after, "VERB", "PRTS") or not _is(after, "NOUN", "ADJF")
            if alone and (beside or (after is not None and _is(after, "VERB", "PRTS"))):
                yield _Site((at,), scale, False, firm=False)


def _asked_case(found: Sequence[Reading]) -> bool:
    return any(reading.case in _ATTRIBUTIVE for reading in found)


def read_superlative(asked: Asked) -> Superlative | None:
    """What a question for an extreme asks; None for any other question."""
    words = asked.words
    site = next(_sites(words), None)
    if site is None:
        return None
    asking = [at for at, word in enumerate(words) if word.asking]
    if len(asking) > 1 or any(not _ASKS.intersection(words[at].lemmas[:2]) for at in asking):
        return None
    order = [at for at, word in enumerate(words) if _is(word, "VERB") and at not in site.places]
    ordered = [at for at in order if "impr" in _marks(words[at])]
    verbs = [
        at for at in order if at not in ordered and not _COPULAS.intersection(words[at].lemmas)
    ]
    if site.attribute and verbs:
        return None  # «кто подписал самый дорогой контракт» asks for somebody else
    if not site.attribute and not asking:
        return None
    return _read(asked, site, asking, {*ordered, *site.places, *asking})


def _marks(word: AskedWord) -> frozenset[str]:
    found = _first(word)
    return frozenset() if found is None else found.marks


def _read(asked: Asked, site: _Site, asking: Sequence[int], spent: set[int]) -> Superlative | None:
    words = asked.words
    who = bool(asking) and "кто" in words[asking[0]].lemmas
    led = asking[0] - 1 if asking and asking[0] and _is(words[asking[0] - 1], "PREP") else None
    among = next((at for at, w in enumerate(words) if w.folded in _AMONG and at != led), None)
    noun_at = _noun(words, site, asking)
    begin = noun_at if among is None else among + 1
    phrase = () if begin is None else _phrase(words, begin, spent)
    if among is not None and not phrase:
        return None
    head = next((at for at in phrase if _is(words[at], "NOUN")), noun_at)
    types = ("PERSON",) if who else () if head is None else _types(words[head])
    rest = [
        at for at, word in enumerate(words)
        if at not in spent and at not in phrase and at not in (among, led)
        and not (site.attribute and _COPULAS.intersection(word.lemmas))
    ]  # fmt: skip
    counted: tuple[str, ...] = ()
    if site.scale.value == "NUMBER":
        things = [at for at in rest if _is(words[at], "NOUN")]
        counted = _types(words[things[0]]) if things else ()
    noun = "" if head is None or who else words[head].text
    of = "" if led is None else words[led].text.casefold()
    person = not types or "PERSON" in types
    begun = site.scale.things if counted or not person else site.scale.asks
    if any(_is(words[at], "VERB", "PRTS") for at in rest):
        begun = begun.split()[0]  # the verb says what: «родился раньше всех»
    said = [begun, *(words[at].text for at in rest), of, noun, "N"]
    question = " ".join(filter(None, said)) + "?"
    group = ""
    if among is not None:
        group = f"Кто из {_text(asked, phrase)}?"
    elif any(words[at].content for at in phrase if at != head) or _calls(words, head):
        group = f"{_text(asked, phrase)}?"
    elif any(words[at].named and words[at].content for at in rest):
        kept = [at for at in range(len(words)) if at not in site.places]
        group = _text(asked, kept) + "?"
    return Superlative(site.scale, question, group, noun, types, counted, site.firm)


def _calls(words: Sequence[AskedWord], head: int | None) -> bool:
    """Whether a noun says what somebody is («врач»), so that others are left out."""
    return head is not None and _is_person(words[head]) and not _which(words[head])


def _text(asked: Asked, places: Sequence[int]) -> str:
    """The words at these places as the question writes them, quotes and all."""
    text, parts = asked.text, []
    for at in places:
        start, end = asked.words[at].start, asked.words[at].end
        start -= text[start - 1 : start] in _OPENING
        end += text[end : end + 1] in _CLOSING
        parts.append(text[start:end])
    return " ".join(parts)


def _noun(words: Sequence[AskedWord], site: _Site, asking: Sequence[int]) -> int | None:
    """The noun of «какая N», or that of «самый дорогой N»."""
    begin = site.places[-1] + 1 if site.attribute else None
    if asking and "кто" not in words[asking[0]].lemmas:
        begin = asking[0] + 1
    if begin is None:
        return None
    for at in range(begin, min(begin + 3, len(words))):
        if at in site.places:
            continue
        if _is(words[at], "NOUN"):
            return at
        if not _is(words[at], "ADJF", "PRTF"):
            break
    return None


def _phrase(words: Sequence[AskedWord], begin: int, spent: set[int]) -> tuple[int, ...]:
    """A noun with what belongs to it: up to a verb, or to what is spent."""
    end = begin
    while end < len(words) and end not in spent:
        if not words[end].named and _is(words[end], "VERB", "PRTS", "COMP"):
            break
        end += 1
    return tuple(range(begin, end))


def _which(word: AskedWord) -> frozenset[str]:
    known = wordings().which
    return frozenset[str]().union(*(known.get(lemma, frozenset()) for lemma in word.lemmas))


def _is_person(word: AskedWord) -> bool:
    return "anim" in _marks(word)


def _types(word: AskedWord) -> tuple[str, ...]:
    """The types of what a noun calls so: those known of it, or a person where it is of
    somebody alive."""
    found = _which(word) if not word.named else frozenset[str]()
    return tuple(sorted(found)) or (("PERSON",) if _is_person(word) else ())
