"""Mentions, facts or entities as one table: JSON Lines, CSV, XLSX or Parquet.

JSON Lines are the fixed formats of :mod:`kgbuild.exchange.lines`. The other three are for
people and data frames: flat columns, names instead of ids first, and the sentence.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

from kgbuild.errors import InputError, require
from kgbuild.exchange.files import whole_file, whole_text, xml_text
from kgbuild.exchange.lines import entity_lines, fact_lines, mention_lines
from kgbuild.exchange.tables import write_rows
from kgbuild.ontology import relation_type
from kgbuild.ports import Store
from kgbuild.types import StoredMention, TextSpan

Row = dict[str, object]

FORMATS = ("jsonl", "csv", "xlsx", "parquet")
BINARY = ("xlsx", "parquet")
"""Formats that need a file: they can't go to a terminal or a pipe."""

COLUMNS: dict[str, dict[str, str]] = {
    "mentions": {"document": "s", "text": "s", "type": "s", "name": "s", "sentence": "s",
                 "start": "i", "end": "i", "entity": "s"},
    "facts": {"document": "s", "subject": "s", "relation": "s", "meaning": "s", "object": "s",
              "confidence": "f", "sentence": "s", "start": "i", "end": "i",
              "subject_type": "s", "object_type": "s", "subject_id": "s", "object_id": "s",
              "fact_confidence": "f", "fact": "s"},
    "entities": {"id": "s", "name": "s", "type": "s", "aliases": "l", "external": "l",
                 "mentions": "i", "facts": "i"},
}  # fmt: skip
"""What can be listed, with its columns: s text, i whole number, f number, l list of texts."""

_BOM = "\ufeff"  # Excel takes a CSV file for the system's code page unless it begins so
_MOST_ROWS = 1_048_575  # of a sheet, its head left out
_MOST_CELL = 32_767  # characters
_BATCH = 1000


def export(store: Store, what: str, format: str, output: Path | TextIO) -> int:
    """Write mentions, facts or entities; gives the number of rows.

    A file appears when it is whole; an open text file takes JSON Lines and CSV.

    Raises:
        InputError: there is no such table or format, the format needs a path, there are more
            rows than a sheet holds, or the file can't be written.
        MissingExtraError: openpyxl (XLSX) or pyarrow (Parquet) isn't installed.
    """
    if what not in COLUMNS:
        raise InputError(f"no table {what!r}: choose one of {', '.join(COLUMNS)}")
    if format not in FORMATS:
        raise InputError(f"no format {format!r}: choose one of {', '.join(FORMATS)}")
    if format in BINARY:
        if not isinstance(output, Path):
            raise InputError(f"{format} needs a file: give -o FILE.{format}")
        return _BINARY_WRITERS[format](rows(store, what), what, output)
    counted = _Counted(_lines(store, what) if format == "jsonl" else rows(store, what))
    with ExitStack() as open_files:
        file = output
        if isinstance(file, Path):
            file = open_files.enter_context(whole_text(file))
            file.write(_BOM if format == "csv" else "")
        if format == "csv":
            write_rows(file, COLUMNS[what], counted)
        else:
            for line in counted:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return counted.count


