"""xlsx and pptx (Office Open XML): a sheet is a table of rows, a slide a page; each a piece
with its name.

What isn't shown isn't read: hidden sheets, rows, columns and slides. Dates stand in cells as
numbers of days; a cell whose format is a date's is written as one.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kgbuild.errors import ReadError
from kgbuild.read.parts import Job, Piece
from kgbuild.read.zips import Archive, Handlers, parse_xml

_DATE_FORMATS = {14, 15, 16, 17, 22, 27, 30, 36, 45, 46, 47, 50, 57}
_DATE_CODE = re.compile(r"[ymdгмд]", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"|\[[^\]\[]*\]|\\.')
_EPOCH = datetime(1899, 12, 30)
_MOST_DAYS = 2_958_465
_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")
MOST_COLUMNS = 1000


def read_xlsx(job: Job) -> Iterator[Piece]:
    """Each sheet that is shown: a line a row, its cells divided by tabs.

    Raises:
        ReadError: it has no sheets.
    """
    archive = Archive(job.file, job.budget)
    workbook = "xl/workbook.xml"
    names = _sheets(archive.read(workbook))
    if not names:
        raise ReadError("has no sheets that are shown")
    targets = _targets(archive, workbook)
    strings = _strings(archive)
    dates = _date_styles(archive)
    for name, id in names:
        member = targets.get(id, "")
        if member in archive:
            sheet = _Sheet(strings, dates)
            parse_xml(archive.read(member), Handlers(sheet.start, sheet.end, sheet.text))
            text = "\n".join(sheet.lines())
            if text.strip():
                yield Piece(text, "sheet", name)


def read_pptx(job: Job) -> Iterator[Piece]:
    """Each slide that is shown: a paragraph a line, then the speaker's notes."""
    archive = Archive(job.file, job.budget)
    presentation = "ppt/presentation.xml"
    targets = _targets(archive, presentation)
    ids = _found(archive.read(presentation), "sldId", "id")
    members = [targets[id] for id in ids if targets.get(id, "") in archive]
    for number, member in enumerate(members, 1):
        data = archive.read(member)
        if _found(data, "sld", "show") and _found(data, "sld", "show")[0] in ("0", "false"):
            continue
        text = _slide(data)
        notes = (one for one in _targets(archive, member).values() if "/notesSlides/" in one)
        for note in notes:
            if note in archive and (said := _slide(archive.read(note), notes=True)):
                text += f"\n\n{said}"
        if text.strip():
            yield Piece(text, "slide", str(number))


def _found(data: bytes, tag: str, attribute: str) -> list[str]:
    values: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == tag and attribute in attributes:
            values.append(attributes[attribute])

    parse_xml(data, Handlers(start, lambda name: None, lambda text: None))
    return values


def _targets(archive: Archive, member: str) -> dict[str, str]:
    """What a member's relations point to, by their ids."""
    folder, name = posixpath.split(member)
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in archive:
        return {}
    found: dict[str, str] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship":
            target = attributes.get("Target", "")
            whole = target[1:] if target.startswith("/") else posixpath.join(folder, target)
            found[attributes.get("Id", "")] = posixpath.normpath(whole)

    parse_xml(archive.read(relations), Handlers(start, lambda name: None, lambda text: None))
    return found


