"""Test cases a person can read.

``"[Иван|PERSON] работает в [[Газпром|ORGANIZATION]-банке|ORGANIZATION] => 1 WORKPLACE 2"``:
brackets mark mentions, which may nest; mentions are numbered by where their bracket
opens; after ``=>`` stand relations, separated by commas, each with a confidence if it isn't 1.
"""

from __future__ import annotations

from dataclasses import dataclass

from kgbuild.types import Mention, Relation


@dataclass(frozen=True)
class Case:
    """A text with mentions (in the order of their opening brackets) and relations."""

    text: str
    mentions: tuple[Mention, ...]
    relations: tuple[Relation, ...]


def parse(notation: str) -> Case:
    body, _, tail = notation.partition(" => ")
    text, found, open_at = "", {}, []
    count, at = 0, 0
    while at < len(body):
        character = body[at]
        if character == "[":
            open_at.append((count, len(text)))
            count += 1
        elif character == "|" and open_at:
            close = body.index("]", at)
            number, start = open_at.pop()
            found[number] = Mention(start, len(text), body[at + 1 : close])
            at = close
        else:
            text += character
        at += 1
    mentions = tuple(found[i] for i in range(count))
    relations = []
    for item in filter(None, map(str.strip, tail.split(","))):
        subject, name, obj, *confidence = item.split()
        ends = mentions[int(subject) - 1], mentions[int(obj) - 1]
        relations.append(Relation(name, *ends, *map(float, confidence)))
    return Case(text, mentions, tuple(relations))


def write(text: str, mentions: tuple[Mention, ...]) -> str:
    """The inverse of :func:`parse` for a text and its mentions (well nested)."""
    marks: list[tuple[int, int, int, str]] = []
    for m in mentions:
        marks.append((m.start, 1, -m.end, "["))
        marks.append((m.end, 0, -m.start, f"|{m.type}]"))
    out, last = "", 0
    for at, _, _, mark in sorted(marks):
        out += text[last:at] + mark
        last = at
    return out + text[last:]
