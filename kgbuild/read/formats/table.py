"""csv and jsonl: a row is a document, ``FILE#ROW``, or ``FILE#ID`` with an id column.

Where no column holds a text, a row is read in words, «Столбец: значение» a line.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from kgbuild.errors import ReadError
from kgbuild.read import limits
from kgbuild.read.encodings import detect
from kgbuild.read.parts import Item, Job, Kept, Part, Piece, Refused, assembled

TEXT_COLUMNS = ("text", "текст", "content", "body", "содержание", "содержимое", "article")
"""Columns that are taken for the text, in this order, where none is named."""
SAMPLE = 1 << 18
DELIMITERS = ",;\t|"


def read_csv(job: Job) -> Iterator[Item]:
    """A document a row; the first row names the columns.

    Raises:
        ReadError: the text's column isn't there.
    """
    csv.field_size_limit(limits.UNPACKED)
    stream = _lines(job.file)
    head = stream.read(SAMPLE)
    stream.seek(0)
    first = head.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    rows = csv.reader((line.replace("\0", "") for line in stream), delimiter=delimiter)
    try:
        names = [name.strip().lstrip("\ufeff") for name in next(rows, [])]
        text, id = _column(names, job.columns.text), _id_column(names, job.columns.id)
        for number, row in enumerate(rows, 1):
            if not row:
                continue
            values = dict(zip(names, row, strict=False))
            said = values.get(text) if text else _in_words(values)
            yield _document(job, number, str(values.get(id, "")) if id else "", said)
    except csv.Error as error:
        raise ReadError(f"isn't whole CSV: {error}") from error


def read_jsonl(job: Job) -> Iterator[Item]:
    """A document a line; a line that isn't an object is refused, the others go on."""
    text: str | None = None
    chosen = False
    for number, line in enumerate(_lines(job.file), 1):
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Refused(_name(job, str(number)), f"isn't JSON: {error}")
            continue
        if not isinstance(values, Mapping):
            yield Refused(_name(job, str(number)), "isn't a JSON object")
            continue
        id = values.get(job.columns.id, "") if job.columns.id else ""
        if not chosen:
            text, chosen = _column(list(values), job.columns.text), True
        said = values.get(text) if text else _in_words(values)
        yield _document(job, number, "" if id is None else str(id), said)


def _lines(file: BinaryIO) -> io.TextIOWrapper:
    """The file as text, in the encoding of its beginning."""
    sample = file.read(SAMPLE)
    if len(sample) == SAMPLE:  # whole lines, so that no character is cut
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    encoding, mark = detect(sample)
    file.seek(mark if encoding == "utf-8" else 0)
    encoding = "utf-16" if mark and encoding.startswith("utf-16") else encoding
    return io.TextIOWrapper(file, encoding, errors="replace", newline=None)


def _in_words(values: Mapping[str, Any]) -> str:
    """A row as lines «Столбец: значение»; empty cells are left out."""
    return "\n".join(
        f"{name}: {' '.join(str(value).split())}" if name else " ".join(str(value).split())
        for name, value in values.items()
        if isinstance(value, str | int | float) and str(value).strip()
    )


def _column(names: Sequence[str], wanted: str | None) -> str | None:
    """The column that holds the text; None where none is named and none is plain.

    Raises:
        ReadError: it isn't there.
    """
    shown = ", ".join(name[:40] for name in names[:20])
    if wanted is not None:
        if wanted not in names:
            raise ReadError(f"has no column {wanted!r}: it has {shown}")
        return wanted
    folded = {name.casefold(): name for name in reversed(names)}
    for name in TEXT_COLUMNS:
        if name in folded:
            return folded[name]
    if len(names) == 1:
        return names[0]
    return None


def _id_column(names: Sequence[str], wanted: str | None) -> str | None:
    if wanted is not None and wanted not in names:
        raise ReadError(f"has no column {wanted!r}: it has {', '.join(names[:20])}")
    return wanted


def _name(job: Job, row: str) -> str:
    return f"{job.name}#{row}"


def _document(job: Job, number: int, id: str, value: Any) -> Item:
    name = _name(job, id.strip() or str(number))
    if not isinstance(value, str):
        return Refused(name, "has no text in this row")
    try:
        text, places = assembled([Piece(value, "row", str(number))])
    except ReadError as error:
        return Refused(name, str(error))
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    if job.known(name, sha256):
        return Kept(name)
    return Part(name, text, sha256, "text/plain", places)
