"""Which entities of the graph a question's words may name.

Every content word looks up the names that hold it: by its stem and those of its lemmas,
written in the other alphabet, or a typing error away. A name is scored by how much of it
the question says, each word counting by how rare it is among the names; all readings stay
side by side, for it is the ranker that chooses.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
        self._total: NDArray[np.float64] | None = None
        self._initials: NDArray[np.bool_] | None = None

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
        hits = self._hits(asked)
        if hits is None:
            return []
        stray = self._strays(asked, hits)
        cover = hits.weight / np.maximum(self._totals()[hits.entries], 1e-6)
        score = hits.weight * (0.3 + cover) * hits.quality - 1.5 * stray
        order = np.argsort(-score, kind="stable")
        order = order[
            np.sort(np.unique(self._index.owners[hits.entries[order]], return_index=True)[1])
        ]
        if len(order) > MOST_LINKS:
            order = order[score[order] >= score[order[MOST_LINKS - 1]]]
        entity = {at: self._index.entity(int(hits.entries[at])) for at in order.tolist()}
        ranked = sorted(order.tolist(), key=lambda at: (-score[at], entity[at]))[:MOST_LINKS]
        rivals = Counter(hits.words[ranked].tolist())
        whole = hits.said >= self._index.lengths[hits.entries]
        links = []
        for at in ranked:
            found, mask = self._index.entry(int(hits.entries[at])), int(hits.words[at])
            links.append(
                Link(
                    found.entity, found.type, found.canonical, mask, float(cover[at]),
                    float(hits.weight[at]), float(hits.quality[at]), int(stray[at]),
                    bool(whole[at]), rivals[mask],
                )
            )  # fmt: skip
        return links

    def _hits(self, asked: Asked) -> _Hits | None:
        """The names that hold a word of the question, in the order of the words."""
        known: dict[str, tuple[int, float]] = {}
        for at in asked.content:
            for one, quality in self.stems_of(asked.words[at]):
                if one not in known or known[one][1] < quality:
                    known[one] = (at, quality)
        if not known:
            return None
        held = [self._index.holding(one, MOST_ENTRIES) for one in known]
        counts = [len(some) for some in held]
        every = np.concatenate([np.asarray(some, np.int64) for some in held])
        entries, first, of = np.unique(every, return_index=True, return_inverse=True)
        weighed = [self._weight(one) * known[one][1] for one in known]
        weight = np.bincount(of, np.repeat(weighed, counts)).astype(np.float64)
        words = np.zeros(len(entries), np.int64)
        np.bitwise_or.at(words, of, np.repeat([1 << at for at, _ in known.values()], counts))
        worst: NDArray[np.float64] = np.full(len(entries), EXACT)
        np.minimum.at(worst, of, np.repeat([sure for _, sure in known.values()], counts))
        order = np.argsort(first, kind="stable")
        said = np.bincount(of)
        return _Hits(entries[order], words[order], weight[order], worst[order], said[order])

    def _strays(self, asked: Asked, hits: _Hits) -> NDArray[np.int64]:
        """How many capitalised neighbours of its words each name neither holds nor begins."""
        masks, of = np.unique(hits.words, return_inverse=True)
        beside = [
            [asked.words[at].folded for at in _beside(asked.words, m)] for m in masks.tolist()
        ]
        stray = np.array([len(some) for some in beside])[of]
        short = np.array([any(len(one) == 1 for one in some) for some in beside])[of]
        short |= self._abbreviated()[hits.entries]
        for at in np.flatnonzero((stray > 0) & short).tolist():
            held = self._index.stems_in(int(hits.entries[at]))
            stray[at] = sum(not _initial(folded, held) for folded in beside[of[at]])
        return stray

    def _weight(self, known: str) -> float:
        return self.rarity(known) * (_INITIAL if len(known) == 1 else 1.0)

    def _abbreviated(self) -> NDArray[np.bool_]:
        """Which names hold an initial."""
        if self._initials is None:
            self._initials = self._index.summed(lambda known: float(len(known) == 1)) > 0
        return self._initials

    def _totals(self) -> NDArray[np.float64]:
        """What all stems of each name weigh."""
        if self._total is None:
            self._total = self._index.summed(self._weight)
        return self._total


@dataclass(frozen=True, slots=True)
class _Hits:
    """Names that hold words of a question [n]: ``entries`` of the index, a mask of the
    ``words``, what these weigh, the worst way that one was found, how many stems were said."""

    entries: NDArray[np.int64]
    words: NDArray[np.int64]
    weight: NDArray[np.float64]
    quality: NDArray[np.float64]
    said: NDArray[np.int64]


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
