"""JSON Lines of texts with spans: spaCy's ``Doc.to_json``, Prodigy, doccano.

A line is ``{"text": …}`` with spans in ``ents``, ``spans`` (a list, or lists by key),
``entities`` or ``label``, each ``{"start", "end", "label"}`` or ``[start, end, label]``.
Offsets are code points; spans may nest. Relations are Prodigy's: ``{"head_span", "child_span",
"label"}`` in ``relations``, from head to child.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kgbuild.exchange.annotations.annotated import Annotated, lines_of
from kgbuild.types import Mention, Relation

_SPANS = ("ents", "spans", "entities", "label", "labels")


def read_spacy(path: Path) -> Iterator[Annotated]:
    """The documents of a file, ``#1``, ``#2``, … by line."""
    for number, line in enumerate(lines_of(path), 1):
        if line.strip():
            try:
                yield _document(f"#{number}", json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
                yield Annotated(f"#{number}", fault=f"isn't a text with spans: {error!r}")


def _document(name: str, value: dict[str, Any]) -> Annotated:
    text = value["text"]
    if not isinstance(text, str):
        raise TypeError("text")
    mentions = dict.fromkeys(_mention(span) for key in _SPANS for span in _listed(value.get(key)))
    relations = []
    for said in value.get("relations") or ():
        ends = _mention(said["head_span"]), _mention(said["child_span"])
        mentions.update(dict.fromkeys(ends))
        relations.append(Relation(str(said["label"]), *ends))
    return Annotated(name, text, tuple(mentions), tuple(relations))


def _listed(spans: Any) -> Iterator[Any]:
    if isinstance(spans, dict):
        for some in spans.values():
            yield from some
    else:
        yield from spans or ()


def _mention(span: Any) -> Mention:
    start, end, label = (
        (span["start"], span["end"], span["label"]) if isinstance(span, dict) else span
    )
    if not all(isinstance(x, int) and not isinstance(x, bool) for x in (start, end)):
        raise TypeError(f"{start!r}, {end!r} are no offsets")
    return Mention(start, end, str(label))
