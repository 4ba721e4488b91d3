"""Which entities of the graph a question's words may name.

Every content word looks up the names that hold it: by its stem and those of its lemmas,
written in the other alphabet, or a typing error away. A name is scored by how much of it
the question says, each word counting by how rare it is among the names; all readings stay
side by side, for it is the ranker that chooses.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from kgbuild.ask.asked import Asked, AskedWord
from kgbuild.ask.names import NameIndex
from kgbuild.ask.stems import stem
from kgbuild.types import Entity

MOST_LINKS = 400
"""Entities that a question's words are held to name."""

MOST_STARTS = 16
"""Of them those that answers are looked for around."""

SAME_WORDS = 5
"""Of those that the same words name, the most."""

MOST_ENTRIES = 4000
"""Names that one word is followed to."""

EXACT, WRITTEN, TYPO = 1.0, 0.85, 0.7
"""What a word counts that a name holds as it stands, in the other alphabet, or nearly."""

_INITIAL = 0.15
"""What one letter of a name counts beside a whole word."""

_ROMAN = (
    "а=a б=b в=v г=g д=d е=e ё=e ж=zh з=z и=i й=i к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f"
    " х=kh ц=ts ч=ch ш=sh щ=shch ъ= ы=y ь= э=e ю=yu я=ya"
)
_TABLE = dict(pair.split("=") for pair in _ROMAN.split())


@dataclass(frozen=True, slots=True)
class Link:
    """An entity that some of the words may name.

    ``words`` is a mask of the question's words (bit i: word i); ``cover`` the share of the
    name that they say, ``weight`` what they weigh; ``quality`` the worst way that a word was
    found (``EXACT`` … ``TYPO``). ``stray`` counts capitalised neighbours of the words that the
    name doesn't hold, ``rivals`` how many entities the same words name.
    """

    entity: str
    type: str
    name: str
    words: int
    cover: float
    weight: float
    quality: float
    stray: int
    whole: bool
    rivals: int = 1

    @property
    def score(self) -> float:
        """How good a place to look around it is."""
        return self.weight * (0.3 + self.cover) * self.quality - 1.5 * self.stray


def roman(folded: str) -> str:
    """A folded word in Latin letters, the way most texts write it."""
    return "".join(_TABLE.get(letter, letter) for letter in folded)


