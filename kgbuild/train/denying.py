"""Documents in which some sentences no longer say what they said: negated, rumoured, doubted.

What a sentence states across its verb isn't so once «не» stands before the verb or the whole
is hearsay; what stands on one side of the verb (a name and its post) stays as it was. Made
of annotated documents, such variants teach what the few denials that people wrote down
can't.
"""

from __future__ import annotations

import random
import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kgbuild.read.sentences import split_sentences
from kgbuild.russian.morphology import analyzer
from kgbuild.train.corpora.nerel import Fact, GoldDocument
from kgbuild.types import Mention, by_position

SHARE = 0.3
"""Of the sentences with a finite verb, those that are changed."""

NEGATION = ("не ", "никогда не ", "так и не ")
HEARSAY = (
    "по слухам, ", "якобы ", "говорят, ", "ходят слухи, что ", "неправда, что ", "будто бы ",
    "не подтвердилось, что ", "если верить сплетням, ",
)  # fmt: skip
_WORD = re.compile(r"(?<![\w-])[А-Яа-яЁё]{2,}(?![\w-])")
_BEFORE = re.compile(r"(?:\bне|\bни)\s+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Change:
    """Words put in at an offset; what stands on both sides of ``verb`` isn't so any more."""

    at: int
    words: str
    verb: tuple[int, int]
    sentence: tuple[int, int]


def denying(document: GoldDocument, chance: random.Random) -> GoldDocument:
    """The document with some of its sentences negated or made hearsay; facts that they alone
    state become denied."""
    changes = [
        change
        for sentence in split_sentences(document.text)
        if (change := _change(document.text, (sentence.start, sentence.end), chance))
    ]
    gone = {f for f in document.facts if _denied(document, f, changes)}
    return _inserted(replace(
        document,
        facts=tuple(f for f in document.facts if f not in gone),
        denied=(*document.denied, *sorted(gone)),
        relations=(),
    ), changes)  # fmt: skip


def _change(text: str, sentence: tuple[int, int], chance: random.Random) -> Change | None:
    start, end = sentence
    verb = next((m.span() for m in _WORD.finditer(text, start, end) if _finite(m[0])), None)
    if verb is None or _BEFORE.search(text, start, verb[0]) or chance.random() >= SHARE:
        return None
    if chance.random() < 0.65:
        return Change(verb[0], chance.choice(NEGATION), verb, sentence)
    at = start if chance.random() < 0.5 else verb[0]
    return Change(at, chance.choice(HEARSAY), verb, sentence)


def _finite(word: str) -> bool:
    parses = [parse for parse in analyzer().parse(word) if parse.is_known]
    return bool(parses) and all(p.tag.POS == "VERB" for p in parses)


def _denied(document: GoldDocument, fact: Fact, changes: Sequence[Change]) -> bool:
    """Whether every sentence that holds both ends of a fact denies it now, and one does."""
    subjects, objects = (_spans(document, entity) for entity in (fact.subject, fact.object))
    both = [(s, o) for s in subjects for o in objects if s != o]
    near = [
        (s, o, change)
        for change in changes
        for s, o in both
        if _inside(s, change.sentence) and _inside(o, change.sentence)
    ]
    if not near or any(not _parted(s, o, change.verb) for s, o, change in near):
        return False
    others = [
        (s, o)
        for sentence in split_sentences(document.text)
        for s, o in both
        if _inside(s, (sentence.start, sentence.end)) and _inside(o, (sentence.start, sentence.end))
    ]
    return len(others) == len(near)


def _spans(document: GoldDocument, entity: str) -> list[tuple[int, int]]:
    named = [(m.start, m.end) for m, name in document.entities.items() if name == entity]
    return named + [(r.start, r.end) for r in document.references if r.entity == entity]


def _inside(span: tuple[int, int], outer: tuple[int, int]) -> bool:
    return outer[0] <= span[0] and span[1] <= outer[1]


def _parted(one: tuple[int, int], other: tuple[int, int], verb: tuple[int, int]) -> bool:
    """Whether a verb stands between two spans, or is one of them."""
    left, right = min(one, other), max(one, other)
    return verb in (one, other) or (left[1] <= verb[0] and verb[1] <= right[0])


def _inserted(document: GoldDocument, changes: Sequence[Change]) -> GoldDocument:
    """The document with the words of the changes put in; a word at a sentence's beginning
    takes over its capital."""
    text = document.text
    ordered = sorted(changes, key=lambda change: change.at)
    out, last = [], 0
    for change in ordered:
        begins = change.at == change.sentence[0]
        words = change.words
        if begins and text[change.at].isupper():
            words = words[0].upper() + words[1:]
        out += [text[last : change.at], words]
        last = change.at
    out.append(text[last:])
    offsets = [change.at for change in ordered]
    sums = [0]
    for change in ordered:
        sums.append(sums[-1] + len(change.words))

    def start(at: int) -> int:
        return at + sums[bisect_left(offsets, at + 1)]

    def end(at: int) -> int:
        return at + sums[bisect_left(offsets, at)]

    entities = {
        Mention(start(m.start), end(m.end), m.type): e for m, e in document.entities.items()
    }
    references = tuple(
        replace(r, start=start(r.start), end=end(r.end)) for r in document.references
    )
    return replace(
        document, text="".join(out), mentions=by_position(list(entities)), entities=entities,
        references=references, links={m: f"Local:{e}" for m, e in entities.items()},
    )  # fmt: skip
