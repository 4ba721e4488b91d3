"""HTML: the text that a browser would show, a line a block.

One pass over the tags, in time linear in the length whatever the page breaks: what is
looked for and not found is not looked for again.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from kgbuild.read.encodings import decode, decoded, detect
from kgbuild.read.parts import Job, Piece

HIDDEN = {"script", "style", "head", "template", "noscript", "svg", "math", "select", "textarea"}
"""Elements of which nothing is shown as text."""
RAW = {"script", "style", "textarea"}
"""Elements in which ``<`` opens nothing but their own end."""
PARAGRAPHS = {
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "pre",
    "table",
    "ul",
    "ol",
    "dl",
    "section",
    "article",
    "header",
    "footer",
    "nav",
    "aside",
    "main",
    "figure",
    "form",
    "fieldset",
    "hr",
    "details",
    "body",
}
LINES = {
    "br",
    "div",
    "li",
    "tr",
    "dt",
    "dd",
    "caption",
    "figcaption",
    "option",
    "title",
    "legend",
    "summary",
    "address",
}
CELLS = {"td", "th"}

_TAG = re.compile(r"<(/?)([A-Za-z][^\s/>]*)")
_SPACE = re.compile(r"[ \t\n\r\f]+")
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w-]{3,20})""", re.I)


def read_html(job: Job) -> Iterator[Piece]:
    """The shown text as one piece."""
    yield Piece(shown_text(decode_html(job.file.read())))


def decode_html(data: bytes) -> str:
    """By mark, as UTF-8, by the page's own word if that is right, else by its letters."""
    encoding, mark = detect(data) if data.isascii() or _is_utf8(data) else ("", 0)
    said = _CHARSET.search(data[:4096])
    if not encoding and said:
        try:
            text = data.decode(said[1].decode("ascii"))
        except (UnicodeDecodeError, LookupError):
            return decode(data)
        return text if said[1].lower() not in (b"iso-8859-1", b"latin1") else decode(data)
    return decoded(data[mark:], encoding) if encoding else decode(data)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


class _Finder:
    """Looks for strings in a text; one that is absent from here on is remembered."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._absent: set[str] = set()

    def find(self, wanted: str, at: int) -> int:
        """Where ``wanted`` is from ``at`` on; the end of the text where it isn't."""
        if wanted not in self._absent:
            found = self.text.find(wanted, at)
            if found >= 0:
                return found
            self._absent.add(wanted)
        return len(self.text)


class _Shown:
    """Gathers what is shown; white space folds, save in ``pre``."""

    def __init__(self) -> None:
        self._out: list[str] = []
        self._break = ""
        self.hidden: list[str] = []
        self.pre = 0

    def text(self, raw: str) -> None:
        if self.hidden or not raw:
            return
        text = html.unescape(raw) if "&" in raw else raw
        if not self.pre:
            text = _SPACE.sub(" ", text)
            if self._break or not self._out or self._out[-1].endswith((" ", "\n", "\t")):
                text = text.removeprefix(" ")
        if text:
            if self._break and self._out:
                self._out.append(self._break)
            self._break = ""
            self._out.append(text)

    def separate(self, mark: str) -> None:
        if not self.hidden:
            self._break = max(self._break, mark, key=("", "\t", "\n", "\n\n").index)

    def tag(self, name: str, closing: bool) -> None:
        if self.hidden:
            if closing and name == self.hidden[-1]:
                self.hidden.pop()
            elif name == "body" and self.hidden == ["head"]:
                self.hidden.clear()
            elif not closing and name == self.hidden[-1] and len(self.hidden) < 64:
                self.hidden.append(name)
        elif name in HIDDEN:
            if not closing:
                self.hidden.append(name)
        elif name in PARAGRAPHS:
            self.separate("\n\n")
        elif name in LINES:
            self.separate("\n")
        elif name in CELLS:
            self.separate("\t")
        if name == "pre" and not self.hidden:
            self.pre = max(0, self.pre + (-1 if closing else 1))

    def result(self) -> str:
        lines = "".join(self._out).split("\n")
        return "\n".join(line.rstrip(" ") for line in lines)


def shown_text(page: str) -> str:
    """The text of a page without its tags."""
    shown, finder = _Shown(), _Finder(page)
    at, end = 0, len(page)
    while at < end:
        opening = finder.find("<", at)
        shown.text(page[at:opening])
        if opening == end:
            break
        at = _markup(page, opening, finder, shown)
    return shown.result()


def _markup(page: str, at: int, finder: _Finder, shown: _Shown) -> int:
    """Deal with what ``<`` opens at ``at``; gives where it ends."""
    if page.startswith("<!--", at):
        return finder.find("-->", at + 4) + 3
    if page.startswith(("<!", "<?"), at):
        return finder.find(">", at) + 1
    tag = _TAG.match(page, at, at + 64)
    if tag is None:
        shown.text("<")
        return at + 1
    name, closing = tag[2].lower(), bool(tag[1])
    after = _tag_end(page, tag.end(), finder)
    shown.tag(name, closing)
    if name in RAW and not closing:
        stop = min(finder.find(f"</{name}", after), finder.find(f"</{name.upper()}", after))
        shown.tag(name, True)
        return finder.find(">", stop) + 1
    return after


def _tag_end(page: str, at: int, finder: _Finder) -> int:
    """After the ``>`` of a tag; one in quotes doesn't end it, if the quotes close."""
    while True:
        stop = finder.find(">", at)
        quotes = [q for q in (page.find('"', at, stop), page.find("'", at, stop)) if q >= 0]
        if not quotes:
            return stop + 1
        quote = min(quotes)
        close = finder.find(page[quote], quote + 1)
        if close == len(page):
            return stop + 1
        at = close + 1