class SpanLinker:
    """Words → entities, over one index of names."""

    def __init__(self, index: NameIndex) -> None:
        self._index = index
        self._roman: dict[str, list[str]] | None = None
        self._rarity: dict[str, float] = {}

    def rarity(self, known: str) -> float:
        """What a stem of a name weighs: 1 for one that half of the names hold, up to about 12."""
        found = self._rarity.get(known)
        if found is None:
            count = self._index.count(known)
            found = math.log(1 + (len(self._index) + 1) / (count + 1)) + 0.3
            self._rarity[known] = found
        return found

    def stems_of(self, word: AskedWord) -> list[tuple[str, float]]:
        """Stems of the index that a word may stand for, with how sure that is."""
        own = dict.fromkeys([word.stem, *(stem(lemma) for lemma in word.lemmas[:3])])
        parts = [p for p in word.folded.split("-") if len(p) > 2] if "-" in word.folded else []
        own.update(dict.fromkeys(stem(part) for part in parts))
        found = [(one, EXACT) for one in own if one in self._index]
        if len(word.folded) < 3:
            return found
        if not found or (word.latin and not found):
            found += [(one, WRITTEN) for one in self._other_alphabet(word) if one not in own]
        if not found and (word.named or not word.known):
            found += [(one, TYPO) for one in self._index.near(word.stem)]
        elif not found and len(word.folded) > 6:
            found += [(one, TYPO) for one in self._index.near(word.stem, 2)]
        return found

    def _other_alphabet(self, word: AskedWord) -> list[str]:
        """Stems that are the word in the other alphabet, or nearly."""
        if self._roman is None:
            self._roman = {}
            for known in self._index.stems():
                if len(known) > 2:
                    self._roman.setdefault(_loose(roman(known)), []).append(known)
        written = [word.folded, *word.lemmas[:1]] if not word.latin else [word.folded]
        keys = dict.fromkeys(_loose(roman(one)) for one in written)
        cut = dict.fromkeys(_loose(roman(stem(one))) for one in written)
        found: dict[str, None] = {}
        for key in (*keys, *cut):
            found.update(dict.fromkeys(self._roman.get(key, ())))
            if word.latin and len(key) > 4:  # a Latin word ends as the nominative does
                for last in (1, 2):
                    found.update(dict.fromkeys(self._roman.get(key[:-last], ())))
        latin = word.latin
        return [one for one in found if _is_latin(one) != latin or latin][:6]

    def links(self, asked: Asked) -> list[Link]:
        """The entities that the question's words may name, the best first."""
        hits: dict[int, dict[str, tuple[int, float]]] = {}
        for at in asked.content:
            word = asked.words[at]
            for known, quality in self.stems_of(word):
                for entry in self._index.holding(known, MOST_ENTRIES):
                    said = hits.setdefault(entry, {})
                    old = said.get(known)
                    if old is None or old[1] < quality:
                        said[known] = (at, quality)
        best: dict[str, Link] = {}
        beside = cache(lambda mask: tuple(_beside(asked.words, mask)))
        for entry, said in hits.items():
            link = self._link(entry, said, asked, beside)
            old_link = best.get(link.entity)
            if old_link is None or link.score > old_link.score:
                best[link.entity] = link
        ranked = sorted(best.values(), key=lambda one: (-one.score, one.entity))[:MOST_LINKS]
        rivals: dict[int, int] = {}
        for link in ranked:
            rivals[link.words] = rivals.get(link.words, 0) + 1
        return [_with_rivals(link, rivals[link.words]) for link in ranked]

    def _link(
        self,
        entry: int,
        said: dict[str, tuple[int, float]],
        asked: Asked,
        beside: Callable[[int], tuple[int, ...]],
    ) -> Link:
        found = self._index.entry(entry)
        held = self._index.stems_in(entry)
        total = weight = 0.0
        mask, quality = 0, EXACT
        for one in held:
            rarity = self.rarity(one) * (_INITIAL if len(one) == 1 else 1.0)
            total += rarity
            hit = said.get(one)
            if hit is not None:
                weight += rarity * hit[1]
                mask |= 1 << hit[0]
                quality = min(quality, hit[1])
        stray = sum(1 for at in beside(mask) if not _initial(asked.words[at].folded, held))
        return Link(
            found.entity, found.type, found.canonical, mask, weight / max(total, 1e-6), weight,
            quality, stray, len(said) >= len(held),
        )  # fmt: skip


def starts(links: Sequence[Link]) -> list[Link]:
    """The entities to look around: the best, and not too many for the same words."""
    taken: list[Link] = []
    same: dict[int, int] = {}
    for link in links:
        if same.get(link.words, 0) < SAME_WORDS:
            same[link.words] = same.get(link.words, 0) + 1
            taken.append(link)
            if len(taken) == MOST_STARTS:
                break
    return taken


def _with_rivals(link: Link, rivals: int) -> Link:
    return Link(
        link.entity, link.type, link.name, link.words, link.cover, link.weight, link.quality,
        link.stray, link.whole, rivals,
    )  # fmt: skip


def _loose(written: str) -> str:
    """A Latin spelling with what schemes disagree about made alike."""
    for one, other in (("shch", "sh"), ("kh", "h"), ("ph", "f"), ("ck", "k"), ("x", "ks"), ("w", "v"),
                       ("j", "i"), ("yo", "e"), ("yu", "iu"), ("ya", "ia"), ("ye", "e"), ("y", "i"),
                       ("ie", "e"), ("c", "k"), ("ii", "i"), ("ee", "i"), ("oo", "u")):  # fmt: skip
        written = written.replace(one, other)
    return written


def _is_latin(word: str) -> bool:
    return bool(word) and "a" <= word[0] <= "z"


def _beside(words: Sequence[AskedWord], mask: int) -> Iterator[int]:
    """Places of capitalised words right before or after those of the mask."""
    for at, word in enumerate(words):
        if mask >> at & 1 or not word.text[0].isupper() or word.quoted:
            continue
        if word.first and not (word.named or not word.known):
            continue
        near = (at > 0 and mask >> (at - 1) & 1) or mask >> (at + 1) & 1
        if near and not word.asking:
            yield at


def _initial(folded: str, held: Sequence[str]) -> bool:
    """Whether a word is an initial of a name's words, or has one of them for its initial."""
    if len(folded) == 1:
        return any(one.startswith(folded) for one in held)
    return any(len(one) == 1 and folded.startswith(one) for one in held)


def link_of(entity: Entity, at: int) -> Link:
    """An entity that the word at a place names for certain: by its id."""
    return Link(entity.id, entity.type, entity.name, 1 << at, 1.0, 12.0, EXACT, 0, True)