class _Counted(Iterator[Row]):
    """Rows, and how many of them have been read."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows, self.count = rows, 0

    def __next__(self) -> Row:
        row = next(self._rows)
        self.count += 1
        return row


def _lines(store: Store, what: str) -> Iterator[Row]:
    """The fixed JSON Lines."""
    if what == "mentions":
        return mention_lines(store.mentions())
    return fact_lines(store.facts()) if what == "facts" else entity_lines(store)


def rows(store: Store, what: str) -> Iterator[Row]:
    """The rows of a table, flat, as :data:`COLUMNS` has them."""
    if what == "mentions":
        return _mention_rows(store)
    return _fact_rows(store) if what == "facts" else entity_lines(store)


def _mention_rows(store: Store) -> Iterator[Row]:
    stored = iter(store.mentions())
    while batch := list(islice(stored, _BATCH)):
        for one, sentence in zip(batch, _sentences(store, batch), strict=True):
            yield {
                "document": one.document, "text": one.text, "type": one.mention.type,
                "name": one.name, "sentence": sentence,
                "start": one.mention.start, "end": one.mention.end, "entity": one.entity,
            }  # fmt: skip


def _sentences(store: Store, batch: list[StoredMention]) -> list[str]:
    """The sentences that each mention stands in, joined where it touches several."""
    spans = [TextSpan(one.document, one.mention.start, one.mention.end) for one in batch]
    places = store.locate(spans)
    ids = sorted({id for place in places for id in place})
    texts = {id: p.text for id, p in zip(ids, store.passages(ids), strict=True) if p is not None}
    return [" ".join(texts[id] for id in place if id in texts) for place in places]


def _fact_rows(store: Store) -> Iterator[Row]:
    for fact in store.facts():
        places: list[tuple[str, str, int | None, int | None, float]] = [
            (one.document, one.text, one.start, one.end, one.confidence) for one in fact.evidence
        ]
        nowhere = ("", "", None, None, fact.confidence)  # a person alone states it
        for document, sentence, start, end, confidence in places or [nowhere]:
            yield {
                "document": document, "subject": fact.subject.name,
                "relation": fact.relation, "meaning": relation_type(fact.relation).label_ru,
                "object": fact.object.name, "confidence": round(confidence, 4),
                "sentence": sentence, "start": start, "end": end,
                "subject_type": fact.subject.type, "object_type": fact.object.type,
                "subject_id": fact.subject.id, "object_id": fact.object.id,
                "fact_confidence": round(fact.confidence, 4), "fact": fact.id,
            }  # fmt: skip


def _write_xlsx(rows: Iterator[Row], what: str, path: Path) -> int:
    """One sheet, its head frozen and filterable; text cells are text, never formulas."""
    require("openpyxl", extra="xlsx")
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.utils import get_column_letter

    columns = COLUMNS[what]
    book = Workbook(write_only=True)
    sheet = book.create_sheet(what)
    sheet.freeze_panes = "A2"
    for number, (name, kind) in enumerate(columns.items(), 1):
        wide = 60 if name == "sentence" else 24
        sheet.column_dimensions[get_column_letter(number)].width = wide if kind != "i" else 10

    def cell(value: object) -> Any:
        if value is None or isinstance(value, int | float):
            return value
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        made = WriteOnlyCell(sheet, xml_text(text)[:_MOST_CELL])
        made.data_type = "s"
        return made

    sheet.append(list(columns))
    count = 0
    for count, row in enumerate(rows, 1):
        if count > _MOST_ROWS:
            raise InputError(f"more than {_MOST_ROWS} rows: a sheet can't hold them; take csv")
        sheet.append([cell(row[name]) for name in columns])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{count + 1}"
    with whole_file(path) as draft, draft.open("wb") as file:
        book.save(file)
    return count


def _write_parquet(rows: Iterator[Row], what: str, path: Path) -> int:
    arrow = require("pyarrow", extra="analysis")
    parquet = require("pyarrow.parquet", extra="analysis")
    kinds = {"s": arrow.string(), "i": arrow.int64(), "f": arrow.float64(),
             "l": arrow.list_(arrow.string())}  # fmt: skip
    schema = arrow.schema([(name, kinds[kind]) for name, kind in COLUMNS[what].items()])
    count = 0
    with whole_file(path) as draft, parquet.ParquetWriter(draft, schema) as writer:
        while batch := list(islice(rows, _BATCH)):
            writer.write_table(arrow.Table.from_pylist(batch, schema))
            count += len(batch)
    return count


_BINARY_WRITERS: dict[str, Callable[[Iterator[Row], str, Path], int]] = {
    "xlsx": _write_xlsx,
    "parquet": _write_parquet,
}
