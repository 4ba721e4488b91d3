"""RTF: the text that is shown, then its notes. One pass over the words of the format.

Read by Microsoft's Rich Text Format Specification 1.9.1. Hidden (``\\v``) and deleted text
isn't read. A row of a table is a line, its cells divided by tabs, lines inside a cell by
U+2028. The mark of a note is ``[3]``, apart from its word, and its text begins so too.

The bytes are of the code page that their font's character set names, else of the document's.
Russian letters in a document that names a Western page are told by their letter pairs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from kgbuild.errors import ReadError
from kgbuild.read.encodings import code_page
from kgbuild.read.formats.marks import raised_digits
from kgbuild.read.parts import Job, Piece

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n\0]+|([^\\{}\r\n\0]+)",
    re.DOTALL,
)
_WESTERN = "cp1252"
_CHARACTER_SETS = {
    77: "mac-roman", 128: "cp932", 129: "cp949", 134: "gbk", 136: "big5", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251",
    222: "cp874", 238: "cp1250",
}  # fmt: skip
"""``\\fcharset`` → code page; others are of the document's page."""
_PAGES = {"mac": "mac-roman", "pc": "cp437", "pca": "cp850"}
_SIGNS = {
    "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“",
    "rdblquote": "”", "bullet": "•", "emspace": " ", "enspace": " ", "qmspace": " ",
}  # fmt: skip
_SYMBOLS = {b"~": "\xa0", b"-": "\u00ad", b"_": "‑", b"\\": "\\", b"{": "{", b"}": "}"}
_LINES = {"par": "\n", "line": "\n", "sect": "\n\n", "page": "\n\n", "column": "\n\n"}
_LEFT_OUT = {
    "colortbl", "stylesheet", "info", "pict", "header", "headerl", "headerr", "headerf", "footer",
    "footerl", "footerr", "footerf", "fldinst", "xe", "tc", "txe", "rxe", "filetbl", "listtable",
    "listoverridetable", "revtbl", "ftnsep", "ftnsepc", "ftncn", "aftnsep", "aftnsepc", "aftncn",
    "nonshppict", "upr", "objdata", "sn", "sv", "pntext",
}  # fmt: skip
_STARRED = {"footnote", "shpinst", "shptxt", "ud", "fldrslt"}
"""Groups that older programs may pass over and that hold text."""
DEEPEST = 100_000

_Text = str | tuple[bytes, str]
"""A stretch of text, or bytes with their code page, "" where only the document's is said."""


def read_rtf(job: Job) -> Iterator[Piece]:
    """The body, then its notes, each a piece.

    Raises:
        ReadError: it isn't RTF inside.
    """
    reader = _Reader(job.file.read())
    reader.run()
    page = reader.settle()
    yield Piece(_joined(reader.body, page).strip("\n"))
    notes = _joined(reader.notes, page).strip("\n")
    if notes.strip():
        yield Piece(notes, "part", "footnotes")


@dataclass(frozen=True, slots=True)
class _State:
    """What holds inside a group. ``page``: of its font, "" where that names none."""

    left_out: bool = False
    hidden: bool = False
    deleted: bool = False
    raised: bool = False
    in_table: bool = False
    in_fonts: bool = False
    in_note: bool = False
    page: str = ""
    skip: int = 1