def _sheets(workbook: bytes) -> list[tuple[str, str]]:
    """Name and relation of each sheet that is shown."""
    found: list[tuple[str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet" and attributes.get("state", "visible") == "visible":
            found.append((attributes.get("name", ""), attributes.get("id", "")))

    parse_xml(workbook, Handlers(start, lambda name: None, lambda text: None))
    return found


def _strings(archive: Archive) -> list[str]:
    """The shared strings; how a word is read aloud (``rPh``) is left out."""
    if "xl/sharedStrings.xml" not in archive:
        return []
    found: list[str] = []
    depth = {"t": 0, "rPh": 0}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "si":
            found.append("")
        elif name in depth:
            depth[name] += 1

    def end(name: str) -> None:
        if name in depth:
            depth[name] -= 1

    def text(data: str) -> None:
        if depth["t"] and not depth["rPh"] and found:
            found[-1] += data

    parse_xml(archive.read("xl/sharedStrings.xml"), Handlers(start, end, text))
    return found


def _date_styles(archive: Archive) -> set[int]:
    """The numbers of the cell styles that show a date."""
    if "xl/styles.xml" not in archive:
        return set()
    codes: dict[int, str] = {}
    formats: list[int] = []
    inside = {"cellXfs": False}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name in inside:
            inside[name] = True
        elif name == "numFmt":
            codes[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif name == "xf" and inside["cellXfs"]:
            formats.append(_number(attributes.get("numFmtId")))

    def end(name: str) -> None:
        if name in inside:
            inside[name] = False

    parse_xml(archive.read("xl/styles.xml"), Handlers(start, end, lambda text: None))
    return {
        at for at, one in enumerate(formats)
        if one in _DATE_FORMATS or _DATE_CODE.search(_QUOTED.sub("", codes.get(one, "")))
    }  # fmt: skip


def _number(value: str | None) -> int:
    return int(value) if value and value.isdecimal() else 0


@dataclass(slots=True)
class _Sheet:
    """The rows of a sheet being read; cells by column."""

    strings: list[str]
    dates: set[int]
    rows: list[dict[int, str]] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    _cell: tuple[int, str, bool] | None = None
    _value: str = ""
    _reading: bool = False
    _seen: bool = True

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "col" and attributes.get("hidden") in ("1", "true"):
            last = min(_number(attributes.get("max")), MOST_COLUMNS)
            self.hidden.update(range(_number(attributes.get("min")) - 1, last))
        elif name == "row":
            self._seen = attributes.get("hidden") not in ("1", "true")
            if self._seen:
                self.rows.append({})
        elif name == "c" and self._seen and self.rows:
            place = _CELL.fullmatch(attributes.get("r", ""))
            column = _column(place[1]) if place else len(self.rows[-1])
            is_date = _number(attributes.get("s")) in self.dates
            self._cell, self._value = (column, attributes.get("t", "n"), is_date), ""
        elif name in ("v", "t"):
            self._reading = self._cell is not None

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._reading = False
        elif name == "c" and self._cell is not None:
            column, kind, is_date = self._cell
            if column < MOST_COLUMNS and column not in self.hidden:
                self.rows[-1][column] = self._shown(kind, is_date)
            self._cell = None

    def text(self, data: str) -> None:
        if self._reading:
            self._value += data

    def _shown(self, kind: str, is_date: bool) -> str:
        value = self._value
        if kind == "s":
            at = _number(value)
            value = self.strings[at] if at < len(self.strings) else ""
        elif kind == "b":
            value = "да" if value == "1" else "нет"
        elif kind == "n":
            value = _date(value) if is_date else _plain(value)
        return " ".join(value.replace("\n", "\u2028").replace("\t", " ").split(" ")).strip(
            " \u2028"
        )

    def lines(self) -> Iterator[str]:
        """The rows that hold something; columns that hold nothing anywhere are left out."""
        used = sorted({column for row in self.rows for column, cell in row.items() if cell})
        for row in self.rows:
            line = "\t".join(row.get(column, "") for column in used).rstrip("\t")
            if line.strip():
                yield line


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _plain(value: str) -> str:
    """A number without the tail that binary fractions leave."""
    try:
        number = float(value)
    except ValueError:
        return value
    return f"{number:.12g}" if abs(number) < 1e12 and "." in value else value


def _date(value: str) -> str:
    try:
        days = float(value)
    except ValueError:
        return value
    if not 0 <= days <= _MOST_DAYS:
        return value
    when = _EPOCH + timedelta(days=days)
    if days < 1:
        return f"{when:%H:%M}"
    return f"{when:%d.%m.%Y}" if not days % 1 else f"{when:%d.%m.%Y %H:%M}"


def _slide(data: bytes, notes: bool = False) -> str:
    """The paragraphs of a slide, rows of its tables as lines; of notes without the slide's
    number."""
    out: list[str] = []
    depth = {"t": 0, "tc": 0, "Fallback": 0}
    field_of = {"number": False}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name in depth:
            depth[name] += 1
        elif name == "br":
            out.append("\u2028" if depth["tc"] else "\n")
        elif name == "fld":
            field_of["number"] = notes or attributes.get("type", "") == "slidenum"

    def end(name: str) -> None:
        if name in depth:
            depth[name] -= 1
        if name == "fld":
            field_of["number"] = False
        elif name == "p":
            out.append("\u2028" if depth["tc"] else "\n")
        elif name == "tc":
            while out and out[-1] == "\u2028":
                out.pop()
            out.append("\t")
        elif name in ("tr", "sp"):
            out.append("\n")

    def text(data: str) -> None:
        if depth["t"] and not depth["Fallback"] and not field_of["number"]:
            out.append(data)

    parse_xml(data, Handlers(start, end, text))
    lines = [line.rstrip(" \t") for line in "".join(out).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
