"""Label Studio's JSON export: tasks with labelled spans, which may nest, and relations.

Of a task's annotations the first that wasn't cancelled counts. Offsets are code points, or
UTF-16 units where only those fit the span's own text (older exports of texts with emoji).
https://labelstud.io/guide/export.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kgbuild.errors import FormatError
from kgbuild.exchange.annotations.annotated import Annotated, lines_of
from kgbuild.types import Mention, Relation

_MALFORMED = (ValueError, KeyError, TypeError, AttributeError, IndexError)


def read_label_studio(path: Path) -> Iterator[Annotated]:
    """The tasks of a file, ``#ID`` each.

    Raises:
        FormatError: the file isn't a JSON list of tasks.
    """
    try:
        tasks = json.loads("\n".join(lines_of(path)))
    except (ValueError, RecursionError) as error:
        raise FormatError(f"isn't JSON: {error}") from error
    if not isinstance(tasks, list):
        raise FormatError("isn't a list of tasks: export as JSON, not as JSON-MIN or CSV")
    for number, task in enumerate(tasks, 1):
        id = task.get("id", number) if isinstance(task, dict) else number
        try:
            yield _document(f"#{id}", task)
        except FormatError as error:
            yield Annotated(f"#{id}", fault=str(error))
        except _MALFORMED as error:
            yield Annotated(f"#{id}", fault=f"isn't a task with labelled spans: {error!r}")


def _document(name: str, task: dict[str, Any]) -> Annotated:
    text = _text(task["data"])
    done = [a for a in task.get("annotations") or () if not a.get("was_cancelled")]
    if not done:
        raise FormatError("has no annotation that wasn't cancelled")
    regions: dict[str, list[Mention]] = {}
    for said in done[0]["result"]:
        if said["type"] == "labels":
            start, end = _span(said["value"], text)
            labels = said["value"]["labels"]
            regions[said["id"]] = [Mention(start, end, label) for label in labels]
    relations = [r for said in done[0]["result"] if said["type"] == "relation"
                 for r in _relations(said, regions)]  # fmt: skip
    mentions = dict.fromkeys(m for some in regions.values() for m in some)
    return Annotated(name, text, tuple(mentions), tuple(relations))


def _text(data: dict[str, Any]) -> str:
    texts = [value for value in data.values() if isinstance(value, str)]
    text = data.get("text", texts[0] if len(texts) == 1 else None)
    if not isinstance(text, str):
        raise FormatError("has no field 'text', nor just one other text")
    return text


def _span(value: dict[str, Any], text: str) -> tuple[int, int]:
    """The span in code points; its own text tells how it was counted."""
    start, end, own = int(value["start"]), int(value["end"]), value.get("text")
    if own is None or text[start:end] == own:
        return start, end
    units = text.encode("utf-16-le")
    if units[2 * start : 2 * end].decode("utf-16-le", "replace") != own:
        raise FormatError(f"the span {start}–{end} isn't {own!r} in its text")
    begin = len(units[: 2 * start].decode("utf-16-le"))
    return begin, begin + len(own)


def _relations(said: dict[str, Any], regions: dict[str, list[Mention]]) -> Iterator[Relation]:
    one, other = regions[said["from_id"]], regions[said["to_id"]]
    labels = said.get("labels") or ()
    if not labels:
        raise FormatError("a relation has no label")
    subjects, objects = (other, one) if said.get("direction") == "left" else (one, other)
    yield from (Relation(label, subjects[0], objects[0]) for label in labels)
