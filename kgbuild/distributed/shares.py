"""What a worker is given at once, cut from files, tables and addresses in object stores.

Small files go together until they make a batch for the models. A large JSONL file is cut
between lines, a Parquet file between its row groups: each piece is a share of its own. An
address (``s3://…``, any that fsspec knows) is fetched by the worker that reads it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from kgbuild.errors import KgbuildError, ReadError, require
from kgbuild.pipeline import BATCH_CHARACTERS, BATCH_DOCUMENTS
from kgbuild.read.documents import Known, Outcome, Reader, Refusal, outcomes, source_of
from kgbuild.read.files import Found
from kgbuild.read.formats.table import read_objects, read_row, text_column
from kgbuild.read.parts import Job, Refused
from kgbuild.read.sniff import SUFFIXES

SLICE = 16 << 20
"""Bytes of a JSONL file that are one share."""

ROWS = 4096
"""Rows of a Parquet file that are held at once."""

PARQUET = ".parquet"
TABLES = (".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class Slice:
    """A piece of a table: bytes of JSONL lines, or row groups of Parquet, half-open; ``first`` is
    the number of its first row, from 1."""

    start: int
    stop: int
    first: int


@dataclass(frozen=True, slots=True)
class Share:
    """Paths or addresses to read one after the other; a ``piece`` is of the only one."""

    paths: tuple[str, ...]
    piece: Slice | None = None

    @property
    def source(self) -> str:
        """What it is called, where it can't be read."""
        of = "" if self.piece is None else f" (from row {self.piece.first})"
        name = self.paths[0]
        return (name if is_address(name) else source_of(Path(name))) + of

    def apart(self) -> list[Share]:
        """A share of each path by itself."""
        return [Share((path,), self.piece) for path in self.paths]


def with_tables(found: Found) -> Found:
    """Found files, those Parquet files of folders among them that only this engine reads."""
    tables = [one for one in found.passed_over if one.endswith(PARQUET)]
    passed = [one for one in found.passed_over if not one.endswith(PARQUET)]
    return replace(found, files=[*found.files, *map(Path, tables)], passed_over=passed)


def is_address(path: str | os.PathLike[str]) -> bool:
    """Whether it names something in an object store."""
    return "://" in os.fspath(path)


def shares(paths: Iterable[Path], addresses: Sequence[str] = ()) -> Iterator[Share]:
    """Everything that there is to read, in shares.

    Raises:
        ReadError: an address can't be listed, or a Parquet file isn't one.
        MissingExtraError: pyarrow or fsspec isn't installed, and is needed.
    """
    for path in paths:
        if path.suffix.lower() == PARQUET:
            yield from _row_groups(os.fspath(path))
    rest = (path for path in paths if path.suffix.lower() != PARQUET)
    yield from _together(rest)
    for address in addresses:
        for found in _listed(address):
            yield from _row_groups(found) if found.endswith(PARQUET) else [Share((found,))]


def _together(paths: Iterable[Path]) -> Iterator[Share]:
    group: list[str] = []
    size = 0
    for path in paths:
        try:
            bytes = path.stat().st_size
        except OSError:
            bytes = 0  # whoever reads it says why it can't be read
        if bytes > SLICE and path.suffix.lower() in TABLES:
            yield from _lines(path)
            continue
        group.append(os.fspath(path))
        size += bytes
        if len(group) >= BATCH_DOCUMENTS or size >= 2 * BATCH_CHARACTERS:
            yield Share(tuple(group))
            group, size = [], 0
    if group:
        yield Share(tuple(group))


def _lines(path: Path) -> Iterator[Share]:
    """Pieces of a file of lines, whole where it isn't UTF-8: its line ends can't be told."""
    name = os.fspath(path)
    start = row = 0
    cuts: list[Slice] = []
    with path.open("rb") as file:
        while block := file.readlines(SLICE):
            try:
                b"".join(block).decode("utf-8")
            except UnicodeDecodeError:
                yield Share((name,))
                return
            stop = start + sum(map(len, block))
            cuts.append(Slice(start, stop, row + 1))
            start, row = stop, row + len(block)
    for cut in cuts:
        yield Share((name,), cut)


