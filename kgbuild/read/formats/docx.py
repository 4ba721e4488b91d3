"""docx (Office Open XML): paragraphs and tables in reading order, then notes.

Text in boxes and fields is read too, a box after the paragraph it hangs on; hidden text and
what tracked changes deleted or moved away isn't. A row of a table is a line, its cells divided
by tabs, lines inside a cell by U+2028. The mark of a note is ``[3]``, apart from its word, and
its text begins so too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kgbuild.read.formats.marks import raised_digits
from kgbuild.read.parts import Job, Piece
from kgbuild.read.zips import Archive, Handlers, parse_xml

STORIES = (("word/document.xml", ""), ("word/footnotes.xml", "footnotes"),
           ("word/endnotes.xml", "endnotes"))  # fmt: skip
_BREAKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "‑", "softHyphen": "\u00ad"}
_GONE = {"del", "moveFrom", "Fallback"}
"""A Fallback repeats, for older programs, the text of the box beside it."""
_OFF = {"0", "false", "off", "none"}
MOST_SPANNED = 100


def read_docx(job: Job) -> Iterator[Piece]:
    """The body, then foot- and endnotes, each a piece."""
    archive = Archive(job.file, job.budget)
    hidden = _hidden_styles(archive)
    numbers: dict[str, int] = {}
    for member, value in STORIES:
        if not value or member in archive:
            story = _Story(hidden, numbers, value[:-1])
            parse_xml(archive.read(member), Handlers(story.start, story.end, story.text))
            text = "".join(story.out).strip("\n")
            if text.strip() or not value:
                yield Piece(text, "part" if value else "", value)


def _hidden_styles(archive: Archive) -> set[str]:
    """The styles whose text isn't shown, those that rest on them too."""
    if "word/styles.xml" not in archive:
        return set()
    hidden: set[str] = set()
    shown: set[str] = set()
    based: dict[str, str] = {}
    style = ""

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal style
        if name == "style":
            style = attributes.get("styleId", "")
        elif name == "vanish" and style:
            (shown if attributes.get("val", "") in _OFF else hidden).add(style)
        elif name == "basedOn" and style:
            based[style] = attributes.get("val", "")

    def end(name: str) -> None:
        nonlocal style
        if name == "style":
            style = ""

    parse_xml(archive.read("word/styles.xml"), Handlers(start, end, lambda data: None))
    for _ in range(len(based)):
        more = {one for one, base in based.items() if base in hidden} - hidden - shown
        if not more:
            break
        hidden |= more
    return hidden


@dataclass(slots=True)
class _Run:
    """What is said of a run's letters; ``hides`` is None where its style decides."""

    hides: bool | None = None
    style_hides: bool = False
    raised: bool = False


@dataclass(slots=True)
class _Story:
    """One of the texts of a document being read.

    ``numbers``: note's kind and id → number, in the order of their marks in the body.
    """

    hidden: set[str]
    numbers: dict[str, int]
    kind: str
    out: list[str] = field(default_factory=list)
    _run: _Run = field(default_factory=_Run)
    _open: list[str] = field(default_factory=list)
    _depth: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("t", "tc", *_GONE), 0))
    _paragraph_hides: bool = False
    _boxes: list[list[str]] = field(default_factory=list)
    _after: list[str] = field(default_factory=list)
    _span: int = 1
    _begun: list[int] = field(default_factory=list)
    _separator: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        parent = self._open[-1] if self._open else ""
        self._open.append(name)
        value = attributes.get("val", "")
        if name in self._depth:
            self._depth[name] += 1
        if name in ("r", "p"):
            self._run = _Run()
            self._paragraph_hides = self._paragraph_hides and name == "r"
        elif name == "rPr" or parent == "rPr":
            self._letters(name, value)
        elif name == "pStyle":
            self._paragraph_hides = value in self.hidden
        elif name in ("footnoteReference", "endnoteReference"):
            self._mark(f"{name[:-9]} {attributes.get('id', '')}", new=True)
        elif name in ("footnote", "endnote") and self.kind == name:
            self._separator = "eparator" in attributes.get("type", "")
            self._mark(f"{name} {attributes.get('id', '')}", new=False)
        elif name == "txbxContent":
            self._boxes.append(self.out)
            self.out = []
        elif name == "gridSpan":
            self._span = min(int(value), MOST_SPANNED) if value.isdecimal() else 1
        elif name in ("tc", "tr"):
            self._begun.append(len(self.out))
        elif name == "tbl" and not self._depth["tc"]:
            self._trim("\n", 0)
            self.out.append("\n\n")
        elif name in _BREAKS and parent in ("r", "t") and self._seen:
            broken = _BREAKS[name]
            in_cell = self._depth["tc"] and broken.isspace()
            self.out.append({"\n": "\u2028", "\t": " "}[broken] if in_cell else broken)

    def _letters(self, name: str, value: str) -> None:
        """A property of letters; those of a paragraph's end say nothing of its text."""
        if "pPr" in self._open[-3:]:
            return
        if name == "vanish":
            self._run.hides = value not in _OFF
        elif name == "rStyle":
            self._run.style_hides = value in self.hidden
        elif name == "vertAlign":
            self._run.raised = value == "superscript"

    def end(self, name: str) -> None:
        self._open.pop()
        if name in self._depth:
            self._depth[name] -= 1
        gone = any(self._depth[one] for one in _GONE)
        if name == "p" and not gone:
            if self._depth["tc"]:
                self.out.append("\u2028")
            else:
                if self.out and self.out[-1] != "\n\n":
                    self.out.append("\n\n")
                self.out += self._after
                self._after = []
        elif name == "tc":
            self._trim("\u2028 \n", self._begun.pop())
            self.out.append("\t" * self._span)
            self._span = 1
        elif name == "tr":
            self._trim("\t", self._begun.pop())
            self.out.append("\u2028" if self._depth["tc"] else "\n")
        elif name == "tbl" and not self._depth["tc"]:
            self.out.append("\n")
        elif name == "txbxContent":
            box, self.out = self.out, self._boxes.pop()
            self._after += box if not gone else []

    def text(self, data: str) -> None:
        if not self._depth["t"] or not self._seen:
            return
        if self._run.raised and data.strip().isdigit():
            data = raised_digits("".join(self.out[-3:])[-5:], data)
        self.out.append(data.replace("\n", " ") if self._depth["tc"] else data)

    @property
    def _seen(self) -> bool:
        if self._separator or any(self._depth[one] for one in _GONE):
            return False
        run = self._run
        hides = (run.style_hides or self._paragraph_hides) if run.hides is None else run.hides
        return not hides

    def _mark(self, note: str, new: bool) -> None:
        if new:
            if not self._seen:
                return
            number = self.numbers.setdefault(note, len(self.numbers) + 1)
            last = self.out[-1][-1:] if self.out else ""
            self.out.append(f"{' ' if last.strip() else ''}[{number}]")
        elif note in self.numbers:
            self.out.append(f"[{self.numbers[note]}] ")

    def _trim(self, signs: str, begin: int) -> None:
        """Take pieces of nothing but these signs from the end."""
        while len(self.out) > begin and not self.out[-1].strip(signs):
            self.out.pop()
