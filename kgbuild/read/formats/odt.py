"""odt (OpenDocument text): paragraphs, headings, lists and tables in reading order, then notes.

Hidden text isn't read. A row of a table is a line, its cells divided by tabs, lines inside a
cell by U+2028. The mark of a note is ``[3]``, apart from its word, and its text begins so too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kgbuild.read.parts import Job, Piece
from kgbuild.read.zips import Archive, Handlers, parse_xml

_LEFT_OUT = {"tracked-changes", "annotation", "scripts", "font-face-decls", "automatic-styles",
             "note-citation", "ruby-text", "hidden-paragraph", "hidden-text"}  # fmt: skip
MOST_SPACES = 100
MOST_REPEATED = 20
"""Empty cells are repeated so many times at most."""


def read_odt(job: Job) -> Iterator[Piece]:
    """The body, then its notes, each a piece."""
    archive = Archive(job.file, job.budget)
    content = archive.read("content.xml")
    styles = archive.read("styles.xml") if "styles.xml" in archive else b""
    story = _Story(_hidden_styles(content, styles))
    parse_xml(content, Handlers(story.start, story.end, story.text))
    yield Piece("".join(story.out).strip("\n"))
    notes = "".join(story.notes).strip("\n")
    if notes:
        yield Piece(notes, "part", "footnotes")


def _hidden_styles(*sheets: bytes) -> set[str]:
    hidden: set[str] = set()
    style = ""

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal style
        if name == "style":
            style = attributes.get("name", "")
        elif name == "text-properties" and attributes.get("display") == "none":
            hidden.add(style)
        if name == "style" and attributes.get("parent-style-name") in hidden:
            hidden.add(style)

    for sheet in sheets:
        if sheet:
            parse_xml(sheet, Handlers(start, lambda name: None, lambda text: None))
    return hidden


@dataclass(slots=True)
class _Story:
    """The text being read; ``notes`` are gathered apart from it."""

    hidden: set[str]
    out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _body: list[str] = field(default_factory=list)
    _number: int = 0
    _cells: int = 0
    _depth: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("p", "left out", "cell"), 0)
    )
    _open: list[bool] = field(default_factory=list)
    _width: list[tuple[int, int]] = field(default_factory=list)
    _rows: list[int] = field(default_factory=list)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        left_out = name in _LEFT_OUT or attributes.get("style-name") in self.hidden
        left_out |= attributes.get("display") == "none"
        self._open.append(left_out)
        self._depth["left out"] += left_out
        if self._depth["left out"]:
            return
        if name in ("p", "h"):
            self._depth["p"] += 1
        elif name == "note":
            self._number += 1
            glued = self.out and self.out[-1][-1:].strip()
            self.out.append(f"{' ' if glued else ''}[{self._number}]")
            self._body, self.out = self.out, self.notes
            self._cells, self._depth["cell"] = self._depth["cell"], 0
            self.out.append(f"[{self._number}] ")
        elif name in ("table-cell", "covered-table-cell"):
            self._depth["cell"] += 1
            repeated = attributes.get("number-columns-repeated", "1")
            times = min(int(repeated), MOST_REPEATED) if repeated.isdecimal() else 1
            self._width.append((len(self.out), times))
        elif name == "table-row":
            self._rows.append(len(self.out))
        elif self._depth["p"] and name == "s":
            count = attributes.get("c", "1")
            self.out.append(" " * min(MOST_SPACES, int(count) if count.isdecimal() else 1))
        elif self._depth["p"] and name in ("tab", "line-break"):
            if self._depth["cell"]:
                self.out.append(" " if name == "tab" else "\u2028")
            else:
                self.out.append("\t" if name == "tab" else "\n")

    def end(self, name: str) -> None:
        seen = not self._depth["left out"]
        self._depth["left out"] -= self._open.pop()
        if not seen:
            return
        if name in ("p", "h"):
            self._depth["p"] -= 1
            self.out.append("\u2028" if self._depth["cell"] else "\n\n")
        elif name == "note":
            self.notes, self.out = self.out, self._body
            self._depth["cell"] = self._cells
        elif name in ("table-cell", "covered-table-cell"):
            self._depth["cell"] -= 1
            begin, times = self._width.pop()
            self._trim("\u2028 ", begin)
            self.out.append("\t" * (times if len(self.out) == begin else 1))
        elif name == "table-row":
            self._trim("\t", self._rows.pop())
            self.out.append("\u2028" if self._depth["cell"] else "\n")
        elif name == "table" and not self._depth["cell"]:
            self.out.append("\n")

    def text(self, data: str) -> None:
        if self._depth["p"] and not self._depth["left out"]:
            self.out.append(data.replace("\n", " ") if self._depth["cell"] else data)

    def _trim(self, signs: str, begin: int) -> None:
        """Take pieces of nothing but these signs from the end."""
        while len(self.out) > begin and not self.out[-1].strip(signs):
            self.out.pop()