def _row_groups(name: str) -> Iterator[Share]:
    try:
        with _opened(name) as file:
            about = _parquet().ParquetFile(file).metadata
            sizes = [about.row_group(at).num_rows for at in range(about.num_row_groups)]
    except (OSError, ValueError) as error:
        raise ReadError(f"{name}: isn't a Parquet file that can be read: {error}") from error
    row = 1
    for at, size in enumerate(sizes):
        yield Share((name,), Slice(at, at + 1, row))
        row += size


def _listed(address: str) -> list[str]:
    """The files under an address whose suffix is known, each as an address of its own."""
    fsspec = require("fsspec", "distributed")
    try:
        system, path = fsspec.core.url_to_fs(address)
        names = sorted(system.find(path)) or [path]
        if names == [path] and not system.exists(path):
            raise FileNotFoundError("there is nothing")
        found = [system.unstrip_protocol(name) for name in names]
    except (OSError, ValueError, ImportError) as error:
        raise ReadError(f"{address}: can't be listed: {error}") from error
    read = {*SUFFIXES, PARQUET}
    return [name for name in found if os.path.splitext(name)[1].lower() in read]


def read_share(share: Share, path: Path, reader: Reader, known: Known) -> Iterator[Outcome]:
    """The documents of one path of a share, or what became of them; as a :class:`Reader` does."""
    name = next(one for one in share.paths if Path(one) == path)
    if share.piece is None and not is_address(name):
        yield from reader(path, known)
        return
    source = name if is_address(name) else source_of(path)
    try:
        if share.piece is None:
            yield from _fetched(name, reader, known)
        else:
            yield from _rows(name, source, share.piece, reader, known)
    except (KgbuildError, OSError, ValueError) as error:
        yield Refusal(source, f"{source}: {error}")


def _fetched(address: str, reader: Reader, known: Known) -> Iterator[Outcome]:
    """A file of an object store, read as if it lay here under its address."""
    with tempfile.TemporaryDirectory(prefix="kgbuild-") as folder:
        copy = Path(folder) / f"fetched{os.path.splitext(address)[1].lower()}"
        with _opened(address) as source, copy.open("wb") as target:
            shutil.copyfileobj(source, target)
        yield from replace(reader, names={copy: address})(copy, known)


def _rows(name: str, source: str, piece: Slice, reader: Reader, known: Known) -> Iterator[Outcome]:
    with _opened(name) as file:

        def stored(row: str, sha256: str) -> bool:
            return known(source + row, sha256)

        job = Job(file, os.path.splitext(name)[1].lower(), reader.columns, stored)
        objects = _parquet_rows if name.endswith(PARQUET) else _json_rows
        column, rows = objects(job, piece)
        for number, values in rows:
            item = values if isinstance(values, Refused) else read_row(job, number, values, column)
            yield from outcomes(item, source, known)


Numbered = Iterator[tuple[int, Mapping[str, Any] | Refused]]


def _json_rows(job: Job, piece: Slice) -> tuple[str | None, Numbered]:
    """The text's column, which the file's first row decides, and the rows of a piece."""
    whole = read_objects(job, ((at, line.decode()) for at, line in enumerate(job.file, 1)))
    names = next((list(values) for _, values in whole if not isinstance(values, Refused)), [])
    job.file.seek(piece.start)
    lines = job.file.read(piece.stop - piece.start).decode("utf-8").removeprefix("\ufeff")
    numbered = zip(count(piece.first), lines.splitlines(), strict=False)
    return text_column(names, job.columns.text), read_objects(job, numbered)


def _parquet_rows(job: Job, piece: Slice) -> tuple[str | None, Numbered]:
    table = _parquet().ParquetFile(job.file)
    column = text_column(table.schema_arrow.names, job.columns.text)
    wanted = [column, job.columns.id] if column else table.schema_arrow.names
    names = [name for name in dict.fromkeys(wanted) if name]
    batches = table.iter_batches(ROWS, list(range(piece.start, piece.stop)), names)
    rows = (row for batch in batches for row in batch.to_pylist())
    return column, zip(count(piece.first), rows, strict=False)


def _opened(name: str) -> Any:
    if is_address(name):
        return require("fsspec", "distributed").open(name, "rb")
    return open(name, "rb")


def _parquet() -> Any:
    return require("pyarrow.parquet", "distributed")
