"""csv and jsonl: a row is a document, ``FILE#ROW``, or ``FILE#ID`` with an id column.

Where no column holds a text, a row is read in words, «Столбец: значение» a line.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
        text, id = text_column(names, job.columns.text), _id_column(names, job.columns.id)
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
    columns: tuple[str | None] | None = None
    for number, values in read_objects(job, enumerate(_lines(job.file), 1)):
        if isinstance(values, Refused):
            yield values
            continue
        if columns is None:
            columns = (text_column(list(values), job.columns.text),)
        yield read_row(job, number, values, columns[0])


def read_objects(
    job: Job, lines: Iterable[tuple[int, str]]
) -> Iterator[tuple[int, Mapping[str, Any] | Refused]]:
    """The objects of numbered JSON lines; blank lines are left out."""
    for number, line in lines:
        if not line.strip():
            continue
        try:
            values = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield number, Refused(_name(job, str(number)), f"isn't JSON: {error}")
            continue
        if isinstance(values, Mapping):
            yield number, values
        else:
            yield number, Refused(_name(job, str(number)), "isn't a JSON object")


def read_row(job: Job, number: int, values: Mapping[str, Any], text: str | None) -> Item:
    """A row as a document; ``text`` is the column that holds its text, None: all of it."""
    id = values.get(job.columns.id, "") if job.columns.id else ""
    said = values.get(text) if text else _in_words(values)
    return _document(job, number, "" if id is None else str(id), said)


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


def text_column(names: Sequence[str], wanted: str | None) -> str | None:
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
