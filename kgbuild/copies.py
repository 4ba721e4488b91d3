"""Which texts are copies of one: the same words, or nearly the same, as agencies' reprints are.

A text is a set of shingles, runs of four words (Broder: On the resemblance and containment of
documents, 1997). Two texts are copies if most shingles of the one stand in the other, the other
isn't much longer, and the one's names and numbers stand in the other too: a form filled in for
somebody else has the same words, but not the same names. MinHash bands (Leskovec, Rajaraman,
Ullman: Mining of Massive Datasets, chapter 3) find the pairs that are worth comparing, without
looking at the others.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SHINGLE = 4
"""Words of a shingle."""

BANDS, ROWS = 24, 3
"""So many bands of so many minima: a pair of resemblance 0.5 meets in one with probability 0.96,
one of 0.1 with 0.02."""

FEWEST_WORDS = 30
"""Texts of fewer words are copies only where they have the same words: a table's row, a line of
a chat."""

RESEMBLANCE, CONTAINMENT, NAMES = 0.3, 0.65, 0.7
"""What two copies share at least: of all shingles of both, of the shingles of the one that has
fewer, and of its names and numbers."""

_WORD = re.compile(r"[^\W_]+")
_UNSEEN = re.compile("[\u00ad\u0300\u0301\u200b-\u200d\u2060\ufeff]|(?<=\\w)-\n(?=\\w)")
"""Soft hyphens, stress marks, characters without width, and hyphens at a line's end."""
_CHUNK = 512
"""Shingles whose minima are looked for at once: as many as fit into the processor's cache."""


@dataclass(frozen=True, slots=True)
class Sketch:
    """A text as it is compared: sorted, distinct hashes of its shingles [n], uint64, and of its
    names and numbers [m], uint64; how many words it has, a hash of all of them in order."""

    shingles: NDArray[np.uint64]
    names: NDArray[np.uint64]
    words: int
    whole: int

    @property
    def bands(self) -> tuple[int, ...]:
        """What it meets its copies by: signed 64-bit numbers, as databases hold them. A short
        text has one, of all its words; one without words has none."""
        if not self.words:
            return ()
        if self.words < FEWEST_WORDS:
            return (self.whole,)
        minima = _minima(self.shingles).reshape(BANDS, ROWS)
        seeds = np.arange(1, BANDS + 1, dtype=np.uint64)
        return tuple(_together(np.column_stack([seeds, minima])).view(np.int64).tolist())


def sketch(text: str) -> Sketch:
    """A text as it is compared: case, ё, punctuation, typography and what isn't seen don't
    count."""
    found = _WORD.findall(unicodedata.normalize("NFKC", _UNSEEN.sub("", text)))
    written = {word: _written(word) for word in set(found)}
    hashes = {word: zlib.crc32(folded) for word, folded in written.items()}
    names = {hashes[word] for word in hashes if word[0].isupper() or word[0].isdigit()}
    words = np.array([hashes[word] for word in found], dtype=np.uint64)
    whole = hashlib.blake2b(b"".join([written[word] + b" " for word in found]), digest_size=8)
    width = min(SHINGLE, len(words))
    runs = np.lib.stride_tricks.sliding_window_view(words, width) if width else words[:, None]
    return Sketch(
        shingles=np.unique(_together(runs)),
        names=np.array(sorted(names), dtype=np.uint64),
        words=len(words),
        whole=int.from_bytes(whole.digest(), signed=True),
    )


def _written(word: str) -> bytes:
    return word.casefold().replace("ё", "е").encode("utf-8", "surrogatepass")


def are_copies(one: Sketch, other: Sketch) -> bool:
    """Whether two texts are the same, or nearly."""
    if one.words == other.words and one.whole == other.whole:
        return one.words > 0
    if min(one.words, other.words) < FEWEST_WORDS:
        return False
    less, more = sorted((one, other), key=lambda s: (len(s.shingles), s.whole))
    shared = _shared(less.shingles, more.shingles)
    if shared < CONTAINMENT * len(less.shingles):
        return False
    if shared < RESEMBLANCE * (len(less.shingles) + len(more.shingles) - shared):
        return False
    return _shared(less.names, more.names) >= NAMES * len(less.names)


def _shared(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> int:
    return len(np.intersect1d(one, other, assume_unique=True))


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Each number scattered over 64 bits (the finaliser of SplitMix64)."""
    shifted = numbers >> np.uint64(30)
    mixed = numbers ^ shifted
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= np.right_shift(mixed, np.uint64(27), out=shifted)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= np.right_shift(mixed, np.uint64(31), out=shifted)
    return mixed


def _together(rows: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """One hash of each row [n, width], in which the order counts."""
    hashed = np.full(len(rows), 0x9E3779B97F4A7C15, dtype=np.uint64)
    for column in rows.T:
        hashed = _mixed(hashed * np.uint64(3) + column)
    return hashed


_SEEDS = _mixed(np.arange(1, BANDS * ROWS + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15))


def _minima(shingles: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The least hash of the shingles under each of the hash functions [BANDS × ROWS]."""
    least = np.full(len(_SEEDS), np.iinfo(np.uint64).max, dtype=np.uint64)
    for start in range(0, len(shingles), _CHUNK):
        some = shingles[start : start + _CHUNK]
        np.minimum(least, _mixed(some[None, :] ^ _SEEDS[:, None]).min(axis=1), out=least)
    return least
