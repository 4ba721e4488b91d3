"""A text as the patterns read it: sentences of names, words and signs with their readings."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from kgbuild.extract.patterns.words import CASES, KIN, PEOPLE, Reading, name_readings, word_readings
from kgbuild.read.sentences import split_sentences
from kgbuild.types import Mention, Sentence

_TOKEN = re.compile(r"[^\W_]+(?:[-’'][^\W_]+)*|[^\w\s]")
KIN_WORD = re.compile(
    r"(?i)\b(?:от(?:ец|ц)|мат(?:ь|ер)|мам|пап|родител|сын|доч|дет(?:и|ей|ьми|ям|ях)\b|реб[её]н|брат"
    r"|с[её]ст[её]?р|муж|замуж|ж[её]н|супруг|вдов|(?:пра)?(?:де[дд]|бабушк|внук|внуч)|дяд|т[её]т"
    r"|племянни|тест|т[её]щ|зят|невестк|свекр|св[её]кор|кузен|кузин|пасын|падчериц|отчим|мачех)"
)
"""What a word of kinship begins with; other words may begin so too."""

PLACES = frozenset({"CITY", "COUNTRY", "DISTRICT", "FACILITY", "LOCATION", "STATE_OR_PROVINCE"})
OTHERS = PLACES | {"DATE", "ORGANIZATION"}
"""The types of mentions that patterns see beside people's names."""

_BE = frozenset({"быть", "являться", "стать", "приходиться", "оказаться", "считаться"})
_PARTED = frozenset({"PREP", "CONJ", "VERB", "INFN", "GRND", "NPRO", "PRED"})
NOMINATIVE = frozenset({"nomn"})
ANY_CASE = frozenset(CASES)


@dataclass(frozen=True, slots=True)
class Item:
    """A person's name, another mention, a word or a sign of a sentence, with its readings.

    ``human`` is a profession; another mention is read as its first word is.
    """

    text: str
    readings: tuple[Reading, ...]
    name: Mention | None = None
    human: bool = False
    mention: Mention | None = None

    @property
    def is_copula(self) -> bool:
        """Whether it is a form of «быть», «стать», …"""
        return any(r.lemma in _BE for r in self.readings)

    @property
    def is_attribute(self) -> bool:
        """Whether it may stand between a noun and the name that it belongs to."""
        if self.name is not None or self.text in ",;:()—–.!?":
            return False
        return not self.readings or self.text == "и" or self.readings[0].pos not in _PARTED

    def fits(self, cases: Collection[str], gender: str | None = None) -> bool:
        """Whether it may stand in one of the cases, as a person of the gender."""
        return any(
            r.case in cases and (gender is None or r.gender is None or r.gender == gender)
            for r in self.readings
        )


class Page:
    """A text's sentences, its names, and which stands where."""

    def __init__(self, text: str, mentions: Sequence[Mention]) -> None:
        self.text = text
        self.sentences: tuple[Sentence, ...] = split_sentences(text)
        self._starts = [s.start for s in self.sentences]
        names = _names(text, mentions)
        self._names = self._by_sentence(names)
        self._others = self._by_sentence(_others(mentions, names))
        self.topics: dict[int, Mention] = {}
        self._jobs = {m.start for m in mentions if m.type == "PROFESSION"}

    def _by_sentence(self, names: Sequence[Mention]) -> dict[int, list[Mention]]:
        found: dict[int, list[Mention]] = {}
        for name in names:
            found.setdefault(bisect_right(self._starts, name.start) - 1, []).append(name)
        return found

    def names_in(self, number: int) -> list[Mention]:
        """The names of a sentence."""
        return self._names.get(number, [])

    def items(self, number: int) -> list[Item]:
        """A sentence's names, words and signs."""
        at, items = self.sentences[number].start, list[Item]()
        others = self._others.get(number, [])
        for mention in sorted((*self.names_in(number), *others)):
            found = self.item(mention) if mention.type == "PERSON" else self._other(mention)
            items += [*self._words(at, mention.start), found]
            at = mention.end
        return items + list(self._words(at, self.sentences[number].end))

    def item(self, name: Mention) -> Item:
        """A name with its readings."""
        surface = self.text[name.start : name.end]
        return Item(surface, name_readings(surface), name)

    def _other(self, mention: Mention) -> Item:
        surface = self.text[mention.start : mention.end]
        first = _TOKEN.search(surface)
        readings = word_readings(first[0]) if first else ()
        return Item(surface.casefold(), readings, mention=mention)

    def _words(self, start: int, end: int) -> Iterator[Item]:
        for match in _TOKEN.finditer(self.text, start, max(start, end)):
            word, readings = match[0].casefold(), word_readings(match[0])
            human = match.start() in self._jobs or any(r.lemma in PEOPLE for r in readings)
            yield Item(word, readings, human=human)

    def topic(self, number: int, gender: str | None) -> Mention | None:
        """Whom a pronoun behind a sentence means: whose kin it told of, else its first name
        that may be a subject."""
        whose = self.topics.get(number)
        if whose is not None and self.item(whose).fits(ANY_CASE, gender):
            return whose
        named = self.names_in(number)
        return next((n for n in named if self.item(n).fits(NOMINATIVE, gender)), None)


def _longest(mentions: Iterable[Mention]) -> list[Mention]:
    """Mentions that don't overlap, of those that do the first and longest."""
    kept: list[Mention] = []
    for mention in sorted(mentions, key=lambda m: (m.start, -m.end)):
        if not kept or mention.start >= kept[-1].end:
            kept.append(mention)
    return kept


def _others(mentions: Sequence[Mention], names: Sequence[Mention]) -> list[Mention]:
    """Mentions of places, dates and organisations beside the names, which are in order."""

    def is_free(mention: Mention) -> bool:
        place = bisect_right(names, mention.end, key=lambda name: name.start) - 1
        return place < 0 or names[place].end <= mention.start

    return _longest(m for m in mentions if m.type in OTHERS and is_free(m))


def _names(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Mentions of people that are names."""
    people = (m for m in mentions if m.type == "PERSON" and text[m.start : m.start + 1].isupper())
    return _longest(m for m in people if not _is_kin(text[m.start : m.end]))


def _is_kin(surface: str) -> bool:
    """Whether somebody is called by a word of kinship: «Брат Ким Чен Ына», not «Внуков»."""
    first, *rest = surface.split()
    return any(
        r.lemma in KIN and (rest or r.lemma == first.casefold()) for r in word_readings(first)
    )
