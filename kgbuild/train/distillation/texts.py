"""What a student learns from: texts, each with a prompt, and its teacher's vectors."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from kgbuild.embed.prompts import prompts_that_differ
from kgbuild.errors import FormatError, InputError
from kgbuild.models.registry import PromptFamily
from kgbuild.ports import Embedder, PromptName
from kgbuild.read.sentences import split_sentences

LEAST, MOST = 15, 240
"""Characters: shorter sentences say little, longer ones cost much."""

_CHUNK = 256  # texts embedded between two writes: what an interruption can lose


@dataclass(frozen=True, slots=True)
class PromptedText:
    """A text and the prompt that teacher and student read before it."""

    text: str
    prompt: PromptName


def read_texts(paths: Sequence[Path]) -> list[str]:
    """The distinct texts of files, in order, of ``LEAST`` to ``MOST`` characters.

    Of JSON Lines (``.jsonl``, also gzipped) the titles and the sentences of ``text``;
    of any other file each line is a text.

    Raises:
        FormatError: a line of JSON Lines holds no object with ``text``.
        InputError: a file can't be read.
    """
    found: dict[str, None] = {}
    for path in paths:
        try:
            lines = _articles(path) if ".jsonl" in path.suffixes else _lines(path)
            found.update(dict.fromkeys(t for t in lines if LEAST <= len(t) <= MOST))
        except (OSError, UnicodeError) as error:
            raise InputError(f"{path} can't be read: {error}") from error
    return list(found)


def _open(path: Path) -> Iterator[str]:
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8") as file:
            yield from file
    else:
        with path.open(encoding="utf-8") as file:
            yield from file


def _lines(path: Path) -> Iterator[str]:
    for line in _open(path):
        yield " ".join(line.split())


def _articles(path: Path) -> Iterator[str]:
    for number, line in enumerate(_open(path), 1):
        try:
            row = json.loads(line)
            title, text = str(row.get("title") or ""), str(row["text"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise FormatError(f"{path}, line {number}: no object with text: {error}") from error
        yield " ".join(title.split())
        for sentence in split_sentences(text):
            yield " ".join(text[sentence.start : sentence.end].split())


def choose_texts(
    texts: Sequence[str], count: int, family: PromptFamily, seed: int
) -> list[PromptedText]:
    """``count`` of the texts (all, where there are fewer), in a random order of the seed: a
    larger count begins with the same texts.

    Each has a prompt drawn from those of the family whose prefixes differ, so that the
    student learns to read all of them.
    """
    prompts = sorted(prompts_that_differ(family))
    draw = random.Random(seed)
    order = sorted(range(len(texts)), key=lambda _: draw.random())
    picked = [PromptedText(texts[i], draw.choice(prompts)) for i in order]
    return picked[:count]


def teacher_vectors(
    teacher: Embedder,
    texts: Sequence[PromptedText],
    path: Path,
    progress: Callable[[int, int, str], None],
) -> NDArray[np.float32]:
    """The teacher's vectors float32 [len(texts), dimension], kept in ``path`` as they come.

    Rows that an interrupted run left there aren't computed again.
    """
    shape = (len(texts), teacher.dimension)
    if path.exists():
        kept = open_memmap(path, mode="r+")
    else:
        draft = path.with_suffix(".draft")
        kept = open_memmap(draft, mode="w+", dtype=np.float32, shape=shape)
        kept[:] = np.nan
        kept.flush()
        draft.rename(path)
    todo = np.flatnonzero(np.isnan(kept[:, 0]))
    for start in range(0, len(todo), _CHUNK):
        rows = todo[start : start + _CHUNK]
        for prompt in sorted({texts[i].prompt for i in rows}):
            mine = [int(i) for i in rows if texts[i].prompt == prompt]
            kept[mine] = teacher.embed([texts[i].text for i in mine], prompt)
        kept.flush()
        progress(len(texts) - len(todo) + start + len(rows), len(texts), "teacher")
    return np.array(kept)