@dataclass(slots=True)
class _Reader:
    data: bytes
    body: list[_Text] = field(default_factory=list)
    notes: list[_Text] = field(default_factory=list)
    said: str = _WESTERN
    _state: _State = field(default_factory=_State)
    _stack: list[_State] = field(default_factory=list)
    _fonts: dict[int, str] = field(default_factory=dict)
    _font: int = 0
    _default: int = 0
    _starred: bool = False
    _fallback: int = 0
    _number: int = 0
    _marked: bool = False
    _row: int = 0

    def run(self) -> None:
        """Read to the end.

        Raises:
            ReadError: it isn't RTF, or its groups nest without end.
        """
        if not self.data.lstrip().startswith(b"{\\rtf"):
            raise ReadError("isn't whole RTF: it doesn't begin as such")
        at, end = 0, len(self.data)
        while at < end:
            token = _TOKEN.match(self.data, at)
            if token is None:
                at += 1
                continue
            at = token.end()
            word, number, escaped, symbol, brace, raw = token.groups()
            if brace:
                self._brace(brace)
            elif word:
                value = int(number) if number else None
                if word == b"bin":
                    at += min(max(value or 0, 0), end - at)
                self._word(word.decode("ascii"), value)
            elif symbol:
                self._symbol(symbol)
            elif escaped or raw:
                self._bytes(bytes([int(escaped, 16)]) if escaped else raw, bool(escaped))

    def settle(self) -> str:
        """The code page of the bytes of which only the document's is said: a Western one that
        spells Russian in a Cyrillic page was named by mistake."""
        if self.said != _WESTERN:
            return self.said
        return code_page(_whole(self.body, self.notes)) or self.said

    @property
    def _out(self) -> list[_Text]:
        return self.notes if self._state.in_note else self.body

    @property
    def _seen(self) -> bool:
        state = self._state
        return not (state.left_out or state.hidden or state.deleted or state.in_fonts)

    def _brace(self, brace: bytes) -> None:
        self._fallback, self._starred = 0, False
        if brace == b"{":
            if len(self._stack) >= DEEPEST:
                raise ReadError(f"nests more than {DEEPEST:,} groups")
            self._stack.append(self._state)
        elif self._stack:
            inner, self._state = self._state, self._stack.pop()
            if inner.in_note and not self._state.in_note:
                self.notes.append("\n")

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._starred = True
        elif self._fallback:
            self._fallback -= 1
        elif symbol in b"\r\n":
            self._word("par", None)
        elif self._seen:
            self._out.append(_SYMBOLS.get(symbol, ""))

    def _bytes(self, data: bytes, escaped: bool) -> None:
        if self._fallback:
            cut = min(self._fallback, len(data))
            self._fallback -= cut
            data = data[cut:]
        if not data or not self._seen:
            return
        self._starred = False
        out = self._out
        if not escaped and not data.isascii():
            try:
                out.append(data.decode("utf-8"))  # some programs write it so
                return
            except UnicodeDecodeError:
                pass
        if self._state.raised and data.strip().isdigit():
            out.append(self._raised(data.decode("ascii")))
            return
        page = self._state.page
        if out and isinstance(last := out[-1], tuple) and last[1] == page and len(last[0]) < 4096:
            out[-1] = (last[0] + data, page)
        else:
            out.append((data, page))

    def _raised(self, digits: str) -> str:
        """Raised digits are the mark of a note after a word, else a power."""
        tail = self._out[-6:]
        before = _joined(tail, code_page(_whole(tail)) or self.said)[-5:]
        return raised_digits(before, digits)

    def _word(self, word: str, value: int | None) -> None:
        starred, self._starred = self._starred, False
        if word == "u" and value is not None:
            if self._seen:
                self._out.append(chr(value % 0x10000))
            self._fallback = self._state.skip
            return
        if self._fallback:
            self._fallback -= 1
            return
        if word == "footnote":
            self._note()
        elif word == "ud":
            self._state = replace(self._state, left_out=False)
        elif word in _LEFT_OUT or (starred and word not in _STARRED):
            self._state = replace(self._state, left_out=True)
        elif word == "fonttbl":
            self._state = replace(self._state, in_fonts=True)
        elif not self._property(word, value) and self._seen:
            self._sign(word)

    def _property(self, word: str, value: int | None) -> bool:
        """Whether a word says what holds from here on."""
        state, on = self._state, value != 0
        if word == "plain":
            page = self._fonts.get(self._default, "")
            self._state = replace(state, hidden=False, deleted=False, raised=False, page=page)
        elif word == "deff":
            self._default = value or 0
        elif word == "v":
            self._state = replace(state, hidden=on)
        elif word == "deleted":
            self._state = replace(state, deleted=on)
        elif word in ("super", "nosupersub", "sub"):
            self._state = replace(state, raised=word == "super" and on)
        elif word in ("pard", "intbl", "trowd"):
            self._state = replace(
                state, in_table=word == "intbl" or (word != "pard" and state.in_table)
            )
        elif word == "uc":
            self._state = replace(state, skip=max(0, min(value or 0, 16)))
        elif word == "f":
            self._font = value or 0
            self._state = replace(state, page=self._fonts.get(self._font, ""))
        elif word == "fcharset":
            self._fonts[self._font] = _CHARACTER_SETS.get(value or 0, "")
        elif word == "ansicpg" and value:
            self.said = _known_page(value)
        elif word in _PAGES:
            self.said = _PAGES[word]
        else:
            return False
        return True

    def _sign(self, word: str) -> None:
        out, in_table = self._out, self._state.in_table
        if word in _LINES:
            out.append("\u2028" if in_table else _LINES[word])
            self._row = self._row if in_table else len(out)
        elif word == "tab":
            out.append(" " if in_table else "\t")
        elif word in _SIGNS:
            out.append(_SIGNS[word])
        elif word in ("cell", "nestcell"):
            self._trim("\u2028 ")
            out.append("\t")
        elif word in ("row", "nestrow"):
            self._trim("\t")
            out.append("\n" if word == "row" else "\u2028")
            self._row = len(out)
        elif word == "chftn" and not self._state.in_note:
            self._mark()
            self._marked = True

    def _trim(self, signs: str) -> None:
        """Take pieces of nothing but these signs from the end of the row."""
        out = self._out
        while len(out) > self._row and isinstance(out[-1], str) and not out[-1].strip(signs):
            out.pop()

    def _mark(self) -> None:
        self._number += 1
        last = self._out[-1] if self._out else " "
        glued = last[-1:].strip() if isinstance(last, str) else last[0][-1:].strip()
        self._out.append(f"{' ' if glued else ''}[{self._number}]")

    def _note(self) -> None:
        if not self._seen or self._state.in_note:
            return
        if not self._marked:
            self._mark()
        self._marked = False
        self._state = _State(in_note=True, page=self._state.page, skip=self._state.skip)
        self.notes.append(f"[{self._number}] ")


def _known_page(number: int) -> str:
    name = "utf-8" if number == 65001 else f"cp{number}"
    try:
        b"".decode(name)
    except LookupError:
        return _WESTERN
    return name


def _whole(*texts: list[_Text]) -> bytes:
    """The bytes of no said page, what lies between them as a space."""
    return b"".join(
        b" " if isinstance(one, str) else one[0] if not one[1] else b" "
        for text in texts for one in text
    )  # fmt: skip


def _joined(text: list[_Text], page: str) -> str:
    """The text; bytes side by side are decoded together, for a letter may take several."""
    out = [
        one if isinstance(one, str) else one[0].decode(one[1] or page, "replace") for one in text
    ]
    whole = "".join(out)
    if any("\ud800" <= sign <= "\udfff" for sign in whole):
        whole = whole.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole
